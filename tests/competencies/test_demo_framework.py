"""The framework that ships: trainers read it first, so its wording is held to rules too."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from competencies import Text, demo, demo_text, find_identifying


def every_text() -> Iterator[tuple[str, Text]]:
    framework = demo()
    yield "title", framework.title
    yield "notice", framework.notice
    for level in framework.scale.levels:
        yield f"level {level.code}", level.label
    for block in framework.blocks:
        yield block.code, block.title
        yield block.code, block.short_title
        for competency in block.competencies:
            yield competency.code, competency.title
    for indicator in framework.indicators:
        yield indicator.code, indicator.wording
        for level_code, descriptor in indicator.descriptors.items():
            yield f"{indicator.code} {level_code}", descriptor


def test_it_has_four_blocks_sixteen_competencies_and_two_to_four_indicators_each() -> None:
    framework = demo()
    assert [block.number for block in framework.blocks] == [1, 2, 3, 4]
    assert [len(block.competencies) for block in framework.blocks] == [4, 4, 4, 4]
    assert {len(competency.indicators) for competency in framework.competencies} <= {2, 3, 4}
    assert len(framework.indicators) == 46


def test_its_blocks_bear_the_titles_of_the_programme() -> None:
    assert [block.title.fr for block in demo().blocks] == [
        "Assurer sa veille professionnelle et pédagogique",
        "Mailler le territoire",
        "Mettre en place et animer des groupes de pairs",
        "Repérer les situations de fragilité",
    ]


def test_it_says_that_it_is_a_demonstration() -> None:
    assert demo().notice.fr == "Référentiel de démonstration, établi d’après les documents publics du programme"
    assert "Demonstration" in demo().notice.en


def test_every_indicator_describes_every_level_in_both_languages() -> None:
    for indicator in demo().indicators:
        assert tuple(indicator.descriptors) == demo().scale.codes
    assert all(text.fr.strip() and text.en.strip() for _, text in every_text())


def test_no_wording_comes_twice_and_no_descriptor_opening_is_worn_out() -> None:
    wordings = [text for item in demo().indicators for text in (item.wording, *item.descriptors.values())]
    assert len({text.fr for text in wordings}) == len({text.en for text in wordings}) == len(wordings)
    openings = Counter(text.fr.split()[0] for item in demo().indicators for text in item.descriptors.values())
    assert max(openings.values()) <= 3


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_nothing_claims_a_registration_that_does_not_exist(locale: str) -> None:
    claim = re.compile(r"\b(RNCP|RS|CPF|niveau \d|level \d|diplôme|titre professionnel)\b", re.IGNORECASE)
    assert [where for where, text in every_text() if claim.search(text.to(locale))] == []


def test_french_wording_uses_the_curved_apostrophe_and_ordinary_spaces() -> None:
    assert [where for where, text in every_text() if re.search("['\u00a0\u202f\"]", text.fr)] == []
    assert [where for where, text in every_text() if re.search(r"\S[;:?!»]|«\S|  ", text.fr)] == []


def test_wording_is_a_sentence_without_final_stop_that_starts_with_a_capital() -> None:
    for where, text in every_text():
        if not where.startswith("level"):
            assert (text.fr[0] + text.en[0]).isupper(), where
        assert (text.fr[-1], text.en[-1]).count(".") == 0, where


def test_wording_stays_short_enough_for_a_grid_on_a_phone() -> None:
    assert max(len(text.fr) for _, text in every_text()) <= 150
    assert max(len(block.short_title.fr) for block in demo().blocks) <= 16


def test_its_own_wording_identifies_nobody() -> None:
    assert [where for where, text in every_text() if find_identifying(text.fr) or find_identifying(text.en)] == []


def test_its_source_text_is_given_whole_to_start_from() -> None:
    assert demo_text().count("[[blocks.competencies.indicators]]") == len(demo().indicators)

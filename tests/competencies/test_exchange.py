"""Frameworks written in each format and read back: equal, up to what the format is said not to hold."""

import csv
import io
import json
import tomllib
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import EVERY_PART, Block, CompletionKind, Framework, Text, demo, demo_text
from competencies.exchange import FORMATS, Origin, canvas_csv, mahara, moodle_csv, toml
from tests.competencies.strategies import frameworks

LOCALES = st.sampled_from(["fr", "en"])
LOSSLESS = ("toml", "case")
ONE_LANGUAGE = ("moodle-csv", "mahara", "canvas-csv")
ALWAYS_HELD = {"code", "title", "notice", "item code", "item wording", "short title", "threshold"}
ORIGIN = Origin("https://certify.example.org/", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
properties = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def back(name: str, framework: Framework, locale: str) -> Framework:
    reading = FORMATS[name].read(FORMATS[name].write(framework, locale, ORIGIN))
    assert reading.faults == ()
    assert reading.framework is not None
    return reading.framework


def said(text: Text, locale: str) -> str:
    return text.en if locale == "en" else text.fr


@pytest.mark.parametrize("name", LOSSLESS)
@properties
@given(framework=frameworks(), locale=LOCALES)
def test_a_rich_format_gives_back_the_very_same_framework(name: str, framework: Framework, locale: str) -> None:
    assert back(name, framework, locale) == framework
    assert FORMATS[name].losses(framework, locale) == []


@pytest.mark.parametrize("name", ONE_LANGUAGE)
@properties
@given(framework=frameworks(), locale=LOCALES)
def test_a_format_of_one_language_gives_back_every_code_and_wording(
    name: str, framework: Framework, locale: str
) -> None:
    kept = back(name, framework, locale)
    assert said(kept.title, locale) == said(framework.title, locale)
    assert said(kept.notice, locale) == said(framework.notice, locale)
    assert (kept.code, kept.version) == (framework.code, framework.version)
    for after, before in zip(kept.blocks, framework.blocks, strict=True):
        assert (after.code, after.title.fr) == (before.code, said(before.title, locale))
        assert after.short_title.en == said(before.short_title, locale)
    for part, origin in zip(kept.competencies, framework.competencies, strict=True):
        assert (part.code, part.title.fr) == (origin.code, said(origin.title, locale))
    for last, first in zip(kept.indicators, framework.indicators, strict=True):
        assert (last.code, last.wording.fr) == (first.code, said(first.wording, locale))


@pytest.mark.parametrize("name", ["moodle-csv", "canvas-csv"])
@properties
@given(framework=frameworks(), locale=LOCALES)
def test_platforms_with_any_scale_give_back_every_descriptor(name: str, framework: Framework, locale: str) -> None:
    kept = back(name, framework, locale)
    for last, first in zip(kept.indicators, framework.indicators, strict=True):
        after, before = kept.scale_of(last.code), framework.scale_of(first.code)
        codes = list(zip(after.codes, before.codes, strict=True))
        assert (after.threshold, before.threshold) in codes
        assert [last.descriptors[a].fr for a, _ in codes] == [said(first.descriptors[b], locale) for _, b in codes]


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_mahara_brings_levels_together_and_drops_no_descriptor(framework: Framework, locale: str) -> None:
    kept = back("mahara", framework, locale)
    assert len(kept.scale.levels) in (2, 3)
    for last, first in zip(kept.indicators, framework.indicators, strict=True):
        read = " / ".join(last.descriptors[code].fr for code in kept.scale.codes)
        scale = framework.scale_of(first.code)
        assert all(said(first.descriptors[code], locale) in read for code in scale.codes)
        if scale == framework.scale:
            assert read == " / ".join(said(first.descriptors[code], locale) for code in scale.codes)


@pytest.mark.parametrize("name", list(FORMATS))
@properties
@given(framework=frameworks(), locale=LOCALES)
def test_a_second_trip_loses_nothing_more(name: str, framework: Framework, locale: str) -> None:
    kept = back(name, framework, locale)
    assert back(name, kept, locale) == kept
    assert FORMATS[name].losses(kept, locale) == []
    assert (FORMATS[name].losses(framework, locale) == []) == (kept == framework)


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_moodle_keeps_the_scales_on_which_competencies_are_assessed_and_what_their_rules_mean(
    framework: Framework, locale: str
) -> None:
    kept = back("moodle-csv", framework, locale)
    assert kept.scale.codes.index(kept.scale.threshold) == framework.scale.codes.index(framework.scale.threshold)
    pairs = [*zip(kept.blocks, framework.blocks, strict=True)]
    for last, first in [*pairs, *zip(kept.competencies, framework.competencies, strict=True)]:
        parts = [part.code for part in (first.competencies if isinstance(first, Block) else first.indicators)]
        for chosen in subsets(parts):
            assert last.completion.is_met(parts, chosen) == first.completion.is_met(parts, chosen)
        if first.completion.kind is not CompletionKind.AT_LEAST:
            assert last.completion == first.completion


def subsets(parts: list[str]) -> list[tuple[str, ...]]:
    return [chosen for size in range(len(parts) + 1) for chosen in combinations(parts, size)]


@properties
@given(framework=frameworks(), locale=LOCALES)
def test_a_rule_by_number_of_parts_is_said_to_be_told_otherwise_by_moodle(framework: Framework, locale: str) -> None:
    wholes = [*framework.blocks, *framework.competencies]
    is_lossy = any(whole.completion.kind is CompletionKind.AT_LEAST for whole in wholes)
    losses = {loss.aspect for loss in moodle_csv.losses(framework, locale)}
    assert ("completion" in losses) == is_lossy


@pytest.mark.parametrize("name", ["mahara", "canvas-csv"])
@properties
@given(framework=frameworks(), locale=LOCALES)
def test_platforms_without_rules_say_that_they_lose_them(name: str, framework: Framework, locale: str) -> None:
    wholes = [*framework.blocks, *framework.competencies]
    losses = {loss.aspect for loss in FORMATS[name].losses(framework, locale)}
    assert ("completion" in losses) == any(whole.completion != EVERY_PART for whole in wholes)


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("name", ONE_LANGUAGE)
def test_the_shipped_framework_loses_only_a_language_and_the_codes_of_its_scale(name: str, locale: str) -> None:
    losses = FORMATS[name].losses(demo(), locale)
    assert {loss.aspect for loss in losses} == {"language", "scale code", "level code"}
    assert str(losses[0]).startswith("La formulation dans l’autre langue n’est pas conservée (")


@pytest.mark.parametrize("name", LOSSLESS)
def test_the_shipped_framework_comes_back_whole(name: str) -> None:
    assert back(name, demo(), "fr") == back(name, demo(), "en") == demo()


def test_our_toml_has_the_layout_of_the_shipped_file() -> None:
    shipped = [line for line in demo_text().splitlines() if not line.startswith("#")]
    assert toml.write(demo()).strip().splitlines() == "\n".join(shipped).strip().splitlines()
    assert tomllib.loads(toml.write(demo()))["code"] == "facilitator"


def test_losses_are_counted_and_name_their_first_places() -> None:
    renumbered = replace(demo(), blocks=tuple(replace(block, number=block.number + 10) for block in demo().blocks))
    loss = next(loss for loss in moodle_csv.losses(renumbered) if loss.aspect == "block number")
    assert str(loss) == "Le numéro des blocs n’est pas conservé (4) : bloc 1, bloc 2, bloc 3…."


def test_a_version_too_long_for_moodle_is_said_to_be_lost() -> None:
    assert "version" in {loss.aspect for loss in moodle_csv.losses(replace(demo(), version="9" * 120))}


def moodle_rows(framework: Framework) -> list[list[str]]:
    return list(csv.reader(io.StringIO(moodle_csv.write(framework), newline="")))


def test_moodle_gets_its_fourteen_columns_in_their_order() -> None:
    rows = moodle_rows(demo())
    assert ",".join(rows[0]) == (
        "Parent ID number,ID number,Short name,Description,Description format,Scale values,Scale configuration,"
        "Rule type (optional),Rule outcome (optional),Rule config (optional),"
        "Cross-referenced competency ID numbers,Exported ID (optional),Is framework,Taxonomy"
    )
    assert {len(row) for row in rows} == {14}
    assert [row[12] for row in rows[1:]].count("1") == 1
    assert rows[1][5] == "non acquis,partiellement acquis,acquis"
    assert json.loads(rows[1][6]) == [{"scaleid": "1"}, {"id": 3, "scaledefault": 1, "proficient": 1}]
    assert rows[1][13].count(",") == 3


def test_canvas_gets_parents_first_and_ratings_that_decrease() -> None:
    rows = list(csv.reader(io.StringIO(canvas_csv.write(demo()), newline="")))
    seen: set[str] = set()
    for row in rows[1:]:
        assert " " not in row[0]
        assert ":" not in row[0]
        assert set(row[8].split()) <= seen
        seen.add(row[0])
    outcome = next(row for row in rows if row[1] == "outcome")
    assert outcome[9:] == ["2", "2", "acquis", "1", "partiellement acquis", "0", "non acquis"]


def test_mahara_gets_its_four_statuses_and_elements_under_standards() -> None:
    matrix = json.loads(mahara.write(demo(), "en"))["framework"]
    assert matrix["evidencestatuses"] == [
        {"begun": "To be assessed"},
        {"incomplete": "not acquired"},
        {"partialcomplete": "partly acquired"},
        {"completed": "acquired"},
    ]
    assert [row["standardid"] for row in matrix["standards"]] == [1, 2, 3, 4]
    first, second = matrix["standardelements"][:2]
    assert (first["elementid"], second["elementid"], second["parentelementid"]) == ("1.1", "1.1.1", "1.1")
    assert all(len(row["shortname"]) <= 100 and len(row["name"]) <= 255 for row in matrix["standardelements"])

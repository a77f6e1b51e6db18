"""Scales of the training, rules of completion: what they mean, how they are written, what refuses them."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import (
    EVERY_PART,
    Completion,
    CompletionKind,
    Framework,
    FrameworkFaults,
    Scale,
    demo,
    digest,
    from_document,
    to_document,
)
from tests.competencies.strategies import completions, frameworks, scales

PARTS = ["a", "b", "c", "d"]
properties = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DEMO_DIGEST = "cb8d3c99398ba313d8e2d8cfa05cf7ea5d829c14a4855c1613676afeda1b76fd"
"""Certificates quote it: it never changes while the content of the shipped framework does not."""


@properties
@given(rule=completions(PARTS), reached=st.sets(st.sampled_from(PARTS)), more=st.sets(st.sampled_from(PARTS)))
def test_reaching_more_parts_never_undoes_a_whole(rule: Completion, reached: set[str], more: set[str]) -> None:
    assert rule.is_met(PARTS, reached | more) or not rule.is_met(PARTS, reached)


@properties
@given(rule=completions(PARTS), parts=st.sets(st.sampled_from(PARTS), min_size=1))
def test_every_part_reached_meets_any_rule_and_part_is_all_that_all_wants(rule: Completion, parts: set[str]) -> None:
    assert rule.is_met(PARTS, PARTS)
    assert EVERY_PART.is_met(PARTS, parts) == (parts == set(PARTS))


def test_parts_of_others_count_for_nothing() -> None:
    rule = Completion(CompletionKind.AT_LEAST, 2)
    assert not rule.is_met(["a", "b"], ["a", "z"])
    assert rule.is_met(["a", "b"], ["a", "b", "z"])


def test_a_required_part_is_needed_whatever_the_count_or_the_points() -> None:
    counted = Completion(CompletionKind.AT_LEAST, 2, frozenset("a"))
    assert [counted.is_met(PARTS, got) for got in ("bcd", "ab")] == [False, True]
    weighed = Completion(CompletionKind.POINTS, 5, frozenset("a"), {"b": 5, "c": 4, "d": 1})
    assert [weighed.is_met(PARTS, got) for got in ("b", "ab", "acd", "ac")] == [False, True, True, False]


def test_no_points_and_points_of_zero_are_one_rule() -> None:
    assert Completion(CompletionKind.POINTS, 1, points={"a": 1, "b": 0}) == Completion(
        CompletionKind.POINTS, 1, points={"a": 1}
    )


@properties
@given(one=scales(), other=scales())
def test_a_level_keeps_its_meaning_on_another_scale(one: Scale, other: Scale) -> None:
    said = [one.translate(code, other) for code in one.codes]
    assert [other.is_reached(code) for code in said] == [one.is_reached(code) for code in one.codes]
    assert said[0] == other.lowest.code
    assert all(other.rank(low) <= other.rank(high) for low, high in pairwise(said))
    assert [one.translate(code, one) for code in one.codes] == list(one.codes)


def test_what_is_not_used_leaves_no_key_so_that_digests_stay() -> None:
    document: Any = to_document(demo())
    assert "formative" not in document
    assert all(set(block) == {"code", "number", "title", "short_title", "competencies"} for block in document["blocks"])
    assert {key for block in document["blocks"] for part in block["competencies"] for key in part} == {
        "code", "title", "indicators",
    }  # fmt: skip
    assert digest(demo()) == DEMO_DIGEST


@properties
@given(framework=frameworks())
def test_a_framework_comes_back_from_its_document_with_its_scales_and_rules(framework: Framework) -> None:
    again = from_document(to_document(framework))
    assert again == framework
    assert digest(again) == digest(framework)


def test_a_rule_that_asks_for_every_part_is_not_written() -> None:
    document: Any = to_document(demo())
    document["blocks"][0]["completion"] = {"kind": "all"}
    assert from_document(document) == demo()


@properties
@given(framework=frameworks())
def test_descriptors_are_those_of_the_scale_each_competency_is_assessed_on(framework: Framework) -> None:
    for competency in framework.competencies:
        scale = competency.scale or framework.formative or framework.scale
        assert framework.scale_of(competency.code) == scale
        assert framework.scale_of(competency.code, is_certifying=True) == framework.scale
        assert all(tuple(part.descriptors) == scale.codes for part in competency.indicators)


def on_block(rule: object) -> Callable[[Any], object]:
    return lambda document: document["blocks"][0].update(completion=rule)


def on_competency(rule: object) -> Callable[[Any], object]:
    return lambda document: document["blocks"][0]["competencies"][0].update(completion=rule)


FOUR = {
    "code": "four",
    "threshold": "c",
    "levels": [
        {"code": code, "rank": rank, "sign": code, "label": {"fr": code, "en": code}}
        for rank, code in enumerate("abcd")
    ],
}
BLOCK, PART = "bloc 1 › completion", "bloc 1 › compétence 1.1 › completion"
REFUSED = [
    (on_block(3), f"{BLOCK} : une table est attendue"),
    (on_block({}), f"{BLOCK} : la clé « kind » manque"),
    (on_block({"kind": "some"}), f"{BLOCK} › kind : « some » n’est pas une règle ; règles possibles : all, at_least"),
    (on_block({"kind": "all", "least": 2}), f"{BLOCK} › least : la règle « all » ne se sert pas de cette clé"),
    (on_block({"kind": "at_least", "least": 1, "points": {}}), f"{BLOCK} › points : la règle « at_least »"),
    (on_block({"kind": "at_least"}), f"{BLOCK} › least : un nombre entre 1 et 4 est attendu"),
    (on_block({"kind": "at_least", "least": 5}), f"{BLOCK} › least : un nombre entre 1 et 4 est attendu"),
    (on_block({"kind": "at_least", "least": "2"}), f"{BLOCK} › least : un nombre entier est attendu"),
    (on_block({"kind": "at_least", "least": 1, "required": ["9"]}), f"{BLOCK} › required : « 9 » n’en est pas une"),
    (on_block({"kind": "at_least", "least": 1, "required": "1.1"}), f"{BLOCK} › required : une liste est attendue"),
    (on_block({"kind": "at_least", "least": 1, "required": [1]}), f"{BLOCK} › required : un texte est attendu"),
    (on_block({"kind": "points", "least": 1}), f"{BLOCK} › points : des points sont attendus"),
    (on_block({"kind": "points", "least": 9, "points": {"1.1": 2}}), f"{BLOCK} › least : un nombre entre 1 et 2"),
    (on_block({"kind": "points", "least": 1, "points": {"9": 2}}), f"{BLOCK} › points : la clé « 9 » est inconnue"),
    (
        on_block({"kind": "points", "least": 1, "points": {"1.1": -2, "1.2": 5}}),
        f"{BLOCK} › points › 1.1 : un nombre de points ne peut pas être négatif",
    ),
    (on_competency({"kind": "at_least", "least": 1, "required": ["1.2"]}), f"{PART} › required : « 1.2 » n’en est"),
    (lambda document: document.update(formative=3), "échelle de la formation : une table est attendue"),
    (
        lambda document: document.update(formative={**FOUR, "threshold": "a"}),
        "échelle de la formation : le seuil ne peut pas être le niveau le plus bas",
    ),
    (lambda document: document.update(formative=FOUR), "indicateur 1.1.1 › descriptors : la clé « a » manque"),
    (
        lambda document: document["blocks"][0]["competencies"][0].update(scale={**FOUR, "threshold": "z"}),
        "bloc 1 › compétence 1.1 › échelle : le seuil « z » n’est pas un niveau",
    ),
    (
        lambda document: document.update(formative={**FOUR, "code": document["scale"]["code"]}),
        "échelles : des échelles différentes portent un même code",
    ),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED)
def test_a_scale_or_a_rule_that_makes_no_sense_is_refused_with_its_place(
    change: Callable[[Any], object], expected: str
) -> None:
    document: Any = to_document(demo())
    change(document)
    with pytest.raises(FrameworkFaults) as refusal:
        from_document(document)
    assert expected in str(refusal.value)

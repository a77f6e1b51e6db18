"""From one version of a framework to the next: what changes, and what becomes of each indicator."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import (
    Block,
    Carried,
    Competency,
    Fate,
    Framework,
    FrameworkFaults,
    Indicator,
    Text,
    UnknownCode,
    check_mapping,
    compose,
    demo,
    difference,
    identity,
    mapping_from_document,
    mapping_to_document,
    propose_mapping,
    to_document,
)
from tests.competencies.strategies import frameworks

properties = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def keyed(framework: Framework) -> set[tuple[str, str]]:
    blocks = {("block", block.code) for block in framework.blocks}
    competencies = {("competency", competency.code) for competency in framework.competencies}
    return blocks | competencies | {("indicator", indicator.code) for indicator in framework.indicators}


def with_indicators(framework: Framework, change: Mapping[str, Indicator | None]) -> Framework:
    """The same framework with some indicators replaced, or taken out."""

    def competency(part: Competency) -> Competency:
        kept = [change.get(indicator.code, indicator) for indicator in part.indicators]
        return replace(part, indicators=tuple(indicator for indicator in kept if indicator is not None))

    def block(part: Block) -> Block:
        return replace(part, competencies=tuple(competency(one) for one in part.competencies))

    return replace(framework, blocks=tuple(block(one) for one in framework.blocks))


@properties
@given(framework=frameworks())
def test_a_version_differs_in_nothing_from_itself(framework: Framework) -> None:
    revision = difference(framework, framework)
    assert revision.is_empty
    assert {(part.kind.value, part.code) for part in revision.common} == keyed(framework)


@properties
@given(old=frameworks(), new=frameworks())
def test_every_part_is_added_or_removed_or_common_and_only_one_of_them(old: Framework, new: Framework) -> None:
    revision = difference(old, new)
    groups = [revision.added, revision.removed, revision.common]
    keys = [(part.kind.value, part.code) for group in groups for part in group]
    assert len(keys) == len(set(keys))
    assert set(keys) == keyed(old) | keyed(new)
    assert {(part.kind.value, part.code) for part in (*revision.added, *revision.common)} == keyed(new)


@properties
@given(old=frameworks(), new=frameworks())
def test_going_back_removes_what_going_forth_added(old: Framework, new: Framework) -> None:
    forth, back = difference(old, new), difference(new, old)
    assert (forth.added, forth.removed) == (back.removed, back.added)
    assert forth.is_empty == back.is_empty


@st.composite
def twins(draw: st.DrawFn) -> tuple[Framework, Framework]:
    """Two versions with the same codes, perhaps with other wordings, scales, rules or places."""
    old = draw(frameworks())
    blocks = list(old.blocks)
    at = draw(st.integers(0, len(blocks) - 1))
    text = st.sampled_from([old.title, Text("autre", "other")])
    blocks[at] = replace(blocks[at], title=draw(text), number=blocks[at].number + draw(st.integers(0, 1)))
    formative = draw(st.sampled_from([old.formative, None]))
    new = replace(old, title=draw(text), notice=draw(text), blocks=tuple(draw(st.permutations(blocks))))
    return old, replace(new, formative=formative)


@properties
@given(pair=twins())
def test_a_difference_is_empty_only_when_both_versions_say_the_same(pair: tuple[Framework, Framework]) -> None:
    old, new = pair
    # Numbers order the blocks that are read; the order of the list alone is told as a move.
    assert difference(old, new).is_empty == (to_document(old) == to_document(new))


def test_a_rewording_is_told_with_both_texts() -> None:
    first = demo().indicators[0]
    after = with_indicators(demo(), {first.code: replace(first, wording=Text("Autrement dit", "In other words"))})
    revision = difference(demo(), after)
    assert [(row.code, row.aspect, row.before, row.after.fr) for row in revision.reworded] == [
        (first.code, "wording", first.wording, "Autrement dit")
    ]
    assert (revision.added, revision.removed, revision.moved) == ((), (), ())


def test_a_descriptor_is_named_by_its_level() -> None:
    first = demo().indicators[0]
    level = demo().scale.threshold
    described = replace(first, descriptors={**first.descriptors, level: Text("Tout", "All")})
    (row,) = difference(demo(), with_indicators(demo(), {first.code: described})).reworded
    assert (row.code, row.aspect, row.after.en) == (first.code, f"level {level}", "All")


def test_only_what_was_displaced_is_told_to_have_moved() -> None:
    blocks = demo().blocks
    competency = blocks[0].competencies[0]
    turned = replace(competency, indicators=(*competency.indicators[1:], competency.indicators[0]))
    first = replace(blocks[0], competencies=(turned, *blocks[0].competencies[1:]))
    (row,) = difference(demo(), replace(demo(), blocks=(first, *blocks[1:]))).moved
    assert row.code == competency.indicators[0].code
    assert (row.before, row.after) == (competency.code, competency.code)


def test_a_scale_that_changes_is_told_with_both_scales() -> None:
    four = replace(demo().scale, threshold=demo().scale.codes[1])
    (row,) = difference(demo(), replace(demo(), scale=four)).rescaled
    assert (row.aspect, row.before, row.after) == ("scale", demo().scale, four)


@properties
@given(old=frameworks(), new=frameworks())
def test_a_proposed_mapping_covers_every_indicator_once_and_is_accepted(old: Framework, new: Framework) -> None:
    mapping = propose_mapping(old, new)
    assert [row.code for row in mapping] == [indicator.code for indicator in old.indicators]
    assert check_mapping(old, new, mapping) == ()


@properties
@given(old=frameworks(), new=frameworks())
def test_identity_before_or_after_changes_no_mapping(old: Framework, new: Framework) -> None:
    mapping = propose_mapping(old, new)
    assert compose(identity(old), mapping) == mapping == compose(mapping, identity(new))
    assert check_mapping(old, old, identity(old)) == ()


@properties
@given(chain=st.tuples(frameworks(), frameworks(), frameworks(), frameworks()))
def test_mappings_compose_whatever_the_grouping(chain: tuple[Framework, Framework, Framework, Framework]) -> None:
    first, second, third = (propose_mapping(old, new) for old, new in pairwise(chain))
    assert compose(compose(first, second), third) == compose(first, compose(second, third))


@properties
@given(old=frameworks(), new=frameworks())
def test_a_mapping_comes_back_from_its_document(old: Framework, new: Framework) -> None:
    mapping = propose_mapping(old, new)
    assert mapping_from_document(mapping_to_document(mapping)) == mapping


def test_an_unchanged_version_is_kept_whole() -> None:
    assert propose_mapping(demo(), demo()) == identity(demo())


def test_a_wording_is_followed_under_its_new_code() -> None:
    codes = [indicator.code for indicator in demo().competencies[0].indicators]
    one, two = demo().indicator(codes[0]), demo().indicator(codes[1])
    swapped = {one.code: replace(one, wording=two.wording), two.code: replace(two, wording=one.wording)}
    fates = {row.code: row.to for row in propose_mapping(demo(), with_indicators(demo(), swapped))}
    assert (fates[one.code], fates[two.code]) == ((two.code,), (one.code,))


def test_a_light_correction_under_one_code_is_kept_and_another_subject_is_dropped() -> None:
    one, two = demo().indicators[:2]
    change = {
        one.code: replace(one, wording=Text(f"{one.wording.fr}, avec soin", one.wording.en)),
        two.code: replace(two, wording=Text("Zinc, yacht, whisky", "Zinc, yacht, whisky")),
    }
    fates = {row.code: row.fate for row in propose_mapping(demo(), with_indicators(demo(), change))}
    assert (fates[one.code], fates[two.code]) == (Fate.KEPT, Fate.DROPPED)


ONE, TWO, THREE = (indicator.code for indicator in demo().indicators[:3])


def changed(**rows: tuple[Fate, tuple[str, ...]]) -> tuple[Carried, ...]:
    """The identity, but for the rows of these three indicators."""
    named = {"one": ONE, "two": TWO, "three": THREE}
    given = {named[key]: Carried(named[key], fate, to) for key, (fate, to) in rows.items()}
    return tuple(given.get(row.code, row) for row in identity(demo()))


ACCEPTED = [
    changed(one=(Fate.DROPPED, ())),
    changed(one=(Fate.MERGED, (ONE,)), two=(Fate.MERGED, (ONE,))),
    changed(one=(Fate.SPLIT, (ONE, TWO)), two=(Fate.DROPPED, ())),
]


@pytest.mark.parametrize("mapping", ACCEPTED)
def test_a_mapping_that_holds_together_is_accepted(mapping: tuple[Carried, ...]) -> None:
    assert check_mapping(demo(), demo(), mapping) == ()


REFUSED = [
    (identity(demo())[1:], f"indicateur {ONE} : il n’a pas de sort"),
    ((*identity(demo()), Carried(ONE, Fate.DROPPED)), f"indicateur {ONE} : il a plusieurs sorts"),
    ((*identity(demo()), Carried("9.9.9", Fate.DROPPED)), "indicateur 9.9.9 : il n’existe pas dans l’ancienne"),
    (changed(one=(Fate.KEPT, ("9.9.9",))), f"indicateur {ONE} : « 9.9.9 » n’existe pas dans la nouvelle version"),
    (changed(one=(Fate.KEPT, ())), f"indicateur {ONE} : un seul indicateur est attendu"),
    (changed(one=(Fate.DROPPED, (ONE,))), f"indicateur {ONE} : il est retiré : rien ne le remplace"),
    (changed(one=(Fate.SPLIT, (ONE,))), f"indicateur {ONE} : il est scindé : au moins deux"),
    (changed(one=(Fate.SPLIT, (ONE, ONE))), f"indicateur {ONE} : un même indicateur est donné deux fois"),
    (changed(one=(Fate.MERGED, (ONE,))), f"indicateur {ONE} : il est fusionné : un autre indicateur doit l’être"),
    (changed(one=(Fate.KEPT, (TWO,))), f"indicateur {ONE} : « {TWO} » en remplace plusieurs"),
]


@pytest.mark.parametrize(("mapping", "expected"), REFUSED)
def test_a_mapping_that_does_not_hold_is_refused_with_its_indicator(
    mapping: tuple[Carried, ...], expected: str
) -> None:
    assert expected in "\n".join(str(fault) for fault in check_mapping(demo(), demo(), mapping))


def test_two_mappings_make_the_fates_that_one_would_have() -> None:
    merged = changed(one=(Fate.MERGED, (ONE,)), two=(Fate.MERGED, (ONE,)))
    parted = changed(one=(Fate.SPLIT, (ONE, TWO)), two=(Fate.DROPPED, ()), three=(Fate.DROPPED, ()))
    fates = {row.code: (row.fate, row.to) for row in compose(merged, parted)}
    assert fates[ONE] == fates[TWO] == (Fate.SPLIT, (ONE, TWO))
    assert fates[THREE] == (Fate.DROPPED, ())
    assert {row.code: row.fate for row in compose(parted, merged)}[ONE] is Fate.KEPT


def test_a_mapping_that_leads_nowhere_is_not_followed() -> None:
    with pytest.raises(UnknownCode):
        compose(identity(demo()), identity(demo())[1:])


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        [None],
        [{"code": "a"}],
        [{"code": "a", "fate": [], "to": []}],
        [{"code": "a", "fate": "lost", "to": []}],
        [{"code": "a", "fate": "kept", "to": [1]}],
    ],
)
def test_a_mapping_of_another_shape_is_refused(document: object) -> None:
    with pytest.raises(FrameworkFaults) as refusal:
        mapping_from_document(document)
    assert "correspondance, ligne 1" in str(refusal.value)

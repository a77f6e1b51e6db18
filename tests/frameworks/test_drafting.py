"""Drafts: how they begin, what may be done to their parts, that nothing typed is lost."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.frameworks import services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import activation, documents, drafts
from certify.frameworks.queries.faults import faults_in, part_of
from certify.frameworks.services.operations import carry_out, empty_document, rename_levels
from tests.factories.cohorts import make_version
from tests.factories.drafts import filled, make_empty_draft, make_next_version, make_registrar
from tests.factories.people import actor_of, make_member, make_organisation

Document = dict[str, Any]


def demo() -> Document:
    return documents.shaped(competencies.to_document(competencies.demo()))


def codes(document: Document) -> list[str]:
    return [node["code"] for _name, node in documents.nodes_of(document)]


def targets(document: Document) -> dict[str, str]:
    return {fault.target: fault.message for fault in faults_in(document).all}


def test_an_empty_draft_has_one_part_of_each_kind_and_says_what_to_write(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    assert (draft.state, draft.digest, draft.revision) == (VersionState.DRAFT, "", 1)
    assert codes(draft.content) == ["1", "1.1", "1.1.1"]
    wrong = targets(draft.content)
    assert {"general-title-fr", "b1-title-en", "b1c1i1-wording-fr", "b1c1i1-d3-en"} <= set(wrong)
    assert not {"general-code", "general-version", "b1c1-code", "s0-code"} & set(wrong)


def test_a_draft_filled_in_has_no_fault(session: Session) -> None:
    assert targets(filled(empty_document("essai", "1"))) == {}


def test_a_draft_begins_from_the_demonstration_too(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = services.begin(session, actor, body, code="autre", number="7", from_demo=True)
    assert (draft.code, draft.version) == ("autre", "7")
    assert draft.content | {"code": "facilitator", "version": "2026"} == demo()
    assert faults_in(draft.content).all == ()


def test_only_the_registrar_of_the_certifying_body_begins_a_draft(session: Session) -> None:
    _person, _actor, body = make_registrar(session)
    stranger = actor_of(session, make_member(session, make_organisation(session), Role.COORDINATOR))
    with pytest.raises(Forbidden):
        make_empty_draft(session, stranger, body)


@pytest.mark.parametrize(("code", "number"), [("", "1"), ("essai", " "), ("essai", "9" * 31)])
def test_a_draft_needs_a_code_and_a_number(session: Session, code: str, number: str) -> None:
    _person, actor, body = make_registrar(session)
    with pytest.raises(Invalid):
        services.begin(session, actor, body, code=code, number=number)


def test_a_new_version_keeps_everything_and_says_that_every_indicator_stays(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    assert draft.predecessor_id is not None
    assert documents.shaped(draft.content) == demo() | {"version": "2027"}
    assert {(row.fate, row.to) for row in activation.rows_of(draft)} >= {("kept", ("1.1.1",))}
    with pytest.raises(Invalid):
        services.new_version(session, actor, session.get_one(FrameworkVersion, draft.predecessor_id), number="2027")
    with pytest.raises(Conflict):
        services.new_version(session, actor, draft, number="2028")


def test_a_draft_is_saved_with_its_faults_and_nothing_is_lost(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    typed = documents.shaped(draft.content)
    typed["code"] = "pas un code !"
    typed["blocks"][0]["number"] = "premier"
    typed["blocks"][0]["competencies"][0]["indicators"][0]["wording"]["fr"] = " Avec  des   espaces "
    services.save(session, actor, draft, revision=1, document=typed)
    session.expire(draft)
    assert documents.shaped(draft.content) == typed
    assert draft.revision == 2
    assert {"general-code", "b1-number"} <= set(targets(typed))


def test_an_older_page_is_refused_so_that_nothing_is_overwritten(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    services.save(session, actor, draft, revision=1, document=draft.content)
    with pytest.raises(Conflict):
        services.save(session, actor, draft, revision=1, document=draft.content)


def test_the_number_of_another_version_is_told_and_not_taken(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    typed = documents.shaped(draft.content) | {"version": "2026"}
    services.save(session, actor, draft, revision=1, document=typed)
    page = drafts.editor_page(session, draft, "general")
    assert page.faults.of_field("general-version")
    assert draft.version == "2027"


def test_a_draft_given_up_leaves_its_trace_only(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_empty_draft(session, actor, body)
    services.discard(session, actor, draft)
    session.commit()
    assert session.scalars(select(FrameworkVersion)).all() == []
    tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.position)).all()
    assert tags == ["frameworks:version:drafted", "frameworks:version:discarded"]


def test_a_version_in_force_is_neither_saved_nor_discarded(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    version = make_version(session, body)
    with pytest.raises(Conflict):
        services.save(session, actor, version, revision=1, document=demo())
    with pytest.raises(Conflict):
        services.discard(session, actor, version)


def test_parts_are_added_under_the_next_free_code() -> None:
    done = carry_out(demo(), "add:")
    assert (done.at, done.document["blocks"][4]["code"], done.document["blocks"][4]["number"]) == ("b5", "5", 5)
    done = carry_out(demo(), "add:b2")
    assert done.document["blocks"][1]["competencies"][-1]["code"] == "2.5"
    assert done.document["blocks"][1]["competencies"][-1]["indicators"][0]["code"] == "2.5.1"
    done = carry_out(demo(), "add:b1c1")
    assert (done.at, done.focus) == ("b1c1i4", "first")
    assert done.document["blocks"][0]["competencies"][0]["indicators"][-1]["code"] == "1.1.4"


def test_what_holds_text_can_be_put_back_until_the_draft_is_saved(session: Session) -> None:
    _person, actor, body = make_registrar(session)
    draft = make_next_version(session, actor, body)
    removed = carry_out(documents.shaped(draft.content), "remove:b1c2").document
    services.save(session, actor, draft, revision=1, document=removed)
    assert "1.2" in codes(draft.content)
    assert "1.2" not in codes(documents.pruned(documents.shaped(draft.content)))
    assert carry_out(documents.shaped(draft.content), "restore:b1c2").document == demo() | {"version": "2027"}
    services.save(session, actor, draft, revision=2, document=documents.shaped(draft.content), is_final=True)
    assert "1.2" not in codes(draft.content)


def test_what_holds_nothing_goes_at_once() -> None:
    added = carry_out(demo(), "add:b1c1").document
    assert carry_out(added, "remove:b1c1i4").document == demo()


def test_a_part_moves_among_its_own_and_stops_at_the_ends() -> None:
    down = carry_out(demo(), "down:b1c1")
    assert (down.at, codes(down.document)[1]) == ("b1c2", "1.2")
    assert carry_out(down.document, "up:b1c2").document == demo()
    assert carry_out(demo(), "up:b1").document == demo()


def test_a_part_put_elsewhere_takes_a_code_that_belongs_there() -> None:
    done = carry_out(demo(), "into:b1c1i1", "b2c1")
    moved = done.document["blocks"][1]["competencies"][0]["indicators"][-1]
    assert moved["code"].startswith("2.1.")
    assert moved["wording"] == demo()["blocks"][0]["competencies"][0]["indicators"][0]["wording"]
    assert faults_in(done.document).all == ()
    done = carry_out(demo(), "move:b1c1>b4:1")
    first = done.document["blocks"][3]["competencies"][0]
    assert first["code"] == "4.5"
    assert [one["code"] for one in first["indicators"]] == ["4.5.1", "4.5.2", "4.5.3"]
    assert (done.at, faults_in(done.document).all) == ("b4c1", ())


@given(st.lists(st.tuples(st.sampled_from(["up", "down", "into", "move"]), *[st.integers(0, 40)] * 3), max_size=8))
def test_whatever_is_moved_nothing_is_lost_and_codes_stay_right(moves: list[tuple[str, int, int, int]]) -> None:
    document = demo()
    for verb, which, where, index in moves:
        names = [name for name, _node in documents.nodes_of(document)]
        name, target = names[which % len(names)], names[where % len(names)]
        wish = f"move:{name}>{target}:{index}" if verb == "move" else f"{verb}:{name}"
        with suppress(Invalid):
            document = carry_out(document, wish, target).document
    assert wordings(document) == wordings(demo())
    assert documents.shaped(document) == document
    # Only what is left without any part below it is wrong.
    assert {fault.field for fault in faults_in(document).all} <= {""}


def wordings(document: Document) -> list[str]:
    return sorted(str(node.get("wording", node.get("title"))) for _name, node in documents.nodes_of(document))


def test_a_block_is_dropped_at_another_place() -> None:
    done = carry_out(demo(), "move:b1>:4")
    assert [block["code"] for block in done.document["blocks"]] == ["2", "3", "4", "1"]
    assert done.at == "b4"


def test_codes_below_are_made_to_follow_and_the_rule_with_them() -> None:
    document = demo()
    document["blocks"][0]["completion"] = {"kind": "points", "least": 3, "required": ["1.1"], "points": {"1.2": 3}}
    document["blocks"][0]["code"] = "9"
    assert "b1c1-code" in targets(document)
    done = carry_out(document, "recode:b1").document
    assert done["blocks"][0]["competencies"][1]["indicators"][0]["code"] == "9.2.1"
    assert done["blocks"][0]["completion"] == {"kind": "points", "least": 3, "required": ["9.1"], "points": {"9.2": 3}}
    assert targets(done) == {}


def test_scales_take_up_to_ten_levels() -> None:
    document = demo()
    for _n in range(7):
        document = carry_out(document, "add:s0").document
    assert [level["rank"] for level in document["scale"]["levels"]] == list(range(10))
    with pytest.raises(Invalid):
        carry_out(document, "add:s0")


def test_a_level_removed_takes_its_descriptions_with_it_and_brings_them_back() -> None:
    removed = carry_out(demo(), "remove:s0l2").document
    kept = documents.pruned(removed)
    assert set(kept["blocks"][0]["competencies"][0]["indicators"][0]["descriptors"]) == {"not_acquired", "acquired"}
    assert faults_in(removed).all == ()
    assert carry_out(removed, "restore:s0l2").document == demo()


def test_descriptions_follow_a_level_whose_code_changes_even_when_two_are_swapped() -> None:
    document = demo()
    before = deepcopy(document["blocks"][0]["competencies"][0]["indicators"][0]["descriptors"])
    levels = document["scale"]["levels"]
    levels[0]["code"], levels[1]["code"] = "partly_acquired", "not_acquired"
    swapped = rename_levels(document, {"s0": {"not_acquired": "partly_acquired", "partly_acquired": "not_acquired"}})
    after = swapped["blocks"][0]["competencies"][0]["indicators"][0]["descriptors"]
    assert after["partly_acquired"] == before["not_acquired"]
    assert after["not_acquired"] == before["partly_acquired"]


def test_a_competency_takes_its_own_scale_and_gives_it_back() -> None:
    own = carry_out(demo(), "scale:b1c1")
    assert own.at == "b1c1s"
    own.document["blocks"][0]["competencies"][0]["scale"]["levels"][0]["code"] = "seen"
    renamed = rename_levels(own.document, {"b1c1s": {"not_acquired": "seen"}})
    assert faults_in(renamed).all == ()
    back = documents.shaped(documents.pruned(carry_out(renamed, "remove:b1c1s").document))
    wrong = faults_in(back).all
    assert {part_of(fault.node) for fault in wrong} == {"b1"}
    cleaned = carry_out(back, "drop-levels:").document
    assert {fault.field[-5:] for fault in faults_in(cleaned).all} == {"d3-fr", "d3-en"}


def test_a_scale_of_the_training_is_described_in_its_place() -> None:
    document = carry_out(demo(), "scale:formative").document
    assert faults_in(document).all == ()
    document["formative"]["levels"][2]["code"] = ""
    assert "s1l3-code" in targets(document)
    document["formative"]["threshold"] = "nowhere"
    assert "s1-threshold" in targets(document)


def test_a_code_given_twice_is_told_beside_both() -> None:
    document = demo()
    document["blocks"][0]["competencies"][0]["indicators"][1]["code"] = "1.1.1"
    assert {"b1c1i1-code", "b1c1i2-code"} <= set(targets(document))
    document["blocks"][1]["number"] = 1
    assert {"b1-number", "b2-number"} <= set(targets(document))


def test_faults_are_counted_without_mixing_the_first_part_up_with_the_tenth() -> None:
    document = demo()
    for _n in range(9):
        document = carry_out(document, "add:b1").document
    faults = faults_in(document)
    assert faults.below("b1c1") == 0
    assert faults.below("b1c10") > 0


@pytest.mark.parametrize(
    "wish", ["fly:b1", "up:b9", "add:b1c1i1", "remove:s0", "into:b1", "move:b1>b2:1", "move:b1c1>:", "scale:b1", "up:x"]
)
def test_what_cannot_be_done_is_refused_in_words(wish: str) -> None:
    with pytest.raises(Invalid):
        carry_out(demo(), wish, "b1c1")


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "x",
        {"blocks": 3, "scale": []},
        {"blocks": [{"competencies": [None, {}], "completion": {"required": 3, "points": []}}]},
    ],
)
def test_any_document_can_be_opened_in_the_editor(content: object) -> None:
    document = documents.shaped(content)
    assert faults_in(document).all
    assert documents.framework_as_typed(document).code == ""

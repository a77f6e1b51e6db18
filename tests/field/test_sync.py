"""What devices send: one effect however often and in whatever order, conflicts kept until somebody chooses."""

import contextlib
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.core.errors import Conflict, Invalid, NotFound, Refusal
from certify.core.types import new_id
from certify.field import queries
from certify.field.models import FieldOperation, Kind, Outcome
from certify.field.policies import sent_from
from certify.groups.models import Meeting, Presence
from certify.groups.queries.meetings import attendance_of
from certify.logbook import services as logbook
from certify.logbook.models import EntrySource, EntryState, LogbookEntry
from certify.logbook.queries import content_of
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import make_content, make_entry
from tests.factories.meetings import Scene, make_meeting, make_scene
from tests.factories.people import actor_of
from tests.field.sending import choice_of, entry_of, operation, photo_of, receive, sheet_of

PRESENT, ABSENT, EXCUSED = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED


def marks_of(session: Session, meeting: Meeting) -> dict[uuid.UUID, Presence]:
    found = attendance_of(session, [meeting.id])[meeting.id]
    return {one: mark.presence for one, mark in found.items()}


def saved(session: Session, subject: str) -> LogbookEntry:
    return session.get_one(LogbookEntry, uuid.UUID(subject))


def test_an_entry_of_a_device_keeps_its_identifier_and_says_where_it_comes_from(session: Session) -> None:
    scene = make_scene(session)
    sent = entry_of(indicators=["3.1.1"], theme="Le portage")
    done = receive(session, scene.actor, sent)
    entry = saved(session, sent["subject"])
    assert (entry.source, entry.state, entry.minutes) == (EntrySource.FIELD, EntryState.DRAFT, 90)
    assert content_of(session, entry).indicators == ("3.1.1",)
    assert entry.values == {"theme": "Le portage"}
    assert done.answer["revision"] == entry.revision
    assert done.payload == {}


@pytest.mark.engines("sqlite")
@settings(max_examples=25)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_any_order_and_repetition_of_operations_gives_the_same_state(session: Session, order: list[int]) -> None:
    scene = make_scene(session)
    first, second = (make_meeting(session, scene.group) for _ in range(2))
    one, two, *_others = (participant.id for participant in scene.participants)
    entry, other = entry_of(title="A"), entry_of(title="B")
    sent = [
        entry, other, photo_of(entry["subject"]), photo_of(other["subject"], "affiche.jpg"),
        sheet_of(first, {one: PRESENT, two: ABSENT}), sheet_of(second, {one: EXCUSED}),
    ]  # fmt: skip
    for index in [*order, *range(len(sent))]:
        # A photo before its entry is refused, and stays on the device, which sends it again.
        with contextlib.suppress(NotFound):
            receive(session, scene.actor, sent[index])
    assert [saved(session, document["subject"]).title for document in (entry, other)] == ["A", "B"]
    files = [content_of(session, saved(session, document["subject"])).files for document in (entry, other)]
    assert [[fact.filename for fact in facts] for facts in files] == [["salle.jpg"], ["affiche.jpg"]]
    assert marks_of(session, first) == {one: PRESENT, two: ABSENT}
    assert marks_of(session, second) == {one: EXCUSED}
    rows = select(func.count()).select_from(FieldOperation)
    assert session.scalar(rows.where(FieldOperation.user_id == scene.facilitator.id)) == len(sent)


def test_an_operation_sent_again_gets_its_first_answer_though_everything_changed_since(session: Session) -> None:
    scene = make_scene(session)
    sent = entry_of(title="Premier envoi")
    first = receive(session, scene.actor, sent)
    entry = saved(session, sent["subject"])
    content = make_content(title="Au bureau, depuis")
    logbook.save(session, scene.actor, entry, revision=entry.revision, content=content)
    again = receive(session, scene.actor, sent)
    assert (again.id, again.answer, entry.title) == (first.id, first.answer, "Au bureau, depuis")


def two_texts(session: Session, scene: Scene) -> tuple[LogbookEntry, FieldOperation]:
    entry = make_entry(session, scene.enrolment, title="Commencée")
    known = entry.revision
    content = make_content(title="Au bureau")
    logbook.save(session, scene.actor, entry, revision=known, content=content)
    sent = entry_of(entry.id, revision=known, title="À la crèche")
    return entry, receive(session, scene.actor, sent)


def test_two_texts_make_a_conflict_that_keeps_both(session: Session) -> None:
    entry, conflict = two_texts(session, make_scene(session))
    assert conflict.outcome is Outcome.CONFLICT
    assert entry.title == conflict.answer["fields"]["title"] == "Au bureau"
    assert conflict.payload["fields"]["title"] == "À la crèche"


def test_the_same_text_saved_in_two_places_is_no_conflict(session: Session) -> None:
    scene = make_scene(session)
    entry = make_entry(session, scene.enrolment)
    form = queries.drafts_of(session, scene.enrolment.id).rows[0].content
    again = operation(Kind.ENTRY, entry.id, activity="group_meeting", revision=entry.revision - 1, fields=dict(form))
    assert receive(session, scene.actor, again).outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    ("choice", "titles"),
    [("mine", ["À la crèche"]), ("theirs", ["Au bureau"]), ("both", ["Au bureau", "À la crèche"])],
)
def test_each_choice_keeps_what_it_says_however_often_it_is_sent(
    session: Session, choice: str, titles: list[str]
) -> None:
    scene = make_scene(session)
    _entry, conflict = two_texts(session, scene)
    chosen = choice_of(conflict, choice)
    for _sending in range(2):
        assert receive(session, scene.actor, chosen).answer["is_open"] is False
    receive(session, scene.actor, choice_of(conflict, "mine", seen=99))
    query = select(LogbookEntry.title).where(LogbookEntry.enrolment_id == scene.enrolment.id)
    assert sorted(session.scalars(query)) == sorted(titles)
    assert (conflict.outcome, conflict.payload) == (Outcome.APPLIED, {})


def test_a_choice_made_on_a_version_that_changed_again_writes_nothing(session: Session) -> None:
    scene = make_scene(session)
    entry, conflict = two_texts(session, scene)
    chosen = choice_of(conflict, "mine")
    content = make_content(title="Au bureau, encore")
    logbook.save(session, scene.actor, entry, revision=entry.revision, content=content)
    done = receive(session, scene.actor, chosen)
    assert done.answer["is_open"] is True
    assert done.answer["answer"]["fields"]["title"] == entry.title == "Au bureau, encore"
    assert queries.open_conflicts(session, scene.actor) == [conflict]


def test_a_text_for_an_entry_already_handed_in_is_refused_and_can_become_another(session: Session) -> None:
    scene = make_scene(session)
    entry = make_entry(session, scene.enrolment)
    known = entry.revision
    logbook.discard(session, scene.actor, entry)
    with pytest.raises(Conflict):
        receive(session, scene.actor, entry_of(entry.id, revision=known))
    assert receive(session, scene.actor, entry_of()).outcome is Outcome.APPLIED


def test_sheets_of_two_people_go_together_when_they_speak_of_others(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    one, two, three = (participant.id for participant in scene.participants)
    receive(session, scene.actor, sheet_of(meeting, {one: PRESENT}))
    done = receive(session, scene.actor, sheet_of(meeting, {two: ABSENT, three: EXCUSED}))
    assert done.outcome is Outcome.APPLIED
    assert marks_of(session, meeting) == {one: PRESENT, two: ABSENT, three: EXCUSED}


def test_a_mark_that_clashes_waits_for_a_choice_and_the_others_too(session: Session) -> None:
    scene = make_scene(session)
    meeting = make_meeting(session, scene.group)
    one, two, three = (participant.id for participant in scene.participants)
    receive(session, scene.actor, sheet_of(meeting, {one: PRESENT, two: PRESENT}))
    conflict = receive(session, scene.actor, sheet_of(meeting, {one: ABSENT, two: ABSENT, three: EXCUSED}))
    assert conflict.answer["clashes"] == sorted([str(one), str(two)])
    assert marks_of(session, meeting) == {one: PRESENT, two: PRESENT}
    receive(session, scene.actor, choice_of(conflict, "theirs", kept=[str(one)]))
    assert marks_of(session, meeting) == {one: ABSENT, two: PRESENT, three: EXCUSED}


def test_nobody_sends_for_somebody_else(session: Session) -> None:
    scene, other = make_scene(session), make_scene(session)
    entry, meeting = make_entry(session, scene.enrolment), make_meeting(session, scene.group)
    conflict = two_texts(session, scene)[1]
    tried: list[dict[str, Any]] = [
        entry_of(entry.id, revision=entry.revision), photo_of(str(entry.id)), choice_of(conflict, "mine"),
        sheet_of(meeting, {scene.participants[0].id: PRESENT}),
    ]  # fmt: skip
    for document in tried:
        with pytest.raises(NotFound):
            receive(session, other.actor, document)
    assert marks_of(session, meeting) == {}
    with pytest.raises(Refusal):
        receive(session, other.actor, entry_of(entry.id))


def test_a_form_that_no_longer_asks_for_something_loses_none_of_it(session: Session) -> None:
    scene = make_scene(session)
    with pytest.raises(Invalid, match="ne demande plus"):
        receive(session, scene.actor, entry_of(question_disparue="Une réponse"))


@pytest.mark.engines("sqlite")
def test_an_entry_keeps_the_form_the_device_had(session: Session) -> None:
    scene = make_scene(session)
    sent = entry_of()
    sent["payload"]["form"] = "group_meeting:shipped:1"
    receive(session, scene.actor, sent)
    assert saved(session, sent["subject"]).form_number == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"id": "x"}, {"kind": "purge"}, {"payload": []}, {"subject": None}, {"made_at": "hier"},
        {"payload": {"fields": {"title": ["x"]}}},
    ],
)  # fmt: skip
@pytest.mark.engines("sqlite")
def test_what_no_device_makes_is_refused(session: Session, damage: dict[str, Any]) -> None:
    scene = make_scene(session)
    with pytest.raises(Invalid):
        receive(session, scene.actor, entry_of() | damage)
    for document in (None, [], "texte", {}):
        with pytest.raises(Invalid):
            sent_from(document)


@pytest.mark.engines("sqlite")
@given(st.dictionaries(st.sampled_from(["title", "minutes", "happened_on", "account", "indicators"]),
                       st.text() | st.lists(st.text(), max_size=3) | st.integers() | st.none()))  # fmt: skip
@settings(max_examples=40)
def test_whatever_is_typed_is_taken_or_refused_in_words(session: Session, fields: dict[str, Any]) -> None:
    scene = make_scene(session)
    document = operation(Kind.ENTRY, new_id(), activity="watch", revision=0, fields=fields)
    try:
        outcome: Any = receive(session, scene.actor, document).outcome
    except Refusal as refusal:
        outcome = str(refusal.message)
    assert outcome


def test_nothing_is_written_in_the_training_of_somebody_else(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = actor_of(session, make_scene(session).facilitator)
    with pytest.raises(NotFound):
        receive(session, actor, entry_of() | {"enrolment": str(enrolment.id)})
    assert session.scalar(select(func.count()).select_from(FieldOperation)) == 0

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment
from certify.core import files
from certify.core.access import Role
from certify.core.errors import Conflict, Invalid, NotFound
from certify.evidence import queries, services
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.logbook.models import LogbookEntry, ReviewOutcome
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_entry,
    make_file,
    make_submitted,
    make_trainer,
    pdf,
    photo,
    submit,
    trainee_of,
)
from tests.factories.people import actor_of, make_member


def enrolment_of(session: Session, entry: LogbookEntry) -> Enrolment:
    return session.get_one(Enrolment, entry.enrolment_id)


def test_a_file_is_stored_under_a_key_that_says_nothing(session: Session) -> None:
    item = make_file(session, make_entry(session), filename="Affiche de juin.pdf", title="")
    assert (item.title, item.filename, item.state) == ("Affiche de juin", "Affiche de juin.pdf", EvidenceState.LINKED)
    assert "Affiche" not in item.storage_key
    assert queries.file_bytes(item) == pdf()


def test_the_same_bytes_attached_twice_make_one_piece(session: Session) -> None:
    entry = make_entry(session)
    one = make_file(session, entry, photo(), "salle.jpg", indicators=("3.1.1",))
    two = make_file(session, entry, photo(), "copie.jpg", indicators=("3.3.1",))
    assert one is two
    assert set(queries.indicators_of(one)) == {"3.1.1", "3.3.1"}


def test_a_file_removed_leaves_its_row_and_its_bytes(session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    actor = actor_of(session, trainee_of(session, enrolment_of(session, entry)))
    services.remove(session, actor, item)
    session.flush()
    assert queries.attached_to(session, entry.id).files == ()
    assert session.get_one(EvidenceItem, item.id).state is EvidenceState.REMOVED
    assert files.read(item.storage_key) == pdf()
    with pytest.raises(NotFound):
        queries.item_for(session, actor, item.id)


def test_a_file_removed_can_be_attached_again(session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    services.remove(session, actor_of(session, trainee_of(session, enrolment_of(session, entry))), item)
    session.flush()
    assert make_file(session, entry) is not item


@pytest.mark.parametrize("outcome", [None, ReviewOutcome.ACCEPTED])
def test_submitted_or_accepted_evidence_is_neither_removed_nor_changed(
    session: Session, outcome: ReviewOutcome | None
) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    submit(session, entry)
    if outcome is not None:
        answer(session, entry, outcome)
    enrolment = enrolment_of(session, entry)
    actor = actor_of(session, trainee_of(session, enrolment))
    with pytest.raises(Conflict):
        services.remove(session, actor, item)
    with pytest.raises(Conflict):
        services.describe(session, actor, enrolment, item, title="Autre", filename="autre.pdf", indicators=())


def test_returned_evidence_can_be_described_anew(session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry, filename="Mme.pdf")
    submit(session, entry)
    answer(session, entry, ReviewOutcome.RETURNED)
    enrolment = enrolment_of(session, entry)
    actor = actor_of(session, trainee_of(session, enrolment))
    services.describe(
        session, actor, enrolment, item, title="Affiche", filename="affiche de juin", indicators=("1.1.1", "99.9")
    )
    session.flush()
    assert (item.title, item.filename, queries.indicators_of(item)) == ("Affiche", "affiche de juin.pdf", ("1.1.1",))


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("name", ["../../autre.PDF", "autre.exe", "autre"])
def test_a_renamed_file_keeps_its_extension(session: Session, name: str) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    enrolment = enrolment_of(session, entry)
    actor = actor_of(session, trainee_of(session, enrolment))
    services.describe(session, actor, enrolment, item, title="Affiche", filename=name, indicators=())
    assert item.filename.lower().endswith(".pdf")
    assert "/" not in item.filename


def test_evidence_follows_its_entry(session: Session) -> None:
    entry = make_entry(session)
    make_file(session, entry)
    states = [{item.state for item in queries.items_of_entry(session, entry.id)}]
    submit(session, entry)
    states.append({item.state for item in queries.items_of_entry(session, entry.id)})
    answer(session, entry, ReviewOutcome.RETURNED)
    states.append({item.state for item in queries.items_of_entry(session, entry.id)})
    assert states == [{EvidenceState.LINKED}, {EvidenceState.SUBMITTED}, {EvidenceState.RETURNED}]
    decided = queries.items_of_entry(session, entry.id)[0]
    assert decided.decided_at is not None
    assert decided.decided_by_id is not None


def test_only_accepted_evidence_counts_and_in_one_statement(session: Session) -> None:
    entries = [make_submitted(session, indicators=("1.1.1",)) for _ in range(3)]
    for entry in entries[:2]:
        answer(session, entry, ReviewOutcome.ACCEPTED)
    ids = [entry.enrolment_id for entry in entries]
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    pieces = queries.accepted_pieces(session, ids)
    assert len(statements) == 1
    assert {enrolment_id: len(found) for enrolment_id, found in pieces.items()} == {ids[0]: 1, ids[1]: 1}
    assert competencies.cover(competencies.demo(), pieces[ids[0]]).covered == {"1.1.1"}
    assert queries.accepted_pieces(session, []) == {}


def test_the_accepted_items_of_a_trainee_come_with_their_links(session: Session) -> None:
    entry = make_entry(session, indicators=("1.1.1",))
    make_file(session, entry, indicators=("2.1.1",))
    submit(session, entry)
    answer(session, entry, ReviewOutcome.ACCEPTED)
    session.expunge_all()
    found = queries.accepted_items(session, entry.enrolment_id)
    assert {(item.kind, queries.indicators_of(item)) for item in found} == {
        (EvidenceKind.ENTRY, ("1.1.1",)),
        (EvidenceKind.FILE, ("2.1.1",)),
    }


def test_a_trainer_reads_evidence_once_it_is_submitted(session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    trainer = actor_of(session, make_trainer(session, enrolment_of(session, entry)))
    with pytest.raises(NotFound):
        queries.item_for(session, trainer, item.id)
    submit(session, entry)
    assert queries.item_for(session, trainer, item.id) is item


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("role", [Role.REFERENT, Role.COORDINATOR, Role.AUDITOR])
def test_the_rest_of_the_staff_reads_evidence_too(session: Session, role: Role) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    submit(session, entry)
    body = session.get_one(Organisation, entry.training_body_id)
    assert queries.item_for(session, actor_of(session, make_member(session, body, role)), item.id) is item


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.REGISTRAR])
def test_who_does_not_follow_trainees_reads_no_evidence(session: Session, role: Role) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    submit(session, entry)
    body = session.get_one(Organisation, entry.training_body_id)
    with pytest.raises(NotFound):
        queries.item_for(session, actor_of(session, make_member(session, body, role)), item.id)


def test_evidence_of_another_training_body_does_not_exist(session: Session) -> None:
    item = make_file(session, make_entry(session))
    stranger = actor_of(session, make_trainer(session, make_enrolment(session)))
    other_trainee = actor_of(session, trainee_of(session, make_enrolment(session)))
    for actor in (stranger, other_trainee):
        with pytest.raises(NotFound):
            queries.item_for(session, actor, item.id)
        with pytest.raises(NotFound):
            queries.own_item(session, actor, item.id)


@pytest.mark.engines("sqlite")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200), name=st.text(max_size=30), extension=st.sampled_from(["pdf", "jpg", "docx", ""])
)
def test_whatever_is_sent_is_attached_or_refused(session: Session, content: bytes, name: str, extension: str) -> None:
    entry = session.scalars(select(LogbookEntry)).first() or make_entry(session)
    enrolment = enrolment_of(session, entry)
    actor = actor_of(session, trainee_of(session, enrolment))
    before = len(queries.items_of_entry(session, entry.id))
    try:
        services.attach_file(
            session, actor, enrolment, entry.id, stream=io.BytesIO(content), filename=f"{name}.{extension}", title=""
        )
    except Invalid:
        session.flush()
        assert len(queries.items_of_entry(session, entry.id)) == before

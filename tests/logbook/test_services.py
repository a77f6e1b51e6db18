import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.cohorts.models import EnrolmentState
from certify.core import audit
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.evidence import queries as evidence
from certify.logbook import queries, services
from certify.logbook.models import Activity, EntryState, EntryVersion, ReviewOutcome
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_content,
    make_entry,
    make_file,
    make_submitted,
    make_trainer,
    pdf,
    submit,
    trainee_of,
)
from tests.factories.people import actor_of


def test_a_new_entry_is_a_draft_dated_today(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = actor_of(session, trainee_of(session, enrolment))
    entry = services.start(session, actor, enrolment, activity=Activity.WATCH)
    session.flush()
    assert entry.state is EntryState.DRAFT
    assert entry.training_body_id == enrolment.training_body_id
    assert entry.happened_on is not None


def test_somebody_whose_enrolment_ended_starts_no_entry(session: Session) -> None:
    enrolment = make_enrolment(session, state=EnrolmentState.COMPLETED)
    with pytest.raises(Conflict):
        services.start(session, actor_of(session, trainee_of(session, enrolment)), enrolment, activity=Activity.WATCH)


def test_saving_keeps_every_field_and_the_indicators(session: Session) -> None:
    entry = make_entry(session, title="Rencontre sur le sommeil", minutes=105, indicators=("3.3.1", "3.1.1"))
    session.expire_all()
    content = queries.content_of(session, entry)
    assert (content.title, content.minutes) == ("Rencontre sur le sommeil", 105)
    assert set(content.indicators) == {"3.1.1", "3.3.1"}


def test_saving_the_same_words_again_changes_nothing(session: Session) -> None:
    content = make_content()
    entry = make_entry(session)
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    services.save(session, actor, entry, revision=entry.revision, content=content)
    revision = entry.revision
    services.save(session, actor, entry, revision=1, content=content)
    assert entry.revision == revision


def test_an_indicator_unknown_to_the_framework_is_left_out(session: Session) -> None:
    entry = make_entry(session, indicators=("3.1.1", "99.9.9"))
    assert queries.content_of(session, entry).indicators == ("3.1.1",)


def test_a_save_from_an_older_revision_overwrites_nothing(session: Session) -> None:
    entry = make_entry(session, account="Écrit sur le téléphone.")
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    with pytest.raises(services.StaleEntry):
        services.save(
            session, actor, entry, revision=entry.revision - 1, content=make_content(account="Écrit sur l’ordinateur.")
        )
    assert entry.account == "Écrit sur le téléphone."


def test_submitting_makes_a_version_that_keeps_everything(session: Session) -> None:
    entry = make_entry(session, account="Ce qui a été soumis.")
    item = make_file(session, entry)
    version = submit(session, entry)
    session.expire_all()
    assert (entry.state, version.number) == (EntryState.SUBMITTED, 1)
    kept = queries.versions_of(session, entry.id)[0].content
    assert kept.account == "Ce qui a été soumis."
    assert [(fact.id, fact.sha256, fact.indicators) for fact in kept.files] == [(str(item.id), item.sha256, ("3.1.1",))]
    assert kept == queries.content_of(session, entry)


@pytest.mark.parametrize(
    ("lacking", "field"),
    [
        ({"title": ""}, "title"),
        ({"happened_on": None}, "happened_on"),
        ({"minutes": None}, "minutes"),
        ({"account": ""}, "account"),
        ({"indicators": ()}, "indicators"),
    ],
)
@pytest.mark.engines("sqlite")
def test_an_entry_that_lacks_something_is_not_submitted(
    session: Session, lacking: dict[str, object], field: str
) -> None:
    entry = make_entry(session, **lacking)
    with pytest.raises(Invalid) as refusal:
        submit(session, entry)
    assert refusal.value.field == field
    assert entry.state is EntryState.DRAFT


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("field", ["title", "place", "account", "reflection"])
def test_a_text_that_names_somebody_is_not_submitted(session: Session, field: str) -> None:
    entry = make_entry(session, **{field: "Avec Mme Exemple, joignable au 06 12 34 56 78"})
    with pytest.raises(Invalid, match="Mme Exemple"):
        submit(session, entry)
    assert session.scalar(select(func.count()).select_from(EntryVersion)) == 0


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("values", [{"title": "Bébé de Mme Exemple"}, {"filename": "Mme_Exemple.pdf"}])
def test_a_file_that_names_somebody_is_not_submitted(session: Session, values: dict[str, str]) -> None:
    entry = make_entry(session)
    make_file(session, entry, **values)
    with pytest.raises(Invalid):
        submit(session, entry)


@pytest.mark.engines("sqlite")
def test_what_is_submitted_is_what_was_read_again(session: Session) -> None:
    entry = make_entry(session)
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    with pytest.raises(services.StaleEntry):
        services.submit(session, actor, entry, revision=entry.revision - 1)


def test_an_entry_is_not_submitted_twice(session: Session) -> None:
    entry = make_submitted(session)
    with pytest.raises(Conflict):
        submit(session, entry)


def test_a_returned_entry_amended_becomes_a_second_version(session: Session) -> None:
    entry = make_submitted(session, account="Première version.")
    answer(session, entry, ReviewOutcome.RETURNED)
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    services.save(session, actor, entry, revision=entry.revision, content=make_content(account="Seconde version."))
    assert submit(session, entry).number == 2
    assert [version.content.account for version in queries.versions_of(session, entry.id)] == [
        "Seconde version.",
        "Première version.",
    ]


def test_an_accepted_entry_is_read_only_for_ever(session: Session) -> None:
    entry = make_submitted(session)
    answer(session, entry, ReviewOutcome.ACCEPTED)
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    with pytest.raises(Conflict):
        services.save(session, actor, entry, revision=entry.revision, content=make_content())
    with pytest.raises(Conflict):
        services.attach(session, actor, entry, stream=__import__("io").BytesIO(pdf()), filename="a.pdf", title="")
    with pytest.raises(Conflict):
        submit(session, entry)
    with pytest.raises(Conflict):
        services.discard(session, actor, entry)


def test_accepting_an_entry_accepts_its_evidence(session: Session) -> None:
    entry = make_entry(session)
    item = make_file(session, entry)
    submit(session, entry)
    answer(session, entry, ReviewOutcome.ACCEPTED)
    assert entry.accepted_at is not None
    pieces = evidence.accepted_pieces(session, [entry.enrolment_id])[entry.enrolment_id]
    assert {(piece.indicator, piece.kind) for piece in pieces} == {
        ("3.1.1", "logbook"),
        ("3.3.1", "logbook"),
        ("3.1.1", "document"),
    }
    assert item.state == "accepted"


def test_a_file_without_indicators_takes_those_of_its_entry(session: Session) -> None:
    entry = make_entry(session, indicators=("1.1.1", "1.1.2"))
    make_file(session, entry, indicators=())
    submit(session, entry)
    assert queries.versions_of(session, entry.id)[0].content.files[0].indicators == ("1.1.1", "1.1.2")


def test_returning_an_entry_without_a_comment_is_refused(session: Session) -> None:
    entry = make_submitted(session)
    with pytest.raises(Invalid) as refusal:
        answer(session, entry, ReviewOutcome.RETURNED, comment="  ")
    assert refusal.value.field == "comment"


@pytest.mark.engines("sqlite")
def test_a_comment_that_names_somebody_is_refused(session: Session) -> None:
    entry = make_submitted(session)
    with pytest.raises(Invalid, match="Mme Exemple"):
        answer(session, entry, ReviewOutcome.RETURNED, comment="Appelez Mme Exemple.")


def test_a_second_trainer_is_told_who_answered(session: Session) -> None:
    entry = make_submitted(session)
    enrolment = make_enrolment(session)
    assert enrolment is not None
    first = make_trainer(session, session.get_one(type(enrolment), entry.enrolment_id))
    first.given_name, first.family_name = "Formatrice", "A"
    answer(session, entry, ReviewOutcome.ACCEPTED, first)
    with pytest.raises(services.AlreadyAnswered, match="Formatrice A a déjà accepté"):
        answer(session, entry, ReviewOutcome.RETURNED)


def test_a_trainer_of_another_training_body_answers_nothing(session: Session) -> None:
    entry = make_submitted(session)
    stranger = make_trainer(session, make_enrolment(session))
    with pytest.raises(Forbidden):
        answer(session, entry, ReviewOutcome.ACCEPTED, stranger)


def test_nobody_answers_their_own_entry(session: Session) -> None:
    enrolment = make_enrolment(session)
    entry = make_submitted(session, enrolment)
    from certify.core.access import Role
    from certify.organisations.models import Organisation
    from tests.factories.people import make_member

    body = session.get_one(Organisation, enrolment.training_body_id)
    author = make_member(session, body, Role.TRAINER, trainee_of(session, enrolment))
    with pytest.raises(Forbidden):
        answer(session, entry, ReviewOutcome.ACCEPTED, author)


def test_a_draft_put_away_can_be_taken_up_again(session: Session) -> None:
    entry = make_entry(session, account="Rien n’est perdu.")
    actor = actor_of(session, trainee_of(session, make_enrolment(session)))
    services.discard(session, actor, entry)
    session.flush()
    with pytest.raises(Conflict):
        services.save(session, actor, entry, revision=entry.revision, content=make_content())
    services.resume(session, actor, entry)
    assert (entry.state, entry.account) == (EntryState.DRAFT, "Rien n’est perdu.")


def test_a_returned_entry_is_not_put_away(session: Session) -> None:
    entry = make_submitted(session)
    answer(session, entry, ReviewOutcome.RETURNED)
    with pytest.raises(Conflict):
        services.discard(session, actor_of(session, trainee_of(session, make_enrolment(session))), entry)


def test_every_step_is_in_the_audit_chain_of_the_training_body(session: Session) -> None:
    entry = make_submitted(session)
    answer(session, entry, ReviewOutcome.RETURNED)
    session.commit()
    query = select(audit.AuditEvent.tag).where(
        audit.AuditEvent.organisation_id == entry.training_body_id, audit.AuditEvent.object_id == entry.id
    )
    tags = session.scalars(query.order_by(audit.AuditEvent.position)).all()
    assert tags == ["logbook:entry:started", "logbook:entry:submitted", "logbook:entry:returned"]
    assert list(audit.verify(session)) == []

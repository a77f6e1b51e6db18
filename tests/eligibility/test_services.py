from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.sealing import Sealed
from certify.eligibility import queries, services
from certify.eligibility.models import Derogation, ReceivedDocument
from certify.organisations.models import Organisation
from competencies import RequiredDocument, Text
from tests.factories.cohorts import make_enrolment
from tests.factories.files import make_coordinator, make_practice, make_rules
from tests.factories.people import actor_of, make_member

CARD = RequiredDocument("card", Text("Pièce d’identité", "Identity card"))
REASON = "Stage reporté par la Maison d’accueil, heures faites dans une autre structure."


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    """Enrol somebody in a programme that asks for hours and a document, and blocks on both."""
    made = make_enrolment(session)
    blocking = frozenset({"hours", "document:card"})
    make_rules(session, session.get_one(Cohort, made.cohort_id), hours=10, documents=(CARD,), blocking=blocking)
    return made


@pytest.fixture
def coordinator(session: Session, enrolment: Enrolment) -> Actor:
    """Coordinate the training body."""
    return actor_of(session, make_coordinator(session, enrolment))


def tags(session: Session) -> list[str]:
    query = select(AuditEvent.tag).where(AuditEvent.tag.startswith("eligibility:")).order_by(AuditEvent.position)
    return list(session.scalars(query))


def test_an_exemption_lifts_what_blocks_and_its_withdrawal_puts_it_back(
    session: Session, enrolment: Enrolment, coordinator: Actor
) -> None:
    for requirement in ("hours", "document:card"):
        assert not queries.file_of(session, enrolment).is_eligible
        services.waive(session, coordinator, enrolment, requirement=requirement, reason=REASON)
    assert queries.file_of(session, enrolment).is_eligible
    services.withdraw(session, coordinator, enrolment, "hours")
    session.commit()
    assert [one.code for one in queries.file_of(session, enrolment).blocking] == ["hours"]
    kept = queries.derogations_of(session, enrolment.id)
    assert [(one.derogation.requirement, bool(one.withdrawn_by)) for one in kept] == [
        ("document:card", False), ("hours", True),
    ]  # fmt: skip
    assert tags(session) == ["eligibility:derogation:granted"] * 2 + ["eligibility:derogation:withdrawn"]


def test_a_withdrawn_exemption_never_changes_again(session: Session, enrolment: Enrolment, coordinator: Actor) -> None:
    row = services.waive(session, coordinator, enrolment, requirement="hours", reason=REASON)
    services.withdraw(session, coordinator, enrolment, "hours")
    session.commit()
    row.reason = "Autre chose"
    with pytest.raises(Sealed):
        session.flush()
    session.rollback()
    with pytest.raises(Conflict, match="déjà retirée"):
        services.withdraw(session, coordinator, enrolment, "hours")


@pytest.mark.parametrize(
    ("requirement", "reason", "field"),
    [
        ("hours", "   ", "reason"),
        ("hours", "Voir avec Mme Durand au 06 12 34 56 78", "reason"),
        ("meetings", REASON, "requirement"),
        ("", REASON, "requirement"),
    ],
)
def test_an_exemption_without_a_reason_or_about_nothing_asked_is_refused(
    session: Session, enrolment: Enrolment, coordinator: Actor, requirement: str, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.waive(session, coordinator, enrolment, requirement=requirement, reason=reason)
    assert refused.value.field == field
    assert session.scalars(select(Derogation)).all() == []


def test_what_is_met_or_already_waived_calls_for_no_exemption(
    session: Session, enrolment: Enrolment, coordinator: Actor
) -> None:
    services.waive(session, coordinator, enrolment, requirement="document:card", reason=REASON)
    with pytest.raises(Conflict, match="déjà accordée"):
        services.waive(session, coordinator, enrolment, requirement="document:card", reason=REASON)
    make_practice(session, enrolment, minutes=600)
    with pytest.raises(Conflict, match="remplie"):
        services.waive(session, coordinator, enrolment, requirement="hours", reason=REASON)


def test_nobody_decides_on_their_own_file(session: Session, enrolment: Enrolment) -> None:
    body = session.get_one(Organisation, enrolment.training_body_id)
    own = actor_of(session, make_member(session, body, Role.COORDINATOR, session.get_one(User, enrolment.user_id)))
    with pytest.raises(Forbidden):
        services.waive(session, own, enrolment, requirement="hours", reason=REASON)
    with pytest.raises(Forbidden):
        services.withdraw(session, own, enrolment, "hours")
    with pytest.raises(Forbidden):
        services.receive(session, own, enrolment, document="card", received_on=clock.today())
    with pytest.raises(Forbidden):
        services.strike_out(session, own, enrolment, "card")


def test_a_document_is_received_struck_out_and_received_again(
    session: Session, enrolment: Enrolment, coordinator: Actor
) -> None:
    first = clock.today() - timedelta(days=3)
    services.receive(session, coordinator, enrolment, document="card", received_on=first)
    with pytest.raises(Conflict, match="déjà enregistrée"):
        services.receive(session, coordinator, enrolment, document="card", received_on=clock.today())
    services.strike_out(session, coordinator, enrolment, "card")
    with pytest.raises(Conflict, match="plus enregistrée"):
        services.strike_out(session, coordinator, enrolment, "card")
    assert not _has_card(session, enrolment)
    services.receive(session, coordinator, enrolment, document="card", received_on=clock.today())
    session.commit()
    assert _has_card(session, enrolment)
    rows = session.scalars(select(ReceivedDocument).order_by(ReceivedDocument.received_on)).all()
    assert [(row.received_on, row.withdrawn_at is None) for row in rows] == [(first, False), (clock.today(), True)]
    assert tags(session) == [
        "eligibility:document:received", "eligibility:document:struck-out", "eligibility:document:received",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "received_on", "field"),
    [("other", date(2026, 1, 5), "document"), ("card", date(2199, 1, 1), "received_on")],
)
def test_a_document_nobody_asked_for_or_yet_to_come_is_refused(
    session: Session, enrolment: Enrolment, coordinator: Actor, document: str, received_on: date, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.receive(session, coordinator, enrolment, document=document, received_on=received_on)
    assert refused.value.field == field


def _has_card(session: Session, enrolment: Enrolment) -> bool:
    asked = queries.file_of(session, enrolment).of("document:card")
    assert asked is not None
    return asked.is_met

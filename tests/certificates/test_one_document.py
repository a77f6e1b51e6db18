"""One candidacy has one document that stands, whatever its jury, the register and the queue do, and in which order."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates import policies, queries, reactions, services
from certify.certificates.models import Certificate, CertificateState
from certify.certificates.services import correcting
from certify.certificates.services.previewing import preview
from certify.core.access import Actor
from certify.core.errors import Conflict
from certify.juries.models import DecisionKind, JuryDecision, SessionState
from tests.certificates.test_standing import ALL, decide_again, set_state
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit, words

IS = CertificateState
REASON = "Un point du dossier est en cours d’examen."


@pytest.fixture
def jury(session: Session) -> ClosedJury:
    return make_closed_jury(session, 1)


@pytest.fixture
def registrar(session: Session, jury: ClosedJury) -> Actor:
    return actor_of(session, jury.registrar)


@pytest.fixture
def first(session: Session, jury: ClosedJury, registrar: Actor) -> Certificate:
    return services.issue(session, registrar, jury.decisions[0])


def told(session: Session, jury: ClosedJury) -> None:
    """Deliver what the jury's messages say."""
    reactions.follow_publication(session, str(jury.jury.id))


def fraud(session: Session, jury: ClosedJury) -> JuryDecision:
    return decide_again(session, jury, DecisionKind.FRAUD, outcome="refused", lost=ALL)


def less(session: Session, jury: ClosedJury) -> JuryDecision:
    return decide_again(session, jury, DecisionKind.CORRECTION, outcome="partly_obtained", lost=ALL[:1])


def states(session: Session) -> list[CertificateState]:
    session.flush()
    session.expire_all()
    return list(session.scalars(select(Certificate.state).order_by(Certificate.number)))


def current(session: Session, certificate: Certificate) -> Certificate:
    session.expire_all()
    found = queries.by_code(session, certificate.code)
    assert found is not None
    return found


def test_what_a_jury_gives_back_is_given_back_and_not_issued_again(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    fraud(session, jury)
    told(session, jury)
    assert states(session) == [IS.REVOKED]
    again = decide_again(session, jury, DecisionKind.REINSTATEMENT)
    # The registrar is quicker than the queue.
    assert services.issue(session, registrar, again).id == first.id
    told(session, jury)
    assert states(session) == [IS.VALID]


def test_what_the_register_revoked_is_reinstated_rather_than_issued_again(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    services.revoke(session, registrar, first, reason=REASON)
    again = decide_again(session, jury, DecisionKind.CORRECTION)
    with pytest.raises(Conflict, match="rétablissez-le"):
        services.issue(session, registrar, again)
    assert services.issue_all(session, registrar, jury.jury) == []
    shown = preview(session, registrar, jury.jury, queries.progress_of(session, jury.jury))
    assert (list(shown.blocking), shown.ready) == ([again.id], 0)
    assert first.number in str(shown.blocking[again.id])
    services.reinstate(session, registrar, first, reason=REASON)
    assert services.issue(session, registrar, again).id == first.id
    assert states(session) == [IS.VALID]


def test_what_was_revoked_does_not_come_back_beside_what_took_its_place(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    services.revoke(session, registrar, first, reason=REASON)
    other = services.issue(session, registrar, less(session, jury))
    assert (other.replaces_id, states(session)) == (None, [IS.REVOKED, IS.VALID])
    decide_again(session, jury, DecisionKind.APPEAL)
    with pytest.raises(Conflict, match=other.number):
        services.reinstate(session, registrar, first, reason=REASON)
    told(session, jury)
    (third,) = services.issue_all(session, registrar, jury.jury)
    assert (third.replaces_id, states(session)) == (other.id, [IS.REVOKED, IS.REPLACED, IS.VALID])


def test_nobody_makes_valid_what_the_jury_no_longer_grants_or_does_not_publish(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    services.suspend(session, registrar, first, reason=REASON)
    set_state(session, jury, SessionState.CLOSED)
    with pytest.raises(Conflict, match="ne sont pas publiés"):
        services.lift(session, registrar, first, reason=REASON)
    set_state(session, jury, SessionState.PUBLISHED)
    less(session, jury)
    with pytest.raises(Conflict, match="n’accorde plus"):
        services.lift(session, registrar, first, reason=REASON)
    fraud(session, jury)
    told(session, jury)
    with pytest.raises(Conflict, match="n’accorde plus"):
        services.reinstate(session, registrar, first, reason=REASON)


def test_a_suspension_that_nobody_lifted_outlives_what_the_jury_takes_and_gives_back(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    services.suspend(session, registrar, first, reason=REASON)
    fraud(session, jury)
    told(session, jury)
    assert states(session) == [IS.REVOKED]
    decide_again(session, jury, DecisionKind.REINSTATEMENT)
    for _ in range(2):
        told(session, jury)
        assert states(session) == [IS.SUSPENDED]
    last = current(session, first).events[-1]
    assert REASON in last.reason
    services.lift(session, registrar, first, reason="Le point est éclairci.")
    told(session, jury)
    assert states(session) == [IS.VALID]


def test_a_suspended_document_gives_a_suspended_one(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor
) -> None:
    services.suspend(session, registrar, first, reason=REASON)
    with pytest.raises(Conflict, match="levez d’abord la suspension"):
        services.correct(session, registrar, first, reason=REASON)
    less(session, jury)
    (other,) = services.issue_all(session, registrar, jury.jury)
    told(session, jury)
    assert states(session) == [IS.REPLACED, IS.SUSPENDED]
    assert first.number in current(session, other).events[-1].reason
    services.lift(session, registrar, other, reason="Le point est éclairci.")
    assert states(session) == [IS.REPLACED, IS.VALID]


def test_a_certificate_is_corrected_after_a_decision_that_changed_nothing(
    session: Session, jury: ClosedJury, first: Certificate, registrar: Actor, sign_in: SignIn
) -> None:
    day = policies.decided_on(first)
    decide_again(session, jury, DecisionKind.CORRECTION)
    fresh = services.correct(session, registrar, first, reason="Nom mal écrit à l’inscription.")
    assert (fresh.decision_id, policies.decided_on(fresh)) == (first.decision_id, day)
    assert queries.progress_of(session, jury.jury).due == 0
    fresh = current(session, fresh)
    set_state(session, jury, SessionState.CLOSED)
    assert "ne sont pas publiés" in str(correcting.why_not(session, fresh))
    client = sign_in(jury.registrar)
    assert "ne sont pas publiés" in words(visit(client, f"/certificates/{fresh.id}/correction"))
    set_state(session, jury, SessionState.PUBLISHED)
    less(session, jury)
    with pytest.raises(Conflict, match="décidé autre chose"):
        services.correct(session, registrar, fresh, reason="Nom mal écrit à l’inscription.")


def test_a_stale_page_issues_nothing_to_anybody(session: Session, sign_in: SignIn) -> None:
    jury = make_closed_jury(session, 3)
    session.commit()
    client = sign_in(jury.registrar)
    page = visit(client, f"/juries/{jury.jury.id}/certificates")
    decide_again(session, jury, DecisionKind.CORRECTION)
    session.commit()
    refused = read(submit(client, page, "td form"), status=409)
    assert "Rien n’a été délivré" in words(refused)
    assert states(session) == []
    page = visit(client, f"/juries/{jury.jury.id}/certificates")
    assert "1 certificat est délivré" in words(follow(client, submit(client, page, "td form")))

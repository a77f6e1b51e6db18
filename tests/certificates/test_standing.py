"""What happens to certificates after their issue, by somebody or because their jury changed something."""

import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.certificates import policies, queries, reactions, services
from certify.certificates.models import Certificate, CertificateEvent, CertificateEventKind, CertificateState
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.juries.models import BlockDecision, DecisionKind, JuryDecision, SessionState
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of

KIND, IS = CertificateEventKind, CertificateState
VERBS = {
    KIND.SUSPENDED: services.suspend, KIND.LIFTED: services.lift, KIND.REVOKED: services.revoke,
    KIND.REINSTATED: services.reinstate,
}  # fmt: skip
WAYS = {
    (): (IS.VALID, {KIND.SUSPENDED, KIND.REVOKED}),
    (KIND.SUSPENDED,): (IS.SUSPENDED, {KIND.LIFTED, KIND.REVOKED}),
    (KIND.SUSPENDED, KIND.LIFTED): (IS.VALID, {KIND.SUSPENDED, KIND.REVOKED}),
    (KIND.REVOKED,): (IS.REVOKED, {KIND.REINSTATED}),
    (KIND.SUSPENDED, KIND.REVOKED): (IS.REVOKED, {KIND.REINSTATED}),
    (KIND.REVOKED, KIND.REINSTATED): (IS.VALID, {KIND.SUSPENDED, KIND.REVOKED}),
}
"""After these events: the state, and what may follow."""
REASON = "Un point du dossier est en cours d’examen."


@pytest.fixture
def jury(session: Session) -> ClosedJury:
    return make_closed_jury(session, 2)


@pytest.fixture
def registrar(session: Session, jury: ClosedJury) -> Actor:
    return actor_of(session, jury.registrar)


@pytest.fixture
def certificate(session: Session, jury: ClosedJury, registrar: Actor) -> Certificate:
    return services.issue(session, registrar, jury.decisions[0])


def kept(session: Session, certificate: Certificate) -> Certificate:
    session.flush()
    session.expire_all()
    found = queries.by_code(session, certificate.code)
    assert found is not None
    return found


def state(session: Session, certificate: Certificate) -> CertificateState:
    found = kept(session, certificate)
    told = policies.state_of(found).state
    assert found.state is told, "lists say the same as events"
    return told


def test_each_state_is_reached_and_left_by_its_own_events_only(
    session: Session, jury: ClosedJury, registrar: Actor
) -> None:
    certificates = itertools.cycle(services.issue_all(session, registrar, jury.jury))
    for way, (expected, next_ones) in WAYS.items():
        certificate = next(certificates)
        point = session.begin_nested()
        for kind in way:
            VERBS[kind](session, registrar, certificate, reason=REASON)
        assert state(session, certificate) is expected
        for kind, verb in VERBS.items():
            if kind not in next_ones:
                with pytest.raises(Conflict, match="déjà changé"):
                    verb(session, registrar, certificate, reason=REASON)
        with pytest.raises(Invalid, match="10 caractères"):
            services.suspend(session, registrar, certificate, reason="  court  ")
        point.rollback()


def test_each_change_tells_the_holder_and_whoever_publishes_lists(
    session: Session, certificate: Certificate, registrar: Actor
) -> None:
    before = session.scalar(select(func.count()).where(OutboxMessage.topic == services.TURNED)) or 0
    for kind in (KIND.SUSPENDED, KIND.LIFTED, KIND.REVOKED, KIND.REINSTATED):
        VERBS[kind](session, registrar, certificate, reason=f"{REASON} {kind.value}")
    subjects = list(session.scalars(select(MailMessage.subject).order_by(MailMessage.created_at, MailMessage.id)))
    words = ("est suspendu", "n’est plus suspendu", "est révoqué", "est de nouveau valide")
    assert [word for word, subject in zip(words, subjects, strict=True) if word not in subject] == []
    sent = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == services.TURNED)).all()
    subscribers = len(outbox.topics()[services.TURNED])
    assert len(sent) - before == 4 * subscribers
    assert {one.payload["certificate_id"] for one in sent} == {str(certificate.id)}
    events = kept(session, certificate).events
    assert [event.by_id for event in events[1:]] == [registrar.user_id] * 4


def test_a_correction_replaces_for_good(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor
) -> None:
    other = services.issue(session, registrar, jury.decisions[1])
    services.turn(session, registrar, certificate, KIND.REPLACED, reason=REASON, successor=other)
    found = kept(session, certificate)
    assert policies.state_of(found).successor_id == other.id
    assert queries.neighbours_of(session, found)[other.id].number == other.number
    for verb in VERBS.values():
        with pytest.raises(Conflict):
            verb(session, registrar, certificate, reason=REASON)
    text = session.scalars(select(MailMessage.text).where(MailMessage.subject.contains("est remplacé"))).one()
    assert other.number in text


def test_events_that_change_nothing_leave_the_state_as_it_is(
    session: Session, certificate: Certificate, registrar: Actor
) -> None:
    services.suspend(session, registrar, certificate, reason=REASON)
    for kind in (KIND.DUPLICATED, KIND.REMINDED, KIND.RENEWED):
        session.add(CertificateEvent(certificate_id=certificate.id, kind=kind, number=1, at=clock.now()))
    assert state(session, certificate) is IS.SUSPENDED


def test_the_last_day_is_worth_a_day_and_other_states_go_before_the_calendar(
    session: Session, certificate: Certificate, registrar: Actor
) -> None:
    ends = clock.today() + timedelta(days=10)
    certificate = with_end(session, certificate, ends)
    says = {day: policies.state_of(certificate, ends + timedelta(days=day)).state for day in (-1, 0, 1, 400)}
    assert says == {-1: IS.VALID, 0: IS.VALID, 1: IS.EXPIRED, 400: IS.EXPIRED}
    for day, expected in ((0, IS.VALID), (1, IS.EXPIRED)):
        today = ends + timedelta(days=day)
        query = select(queries.state_in_force(today)).where(Certificate.id == certificate.id)
        assert session.scalar(query) is expected
    services.suspend(session, registrar, certificate, reason=REASON)
    assert policies.state_of(kept(session, certificate), ends + timedelta(days=9)).state is IS.SUSPENDED


def with_end(session: Session, certificate: Certificate, ends: date) -> Certificate:
    session.flush()
    table = Certificate.__table__
    session.connection().execute(table.update().where(table.c.id == certificate.id).values(expires_on=ends))
    return kept(session, certificate)


def decide_again(
    session: Session, jury: ClosedJury, kind: DecisionKind, *, outcome: str = "obtained", lost: tuple[str, ...] = ()
) -> JuryDecision:
    """Add a later decision on the first candidate, as a jury or a registrar does afterwards."""
    first = jury.decisions[0]
    last = session.scalar(select(func.max(JuryDecision.number)).where(JuryDecision.candidacy_id == first.candidacy_id))
    names = competencies.BlockOutcome
    decision = JuryDecision(
        candidacy_id=first.candidacy_id, number=(last or 0) + 1, kind=kind, decided_on=clock.today(), outcome=outcome,
        reason="Motif de la nouvelle décision.", taken_at=clock.now(), taken_by_id=first.taken_by_id,
        blocks=[
            BlockDecision(
                block=block.code, proposed=names.ACQUIRED.value,
                outcome=(names.NOT_ACQUIRED if block.code in lost else names.ACQUIRED).value,
            )
            for block in competencies.demo().blocks
        ],
    )  # fmt: skip
    session.add(decision)
    session.flush()
    return decision


def set_state(session: Session, jury: ClosedJury, to: SessionState) -> None:
    jury.jury.state = to
    session.flush()


ALL = tuple(block.code for block in competencies.demo().blocks)
Act = Callable[[Session, ClosedJury], object]
STORIES: dict[str, list[tuple[Act, CertificateState]]] = {
    "withdrawn and published again": [
        (lambda s, j: set_state(s, j, SessionState.CLOSED), IS.SUSPENDED),
        (lambda s, j: set_state(s, j, SessionState.PUBLISHED), IS.VALID),
    ],
    "fraud, then reinstated": [
        (lambda s, j: decide_again(s, j, DecisionKind.FRAUD, outcome="refused", lost=ALL), IS.REVOKED),
        (lambda s, j: decide_again(s, j, DecisionKind.REINSTATEMENT), IS.VALID),
    ],
    "cancelled while withdrawn, which nobody is told before it is published": [
        (lambda s, j: set_state(s, j, SessionState.CLOSED), IS.SUSPENDED),
        (lambda s, j: decide_again(s, j, DecisionKind.CANCELLATION), IS.SUSPENDED),
        (lambda s, j: set_state(s, j, SessionState.PUBLISHED), IS.REVOKED),
        (lambda s, j: decide_again(s, j, DecisionKind.REINSTATEMENT), IS.VALID),
    ],
    "revoked, then withdrawn and given back, which nobody is told before it is published": [
        (lambda s, j: decide_again(s, j, DecisionKind.FRAUD, outcome="refused", lost=ALL), IS.REVOKED),
        (lambda s, j: set_state(s, j, SessionState.CLOSED), IS.REVOKED),
        (lambda s, j: decide_again(s, j, DecisionKind.REINSTATEMENT), IS.REVOKED),
        (lambda s, j: set_state(s, j, SessionState.PUBLISHED), IS.VALID),
    ],
    "corrected without a change": [(lambda s, j: decide_again(s, j, DecisionKind.CORRECTION), IS.VALID)],
    "corrected to less, which waits for the new document": [
        (
            lambda s, j: decide_again(s, j, DecisionKind.CORRECTION, outcome="partly_obtained", lost=ALL[:1]),
            IS.SUSPENDED,
        ),
        (lambda s, j: decide_again(s, j, DecisionKind.APPEAL), IS.VALID),
    ],
    "corrected to nothing": [
        (lambda s, j: decide_again(s, j, DecisionKind.CORRECTION, outcome="refused", lost=ALL), IS.REVOKED)
    ],
}


def tellings(jury: ClosedJury) -> Iterator[Callable[[Session], None]]:
    """Give every message the jury may send, in any order and more than once: each brings the same end."""
    decision = jury.decisions[0]
    jury_id, candidacy_id = str(jury.jury.id), str(decision.candidacy_id)
    yield lambda session: reactions.follow_decision(session, str(decision.id), candidacy_id)
    yield lambda session: reactions.follow_publication(session, jury_id)
    yield lambda session: reactions.follow_withdrawal(session, jury_id)


@pytest.mark.parametrize("story", STORIES)
def test_a_certificate_follows_its_jury_however_the_messages_come(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor, story: str
) -> None:
    other = services.issue(session, registrar, jury.decisions[1])
    for act, expected in STORIES[story]:
        act(session, jury)
        for tell in (*tellings(jury), *tellings(jury)):
            tell(session)
        found = state(session, certificate)
        assert found is expected
        events = kept(session, certificate).events
        assert all(event.by_id is None and event.reason for event in events[1:])
    assert len(events) == 1 + len({(event.at, event.kind) for event in events[1:]})
    is_withdrawn = jury.jury.state is SessionState.CLOSED
    assert state(session, other) is (IS.SUSPENDED if is_withdrawn else IS.VALID)


def test_what_the_register_decided_is_left_to_the_register(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor
) -> None:
    other = services.issue(session, registrar, jury.decisions[1])
    services.suspend(session, registrar, certificate, reason=REASON)
    services.revoke(session, registrar, other, reason=REASON)
    for state_of_session in (SessionState.CLOSED, SessionState.PUBLISHED):
        set_state(session, jury, state_of_session)
        reactions.follow_publication(session, str(jury.jury.id))
    assert (state(session, certificate), state(session, other)) == (IS.SUSPENDED, IS.REVOKED)


def test_a_decision_that_changes_nothing_leads_to_no_other_document(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor
) -> None:
    services.issue(session, registrar, jury.decisions[1])
    decide_again(session, jury, DecisionKind.CORRECTION)
    assert queries.progress_of(session, jury.jury).due == 0
    assert services.issue_all(session, registrar, jury.jury) == []
    decide_again(session, jury, DecisionKind.CORRECTION, outcome="partly_obtained", lost=ALL[:1])
    reactions.follow_publication(session, str(jury.jury.id))
    (issued,) = services.issue_all(session, registrar, jury.jury)
    assert state(session, certificate) is IS.REPLACED
    assert kept(session, issued).replaces_id == certificate.id


def test_holders_are_reminded_once_at_each_step_and_not_once_renewed(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certify.certificates.services import renewing

    ends = date(2031, 6, 30)
    certificate = with_end(session, certificate, ends)
    told = {}
    for day in (date(2030, 12, 29), date(2030, 12, 30), date(2031, 3, 1), date(2031, 6, 1), date(2031, 6, 30),
                date(2031, 7, 1), date(2031, 7, 9)):  # fmt: skip
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        told[day] = renewing.remind(session, renewing.to_consider(session))
        assert renewing.remind(session, renewing.to_consider(session)) == 0
    assert [day.isoformat() for day, count in told.items() if count] == ["2030-12-30", "2031-06-01", "2031-07-01"]
    subjects = list(session.scalars(select(MailMessage.subject).order_by(MailMessage.created_at, MailMessage.id)))
    assert [("expire le" in one, "a expiré" in one) for one in subjects] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    monkeypatch.undo()
    other = with_end(session, services.issue(session, registrar, jury.decisions[1]), clock.today() + timedelta(days=9))
    session.add(CertificateEvent(certificate_id=other.id, kind=KIND.RENEWED, at=clock.now(), successor_id=other.id))
    session.flush()
    assert renewing.remind(session, [other.id]) == 0


def test_a_certification_obtained_again_is_linked_to_the_one_before(
    session: Session, jury: ClosedJury, certificate: Certificate, registrar: Actor
) -> None:
    from certify.certificates.services import renewing

    certificate = with_end(session, certificate, clock.today() + timedelta(days=200))
    holder = session.get_one(User, certificate.holder_id)
    again = services.issue(session, registrar, jury.decisions[1])
    assert renewing.link_renewal(session, again) is None, "somebody else's"
    table = Certificate.__table__
    session.connection().execute(table.update().where(table.c.id == again.id).values(holder_id=holder.id))
    again = kept(session, again)
    for _ in range(2):
        renewing.link_renewal(session, again)
    found = kept(session, certificate)
    assert policies.renewal_of(found, queries.neighbours_of(session, found)) == again
    assert [event.kind for event in found.events] == [KIND.ISSUED, KIND.RENEWED]
    assert policies.state_of(found).is_valid
    # Obtained again, the older one is not reminded, nor is its correction; what was revoked renews nothing.
    ends, before = clock.today() + timedelta(days=9), {**found.facts, "decided_on": "2020-03-02"}
    session.connection().execute(table.update().where(table.c.id == certificate.id).values(facts=before))
    for table_id in (certificate.id, again.id):
        session.connection().execute(table.update().where(table.c.id == table_id).values(expires_on=ends))
    assert certificate.id not in renewing.to_consider(session)
    fresh = services.correct(session, registrar, kept(session, certificate), reason=REASON)
    assert renewing.link_renewal(session, fresh) is None
    fresh = kept(session, fresh)
    assert policies.renewal_of(fresh, queries.neighbours_of(session, fresh)) == again
    assert renewing.to_consider(session) == [again.id]
    services.revoke(session, registrar, again, reason=REASON)
    fresh = kept(session, fresh)
    assert policies.renewal_of(fresh, queries.neighbours_of(session, fresh)) is None
    assert renewing.to_consider(session) == [fresh.id]
    assert renewing.remind(session, [fresh.id]) == 1
    assert renewing.to_consider(session) == []

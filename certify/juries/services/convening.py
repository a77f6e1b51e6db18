"""Convening: the rules are frozen, members and candidates get a mail with a line for their calendar, changes follow."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.juries.composition import composition_of
from certify.juries.models import Candidacy, Convocation, JurySeat, JurySession, JuryStep, MeetingMode, SessionState
from certify.juries.rules import current_rules
from certify.juries.services.rows import locked, note
from certify.juries.services.steps import go

MEMBER, PRESIDENT, RESERVE, CANDIDATE = "member", "president", "reserve", "candidate"
"""In what quality somebody is convened."""


def convene(session: Session, actor: Actor, jury: JurySession) -> JuryStep:
    """Convene everybody to a session composed as its rules ask; these rules hold from then on."""
    jury = locked(session, jury.id)
    if jury.state is not SessionState.CREATED:
        raise Conflict(_l("Les convocations de cette session sont déjà envoyées."))
    require_whole(jury)
    if jury.held_on < clock.today():
        raise Invalid(_l("La date de la session est passée : changez-la, puis convoquez."), "held_on")
    composition = composition_of(session, jury)
    if not composition.candidates or not composition.members:
        raise Conflict(_l("Une session se convoque quand elle a des membres et des candidatures."))
    if composition.findings:
        words = composition.findings[0].violation.message.to(current_locale())
        raise Conflict(_l("La session ne peut pas être convoquée. %(why)s", why=words))
    jury.rules = current_rules(session, jury).to_document()
    step = go(session, actor, jury, SessionState.CONVENED)
    tell_changes(session, jury)
    return step


def unconvene(session: Session, actor: Actor, jury: JurySession, *, reason: str) -> JuryStep:
    """Cancel the convocations of a session, with the reason: its rules are those of the programme again."""
    jury = locked(session, jury.id)
    if jury.state is not SessionState.CONVENED:
        raise Conflict(_l("Cette session n’est pas convoquée."))
    step = go(session, actor, jury, SessionState.CREATED, reason=reason)
    jury.rules = None
    for convocation in last_convocations(session, jury.id).values():
        _cancel(session, jury, convocation)
    note(session, actor, "jury:convocation:cancelled", jury, jury)
    return step


def require_whole(jury: JurySession) -> None:
    """Refuse to convene people without telling them when and where."""
    if jury.starts_at is None:
        raise Invalid(_l("Indiquez l’heure de début de la session : les convocations la donnent."), "starts_at")
    if jury.mode is not MeetingMode.VIDEO and not jury.place:
        raise Invalid(_l("Indiquez le lieu de la session : les convocations le donnent."), "place")
    if jury.mode is not MeetingMode.PLACE and not jury.video_url:
        raise Invalid(_l("Indiquez l’adresse de la visioconférence : les convocations la donnent."), "video_url")


def tell_changes(session: Session, jury: JurySession) -> list[Convocation]:
    """Convene whoever joined a session already convened, tell of what changed, cancel for whoever left."""
    if jury.state is not SessionState.CONVENED:
        return []
    session.flush()
    sent, expected = last_convocations(session, jury.id), _expected(session, jury)
    made: list[Convocation | None] = []
    for user_id, (candidacy_id, facts) in expected.items():
        last = sent.get(user_id)
        if last is None or last.is_cancelled or last.facts != facts:
            made.append(_send(session, jury, user_id, candidacy_id, facts, last))
    made += [_cancel(session, jury, last) for user_id, last in sent.items() if user_id not in expected]
    return [one for one in made if one is not None]


def _cancel(session: Session, jury: JurySession, last: Convocation) -> Convocation | None:
    if last.is_cancelled:
        return None
    return _send(session, jury, last.user_id, last.candidacy_id, last.facts, last, is_cancelled=True)


def _send(
    session: Session, jury: JurySession, user_id: uuid.UUID, candidacy_id: uuid.UUID | None, facts: dict[str, Any],
    last: Convocation | None, *, is_cancelled: bool = False,
) -> Convocation:  # fmt: skip
    row = Convocation(
        session_id=jury.id, user_id=user_id, candidacy_id=candidacy_id, facts=dict(facts), is_cancelled=is_cancelled,
        sequence=last.sequence + 1 if last else 0, sent_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    outbox.send(session, "jury.convoked", convocation_id=row.id)
    return row


def last_convocations(session: Session, jury_id: uuid.UUID) -> dict[uuid.UUID, Convocation]:
    """Return the last mail sent to each person about a session, cancellations included."""
    query = select(Convocation).where(Convocation.session_id == jury_id).order_by(Convocation.sequence)
    return {row.user_id: row for row in session.scalars(query)}


def _expected(session: Session, jury: JurySession) -> dict[uuid.UUID, tuple[uuid.UUID | None, dict[str, Any]]]:
    common = facts_of(jury)
    found: dict[uuid.UUID, tuple[uuid.UUID | None, dict[str, Any]]] = {}
    seats = session.scalars(select(JurySeat).where(JurySeat.session_id == jury.id).order_by(JurySeat.id))
    for seat in seats:
        quality = PRESIDENT if seat.is_president else RESERVE if seat.is_reserve else MEMBER
        found[seat.user_id] = None, common | {"as": quality}
    rows = session.execute(
        select(Candidacy, User.id)
        .join(Enrolment, Enrolment.id == Candidacy.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .where(Candidacy.session_id == jury.id)
        .order_by(Candidacy.id)
    )
    for candidacy, user_id in rows:
        own = {"as": CANDIDATE, "is_arranged": bool(candidacy.extra_time_percent or candidacy.arrangements)}
        if candidacy.passes_at is not None:
            own |= {"starts_at": candidacy.passes_at.isoformat("minutes"), "ends_at": ""}
        found[user_id] = candidacy.id, common | own
    return found


def facts_of(jury: JurySession) -> dict[str, Any]:
    """Return when and where a session meets, as plain values."""
    return {
        "reference": jury.reference,
        "held_on": jury.held_on.isoformat(),
        "starts_at": jury.starts_at.isoformat("minutes") if jury.starts_at else "",
        "ends_at": jury.ends_at.isoformat("minutes") if jury.ends_at else "",
        "place": jury.place if jury.mode is not MeetingMode.VIDEO else "",
        "video_url": jury.video_url if jury.mode is not MeetingMode.PLACE else "",
    }

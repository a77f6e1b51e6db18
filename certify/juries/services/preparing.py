"""Preparing a session: when, who sits, who is presented; declaring; opening the deliberation."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.eligibility.queries import files_of
from certify.frameworks.models import FrameworkVersion
from certify.juries import candidates, policies, queries
from certify.juries.models import Candidacy, JurySeat, JurySession, SessionState
from certify.juries.services.rows import being_prepared, note
from certify.juries.ties import ties_of
from certify.organisations.models import Organisation


def create_session(
    session: Session, actor: Actor, certifying_body: Organisation, version: FrameworkVersion, *,
    reference: str, held_on: date, place: str,
) -> JurySession:  # fmt: skip
    """Prepare a session of a certifying body; its reference will number the minutes."""
    if version.certifying_body_id != certifying_body.id:
        raise Invalid(_l("Ce référentiel n’est pas celui de l’organisme certificateur choisi."), "version")
    if queries.reference_is_taken(session, certifying_body.id, reference):
        raise Invalid(_l("Cette référence est déjà celle d’une autre session. Choisissez-en une autre."), "reference")
    jury = JurySession(
        certifying_body_id=certifying_body.id, framework_version_id=version.id, reference=reference, held_on=held_on,
        place=place, created_at=clock.now(), state=SessionState.CREATED,
    )  # fmt: skip
    session.add(jury)
    note(session, actor, "jury:session:created", jury, jury, reference=reference)
    return jury


def add_seat(
    session: Session, actor: Actor, jury: JurySession, *, email: str, given_name: str, family_name: str,
    quality: str = "", is_external: bool = True, is_president: bool = False,
) -> JurySeat:  # fmt: skip
    """Call somebody to sit, found by their address or invited; what is wrong is said before the session opens."""
    jury = being_prepared(session, jury)
    user, _is_new = accounts.find_or_create_user(session, email=email, given_name=given_name, family_name=family_name)
    if any(seat.user_id == user.id for seat in jury.seats):
        raise Conflict(_l("%(name)s siège déjà dans cette session.", name=user.name))
    seat = JurySeat(
        session_id=jury.id, user_id=user.id, quality=quality, is_external=is_external, is_president=is_president
    )
    session.add(seat)
    body = session.get_one(Organisation, jury.certifying_body_id)
    accounts.invite(
        session, actor, user, organisation_id=body.id, organisation_name=body.name,
        reason=str(_l("siéger au jury n° %(reference)s", reference=jury.reference)),
    )  # fmt: skip
    note(session, actor, "jury:seat:added", seat, jury, user_id=user.id, is_president=is_president)
    session.flush()
    session.expire(jury, ["seats"])
    return seat


def remove_seat(session: Session, actor: Actor, jury: JurySession, seat_id: uuid.UUID) -> None:
    """Take somebody off a session that has not opened."""
    jury = being_prepared(session, jury)
    seat = next((one for one in jury.seats if one.id == seat_id), None)
    if seat is None:
        raise NotFound()
    note(session, actor, "jury:seat:removed", seat, jury, user_id=seat.user_id)
    session.delete(seat)
    session.flush()
    session.expire(jury, ["seats"])


def add_candidates(
    session: Session, actor: Actor, jury: JurySession, enrolment_ids: Collection[uuid.UUID]
) -> list[Candidacy]:
    """Present people to a session; those who may not be (another body, another session, certified) are refused."""
    jury = being_prepared(session, jury)
    wanted = candidates.eligible(jury).where(Enrolment.id.in_(enrolment_ids)).with_only_columns(Enrolment, User)
    people = {enrolment: user.name for enrolment, user in session.execute(wanted)}
    found = {enrolment.id for enrolment in people}
    if not enrolment_ids or found != set(enrolment_ids):
        raise Conflict(
            _l("Certaines personnes ne peuvent plus être présentées à cette session. Rouvrez la liste et choisissez.")
        )
    _require_eligible(session, people)
    moment = clock.now()
    added = [Candidacy(session_id=jury.id, enrolment_id=one, created_at=moment) for one in sorted(found)]
    session.add_all(added)
    session.flush()
    for candidacy in added:
        note(session, actor, "jury:candidacy:added", candidacy, jury, enrolment_id=candidacy.enrolment_id)
    return added


def _require_eligible(session: Session, people: Mapping[Enrolment, str]) -> None:
    files = files_of(session, people)
    held_back = [(name, files[one.id].blocking) for one, name in people.items() if not files[one.id].is_eligible]
    if not held_back:
        return
    locale = current_locale()
    said = (f"{name} ({', '.join(one.label.to(locale) for one in lacking)})" for name, lacking in held_back[:5])
    raise Conflict(
        _l(
            "Il manque une condition bloquante au dossier de %(people)s. "
            "La coordination de l’organisme de formation peut accorder une dérogation.",
            people=", ".join(said),
        )
    )


def remove_candidate(session: Session, actor: Actor, jury: JurySession, candidacy_id: uuid.UUID) -> None:
    """Take a candidate off a session that has not opened."""
    jury = being_prepared(session, jury)
    candidacy = session.get(Candidacy, candidacy_id)
    if candidacy is None or candidacy.session_id != jury.id:
        raise NotFound()
    note(session, actor, "jury:candidacy:removed", candidacy, jury, enrolment_id=candidacy.enrolment_id)
    session.delete(candidacy)
    session.flush()


def declare(session: Session, actor: Actor, jury: JurySession) -> JurySeat:
    """Record that a member declares to have no link with the candidates (C. trav. D6412-6, applied to every route)."""
    jury = being_prepared(session, jury)
    seat = policies.seat_of(jury, actor)
    if seat is None:
        raise Forbidden(_l("Seuls les membres de ce jury signent cette déclaration."))
    if seat.declared_at is None:
        seat.declared_at = clock.now()
        note(session, actor, "jury:seat:declared", seat, jury)
    return seat


def open_deliberation(session: Session, actor: Actor, jury: JurySession) -> JurySession:
    """Open a session whose members may all sit for all its candidates and have declared so."""
    jury = being_prepared(session, jury)
    presented = {one.enrolment.id: one.name for one in candidates.candidates_of(session, jury.id)}
    if not presented:
        raise Conflict(_l("Cette session n’a pas de candidature. Ajoutez les personnes à présenter, puis ouvrez-la."))
    members = queries.members_of(session, jury)
    ties = ties_of(session, jury.id)
    found = (*policies.check_seats(members, ties, presented), *policies.check_declarations(members))
    if found:
        raise Conflict(first_words(found))
    jury.state, jury.opened_at = SessionState.DELIBERATING, clock.now()
    note(session, actor, "jury:session:opened", jury, jury, members=len(members), candidates=len(presented))
    return jury


def first_words(found: tuple[policies.Finding, ...]) -> Any:
    """Say the first rule that is not kept, and whom it concerns."""
    first = found[0]
    about = " – ".join(name for name in (first.member, first.candidate) if name)
    words = first.violation.message.to(current_locale())
    return _l("La délibération ne peut pas s’ouvrir. %(about)s %(why)s", about=f"{about} :" if about else "", why=words)

"""Who is presented, when, and with what arrangements."""

import uuid
from collections.abc import Collection, Mapping
from datetime import time

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment
from certify.core import clock, templating
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid, NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.eligibility.queries import files_of
from certify.juries import candidates
from certify.juries.models import Candidacy, JuryDecision, JurySession, Recusal, Vote
from certify.juries.rules import rules_of
from certify.juries.services import convening
from certify.juries.services.rows import being_prepared, note
from competencies import JuryRules

MOST_EXTRA_TIME = 100


def add_candidates(
    session: Session, actor: Actor, jury: JurySession, enrolment_ids: Collection[uuid.UUID]
) -> list[Candidacy]:
    """Present people to a session; those who may not be (another body, another session, certified) are refused.

    Each keeps the blocks acquired before: they are for good, unless the certification is being renewed.
    """
    jury = being_prepared(session, jury)
    # Two sessions that want the same people wait for each other: the second finds them presented already.
    session.execute(
        select(Enrolment.id).where(Enrolment.id.in_(enrolment_ids)).order_by(Enrolment.id).with_for_update()
    )
    rules = rules_of(session, jury)
    _require_time_to_retake(session, jury, rules, enrolment_ids)
    wanted = candidates.eligible(jury, rules).where(Enrolment.id.in_(enrolment_ids))
    rows = session.execute(wanted.with_only_columns(Enrolment, User))
    people = {enrolment: user.name for enrolment, user in rows}
    found = {enrolment.id for enrolment in people}
    if not enrolment_ids or found != set(enrolment_ids):
        raise Conflict(
            _l("Certaines personnes ne peuvent plus être présentées à cette session. Rouvrez la liste et choisissez.")
        )
    _require_eligible(session, people)
    moment, acquired = clock.now(), candidates.acquired_before(session, found, rules)
    added = [
        Candidacy(session_id=jury.id, enrolment_id=one, acquired=sorted(acquired.get(one, ())), created_at=moment)
        for one in sorted(found)
    ]
    session.add_all(added)
    session.flush()
    for candidacy in added:
        note(session, actor, "jury:candidacy:added", candidacy, jury, enrolment_id=candidacy.enrolment_id)
    convening.tell_changes(session, jury)
    return added


def _require_time_to_retake(
    session: Session, jury: JurySession, rules: JuryRules, enrolment_ids: Collection[uuid.UUID]
) -> None:
    held_back = [one for one in candidates.held_back(session, jury, rules) if one[0] in enrolment_ids]
    if not held_back:
        return
    _enrolment_id, name, day = held_back[0]
    raise Conflict(
        _l(
            "%(name)s ne peut pas être représenté·e avant le %(day)s : le jury précédent l’a décidé. "
            "Choisissez une session qui se tient ce jour-là ou après.",
            name=name,
            day=templating.day(day),
        )
    )


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


def set_needs(
    session: Session, actor: Actor, jury: JurySession, candidacy_id: uuid.UUID, *, passes_at: time | None,
    extra_time_percent: int, arrangements: str,
) -> Candidacy:  # fmt: skip
    """Say when a candidate is expected and what is to be arranged for them, never why; the jury reads it."""
    jury = being_prepared(session, jury)
    candidacy = _candidacy(session, jury, candidacy_id)
    if not 0 <= extra_time_percent <= MOST_EXTRA_TIME:
        raise Invalid(_l("Le temps supplémentaire va de 0 à 100 %."), "extra_time_percent")
    if passes_at is not None and jury.starts_at is not None and passes_at < jury.starts_at:
        raise Invalid(_l("La session commence plus tard : choisissez une heure après son début."), "passes_at")
    require_anonymous(session, candidacy.enrolment_id, [("arrangements", _l("Aménagements"), arrangements)])
    candidacy.passes_at, candidacy.extra_time_percent = passes_at, extra_time_percent
    candidacy.arrangements = arrangements
    note(session, actor, "jury:candidacy:arranged", candidacy, jury, extra_time_percent=extra_time_percent)
    convening.tell_changes(session, jury)
    return candidacy


def remove_candidate(session: Session, actor: Actor, jury: JurySession, candidacy_id: uuid.UUID) -> None:
    """Take a candidate off a session that has not opened, and cancel their convocation."""
    jury = being_prepared(session, jury)
    candidacy = _candidacy(session, jury, candidacy_id)
    if any(
        session.scalar(select(exists().where(row.candidacy_id == candidacy.id)))
        for row in (Vote, JuryDecision, Recusal)
    ):
        raise Conflict(
            _l("Le jury a commencé à délibérer sur cette candidature avant d’être suspendu : elle reste à la session.")
        )
    note(session, actor, "jury:candidacy:removed", candidacy, jury, enrolment_id=candidacy.enrolment_id)
    session.delete(candidacy)
    session.flush()
    convening.tell_changes(session, jury)


def _candidacy(session: Session, jury: JurySession, candidacy_id: uuid.UUID) -> Candidacy:
    candidacy = session.get(Candidacy, candidacy_id)
    if candidacy is None or candidacy.session_id != jury.id:
        raise NotFound()
    return candidacy

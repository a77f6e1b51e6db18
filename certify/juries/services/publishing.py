"""Making the results of a closed session known, and taking them back as a logged correction."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden
from certify.core.i18n import lazy as _l
from certify.juries import candidates, extracts, policies, queries, signatures
from certify.juries.candidates import Candidate
from certify.juries.models import JuryExtract, JuryMinutes, JurySession, JuryStep, SessionState
from certify.juries.rules import rules_of
from certify.juries.services import steps
from certify.juries.services.rows import locked
from certify.organisations.models import Organisation
from certify.seals.services import ensure_key


def publish(session: Session, actor: Actor, jury: JurySession) -> JurySession:
    """Publish the results of a closed session whose minutes each member signed, or is said not to sign.

    Candidates are told by mail and given an extract; the members' access to files ends some days later.
    """
    jury = locked(session, jury.id)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("Les résultats sont publiés par l’organisme certificateur."))
    minutes = queries.minutes_of(session, jury.id)
    if jury.state is not SessionState.CLOSED or minutes is None:
        raise Conflict(_l("Cette session n’est pas close : ses résultats ne peuvent pas être publiés."))
    awaited = [one.member["name"] for one in signatures.lines_of(session, minutes) if one.is_awaited]
    if awaited:
        raise Conflict(
            _l(
                "Il manque la signature de %(names)s. Attendez-la, ou écrivez au procès-verbal pourquoi elle manque.",
                names=", ".join(awaited),
            )
        )
    steps.go(session, actor, jury, SessionState.PUBLISHED, minutes=minutes.number)
    jury.access_ends_on = clock.today() + timedelta(days=rules_of(session, jury).access_days)
    ensure_key(session, session.get_one(Organisation, jury.certifying_body_id), actor)
    give_extracts(session, jury, minutes, candidates.candidates_of(session, jury.id))
    outbox.send(session, "jury.published", jury_id=jury.id)
    return jury


def unpublish(session: Session, actor: Actor, jury: JurySession, *, reason: str) -> JuryStep:
    """Take published results back, to correct them: logged with its reason, and told to the candidates."""
    jury = locked(session, jury.id)
    if not policies.is_registrar(jury, actor):
        raise Forbidden(_l("Une publication est retirée par l’organisme certificateur."))
    if jury.state is not SessionState.PUBLISHED:
        raise Conflict(_l("Les résultats de cette session ne sont pas publiés."))
    step = steps.go(session, actor, jury, SessionState.CLOSED, reason=reason)
    jury.access_ends_on = None
    outbox.send(session, "jury.unpublished", jury_id=jury.id)
    return step


def give_extracts(
    session: Session, jury: JurySession, minutes: JuryMinutes, presented: Sequence[Candidate]
) -> list[JuryExtract]:
    """Freeze what each candidate is given of the minutes, for a job to print.

    Once for each decision; once more when results published again may be contested until another day.
    """
    rules, moment = rules_of(session, jury), clock.now()
    query = select(JuryExtract).where(JuryExtract.minutes_id == minutes.id).order_by(JuryExtract.number)
    given = {one.decision_id: one for one in session.scalars(query)}
    made = []
    for one in presented:
        if one.decision is None:
            continue
        facts, last = extracts.facts_of(session, jury, rules, minutes, one), given.get(one.decision.id)
        if last is None or last.facts["appeal_until"] != facts["appeal_until"]:
            extract = JuryExtract(
                minutes_id=minutes.id, candidacy_id=one.candidacy_id, decision_id=one.decision.id,
                number=last.number + 1 if last else 1, facts=facts, created_at=moment,
            )  # fmt: skip
            made.append(extract)
    session.add_all(made)
    session.flush()
    for extract in made:
        outbox.send(session, "jury.extract.made", extract_id=extract.id)
    return made

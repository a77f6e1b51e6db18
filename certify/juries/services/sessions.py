"""A session: for which certification, when, where; then the deliberation opens, or is suspended."""

from datetime import date, time
from typing import Any

from sqlalchemy.orm import Session

from certify.core import clock, templating
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.juries import queries
from certify.juries.composition import composition_of
from certify.juries.models import JurySession, JuryStep, MeetingMode, SessionState
from certify.juries.policies import Finding
from certify.juries.rules import current_rules
from certify.juries.services import convening
from certify.juries.services.rows import being_prepared, locked, note
from certify.juries.services.steps import go
from certify.organisations.models import Organisation


def create_session(
    session: Session, actor: Actor, certifying_body: Organisation, version: FrameworkVersion, *,
    reference: str, held_on: date, place: str, starts_at: time | None = None, ends_at: time | None = None,
    mode: MeetingMode = MeetingMode.PLACE, video_url: str = "",
) -> JurySession:  # fmt: skip
    """Prepare a session of a certifying body; its reference will number the minutes."""
    if version.certifying_body_id != certifying_body.id:
        raise Invalid(_l("Ce référentiel n’est pas celui de l’organisme certificateur choisi."), "version")
    if queries.reference_is_taken(session, certifying_body.id, reference):
        raise Invalid(_l("Cette référence est déjà celle d’une autre session. Choisissez-en une autre."), "reference")
    _require_order(starts_at, ends_at)
    jury = JurySession(
        certifying_body_id=certifying_body.id, framework_version_id=version.id, reference=reference, held_on=held_on,
        place=place, starts_at=starts_at, ends_at=ends_at, mode=mode, video_url=video_url, created_at=clock.now(),
        state=SessionState.CREATED,
    )  # fmt: skip
    session.add(jury)
    note(session, actor, "jury:session:created", jury, jury, reference=reference)
    return jury


def change_session(
    session: Session, actor: Actor, jury: JurySession, *, held_on: date, place: str, starts_at: time | None,
    ends_at: time | None, mode: MeetingMode, video_url: str,
) -> JurySession:  # fmt: skip
    """Change when or where a session that has not opened meets; whoever was convened is told."""
    jury = being_prepared(session, jury)
    _require_order(starts_at, ends_at)
    values = {
        "held_on": held_on, "place": place, "starts_at": starts_at, "ends_at": ends_at, "mode": mode,
        "video_url": video_url,
    }  # fmt: skip
    changed = sorted(name for name, value in values.items() if getattr(jury, name) != value)
    if not changed:
        return jury
    for name, value in values.items():
        setattr(jury, name, value)
    if jury.state is SessionState.CONVENED:
        convening.require_whole(jury)
    note(session, actor, "jury:session:changed", jury, jury, changed=changed)
    convening.tell_changes(session, jury)
    return jury


def _require_order(starts_at: time | None, ends_at: time | None) -> None:
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid(_l("L’heure de fin vient après l’heure de début."), "ends_at")


def open_deliberation(session: Session, actor: Actor, jury: JurySession) -> JurySession:
    """Open a session, on its day or later, whose members may all sit for all its candidates and have declared.

    A session never convened here was convened otherwise: that step is written too, and its rules are frozen.
    """
    jury = being_prepared(session, jury)
    if jury.held_on > clock.today():
        raise Conflict(
            _l(
                "Cette session se tient le %(day)s : sa délibération s’ouvre ce jour-là. Si elle se tient plus tôt, "
                "changez d’abord sa date.",
                day=templating.day(jury.held_on),
            )
        )
    composition = composition_of(session, jury)
    if not composition.candidates:
        raise Conflict(_l("Cette session n’a pas de candidature. Ajoutez les personnes à présenter, puis ouvrez-la."))
    found = (*composition.findings, *composition.undeclared)
    if found:
        raise Conflict(first_words(found))
    if jury.state is SessionState.CREATED:
        jury.rules = current_rules(session, jury).to_document()
        go(session, actor, jury, SessionState.CONVENED, reason=str(_l("Convocations faites hors de l’application")))
    members, presented = len(composition.members), len(composition.candidates)
    go(session, actor, jury, SessionState.DELIBERATING, members=members, candidates=presented)
    return jury


def suspend_deliberation(session: Session, actor: Actor, jury: JurySession, *, reason: str) -> JuryStep:
    """Take a session back from deliberation to its preparation, with the reason; what was voted or decided stays."""
    jury = locked(session, jury.id)
    if jury.state is not SessionState.DELIBERATING:
        raise Conflict(_l("Ce jury ne délibère pas : sa délibération ne peut pas être suspendue."))
    return go(session, actor, jury, SessionState.CONVENED, reason=reason)


def first_words(found: tuple[Finding, ...]) -> Any:
    """Say the first rule that is not kept, and whom it concerns."""
    first = found[0]
    about = " – ".join(name for name in (first.member, first.candidate) if name)
    words = first.violation.message.to(current_locale())
    return _l("La délibération ne peut pas s’ouvrir. %(about)s %(why)s", about=f"{about} :" if about else "", why=words)

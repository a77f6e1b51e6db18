"""What the certificates of a session would be if they were issued now, and what is wrong with them before they are."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from certify.certificates.queries import Progress, registrations_of
from certify.certificates.services.printing import hindrances
from certify.cohorts.queries import steps_of
from certify.core.access import Actor
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.identities.queries import civil_names
from certify.juries.queries import Award, JurySession
from certify.seals.queries import is_usable, newest_key


@dataclass(frozen=True)
class Preview:
    """Faults found before the issue: those that prevent it, and those worth a look."""

    blocking: Mapping[uuid.UUID, Any] = field(default_factory=dict)
    """By decision: nothing is issued from it until it is mended."""
    warnings: Mapping[uuid.UUID, Any] = field(default_factory=dict)
    seal_fault: Any = ""
    """Why no document of this body could be sealed."""
    seal_note: Any = ""
    ready: int = 0
    """How many certificates would be issued now."""


def preview(session: Session, actor: Actor, jury: JurySession, progress: Progress) -> Preview:
    """Look for faults in what a session leads to and is not issued yet, in a constant number of statements."""
    left = [row.award for row in progress.rows if row.certificate is None and row.award.leads_to_a_certificate]
    if not left:
        return Preview()
    blocking = hindrances(session, actor, left)
    fault, note = _seal(session, jury.certifying_body_id)
    ready = 0 if fault else len(left) - len(blocking)
    return Preview(blocking, _warnings(session, jury, left), fault, note, ready)


def _warnings(session: Session, jury: JurySession, awards: Sequence[Award]) -> dict[uuid.UUID, Any]:
    """Say whose document of a registered certification would bear the name of the account (L6323-8 asks for more)."""
    body_id, code = jury.certifying_body_id, session.get_one(FrameworkVersion, jury.framework_version_id).code
    registrations = registrations_of(session, [body_id])
    if body_id not in registrations.bodies:
        return {}
    steps = steps_of(session, [award.enrolment.id for award in awards])
    registered = [
        award for award in awards
        if registrations.counting(
            body_id, code, award.decided_on, award.enrolment, steps.get(award.enrolment.id, [])
        )
    ]  # fmt: skip
    known = civil_names(session, [award.holder.id for award in registered])
    words = _l("État civil non vérifié : le document porterait le nom du compte.")
    return {award.id: words for award in registered if award.holder.id not in known}


def _seal(session: Session, body_id: uuid.UUID) -> tuple[Any, Any]:
    key = newest_key(session, body_id)
    if key is None:
        return "", _l("Cet organisme n’a pas encore de sceau : une clé sera fabriquée ici à la première délivrance.")
    if is_usable(key) or key.is_self_made:
        return "", ""
    return _l("Le certificat du sceau a pris fin : importez le suivant avant de délivrer."), ""

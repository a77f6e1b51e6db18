"""What the certificates of a session would be if they were issued now, and what is wrong with them before they are."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from certify.certificates.queries import Progress
from certify.certificates.services.issuing import hindrances
from certify.core.i18n import lazy as _l
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import recognition_of
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


def preview(session: Session, jury: JurySession, progress: Progress) -> Preview:
    """Look for faults in what a session leads to and is not issued yet, in a constant number of statements."""
    left = [row.award for row in progress.rows if row.certificate is None and row.award.leads_to_a_certificate]
    if not left:
        return Preview()
    blocking = hindrances(session, left)
    fault, note = _seal(session, jury.certifying_body_id)
    ready = 0 if fault else len(left) - len(blocking)
    return Preview(blocking, _warnings(session, jury, left), fault, note, ready)


def _warnings(session: Session, jury: JurySession, awards: Sequence[Award]) -> dict[uuid.UUID, Any]:
    """Say whose document of a registered certification would bear the name of the account (L6323-8 asks for more)."""
    version = session.get_one(FrameworkVersion, jury.framework_version_id)
    if recognition_of(session, jury.certifying_body_id, version.code, jury.held_on) is None:
        return {}
    known = civil_names(session, [award.holder.id for award in awards])
    words = _l("État civil non vérifié : le document porterait le nom du compte.")
    return {award.id: words for award in awards if award.holder.id not in known}


def _seal(session: Session, body_id: uuid.UUID) -> tuple[Any, Any]:
    key = newest_key(session, body_id)
    if key is None:
        return "", _l("Cet organisme n’a pas encore de sceau : une clé sera fabriquée ici à la première délivrance.")
    if is_usable(key) or key.is_self_made:
        return "", ""
    return _l("Le certificat du sceau a pris fin : importez le suivant avant de délivrer."), ""

"""Yes/no questions about one piece of evidence."""

from certify.core.access import Actor, Permission
from certify.evidence.models import EvidenceItem, EvidenceState

CHANGEABLE = frozenset({EvidenceState.LINKED, EvidenceState.RETURNED})


def is_changeable(item: EvidenceItem) -> bool:
    """Whether its author may still change or remove it: nobody is reading it, nobody has accepted it."""
    return item.state in CHANGEABLE


def may_staff_read(actor: Actor, item: EvidenceItem) -> bool:
    """Whether somebody of the training body may read it: what was not submitted, or was taken back, is its author's."""
    return item.training_body_id in actor.organisations(Permission.EVIDENCE_READ) and item.state in (
        EvidenceState.SUBMITTED,
        EvidenceState.RETURNED,
        EvidenceState.ACCEPTED,
    )


def is_shown_in_page(item: EvidenceItem) -> bool:
    """Whether a browser may show it by itself; anything else is saved on the device."""
    return item.media_type.startswith("image/") or item.media_type == "application/pdf"

"""Yes/no questions about one piece of evidence."""

from collections.abc import Iterator
from typing import Any

import competencies
from certify.cohorts.models import EnrolmentState
from certify.core.access import Actor, Permission
from certify.core.i18n import lazy as _l
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


def may_answer_prior(actor: Actor, item: EvidenceItem, author_id: Any) -> bool:
    """Whether the actor may accept or return prior learning: a trainer of the training body, never its author."""
    return item.training_body_id in actor.organisations(Permission.LOGBOOK_REVIEW) and author_id != actor.user_id


def may_add(state: EnrolmentState) -> bool:
    """Whether somebody enrolled still adds evidence."""
    return state in (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


def what_prior_misses(item: EvidenceItem) -> tuple[tuple[str, Any], ...]:
    """Return what must still be written before a trainer is asked to read: a field and a message each."""
    return tuple(_missing(item))


def _missing(item: EvidenceItem) -> Iterator[tuple[str, Any]]:
    if not item.title:
        yield "title", _l("Donnez un titre à cet acquis.")
    if item.obtained_on is None:
        yield "obtained_on", _l("Dites quand vous l’avez acquis, même à peu près.")
    if not item.account:
        yield "account", _l("Racontez ce que vous avez fait et ce que vous en avez appris.")
    if not item.links:
        yield "indicators", _l("Choisissez au moins un indicateur que cet acquis illustre.")


def what_prior_identifies(item: EvidenceItem) -> tuple[tuple[str, competencies.Finding], ...]:
    """Return every passage of a piece of prior learning that would let somebody be recognised, with its field."""
    # « Mme_Nom.pdf » names a person as surely as « Mme Nom.pdf ».
    texts = {"title": item.title, "account": item.account, "file": item.filename.replace("_", " ")}
    return tuple((field, found) for field, text in texts.items() for found in competencies.find_identifying(text))

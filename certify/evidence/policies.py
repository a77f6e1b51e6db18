"""Yes/no questions about one piece of evidence."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from certify.anonymity.policies import FileName
from certify.cohorts.models import EnrolmentState
from certify.core.access import Actor, Permission
from certify.core.i18n import lazy as _l
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState

CHANGEABLE = frozenset({EvidenceState.UNLINKED, EvidenceState.LINKED, EvidenceState.RETURNED})


def is_changeable(item: EvidenceItem) -> bool:
    """Whether its author may still change or remove it: nobody is reading it, nobody has accepted it."""
    return item.state in CHANGEABLE


def may_staff_read(actor: Actor, item: EvidenceItem) -> bool:
    """Whether somebody of the training body may read it: what was not submitted, or was taken back, is its author's."""
    return item.training_body_id in actor.organisations(Permission.EVIDENCE_READ) and item.state in (
        EvidenceState.SUBMITTED,
        EvidenceState.RETURNED,
        EvidenceState.ACCEPTED,
        EvidenceState.REPLACED,
    )


def is_shown_in_page(media_type: str) -> bool:
    """Whether a browser may show it by itself; anything else is saved on the device."""
    return media_type.startswith(("image/", "audio/", "video/")) or media_type == "application/pdf"


def may_answer(actor: Actor, item: EvidenceItem, author_id: Any) -> bool:
    """Whether the actor may accept or return a piece: a trainer of the training body, never its author."""
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


def texts_of(item: EvidenceItem) -> tuple[tuple[str, Any, str], ...]:
    """Return everything its author wrote of a piece, for the guard: the field, its name on screen, the text."""
    texts: list[tuple[str, Any, str]] = [
        ("title", _l("Titre"), item.title),
        ("account", _l("Texte"), item.account),
        ("file", _l("Nom du fichier"), FileName(item.filename)),
    ]
    texts.extend(
        (f"reflection-{link.indicator}", _l("Réflexion pour %(code)s", code=link.indicator), link.reflection)
        for link in item.links
    )
    return tuple(texts)


def may_show_somebody(item: EvidenceItem) -> bool:
    """Whether a face or a name could be seen in a piece: its author vouches for it before handing it in."""
    return item.media_type.startswith(("image/", "video/"))


def stands_alone(item: EvidenceItem) -> bool:
    """Whether a piece is handed in and answered by itself; any other follows its logbook entry."""
    return item.entry_id is None or item.kind is EvidenceKind.PRIOR


OWN_KINDS = frozenset({EvidenceKind.FILE, EvidenceKind.LINK, EvidenceKind.TEXT})
"""What trainees add to their portfolio themselves; the rest is made by other rooms."""


def may_change(item: EvidenceItem, state: EnrolmentState) -> bool:
    """Whether its author may still change a piece made in the portfolio."""
    return is_changeable(item) and item.kind in OWN_KINDS and may_add(state)


def may_replace(item: EvidenceItem) -> bool:
    """Whether another piece may take the place of this one: it was accepted, so that it no longer changes."""
    return item.state is EvidenceState.ACCEPTED and item.entry_id is None and item.kind in OWN_KINDS


def what_is_missing(item: EvidenceItem) -> tuple[tuple[str, Any], ...]:
    """Return what a piece of the portfolio still needs before it is handed in: a field and a message each."""
    return tuple(_missing_of_piece(item))


def _missing_of_piece(item: EvidenceItem) -> Iterator[tuple[str, Any]]:
    if not item.title:
        yield "title", _l("Donnez un titre à la preuve.")
    if item.kind is EvidenceKind.FILE and not item.storage_key:
        yield "file", _l("Choisissez le fichier.")
    if item.kind is EvidenceKind.LINK and not item.url:
        yield "url", _l("Donnez l’adresse de la page.")
    if item.kind is EvidenceKind.TEXT and not item.account:
        yield "account", _l("Écrivez le texte de cette preuve.")
    if not item.links:
        yield "indicators", _l("Choisissez au moins un indicateur que cette preuve illustre.")


def address_fault(url: str) -> Any | None:
    """Return why an address is not one that may be handed in; nothing is ever fetched from it."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and "." in (parts.hostname or "") and not any(map(str.isspace, url))
    except ValueError:
        return _l("Cette adresse est mal formée. Copiez-la depuis la barre de votre navigateur.")
    if parts.scheme != "https":
        return _l("Donnez une adresse qui commence par https://.")
    if parts.username or parts.password:
        return _l("Cette adresse contient un nom d’utilisateur·rice ou un mot de passe : retirez-le.")
    if not is_whole or not url.isprintable():
        return _l("Cette adresse est mal formée. Copiez-la depuis la barre de votre navigateur.")
    return None

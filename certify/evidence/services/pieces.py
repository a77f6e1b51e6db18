"""The verbs of the portfolio: pieces that trainees add by themselves, hand in, replace, or take back."""

import uuid
from collections.abc import Mapping
from typing import BinaryIO

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock, files, sniffing
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState
from certify.evidence.services.items import known_indicators, require_changeable, require_room, set_links, take_file
from certify.evidence.services.versions import hand_over


def add_file(
    session: Session, actor: Actor, enrolment: Enrolment, *, stream: BinaryIO, filename: str, title: str = ""
) -> tuple[EvidenceItem, bool]:
    """Keep a file in the portfolio; return the piece and whether it is new: the same bytes sent twice are one piece.

    Raises Invalid (field « file ») when the file cannot be accepted.
    """
    require_open(enrolment)
    require_room(session, enrolment, 0)
    stored = files.deposit(stream, filename, allowed=sniffing.PIECES, session=session)
    return add_stored(session, actor, enrolment, stored, title=title)


def add_stored(
    session: Session, actor: Actor | None, enrolment: Enrolment, stored: files.StoredFile, *, title: str = ""
) -> tuple[EvidenceItem, bool]:
    """Make a piece of a file that was just checked and stored, unless the trainee already has the same bytes."""
    twin = queries.twin_of(session, enrolment.id, stored.sha256)
    if twin is not None:
        # The bytes just stored stay behind, unnamed by any row: cheaper than a store that must be undone.
        return twin, False
    name = title or stored.filename.rpartition(".")[0] or stored.filename
    item = new_piece(enrolment, EvidenceKind.FILE, name)
    take_file(item, stored)
    session.add(item)
    _record(session, actor, "evidence:piece:added", item, sha256=item.sha256, size=item.size)
    return item, True


def add_link(session: Session, actor: Actor, enrolment: Enrolment, *, url: str, title: str) -> EvidenceItem:
    """Keep an address in the portfolio; nothing is fetched from it."""
    require_open(enrolment)
    item = new_piece(enrolment, EvidenceKind.LINK, title)
    item.url = _sound_address(url)
    session.add(item)
    _record(session, actor, "evidence:piece:added", item)
    return item


def add_text(session: Session, actor: Actor, enrolment: Enrolment, *, title: str, account: str) -> EvidenceItem:
    """Keep a text in the portfolio."""
    require_open(enrolment)
    item = new_piece(enrolment, EvidenceKind.TEXT, title)
    item.account = account
    session.add(item)
    _record(session, actor, "evidence:piece:added", item)
    return item


def amend(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    item: EvidenceItem,
    *,
    title: str,
    account: str,
    reflections: Mapping[str, str],
    url: str = "",
    filename: str = "",
    stream: BinaryIO | None = None,
    stream_name: str = "",
) -> EvidenceItem:
    """Change what is said of a piece before it is read; `reflections` gives the indicators, each with a text.

    Raises Invalid when the address or the new file cannot be accepted.
    """
    require_open(enrolment)
    require_changeable(item)
    if item.kind is EvidenceKind.LINK:
        item.url = _sound_address(url)
    if item.kind is EvidenceKind.FILE and filename and item.filename:
        item.filename = _renamed(item.filename, filename)
    if stream is not None:
        require_room(session, enrolment, 0)
        take_file(item, files.deposit(stream, stream_name, allowed=sniffing.PIECES, session=session))
    item.title, item.account = title, account
    link(session, enrolment, item, reflections)
    _record(session, actor, "evidence:piece:amended", item, indicators=list(queries.indicators_of(item)))
    return item


def link(session: Session, enrolment: Enrolment, item: EvidenceItem, reflections: Mapping[str, str]) -> None:
    """Have a piece illustrate these indicators and no other, each with what its author makes of it."""
    set_links(session, item, known_indicators(session, enrolment, reflections))
    for one in item.links:
        one.reflection = reflections[one.indicator]
    if item.state in (EvidenceState.UNLINKED, EvidenceState.LINKED):
        item.state = EvidenceState.LINKED if item.links else EvidenceState.UNLINKED


def submit(
    session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem, *, faces_checked: bool = False
) -> EvidenceItem:
    """Hand a piece over to the trainers, frozen as it is; refused when it is not whole or shows who somebody is."""
    require_open(enrolment)
    require_changeable(item)
    version = hand_over(session, actor, enrolment, item, policies.what_is_missing(item), faces_checked=faces_checked)
    indicators = list(queries.indicators_of(item))
    _record(session, actor, "evidence:piece:submitted", item, indicators=indicators, version=version.number)
    return item


def replace(session: Session, actor: Actor, enrolment: Enrolment, old: EvidenceItem) -> EvidenceItem:
    """Begin the piece that will take the place of an accepted one, which counts until the new one is accepted."""
    require_open(enrolment)
    if not policies.may_replace(old):
        raise Conflict(_l("Cette preuve ne se remplace pas : modifiez-la, ou ajoutez-en une autre."))
    begun = queries.replacement_of(session, old.id)
    if begun is not None:
        return begun
    item = new_piece(enrolment, old.kind, old.title)
    item.account, item.url, item.replaces_id, item.state = old.account, old.url, old.id, EvidenceState.LINKED
    item.filename, item.media_type, item.size = old.filename, old.media_type, old.size
    item.sha256, item.storage_key = old.sha256, old.storage_key
    item.links.extend(
        EvidenceLink(id=new_id(), evidence_id=item.id, indicator=one.indicator, reflection=one.reflection)
        for one in old.links
    )
    session.add(item)
    _record(session, actor, "evidence:piece:added", item, replaces=str(old.id))
    return item


def new_piece(enrolment: Enrolment, kind: EvidenceKind, title: str, identity: uuid.UUID | None = None) -> EvidenceItem:
    """Return a piece that illustrates nothing yet."""
    return EvidenceItem(
        id=identity or new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, kind=kind,
        state=EvidenceState.UNLINKED, title=title[:160], created_at=clock.now(), links=[], facts={},
        filename="", media_type="", size=0, sha256="", storage_key="", url="", account="", answer="",
    )  # fmt: skip


def require_open(enrolment: Enrolment) -> None:
    """Refuse to add anything to a path that is over."""
    if not policies.may_add(enrolment.state):
        raise Conflict(_l("Votre inscription n’est plus active : vos preuves se lisent encore, mais ne changent plus."))


def _sound_address(url: str) -> str:
    if (fault := policies.address_fault(url)) is not None:
        raise Invalid(fault, "url")
    return url


def _renamed(old: str, name: str) -> str:
    _, dot, extension = old.rpartition(".")
    name, ending = files.safe_name(name), f"{dot}{extension}"
    return name if name.lower().endswith(ending.lower()) else files.safe_name(name + ending)


def _record(session: Session, actor: Actor | None, tag: str, item: EvidenceItem, **facts: object) -> None:
    audit.record(session, actor, tag, item, organisation_id=item.training_body_id, kind=item.kind.value, **facts)

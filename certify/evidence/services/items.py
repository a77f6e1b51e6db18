"""The verbs of the evidence of logbook entries."""

import uuid
from collections.abc import Iterable
from typing import BinaryIO

from sqlalchemy.orm import Session

from certify.cohorts import services as cohorts
from certify.cohorts.models import Enrolment
from certify.core import audit, clock, files
from certify.core.access import Actor
from certify.core.errors import Conflict, TooLarge
from certify.core.i18n import lazy as _l
from certify.core.templating import filesize
from certify.core.types import new_id
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState
from certify.frameworks.queries import framework_of

_PAST_TENSE = {
    EvidenceState.LINKED: "taken_back",
    EvidenceState.SUBMITTED: "submitted",
    EvidenceState.RETURNED: "returned",
    EvidenceState.ACCEPTED: "accepted",
}


def attach_file(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    entry_id: uuid.UUID,
    *,
    stream: BinaryIO,
    filename: str,
    title: str,
    indicators: Iterable[str] = (),
) -> EvidenceItem:
    """Check a file, keep it, and attach it to an entry; the same bytes sent twice make one piece.

    Raises Invalid (field « file ») when the file cannot be accepted, Unavailable when it cannot be stored.
    """
    codes = known_indicators(session, enrolment, indicators)
    require_room(session, enrolment, 0)
    stored = files.deposit(stream, filename, session=session)
    twin = next((item for item in queries.items_of_entry(session, entry_id) if item.sha256 == stored.sha256), None)
    if twin is not None:
        # The bytes just stored stay behind, unnamed by any row: cheaper than a store that must be undone.
        set_links(session, twin, [*queries.indicators_of(twin), *codes])
        return twin
    name = title or stored.filename.rpartition(".")[0] or stored.filename
    item = _new_item(enrolment, entry_id, EvidenceKind.FILE, name)
    take_file(item, stored)
    session.add(item)
    set_links(session, item, codes)
    facts = {"entry_id": entry_id, "sha256": item.sha256, "size": item.size, "media_type": item.media_type}
    audit.record(session, actor, "evidence:item:attached", item, organisation_id=item.training_body_id, **facts)
    return item


def link_entry(
    session: Session, actor: Actor, enrolment: Enrolment, entry_id: uuid.UUID, *, title: str, indicators: Iterable[str]
) -> EvidenceItem | None:
    """Say which indicators an entry illustrates by itself: its own piece of evidence, made when it has none yet."""
    codes = known_indicators(session, enrolment, indicators)
    item = next((one for one in queries.items_of_entry(session, entry_id) if one.kind is EvidenceKind.ENTRY), None)
    if item is None:
        if not codes:
            return None
        item = _new_item(enrolment, entry_id, EvidenceKind.ENTRY, title)
        session.add(item)
    require_changeable(item)
    item.title = title
    set_links(session, item, codes)
    return item


def describe(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    item: EvidenceItem,
    *,
    title: str,
    filename: str,
    indicators: Iterable[str],
) -> EvidenceItem:
    """Change what is said of a file: its title, the name it is shown under, the indicators it illustrates."""
    require_changeable(item)
    _, dot, extension = item.filename.rpartition(".")
    name = files.safe_name(filename)
    item.title = title
    item.filename = (
        name if name.lower().endswith(f"{dot}{extension}".lower()) else files.safe_name(f"{name}{dot}{extension}")
    )
    set_links(session, item, known_indicators(session, enrolment, indicators))
    audit.record(
        session,
        actor,
        "evidence:item:described",
        item,
        organisation_id=item.training_body_id,
        indicators=queries.indicators_of(item),
    )
    return item


def remove(session: Session, actor: Actor, item: EvidenceItem) -> EvidenceItem:
    """Take a piece off its entry, before anybody has read it; the row and the bytes stay."""
    require_changeable(item)
    item.state = EvidenceState.REMOVED
    audit.record(
        session, actor, "evidence:item:removed", item, organisation_id=item.training_body_id, entry_id=item.entry_id
    )
    return item


def follow_entry(session: Session, actor: Actor, entry_id: uuid.UUID, state: EvidenceState | str) -> list[EvidenceItem]:
    """Give the pieces of an entry the state it has just taken; a file with no indicator takes the entry's own."""
    state = EvidenceState(state)
    items = queries.items_of_entry(session, entry_id, lock=True)
    own = [code for item in items if item.kind is EvidenceKind.ENTRY for code in queries.indicators_of(item)]
    for item in items:
        if item.state is EvidenceState.ACCEPTED:
            continue
        if state is EvidenceState.SUBMITTED and not item.links:
            set_links(session, item, own)
        item.state = state
        if state in (EvidenceState.RETURNED, EvidenceState.ACCEPTED):
            item.decided_at, item.decided_by_id = clock.now(), actor.user_id
        audit.record(
            session,
            actor,
            f"evidence:item:{_PAST_TENSE[state]}",
            item,
            organisation_id=item.training_body_id,
            entry_id=entry_id,
        )
    if state is EvidenceState.ACCEPTED and items:
        recount(session, items[0].enrolment_id)
    return items


def recount(session: Session, enrolment_id: uuid.UUID) -> int:
    """Count anew the indicators that a trainee's accepted evidence covers, for the page of the whole cohort."""
    # The lock comes first: of two acceptances at once, the second counts what the first accepted.
    enrolment = cohorts.locked(session, enrolment_id)
    enrolment.covered = session.scalar(queries.count_covered(enrolment_id)) or 0
    return enrolment.covered


def _new_item(enrolment: Enrolment, entry_id: uuid.UUID, kind: EvidenceKind, title: str) -> EvidenceItem:
    return EvidenceItem(
        id=new_id(),
        enrolment_id=enrolment.id,
        training_body_id=enrolment.training_body_id,
        entry_id=entry_id,
        kind=kind,
        state=EvidenceState.LINKED,
        title=title,
        created_at=clock.now(),
        links=[],
    )


def require_changeable(item: EvidenceItem) -> None:
    """Refuse to touch a piece that somebody is reading or has accepted."""
    if not policies.is_changeable(item):
        raise Conflict(_l("Cette preuve a été soumise : elle ne change plus, sauf si la fiche vous est renvoyée."))


def take_file(item: EvidenceItem, stored: files.StoredFile) -> None:
    """Have a piece hold a file that was just stored; whatever was vouched of the one before no longer holds."""
    item.filename, item.media_type, item.size = stored.filename, stored.media_type, stored.size
    item.sha256, item.storage_key, item.faces_checked_at = stored.sha256, stored.key, None


def require_room(session: Session, enrolment: Enrolment, more: int) -> None:
    """Refuse a file of so many bytes when those of the trainee already weigh as much as they may."""
    use = queries.storage_use(session, enrolment.id)
    if use.used + more > use.quota or use.used >= use.quota:
        raise TooLarge(
            _l(
                "Vos fichiers pèsent déjà %(used)s sur les %(quota)s que vous pouvez déposer, et celui-ci n’y tient "
                "pas. Retirez une preuve dont vous n’avez plus besoin, ou déposez une vidéo plus courte.",
                used=filesize(use.used), quota=filesize(use.quota),
            ),
            "file",
        )  # fmt: skip


def known_indicators(session: Session, enrolment: Enrolment, indicators: Iterable[str]) -> list[str]:
    """Keep the codes the trainee's framework knows, each once, in its order."""
    wanted = set(indicators)
    if not wanted:
        return []
    return [
        indicator.code
        for indicator in framework_of(session, enrolment.framework_version_id).indicators
        if indicator.code in wanted
    ]


def set_links(session: Session, item: EvidenceItem, codes: Iterable[str]) -> None:
    """Have a piece illustrate these indicators and no other."""
    wanted = dict.fromkeys(codes)
    for link in [link for link in item.links if link.indicator not in wanted]:
        item.links.remove(link)
        session.delete(link)
    present = {link.indicator for link in item.links}
    item.links.extend(
        EvidenceLink(id=new_id(), evidence_id=item.id, indicator=code, reflection="")
        for code in wanted
        if code not in present
    )

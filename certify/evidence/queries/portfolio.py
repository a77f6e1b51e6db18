"""Reads of the trainee's own portfolio: pieces, what they weigh, what they cover."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from certify.cohorts.models import Enrolment
from certify.core import files, waiting_files
from certify.core.access import Actor
from certify.core.errors import NotFound
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState, Upload, UploadState

GONE = (EvidenceState.REMOVED,)
_ON_THE_WAY = (UploadState.RECEIVING, UploadState.ASSEMBLING)


@dataclass(frozen=True)
class StorageUse:
    """What the files of a trainee weigh, with what is on its way, out of what they may."""

    used: int
    quota: int

    @property
    def percent(self) -> int:
        """How full it is, from 0 to 100."""
        return min(100, self.used * 100 // self.quota)

    @property
    def left(self) -> int:
        """What may still be added."""
        return max(0, self.quota - self.used)


@dataclass
class Support:
    """What a trainee has for one indicator: how many pieces of each kind, accepted or not yet."""

    accepted: dict[EvidenceKind, int] = field(default_factory=dict)
    waiting: int = 0
    """Handed in, with no answer yet."""
    in_hand: int = 0
    """Being written, or returned."""

    @property
    def count(self) -> int:
        """How many accepted pieces there are."""
        return sum(self.accepted.values())


def storage_use(session: Session, enrolment_id: uuid.UUID) -> StorageUse:
    """Return what the files of a trainee weigh, each counted once, in one statement."""
    kept = (
        select(EvidenceItem.storage_key, EvidenceItem.size)
        .where(
            EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state.not_in(GONE), EvidenceItem.storage_key != ""
        )
        .distinct()
        .subquery()
    )
    coming = select(func.coalesce(func.sum(Upload.size), 0)).where(
        Upload.enrolment_id == enrolment_id, Upload.state.in_(_ON_THE_WAY)
    )
    used = session.scalar(select(func.coalesce(func.sum(kept.c.size), 0) + coming.scalar_subquery()))
    return StorageUse(int(used or 0), files.limits().evidence_quota_bytes)


def portfolio(enrolment_id: uuid.UUID, *, kind: str = "", state: str = "", indicator: str = "") -> Select[EvidenceItem]:
    """Select the pieces of a trainee, with their links; whatever filter makes no sense is none."""
    query = select(EvidenceItem).options(selectinload(EvidenceItem.links))
    query = query.where(EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state.not_in(GONE))
    if kind in set(EvidenceKind):
        query = query.where(EvidenceItem.kind == EvidenceKind(kind))
    if state in set(EvidenceState):
        query = query.where(EvidenceItem.state == EvidenceState(state))
    if indicator:
        query = query.where(EvidenceItem.links.any(EvidenceLink.indicator == indicator))
    return query


def state_counts(session: Session, enrolment_id: uuid.UUID) -> dict[EvidenceState, int]:
    """Return how many pieces of a trainee stand in each state, in one statement."""
    query = select(EvidenceItem.state, func.count()).where(
        EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state.not_in(GONE)
    )
    return dict(session.execute(query.group_by(EvidenceItem.state)).all())


def supports(session: Session, enrolment_id: uuid.UUID) -> Mapping[str, Support]:
    """Return, by indicator, what a trainee has for it, in one statement."""
    query = (
        select(EvidenceLink.indicator, EvidenceItem.kind, EvidenceItem.state, func.count())
        .join(EvidenceItem, EvidenceItem.id == EvidenceLink.evidence_id)
        .where(
            EvidenceItem.enrolment_id == enrolment_id,
            EvidenceLink.retired_at.is_(None),
            EvidenceItem.state.not_in((*GONE, EvidenceState.REPLACED)),
        )
        .group_by(EvidenceLink.indicator, EvidenceItem.kind, EvidenceItem.state)
        .order_by(EvidenceLink.indicator, EvidenceItem.kind, EvidenceItem.state)
    )
    found: dict[str, Support] = defaultdict(Support)
    for indicator, kind, state, count in session.execute(query):
        support = found[indicator]
        if state is EvidenceState.ACCEPTED:
            support.accepted[kind] = support.accepted.get(kind, 0) + count
        elif state is EvidenceState.SUBMITTED:
            support.waiting += count
        else:
            support.in_hand += count
    return found


def own_piece(session: Session, actor: Actor, item_id: uuid.UUID, *, lock: bool = False) -> EvidenceItem:
    """Return a piece of the actor's own portfolio that stands by itself, with its links; NotFound otherwise."""
    query = (
        select(EvidenceItem)
        .options(selectinload(EvidenceItem.links))
        .join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
        .where(
            EvidenceItem.id == item_id,
            Enrolment.user_id == actor.user_id,
            EvidenceItem.entry_id.is_(None),
            EvidenceItem.kind != EvidenceKind.PRIOR,
            EvidenceItem.state.not_in(GONE),
        )
    )
    if lock:
        query = query.with_for_update(of=EvidenceItem).execution_options(populate_existing=True)
    item = session.scalars(query).one_or_none()
    if item is None:
        raise NotFound
    return item


def twin_of(session: Session, enrolment_id: uuid.UUID, sha256: str) -> EvidenceItem | None:
    """Return the piece of a trainee that already holds the same bytes, the newest, if any."""
    query = select(EvidenceItem).options(selectinload(EvidenceItem.links))
    query = query.where(
        EvidenceItem.enrolment_id == enrolment_id,
        EvidenceItem.sha256 == sha256,
        EvidenceItem.state.not_in((*GONE, EvidenceState.REPLACED)),
    )
    return session.scalars(query.order_by(EvidenceItem.created_at.desc(), EvidenceItem.id).limit(1)).one_or_none()


def replacement_of(session: Session, item_id: uuid.UUID) -> EvidenceItem | None:
    """Return the piece begun to take the place of another, if any."""
    query = select(EvidenceItem).options(selectinload(EvidenceItem.links))
    query = query.where(EvidenceItem.replaces_id == item_id, EvidenceItem.state.not_in(GONE))
    return session.scalars(query.order_by(EvidenceItem.created_at.desc()).limit(1)).one_or_none()


def not_stored(session: Session, items: Collection[EvidenceItem]) -> frozenset[uuid.UUID]:
    """Return those of some pieces whose file still waits for the store, in one statement."""
    keys = {item.storage_key for item in items if item.storage_key}
    waiting = waiting_files.waiting_among(session, keys)
    return frozenset(item.id for item in items if item.storage_key in waiting)


def own_upload(session: Session, actor: Actor, upload_id: uuid.UUID) -> Upload:
    """Return a file of the actor's own on its way; NotFound otherwise, or once it was given up."""
    query = select(Upload).join(Enrolment, Enrolment.id == Upload.enrolment_id)
    query = query.where(Upload.id == upload_id, Enrolment.user_id == actor.user_id)
    upload = session.scalars(query.where(Upload.state != UploadState.ABANDONED)).one_or_none()
    if upload is None:
        raise NotFound
    return upload


def uploads_of(session: Session, enrolment_id: uuid.UUID) -> list[Upload]:
    """Return the files of a trainee on their way, and those refused once they were whole; the newest first."""
    query = select(Upload).where(
        Upload.enrolment_id == enrolment_id, or_(Upload.state.in_(_ON_THE_WAY), Upload.state == UploadState.REFUSED)
    )
    return list(session.scalars(query.order_by(Upload.created_at.desc(), Upload.id).limit(20)))

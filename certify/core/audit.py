"""The audit chain: one append-only, hash-chained list of events per organisation."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, Uuid, bindparam, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from certify.core import clock
from certify.core.access import Actor
from certify.core.db import Base
from certify.core.prepared import Direct, Prepared, Transactional, inserting
from certify.core.sealing import always
from certify.core.types import UTCDateTime, new_id

PLATFORM = uuid.UUID(int=0)
"""The chain of what belongs to no organisation: accounts, sign-ins, the application itself."""
_PENDING = "audit.pending"
_GENESIS = "0" * 64


class AuditEvent(Base):
    """One thing that happened; never updated, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("organisation_id", "position"),
        Index(None, "object_id", "at"),
    )
    __sealed_when__ = staticmethod(always)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    """Whose chain; `PLATFORM` for none. Not a foreign key: the chain outlives what it speaks of."""
    position: Mapped[int]
    """1, 2, 3… without a hole in each chain."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    tag: Mapped[str] = mapped_column(String(80))
    """`resource:subject:past-tense`, as in `logbook:entry:accepted`."""
    object_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Facts of the event: codes, states, identifiers; no free text of a person."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last link of each chain; writers of one chain wait here for one another, and a cut tail shows."""

    __tablename__ = "audit_head"

    organisation_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default=_GENESIS)


@dataclass(frozen=True)
class _Pending:
    organisation_id: uuid.UUID
    at: datetime
    actor_id: uuid.UUID | None
    tag: str
    object_id: uuid.UUID | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class _Linked(_Pending):
    position: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with a chain, and at which row."""

    organisation_id: uuid.UUID
    position: int
    event_id: uuid.UUID | None
    reason: str


def record(
    on: Transactional,
    actor: Actor | None,
    tag: str,
    subject: Any = None,
    *,
    organisation_id: uuid.UUID = PLATFORM,
    **detail: Any,
) -> None:
    """Note that something happened; linked into its organisation's chain when the session commits.

    In a direct transaction, which tells nobody that it commits, it is linked at once.

    `subject` is the row concerned, or its identifier, which is what is kept; `detail` holds JSON-able facts.
    """
    is_row = subject is not None and not isinstance(subject, uuid.UUID)
    if is_row and subject.id is None and not isinstance(on, Direct):
        on.flush()
    pending = _Pending(
        organisation_id,
        clock.now(),
        actor.user_id if actor else None,
        tag,
        subject.id if is_row else subject,
        _plain(detail),
    )
    if isinstance(on, Direct):
        _link(on, [pending])
        return
    if on.info.get(_PENDING) is None:
        on.info[_PENDING] = []
    on.info[_PENDING].append(pending)


def _plain(detail: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(_PLAIN.encode(detail))
    return plain


# Made once: an encoder takes longer to make than to use.
_PLAIN = json.JSONEncoder(default=str, ensure_ascii=False)
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def link_hash(previous: str, row: "AuditEvent | _Linked") -> str:
    """Return the hash of one link: the row's facts after the hash of the row before, SHA-256 in hexadecimal."""
    facts = [
        previous,
        str(row.organisation_id),
        row.position,
        row.at.astimezone(UTC).isoformat(),
        str(row.actor_id or ""),
        row.tag,
        str(row.object_id or ""),
        row.detail,
    ]
    return hashlib.sha256(_CANONICAL.encode(facts).encode()).hexdigest()


def _link_pending(session: Session) -> None:
    pending: list[_Pending] = session.info.pop(_PENDING, None) or []
    if pending:
        session.flush()
        _link(session, pending)


def _link(on: Transactional, pending: list[_Pending]) -> None:
    # Sorted, so that two transactions touching the same two chains cannot wait for each other in a circle.
    for organisation_id in sorted({item.organisation_id for item in pending}):
        position, previous = _locked_head(on, organisation_id)
        for item in (one for one in pending if one.organisation_id == organisation_id):
            row = _Linked(**vars(item), position=position + 1)
            last = link_hash(previous, row)
            _ADD_EVENT.run(on, **vars(row), id=new_id(), previous_hash=previous, hash=last)
            position, previous = row.position, last
        _MOVE_HEAD.run(on, chain=organisation_id, to_position=position, to_hash=previous)


_ADD_EVENT = inserting(AuditEvent)
_LOCK_HEAD = Prepared(
    select(AuditHead.position, AuditHead.hash).where(AuditHead.organisation_id == bindparam("chain")).with_for_update()
)
_ADD_HEAD = Prepared(
    insert(AuditHead).values(
        {AuditHead.organisation_id: bindparam("chain"), AuditHead.position: 0, AuditHead.hash: _GENESIS}
    )
)
_MOVE_HEAD = Prepared(
    update(AuditHead)
    .where(AuditHead.organisation_id == bindparam("chain"))
    .values({AuditHead.position: bindparam("to_position"), AuditHead.hash: bindparam("to_hash")})
)


def _locked_head(on: Transactional, organisation_id: uuid.UUID) -> tuple[int, str]:
    found = _LOCK_HEAD.run(on, chain=organisation_id)
    if not found:
        # Two first writers: one of them breaks on the primary key and is told to try again.
        _ADD_HEAD.run(on, chain=organisation_id)
        return 0, _GENESIS
    position, last = found[0]
    return position, last


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        _link_pending(session)


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)


def verify(session: Session) -> Iterator[Fault]:
    """Walk every chain and yield what was altered, removed or reordered."""
    heads = {head.organisation_id: head for head in session.scalars(select(AuditHead))}
    known = set(session.scalars(select(AuditEvent.organisation_id).distinct())) | set(heads)
    for organisation_id in sorted(known):
        yield from _verify_chain(session, organisation_id, heads.get(organisation_id))


def _verify_chain(session: Session, organisation_id: uuid.UUID, head: AuditHead | None) -> Iterator[Fault]:
    position, previous = 0, _GENESIS
    rows = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.organisation_id == organisation_id)
        .order_by(AuditEvent.position)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        if row.position != position + 1:
            yield Fault(organisation_id, position + 1, None, "ligne retirée ou déplacée")
        elif row.previous_hash != previous:
            yield Fault(organisation_id, row.position, row.id, "ne suit pas la ligne précédente")
        if link_hash(row.previous_hash, row) != row.hash:
            yield Fault(organisation_id, row.position, row.id, "ligne modifiée")
        position, previous = row.position, row.hash
    if head is None or (head.position, head.hash) != (position, previous):
        yield Fault(organisation_id, position + 1, None, "fin de chaîne retirée")

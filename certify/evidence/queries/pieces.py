"""Reads of pieces: what they illustrate, what is accepted, who may open them."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

import competencies
from certify.cohorts.models import Enrolment
from certify.core import files
from certify.core.access import Actor
from certify.core.clock import PARIS
from certify.core.errors import NotFound
from certify.evidence import policies
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState

_PIECE_KINDS = {
    EvidenceKind.FILE: "document",
    EvidenceKind.ENTRY: "logbook",
    EvidenceKind.PRIOR: "prior",
    EvidenceKind.LINK: "document",
    EvidenceKind.TEXT: "document",
    EvidenceKind.OBSERVATION: "observation",
    EvidenceKind.COMPUTED: "group_data",
}


@dataclass(frozen=True)
class Attached:
    """What goes with a logbook entry: the indicators it illustrates itself, and its files."""

    indicators: tuple[str, ...]
    files: tuple[EvidenceItem, ...]

    @property
    def all_indicators(self) -> frozenset[str]:
        """Everything the entry or one of its files illustrates."""
        return frozenset(self.indicators).union(*(indicators_of(item) for item in self.files))


def indicators_of(item: EvidenceItem) -> tuple[str, ...]:
    """Return the codes of the indicators a piece illustrates, in order."""
    return tuple(link.indicator for link in item.links)


def items_of_entry(session: Session, entry_id: uuid.UUID, *, lock: bool = False) -> list[EvidenceItem]:
    """Return the pieces of an entry that were not removed, oldest first, with their links."""
    query = _whole().where(EvidenceItem.entry_id == entry_id, EvidenceItem.state != EvidenceState.REMOVED)
    query = query.order_by(EvidenceItem.created_at, EvidenceItem.id).execution_options(populate_existing=True)
    return list(session.scalars(query.with_for_update() if lock else query))


def attached_to(session: Session, entry_id: uuid.UUID) -> Attached:
    """Return what goes with an entry."""
    items = items_of_entry(session, entry_id)
    own = [code for item in items if item.kind is EvidenceKind.ENTRY for code in indicators_of(item)]
    return Attached(tuple(own), tuple(item for item in items if item.kind is EvidenceKind.FILE))


def unchecked_pictures(session: Session, entry_id: uuid.UUID) -> list[EvidenceItem]:
    """Return the pictures and videos of an entry that its author did not vouch for yet: no face, no name."""
    items = items_of_entry(session, entry_id)
    return [item for item in items if policies.may_show_somebody(item) and item.faces_checked_at is None]


def accepted_items(session: Session, enrolment_id: uuid.UUID) -> list[EvidenceItem]:
    """Return the accepted evidence of a trainee, newest first, with links."""
    query = _whole().where(EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state == EvidenceState.ACCEPTED)
    return list(session.scalars(query.order_by(EvidenceItem.created_at.desc(), EvidenceItem.id)))


def accepted_pieces(
    session: Session, enrolment_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[competencies.Piece]]:
    """Return the accepted evidence of many trainees as the domain counts it, in one statement."""
    pieces: dict[uuid.UUID, list[competencies.Piece]] = defaultdict(list)
    if not enrolment_ids:
        return pieces
    query = (
        select(EvidenceItem.enrolment_id, EvidenceLink.indicator, EvidenceItem.kind, EvidenceItem.created_at)
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.enrolment_id.in_(enrolment_ids),
            EvidenceItem.state == EvidenceState.ACCEPTED,
            EvidenceLink.retired_at.is_(None),
        )
        .order_by(EvidenceItem.created_at, EvidenceLink.indicator)
    )
    for enrolment_id, indicator, kind, created_at in session.execute(query):
        day = created_at.astimezone(PARIS).date()
        pieces[enrolment_id].append(competencies.Piece(indicator, _PIECE_KINDS[kind], day, is_accepted=True))
    return pieces


def live_links(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    """Return, by trainee, each accepted piece with an indicator it illustrates today, in one statement."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = defaultdict(list)
    query = (
        select(EvidenceItem.enrolment_id, EvidenceItem.id, EvidenceLink.indicator)
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.enrolment_id.in_(enrolment_ids),
            EvidenceItem.state == EvidenceState.ACCEPTED,
            EvidenceLink.retired_at.is_(None),
        )
        .order_by(EvidenceItem.enrolment_id, EvidenceItem.id, EvidenceLink.indicator)
    )
    for enrolment_id, item_id, indicator in session.execute(query):
        found[enrolment_id].append((item_id, indicator))
    return found


def pieces_of(item: EvidenceItem, happened_on: date | None = None) -> list[competencies.Piece]:
    """Return an accepted item as the domain counts it: one piece for each indicator it illustrates.

    It is as recent as what it tells of: the day given, or when prior learning was acquired, or else its deposit.
    """
    day = happened_on or item.obtained_on or item.created_at.astimezone(PARIS).date()
    kind = _PIECE_KINDS[item.kind]
    return [competencies.Piece(code, kind, day, is_accepted=True) for code in indicators_of(item)]


def piece_counts(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[int, int]]:
    """Return, by trainee, how many indicators have one accepted piece, two, and so on; one statement for all."""
    found: dict[uuid.UUID, dict[int, int]] = defaultdict(dict)
    if not enrolment_ids:
        return found
    of_indicators = (
        select(EvidenceItem.enrolment_id, func.count().label("pieces"))
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.enrolment_id.in_(enrolment_ids),
            EvidenceItem.state == EvidenceState.ACCEPTED,
            EvidenceLink.retired_at.is_(None),
        )
        .group_by(EvidenceItem.enrolment_id, EvidenceLink.indicator)
        .subquery()
    )
    pieces, whose = of_indicators.c.pieces, of_indicators.c.enrolment_id
    for enrolment_id, count, indicators in session.execute(select(whose, pieces, func.count()).group_by(whose, pieces)):
        found[enrolment_id][count] = indicators
    return found


def accepted_moments(training_body_ids: Collection[uuid.UUID]) -> Select[uuid.UUID, datetime | None]:
    """Select (enrolment_id, decided_at) of the accepted evidence of training bodies, to count what is new."""
    return select(EvidenceItem.enrolment_id, EvidenceItem.decided_at).where(
        EvidenceItem.training_body_id.in_(training_body_ids), EvidenceItem.state == EvidenceState.ACCEPTED
    )


def count_covered(enrolment_id: uuid.UUID) -> Select[int]:
    """Select how many indicators the accepted evidence of a trainee covers."""
    query = select(func.count(EvidenceLink.indicator.distinct())).join(EvidenceItem)
    query = query.where(EvidenceLink.retired_at.is_(None))
    return query.where(EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.state == EvidenceState.ACCEPTED)


def own_item(session: Session, actor: Actor, item_id: uuid.UUID, *, lock: bool = False) -> EvidenceItem:
    """Return a file of an entry of the actor's own, with its links; NotFound otherwise, or once removed."""
    query = _whole().join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
    query = query.where(EvidenceItem.id == item_id, Enrolment.user_id == actor.user_id)
    query = query.where(EvidenceItem.kind == EvidenceKind.FILE, EvidenceItem.state != EvidenceState.REMOVED)
    query = query.where(EvidenceItem.entry_id.is_not(None))
    if lock:
        query = query.with_for_update(of=EvidenceItem).execution_options(populate_existing=True)
    item = session.scalars(query).one_or_none()
    if item is None:
        raise NotFound
    return item


def item_for(session: Session, actor: Actor, item_id: uuid.UUID) -> EvidenceItem:
    """Return a piece the actor may read: their own, or one submitted to a training body they read evidence of."""
    query = _whole().add_columns(Enrolment.user_id).join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
    row = session.execute(query.where(EvidenceItem.id == item_id)).one_or_none()
    if row is None:
        raise NotFound
    item: EvidenceItem = row[0]
    is_own = row[1] == actor.user_id and item.state is not EvidenceState.REMOVED
    if not (is_own or policies.may_staff_read(actor, item)):
        raise NotFound
    return item


def is_own(session: Session, actor: Actor, item: EvidenceItem) -> bool:
    """Whether a piece is the actor's own: reading it leaves no trace."""
    return session.scalar(select(Enrolment.user_id).where(Enrolment.id == item.enrolment_id)) == actor.user_id


def readable_files(session: Session, actor: Actor, entry_id: uuid.UUID) -> frozenset[str]:
    """Return the ids of the files of an entry that the actor may open."""
    owner = select(Enrolment.user_id).join(EvidenceItem, EvidenceItem.enrolment_id == Enrolment.id)
    is_author = session.scalar(owner.where(EvidenceItem.entry_id == entry_id).limit(1)) == actor.user_id
    files_here = attached_to(session, entry_id).files
    return frozenset(str(item.id) for item in files_here if is_author or policies.may_staff_read(actor, item))


def file_bytes(item: EvidenceItem) -> bytes:
    """Return the stored bytes of a piece; Unavailable when the store does not answer. The caller checks who reads."""
    if not item.storage_key:
        raise NotFound
    return files.read(item.storage_key)


def prior_items(session: Session, enrolment_id: uuid.UUID, *, for_staff: bool = False) -> list[EvidenceItem]:
    """Return the prior learning of a trainee, the newest first; what was not submitted is its author's alone."""
    query = _whole().where(EvidenceItem.enrolment_id == enrolment_id, EvidenceItem.kind == EvidenceKind.PRIOR)
    hidden = (EvidenceState.REMOVED, EvidenceState.LINKED) if for_staff else (EvidenceState.REMOVED,)
    query = query.where(EvidenceItem.state.not_in(hidden))
    return list(session.scalars(query.order_by(EvidenceItem.created_at.desc(), EvidenceItem.id)))


def own_prior_item(session: Session, actor: Actor, item_id: uuid.UUID) -> EvidenceItem:
    """Return a piece of the actor's own prior learning, that nobody else changes meanwhile; NotFound otherwise."""
    query = _whole().join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
    query = query.where(EvidenceItem.id == item_id, Enrolment.user_id == actor.user_id)
    query = query.where(EvidenceItem.kind == EvidenceKind.PRIOR, EvidenceItem.state != EvidenceState.REMOVED)
    item = session.scalars(
        query.with_for_update(of=EvidenceItem).execution_options(populate_existing=True)
    ).one_or_none()
    if item is None:
        raise NotFound
    return item


def locked_item(session: Session, item_id: uuid.UUID) -> EvidenceItem:
    """Return a piece, with its links, that nobody else changes before this transaction ends."""
    query = _whole().where(EvidenceItem.id == item_id).with_for_update(of=EvidenceItem)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def prior_item(session: Session, actor: Actor, item_id: uuid.UUID) -> EvidenceItem:
    """Return a piece of prior learning the actor may read: their own, or one submitted to their training body."""
    item = item_for(session, actor, item_id)
    if item.kind is not EvidenceKind.PRIOR:
        raise NotFound
    return item


def _whole() -> Select[EvidenceItem]:
    return select(EvidenceItem).options(selectinload(EvidenceItem.links))


def entries_illustrating(indicator: str) -> Select[uuid.UUID | None]:
    """Select the logbook entries of which a piece, or the entry itself, illustrates an indicator now."""
    return (
        select(EvidenceItem.entry_id)
        .join(EvidenceLink, EvidenceLink.evidence_id == EvidenceItem.id)
        .where(
            EvidenceItem.entry_id.is_not(None),
            EvidenceItem.state != EvidenceState.REMOVED,
            EvidenceLink.indicator == indicator,
            EvidenceLink.retired_at.is_(None),
        )
    )

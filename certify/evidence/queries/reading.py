"""Reads of those who answer pieces handed in by themselves: what waits, and what exactly was handed in."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Actor, Permission
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState, EvidenceVersion


def stands_alone() -> Any:
    """Return the condition that a piece is read by itself: any other is answered with its logbook entry."""
    return or_(EvidenceItem.entry_id.is_(None), EvidenceItem.kind == EvidenceKind.PRIOR)


def waiting_pieces(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the pieces that wait for the actor's answer: (piece, person, cohort name, moment it was handed in)."""
    handed_in = (
        select(func.max(EvidenceVersion.submitted_at))
        .where(EvidenceVersion.item_id == EvidenceItem.id)
        .correlate(EvidenceItem)
        .scalar_subquery()
    )
    return (
        select(
            EvidenceItem, User, Cohort.name.label("cohort"),
            func.coalesce(handed_in, EvidenceItem.created_at).label("since"),
        )
        .join(Enrolment, Enrolment.id == EvidenceItem.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            stands_alone(),
            EvidenceItem.state == EvidenceState.SUBMITTED,
            EvidenceItem.training_body_id.in_(actor.organisations(Permission.LOGBOOK_REVIEW)),
            Enrolment.user_id != actor.user_id,
        )
    )  # fmt: skip


def count_waiting(session: Session, actor: Actor) -> int:
    """Count the pieces that wait for the actor's answer."""
    return session.scalar(select(func.count()).select_from(waiting_pieces(actor).subquery())) or 0


@dataclass(frozen=True)
class FileFacts:
    """One file, as a piece or a version of it names it."""

    key: str
    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Shown:
    """A piece as a page shows it: as its author has it, or as it was handed in."""

    kind: EvidenceKind
    title: str
    account: str
    url: str
    facts: dict[str, Any]
    file: FileFacts | None
    links: tuple[tuple[str, str], ...]
    """Each indicator, with what its author makes of it."""
    obtained_on: date | None = None


def as_it_stands(item: EvidenceItem) -> Shown:
    """Return a piece as its author has it."""
    file = FileFacts(item.storage_key, item.filename, item.media_type, item.size, item.sha256)
    return Shown(
        item.kind, item.title, item.account, item.url, item.facts, file if item.storage_key else None,
        tuple((link.indicator, link.reflection) for link in item.links), item.obtained_on,
    )  # fmt: skip


def as_handed_in(version: EvidenceVersion) -> Shown:
    """Return a piece as it was handed in."""
    content = version.content
    file, day = content["file"], content["obtained_on"]
    return Shown(
        EvidenceKind(content["kind"]), content["title"], content["account"], content["url"], content["facts"],
        FileFacts(file["key"], file["name"], file["media_type"], file["size"], file["sha256"]) if file else None,
        tuple(sorted(content["links"].items())), date.fromisoformat(day) if day else None,
    )  # fmt: skip


def versions_of(session: Session, item_id: uuid.UUID) -> list[EvidenceVersion]:
    """Return everything handed in of a piece, the latest first."""
    query = select(EvidenceVersion).where(EvidenceVersion.item_id == item_id)
    return list(session.scalars(query.order_by(EvidenceVersion.number.desc())))


def people_who_answered(session: Session, versions: Collection[EvidenceVersion]) -> dict[uuid.UUID, User]:
    """Return who answered some versions, in one statement."""
    ids = {version.decided_by_id for version in versions if version.decided_by_id}
    return {person.id: person for person in session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}


def item_of(session: Session, item_id: uuid.UUID) -> EvidenceItem | None:
    """Return the piece made under an identity, if any."""
    return session.get(EvidenceItem, item_id)


def latest_version(session: Session, item_id: uuid.UUID) -> EvidenceVersion | None:
    """Return the last version handed in of a piece; none for what was handed in before versions were kept."""
    query = select(EvidenceVersion).where(EvidenceVersion.item_id == item_id)
    return session.scalars(query.order_by(EvidenceVersion.number.desc()).limit(1)).one_or_none()


def version_of(session: Session, item_id: uuid.UUID, number: int) -> EvidenceVersion | None:
    """Return one version of a piece."""
    query = select(EvidenceVersion).where(EvidenceVersion.item_id == item_id, EvidenceVersion.number == number)
    return session.scalars(query).one_or_none()


def decided_by(session: Session, *, user_ids: Any, enrolment_ids: Any) -> list[tuple[uuid.UUID, uuid.UUID, Any, int]]:
    """Return who answered evidence of whom: (person, enrolment, last moment, how many pieces), in one statement.

    `user_ids` and `enrolment_ids` are collections, or selects of one column.
    """
    query = (
        select(
            EvidenceItem.decided_by_id, EvidenceItem.enrolment_id, func.max(EvidenceItem.decided_at),
            func.count(EvidenceItem.id),
        )
        .where(EvidenceItem.decided_by_id.in_(user_ids), EvidenceItem.enrolment_id.in_(enrolment_ids))
        .group_by(EvidenceItem.decided_by_id, EvidenceItem.enrolment_id)
    )  # fmt: skip
    return [(who, enrolment, last, count) for who, enrolment, last, count in session.execute(query) if who]

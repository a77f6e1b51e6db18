"""Reads about badges: keys, lists and their bits, what is published, the badge of a certificate."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from certify.badges.models import Achievement, Badge, BadgeKey, PublishedStatus, StatusList, StatusPurpose
from certify.certificates.queries import (
    Certificate,
    CertificateEvent,
    CertificateEventKind,
    CertificateKind,
    CertificateState,
)
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.core.outbox import OutboxMessage
from certify.organisations.models import Organisation

CERTIFIED = (CertificateKind.WHOLE, CertificateKind.BLOCKS)
"""Kinds of document a badge goes with: what a jury recognised. Attendance is no achievement."""
_TOLD_BY = {
    StatusPurpose.REVOCATION: (CertificateState.REVOKED, CertificateState.REPLACED),
    StatusPurpose.SUSPENSION: (CertificateState.SUSPENDED,),
}
_TURNING = [kind for kind in CertificateEventKind if kind.leads_to and kind is not CertificateEventKind.ISSUED]
"""What may change the bits of a badge."""


def keys_of(session: Session, organisation_id: uuid.UUID) -> list[BadgeKey]:
    """Return every key an organisation ever signed badges with, the newest pair first, RSA before Ed25519.

    Programs that are told no name take the first one.
    """
    query = select(BadgeKey).where(BadgeKey.organisation_id == organisation_id)
    order = (BadgeKey.created_at.desc(), BadgeKey.kind.desc(), BadgeKey.id)
    return list(session.scalars(query.order_by(*order)))


def keys_in_use(session: Session, organisation_id: uuid.UUID) -> list[BadgeKey]:
    """Return the two keys an organisation signs with, or nothing."""
    return [key for key in keys_of(session, organisation_id) if key.retired_at is None]


def badge_of(session: Session, certificate_id: uuid.UUID) -> Badge | None:
    """Return the badge of a certificate, if it is made."""
    return session.scalars(select(Badge).where(Badge.certificate_id == certificate_id)).one_or_none()


def held_certificate(session: Session, actor: Actor, certificate_id: uuid.UUID) -> Certificate:
    """Return a certificate of the actor's own that a badge goes with; NotFound otherwise."""
    query = select(Certificate).where(
        Certificate.id == certificate_id, Certificate.holder_id == actor.user_id, Certificate.kind.in_(CERTIFIED)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found


def published_badge(session: Session, organisation_id: uuid.UUID, badge_id: uuid.UUID) -> tuple[Badge, Certificate]:
    """Return a badge its holder publishes, with its certificate; NotFound for any other."""
    query = select(Badge, Certificate).join(Certificate, Certificate.id == Badge.certificate_id)
    query = query.where(Badge.id == badge_id, Badge.organisation_id == organisation_id, Badge.published_at.is_not(None))
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def published_of_certificates(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Badge]:
    """Return the badges their holders publish, by certificate."""
    query = select(Badge).where(Badge.certificate_id.in_(ids), Badge.published_at.is_not(None))
    return {badge.certificate_id: badge for badge in session.scalars(query)}


def open_list(session: Session, organisation_id: uuid.UUID) -> StatusList | None:
    """Return the list where the next badge of an organisation gets its index: the last one, until half is taken."""
    query = select(StatusList).where(
        StatusList.organisation_id == organisation_id, StatusList.taken * 2 < StatusList.length
    )
    return session.scalars(query.order_by(StatusList.number.desc()).limit(1)).one_or_none()


def is_index_taken(session: Session, list_id: uuid.UUID, index: int) -> bool:
    """Whether an index already tells of a badge."""
    query = select(Badge.id).where(Badge.list_id == list_id, Badge.status_index == index)
    return session.scalars(query).one_or_none() is not None


def set_bits(session: Session, list_id: uuid.UUID, purpose: StatusPurpose) -> list[int]:
    """Return the indexes whose certificate is revoked or replaced, or suspended, as of now."""
    query = select(Badge.status_index).join(Certificate, Certificate.id == Badge.certificate_id)
    query = query.where(Badge.list_id == list_id, Certificate.state.in_(_TOLD_BY[purpose]))
    return list(session.scalars(query.order_by(Badge.status_index)))


def published_status(
    session: Session, organisation_id: uuid.UUID, number: int, purpose: str, form: str
) -> PublishedStatus:
    """Return a list as it is published; NotFound when there is none."""
    if purpose not in set(StatusPurpose):
        raise NotFound()
    query = (
        select(PublishedStatus)
        .join(StatusList, StatusList.id == PublishedStatus.list_id)
        .where(StatusList.organisation_id == organisation_id, StatusList.number == number)
        .where(PublishedStatus.purpose == StatusPurpose(purpose), PublishedStatus.format == form)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound()
    return found


def lists_to_publish(session: Session, moment: datetime) -> list[uuid.UUID]:
    """Return the lists never published, published before a moment, or before something that happened to a badge."""
    oldest = (
        select(PublishedStatus.list_id, func.min(PublishedStatus.published_at).label("at"))
        .group_by(PublishedStatus.list_id)
        .subquery()
    )
    turned = (
        select(Badge.id)
        .join(CertificateEvent, CertificateEvent.certificate_id == Badge.certificate_id)
        .where(Badge.list_id == StatusList.id, CertificateEvent.kind.in_(_TURNING))
        # A badge may enter a list after its certificate turned.
        .where(or_(CertificateEvent.at > oldest.c.at, Badge.issued_at > oldest.c.at))
    )
    query = select(StatusList.id).outerjoin(oldest, oldest.c.list_id == StatusList.id)
    return list(session.scalars(query.where(or_(oldest.c.at.is_(None), oldest.c.at <= moment, turned.exists()))))


def lists_asked_for(session: Session, topic: str) -> set[uuid.UUID]:
    """Return the lists that a job is to publish, or to try again."""
    query = select(OutboxMessage.payload).where(
        OutboxMessage.topic == topic, OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None)
    )
    return {uuid.UUID(payload["list_id"]) for payload in session.scalars(query)}


def achievement_of(session: Session, organisation_id: uuid.UUID, slug: str) -> Achievement | None:
    """Return what a badge may be about, as frozen when first issued."""
    query = select(Achievement).where(Achievement.organisation_id == organisation_id, Achievement.slug == slug)
    return session.scalars(query).one_or_none()


def achievements_of(session: Session, organisation_id: uuid.UUID) -> list[Achievement]:
    """Return everything an organisation issued badges about."""
    query = select(Achievement).where(Achievement.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Achievement.slug)))


def organisation_for(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Return an organisation whose badge keys the actor keeps; NotFound otherwise."""
    if organisation_id not in actor.organisations(Permission.BADGE_WRITE):
        raise NotFound()
    return session.get_one(Organisation, organisation_id)


def without_badge() -> ColumnElement[bool]:
    """Tell, in a query on certificates, which ones should have a badge and have none."""
    has_one = select(Badge.id).where(Badge.certificate_id == Certificate.id).exists()
    return Certificate.kind.in_(CERTIFIED) & (Certificate.state != CertificateState.REPLACED) & ~has_one


@dataclass(frozen=True)
class ListLine:
    """One status list, with what it says at present."""

    list: StatusList
    revoked: int
    suspended: int
    published_at: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True)
class Standing:
    """The badges of an organisation in figures."""

    made: int
    published: int
    missing: int
    lists: Sequence[ListLine]


def standing_of(session: Session, organisation_id: uuid.UUID) -> Standing:
    """Count the badges of an organisation, and read its lists, in three statements."""
    made, shown = session.execute(
        select(func.count(Badge.id), func.count(Badge.published_at)).where(Badge.organisation_id == organisation_id)
    ).one()
    missing = session.scalar(
        select(func.count(Certificate.id)).where(Certificate.certifying_body_id == organisation_id, without_badge())
    )
    return Standing(made, shown, missing or 0, _lists(session, organisation_id))


def _lists(session: Session, organisation_id: uuid.UUID) -> list[ListLine]:
    counts = {
        purpose: select(func.count(Badge.id))
        .join(Certificate, Certificate.id == Badge.certificate_id)
        .where(Badge.list_id == StatusList.id, Certificate.state.in_(states))
        .scalar_subquery()
        for purpose, states in _TOLD_BY.items()
    }
    told = [
        select(function(column)).where(PublishedStatus.list_id == StatusList.id).scalar_subquery()
        for function, column in ((func.max, PublishedStatus.published_at), (func.min, PublishedStatus.valid_until))
    ]
    query = select(StatusList, counts[StatusPurpose.REVOCATION], counts[StatusPurpose.SUSPENSION], *told)
    rows = session.execute(query.where(StatusList.organisation_id == organisation_id).order_by(StatusList.number))
    return [ListLine(*row) for row in rows]

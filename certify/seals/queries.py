"""Reads about sealing keys."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.organisations.models import Organisation
from certify.seals import checking
from certify.seals.authority import pem_of
from certify.seals.checking import SealVerdict
from certify.seals.models import SealKey


@dataclass(frozen=True)
class Examined:
    """What can be said of the seal of a file, and of whose it is."""

    verdict: SealVerdict
    organisation: Organisation | None
    """Whose key sealed, known here; never taken from the words of the certificate."""
    is_self_made: bool = False
    retired_at: datetime | None = None
    """When the key was retired, if it was: who has a copy of it may have sealed this since."""

    @property
    def is_proof_alone(self) -> bool:
        """Whether the seal proves something without the register.

        Its key is not retired, or a third party dated the seal before it was.
        """
        if self.retired_at is None:
            return self.is_valid
        stamp = self.verdict.signed_at if self.verdict.is_timestamped else None
        return self.is_valid and stamp is not None and stamp < self.retired_at

    @property
    def is_valid(self) -> bool:
        """Whether the seal holds and was put by an organisation of this installation."""
        return self.verdict.is_valid and self.organisation is not None


def newest_key(session: Session, organisation_id: uuid.UUID | None) -> SealKey | None:
    """Return the newest key not retired, even past its end; None stands for the installation's own authority."""
    return next(iter(keys_not_retired(session, organisation_id)), None)


def keys_not_retired(session: Session, organisation_id: uuid.UUID | None) -> Sequence[SealKey]:
    """Return the keys not retired, newest first: one at most, unless two were made at the same moment."""
    return session.scalars(_keys_of(organisation_id).where(SealKey.retired_at.is_(None))).all()


def is_usable(key: SealKey) -> bool:
    """Whether a key may seal now."""
    return key.retired_at is None and key.not_before <= clock.now() < key.not_after


def current_key(session: Session, organisation_id: uuid.UUID) -> SealKey | None:
    """Return the key an organisation seals with now: the newest not retired, when its certificate has not ended."""
    newest = newest_key(session, organisation_id)
    return newest if newest is not None and is_usable(newest) else None


def current_keys(session: Session, organisation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, SealKey]:
    """Return the newest key not retired of each of these organisations."""
    query = select(SealKey).where(SealKey.organisation_id.in_(organisation_ids), SealKey.retired_at.is_(None))
    rows = session.scalars(query.order_by(SealKey.created_at, SealKey.id))
    return {row.organisation_id: row for row in rows if row.organisation_id is not None}


def keys_of(session: Session, organisation_id: uuid.UUID) -> Sequence[SealKey]:
    """Return every key an organisation had, newest first."""
    return session.scalars(_keys_of(organisation_id)).all()


def key_for(session: Session, actor: Actor, key_id: uuid.UUID) -> tuple[SealKey, Organisation]:
    """Return a key and its organisation, whose seals the actor keeps; NotFound otherwise."""
    query = select(SealKey, Organisation).join(Organisation, Organisation.id == SealKey.organisation_id)
    query = query.where(SealKey.id == key_id, Organisation.id.in_(actor.organisations(Permission.SEAL_WRITE)))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def is_known(session: Session, fingerprint: str) -> bool:
    """Whether a certificate is already kept."""
    return bool(session.scalar(select(exists().where(SealKey.fingerprint == fingerprint))))


def trusted_roots(session: Session) -> list[str]:
    """Return the certificates (PEM) that seals of this installation hang from: the root of each key, old ones too."""
    found: dict[str, None] = {}
    for certificate, chain in session.execute(select(SealKey.certificate, SealKey.chain).order_by(SealKey.created_at)):
        above = x509.load_pem_x509_certificates(chain.encode()) if chain.strip() else []
        found.setdefault(pem_of(above[-1]) if above else certificate)
    return list(found)


def own_authorities(session: Session) -> list[str]:
    """Return the certificates (PEM) of the authorities this installation made for itself."""
    query = select(SealKey.certificate).where(SealKey.organisation_id.is_(None)).order_by(SealKey.created_at)
    return list(session.scalars(query))


def examined(session: Session, content: bytes, *, at: datetime | None = None) -> Examined:
    """Tell whether the seal of a PDF holds, and which organisation of this installation put it."""
    verdict = checking.check(
        content, trusted=trusted_roots(session), at=at, timestamp_roots=checking.known_timestamp_roots()
    )
    query = select(Organisation, SealKey.is_self_made, SealKey.retired_at)
    query = query.join(SealKey, SealKey.organisation_id == Organisation.id)
    row = session.execute(query.where(SealKey.fingerprint == verdict.fingerprint).limit(1)).one_or_none()
    return Examined(verdict, *row) if row is not None else Examined(verdict, None)


def _keys_of(organisation_id: uuid.UUID | None) -> Select[SealKey]:
    held = SealKey.organisation_id == organisation_id if organisation_id else SealKey.organisation_id.is_(None)
    return select(SealKey).where(held).order_by(SealKey.created_at.desc(), SealKey.id.desc())

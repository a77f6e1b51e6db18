"""Keys, badges and status lists of the organisations that issue certificates."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class BadgeKeyKind(StrEnum):
    """What a key signs with: RS256 for the VC-JWT, Ed25519 for Data Integrity."""

    RSA = "rsa"
    ED25519 = "ed25519"


class BadgeKey(Identified, Base):
    """A signing key of an organisation's badges; retired keys stay in its DID document for ever."""

    __tablename__ = "badge_key"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"retired_at"})

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[BadgeKeyKind] = mapped_column(EnumText(BadgeKeyKind))
    name: Mapped[str] = mapped_column(String(40))
    """Fragment of the verification method: `rsa-2026-1`."""
    private_key: Mapped[bytes] = mapped_column(LargeBinary)
    """PKCS#8, encrypted with the installation's key."""
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class StatusPurpose(StrEnum):
    """What a status list says (W3C Bitstring Status List 1.0)."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


class StatusList(Identified, Base):
    """A list of bits; both purposes and both securing formats share the number and the indexes."""

    __tablename__ = "badge_status_list"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    length: Mapped[int] = mapped_column(default=131_072)
    taken: Mapped[int] = mapped_column(default=0)
    """How many indexes are given; another list begins at half."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PublishedStatus(Identified, Base):
    """A status list as published: signed bytes, republished at each change and twice a day."""

    __tablename__ = "badge_published_status"
    __table_args__ = (UniqueConstraint("list_id", "purpose", "format"),)

    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_status_list.id"))
    purpose: Mapped[StatusPurpose] = mapped_column(EnumText(StatusPurpose))
    format: Mapped[str] = mapped_column(String(10))
    """`jwt` or `json`."""
    content: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime] = mapped_column(UTCDateTime)


class Badge(Identified, Base):
    """The Open Badge of one certificate: signed once in both forms, delivered to the holder."""

    __tablename__ = "badge"
    __table_args__ = (
        UniqueConstraint("certificate_id"),
        UniqueConstraint("list_id", "status_index"),
        Index(None, "organisation_id"),
    )
    __sealed_when__ = staticmethod(always)
    __always_open__ = frozenset({"published_at"})
    """The holder publishes it, and takes it back."""

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    subject_id: Mapped[uuid.UUID]
    """Random, for this badge only: `urn:uuid:` in the credential."""
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("badge_status_list.id"))
    status_index: Mapped[int]
    """Drawn at random: neither an order nor a count."""
    jwt: Mapped[str] = mapped_column(Text)
    """Compact VC-JWT, RS256."""
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The same credential with its Data Integrity proof, eddsa-rdfc-2022."""
    picture_key: Mapped[str] = mapped_column(String(120), default="")
    """PNG with the credential baked in."""
    picture_sha256: Mapped[str] = mapped_column(String(64), default="")
    picture_size: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the holder put it on the public page; none when it is theirs alone."""


class Achievement(Identified, Base):
    """What badges are about: a certification or blocks of one framework version, frozen when first issued."""

    __tablename__ = "badge_achievement"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)
    __sealed_when__ = staticmethod(always)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    slug: Mapped[str] = mapped_column(String(120))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

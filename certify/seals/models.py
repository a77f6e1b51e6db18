"""The sealing keys of organisations."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class ProviderKind(StrEnum):
    """Where a sealing key is held."""

    LOCAL = "local"
    PKCS11 = "pkcs11"

    @property
    def label(self) -> Any:
        """How it is called on screen."""
        return _PROVIDERS[self]


_PROVIDERS = {
    ProviderKind.LOCAL: _l("clé chiffrée dans cette installation"),
    ProviderKind.PKCS11: _l("boîtier ou carte (PKCS#11)"),
}


class SealKey(Identified, Base):
    """A key and its chain; the one not retired seals, the others still tell that old seals hold."""

    __tablename__ = "seal_key"
    __table_args__ = (Index(None, "organisation_id", "created_at"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"retired_at"})

    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    """None for the installation's own authority, which signs the certificates it makes itself."""
    provider: Mapped[ProviderKind] = mapped_column(EnumText(ProviderKind))
    subject: Mapped[str] = mapped_column(String(300))
    """Of the certificate, to show."""
    certificate: Mapped[str] = mapped_column(Text)
    """PEM."""
    chain: Mapped[str] = mapped_column(Text, default="")
    """PEM of the authorities above, root last."""
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the certificate (DER)."""
    private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """PKCS#8, encrypted with the installation's key; none when a device holds it."""
    device_label: Mapped[str] = mapped_column(String(120), default="")
    """Label of the key on the device."""
    is_self_made: Mapped[bool] = mapped_column(Boolean, default=False)
    """Under the installation's own authority: no PDF reader knows it, and pages say so."""
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    not_after: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was put out of service for good: another took its place, or somebody withdrew it."""

"""Civil identities, encrypted; each correction is one more row."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class ProofKind(StrEnum):
    """The civil-status document an identity was read on."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth_certificate"
    FAMILY_RECORD = "family_record"
    RESIDENCE_PERMIT = "residence_permit"

    @property
    def label(self) -> Any:
        """How the document is called on screen."""
        return _PROOFS[self]


_PROOFS = {
    ProofKind.IDENTITY_CARD: _l("carte nationale d’identité"),
    ProofKind.PASSPORT: _l("passeport"),
    ProofKind.BIRTH_CERTIFICATE: _l("acte de naissance"),
    ProofKind.FAMILY_RECORD: _l("livret de famille"),
    ProofKind.RESIDENCE_PERMIT: _l("titre de séjour"),
}


class CivilIdentity(Identified, Base):
    """One version of somebody's civil identity: typed by them or for them, then checked against the document."""

    __tablename__ = "civil_identity"
    __table_args__ = (UniqueConstraint("user_id", "number"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"checked_at", "checked_by_id"})

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    number: Mapped[int]
    """1, 2…: the last one stands."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """`competencies.CivilStatus` as a document, encrypted with the installation's key."""
    proof: Mapped[ProofKind] = mapped_column(EnumText(ProofKind))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When somebody of the training or certifying body compared it with the document."""
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class RegistrationNumber(Identified, Base):
    """Somebody's NIR, encrypted: collected once the certification is registered only, purged after the deposit."""

    __tablename__ = "registration_number"
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once purged."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

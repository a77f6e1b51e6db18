"""Minutes of a session, what each candidate is given of them, and the members' signatures."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certify.core.db import Base, Identified
from certify.core.i18n import lazy as _l
from certify.core.kept_documents import DOCUMENT, KeptDocument
from certify.core.sealing import always
from certify.core.types import EnumText, UTCDateTime


class JuryMinutes(KeptDocument, Identified, Base):
    """The minutes (PV) of a closed session: frozen facts, then the stored bytes of their PDF once all have signed."""

    __tablename__ = "jury_minutes"
    __table_args__ = (UniqueConstraint("session_id", "number"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = DOCUMENT | {"signed_at", "superseded_at"}

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    number: Mapped[int] = mapped_column(default=1)
    """2 and more when a closed session was opened again: the last one stands."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """With their own SHA-256 under « digest »: what members sign."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When each member who sat had signed, or the registrar had said why not."""
    superseded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignatureMethod(StrEnum):
    """How it was made sure that the member signed."""

    AUTHENTICATOR = "authenticator"
    MAIL = "mail"

    @property
    def label(self) -> Any:
        """How the method is called in the minutes."""
        return _METHODS[self]


_METHODS = {
    SignatureMethod.AUTHENTICATOR: _l("code d’une application d’authentification"),
    SignatureMethod.MAIL: _l("code reçu par courriel"),
}


class JurySignature(Identified, Base):
    """A member signed minutes: when, by what second factor, and the digest of what was signed."""

    __tablename__ = "jury_signature"
    __table_args__ = (UniqueConstraint("minutes_id", "seat_id"),)
    __sealed_when__ = staticmethod(always)

    minutes_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_minutes.id"))
    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    method: Mapped[SignatureMethod] = mapped_column(EnumText(SignatureMethod))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MissingSignature(Identified, Base):
    """The registrar states why a member who sat does not sign; the minutes print it in place of the signature."""

    __tablename__ = "jury_missing_signature"
    __table_args__ = (UniqueConstraint("minutes_id", "seat_id"),)
    __sealed_when__ = staticmethod(always)

    minutes_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_minutes.id"))
    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    reason: Mapped[str] = mapped_column(Text)
    stated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    stated_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class SigningCode(Identified, Base):
    """A code mailed to a member who has no authenticator, for one signature; kept as a keyed digest, short-lived."""

    __tablename__ = "jury_signing_code"
    __table_args__ = (UniqueConstraint("minutes_id", "seat_id"),)

    minutes_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_minutes.id"))
    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class JuryExtract(KeptDocument, Identified, Base):
    """What one candidate is given of the minutes: frozen facts, then the stored bytes."""

    __tablename__ = "jury_extract"
    __table_args__ = (UniqueConstraint("minutes_id", "candidacy_id", "decision_id", "number"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = DOCUMENT

    minutes_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_minutes.id"))
    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"), index=True)
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_decision.id"))
    number: Mapped[int] = mapped_column(default=1)
    """2 and more when the results were published again and may be contested until another day; the last one stands."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

"""What keeps somebody from sitting: declared links, recusals, presence; and the derogations granted with a reason."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core.db import Base, Identified
from certify.core.sealing import always
from certify.core.types import UTCDateTime


class LinkDeclaration(Identified, Base):
    """A member's signed declaration on the links they have, or not, with each candidate; the last one stands."""

    __tablename__ = "jury_link_declaration"
    __table_args__ = (UniqueConstraint("seat_id", "number"),)
    __sealed_when__ = staticmethod(always)

    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id", ondelete="CASCADE"))
    number: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The text signed and the candidates named in it: somebody presented later asks for another declaration."""
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    links: Mapped[list["DeclaredLink"]] = relationship(lazy="raise_on_sql", order_by="DeclaredLink.id")


class DeclaredLink(Identified, Base):
    """One link a member declared with one candidate."""

    __tablename__ = "jury_declared_link"
    __sealed_when__ = staticmethod(always)

    declaration_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("jury_link_declaration.id", ondelete="CASCADE"), index=True
    )
    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id", ondelete="CASCADE"))
    conflict: Mapped[str] = mapped_column(String(40))
    """Code of `competencies.CONFLICTS`, or « other »."""
    account: Mapped[str] = mapped_column(String(300), default="")


class CompositionDerogation(Identified, Base):
    """A rule of composition set aside for one candidate, or for the session, with a reason printed in the minutes."""

    __tablename__ = "jury_composition_derogation"
    __table_args__ = (Index(None, "session_id"),)
    __sealed_when__ = staticmethod(always)
    __written_later__ = frozenset({"withdrawn_at", "withdrawn_by_id"})

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_session.id"))
    candidacy_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_candidacy.id", ondelete="CASCADE"))
    seat_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jury_seat.id", ondelete="CASCADE"))
    violation: Mapped[str] = mapped_column(String(60))
    """Code of the `competencies.Violation` set aside."""
    reason: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    granted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))


class SeatPresence(Identified, Base):
    """Whether a member, or a reserve called to sit, is present; the last row stands."""

    __tablename__ = "jury_seat_presence"
    __table_args__ = (Index(None, "seat_id", "at"),)
    __sealed_when__ = staticmethod(always)

    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    is_present: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))


class Recusal(Identified, Base):
    """A member stands aside for one candidate on the day; they neither read the file nor vote from then on."""

    __tablename__ = "jury_recusal"
    __table_args__ = (UniqueConstraint("seat_id", "candidacy_id"),)
    __sealed_when__ = staticmethod(always)

    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_seat.id"))
    candidacy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jury_candidacy.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))

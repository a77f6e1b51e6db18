"""Accounts, their sign-ins and invitations."""

import uuid
from datetime import datetime
from typing import Any

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from certify.core import clock
from certify.core.db import Base, Identified
from certify.core.types import UTCDateTime, new_id

EXTERNAL_DOMAIN = "@lti.invalid"
"""Ends the made-up addresses (RFC 6761 section 6.4: the name never exists)."""


class User(Identified, UserMixin, Base):  # type: ignore[misc]
    """A person who signs in. Authentication only: what they may do is held by memberships, enrolments and seats."""

    __tablename__ = "user_account"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case; for somebody known through a learning platform only, a made-up address that takes no mail."""
    contact: Mapped[str] = mapped_column(String(254), default="")
    """Where mails go instead, as a learning platform said: it never signs in and never finds an account."""
    given_name: Mapped[str] = mapped_column(String(80), default="")
    family_name: Mapped[str] = mapped_column(String(80), default="")
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    password: Mapped[str | None] = mapped_column(String(255))
    """Argon2 hash; empty until the invitation is accepted."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: new_id().hex)
    """Changed to sign the person out everywhere."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    """Time step of the last authenticator code accepted: a code serves once (RFC 6238 section 5.2)."""
    mf_recovery_codes: Mapped[Any] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)  # type: ignore[assignment]
    webauthn: Mapped[list["WebAuthn"]] = relationship(cascade="all, delete")  # type: ignore[assignment]
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    # Flask-Security asks for roles; ours are held per organisation, in other tables.
    roles: tuple[()] = ()  # type: ignore[assignment]

    @property
    def name(self) -> str:
        """How the person is shown."""
        return f"{self.given_name} {self.family_name}".strip() or self.email.partition("@")[0]

    @property
    def is_external(self) -> bool:
        """Whether the person has no address of their own here, and comes in through a learning platform only."""
        return self.email.endswith(EXTERNAL_DOMAIN)

    @property
    def address(self) -> str:
        """Where mails reach the person, and what staff are shown; empty when nobody knows."""
        return self.contact if self.is_external else self.email

    @property
    def has_second_factor(self) -> bool:
        """Whether a code or a passkey is asked after the password."""
        return self.tf_primary_method is not None or any(key.usage == "secondary" for key in self.webauthn)


class SecurityRole(RoleMixin):
    """What Flask-Security takes for a role; never stored."""


class WebAuthn(Base, WebAuthnMixin):
    """A passkey, as Flask-Security keeps it."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[Any] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lastuse_datetime: Mapped[datetime] = mapped_column(UTCDateTime)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)

    def get_user_mapping(self) -> dict[str, Any]:
        """Return how to find the owner, in Flask-Security's terms."""
        return {"id": self.user_id}


class UserSession(Identified, Base):
    """One sign-in on one device, so that it can be listed and ended."""

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "user_id", "last_seen_at"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """Refreshed at most every few minutes."""
    device: Mapped[str] = mapped_column(String(120), default="")
    """Browser and system in words, from the User-Agent header."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class FailedSignIn(Identified, Base):
    """One failed sign-in; counted per account and per address, forgotten after the window."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "account_hash", "at"), Index(None, "address_hash", "at"))

    at: Mapped[datetime] = mapped_column(UTCDateTime)
    account_hash: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the address typed, so that the table names nobody."""
    address_hash: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the network address."""


class Invitation(Identified, Base):
    """A link sent to somebody, once, to choose a password or accept a new part."""

    __tablename__ = "invitation"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret in the link; the secret itself is only in the mail."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

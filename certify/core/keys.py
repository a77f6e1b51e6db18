"""Secrets at rest: values encrypted with the installation's key, and signing keys kept that way."""

import base64
import hashlib
import hmac
import uuid
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import current_app
from sqlalchemy import LargeBinary, String, Text, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from certify.core import clock
from certify.core.db import Base, Identified
from certify.core.errors import Unavailable
from certify.core.i18n import lazy as _l
from certify.core.types import UTCDateTime
from certify.settings import Settings


class SigningKey(Identified, Base):
    """A private key, encrypted at rest; `purpose` says what it signs and `retired_at` that it only verifies."""

    __tablename__ = "signing_key"

    purpose: Mapped[str] = mapped_column(String(40), index=True)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def box(settings: Settings) -> Fernet:
    """Return the box that closes and opens secrets of this installation."""
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.secret("keys_secret").encode()).digest()))


def keyed_digest(purpose: str, value: str) -> str:
    """Return what lets a value be recognised, never read: only who holds this installation's key can compute it."""
    settings: Settings = current_app.config["SETTINGS"]
    key = settings.secret("keys_secret").encode()
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def close(settings: Settings, value: bytes) -> bytes:
    """Encrypt a value."""
    return box(settings).encrypt(value)


def open_(settings: Settings, token: bytes) -> bytes:
    """Decrypt a value; raises Unavailable when it was closed with another key."""
    try:
        return box(settings).decrypt(token)
    except InvalidToken as error:
        raise Unavailable(_l("Cette donnée a été chiffrée avec une autre clé (CERTIFY_KEYS_SECRET).")) from error


def make_signing_key(
    session: Session, settings: Settings, purpose: str, organisation_id: uuid.UUID | None = None
) -> SigningKey:
    """Make an RSA-2048 key for a purpose and keep it encrypted."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = SigningKey(
        purpose=purpose,
        organisation_id=organisation_id,
        private_key=close(settings, secret),
        public_key=public.decode("ascii"),
        created_at=clock.now(),
    )
    session.add(key)
    return key


def signing_key(session: Session, purpose: str, organisation_id: uuid.UUID | None = None) -> SigningKey | None:
    """Return the newest key in use for a purpose, if any."""
    query = select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.retired_at.is_(None))
    query = query.where(
        SigningKey.organisation_id == organisation_id if organisation_id else SigningKey.organisation_id.is_(None)
    )
    return session.scalars(query.order_by(SigningKey.created_at.desc()).limit(1)).one_or_none()

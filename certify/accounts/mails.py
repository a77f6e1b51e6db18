"""Mails about accounts, each in the language of the person it goes to."""

from flask import current_app
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import mail
from certify.settings import Settings


def invitation_days() -> int:
    """Return how many days an invitation link works."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.invitation_days


def send_invitation(
    session: Session, user: User, token: str, *, organisation_name: str, reason: str, days: int
) -> None:
    """Send somebody without a password the link to choose one."""
    mail.queue(
        session, "accounts/invitation", to=user.address, locale=user.locale, user=user, token=token,
        organisation_name=organisation_name, reason=reason, days=days,
    )  # fmt: skip


def send_new_part(session: Session, user: User, *, organisation_name: str, reason: str) -> None:
    """Tell somebody who already signs in that an organisation gave them a part."""
    mail.queue(
        session,
        "accounts/new_part",
        to=user.address,
        locale=user.locale,
        user=user,
        organisation_name=organisation_name,
        reason=reason,
    )

"""The weekly mail: to one person, in their language, with the link that stops it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import mail
from certify.reminders.digests import Line
from certify.reminders.models import Subscription


def digest(session: Session, person: User, subscription: Subscription, lines: Sequence[Line]) -> None:
    """Write somebody what waits for them this week."""
    mail.queue(
        session, "digest", to=person.address, locale=person.locale, unsubscribe=f"/reminders/{subscription.token}",
        lines=lines,
    )  # fmt: skip

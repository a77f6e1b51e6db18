"""What happens by itself: each week is prepared once, and each mail of it written once."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core import clock, jobs, outbox
from certify.core.db import separate_session
from certify.reminders import mails, policies, services
from certify.reminders.digests import Line
from certify.reminders.models import Subscription


@jobs.each_hour(minute=12)
def prepare_week() -> int:
    """Consider everybody whose week was not; return how many people."""
    considered = 0
    while True:
        with separate_session() as session:
            found = services.prepare(session)
            session.commit()
        if not found:
            return considered
        considered += found


@outbox.on("reminders.due")
def remind(session: Session, user_id: str, week: str, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write the mail of one person, unless it was written already or they declined meanwhile."""
    subscription = session.get_one(Subscription, uuid.UUID(user_id), with_for_update=True)
    person = session.get_one(User, subscription.user_id)
    if policies.is_due(subscription, person, date.fromisoformat(week)):
        mails.digest(session, person, subscription, [Line.from_document(line) for line in lines])
        subscription.sent_on = clock.today()

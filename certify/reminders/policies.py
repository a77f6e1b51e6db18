"""Facts that decide whether a weekly mail leaves."""

from datetime import date, datetime, timedelta

from certify.accounts.models import User
from certify.core import clock
from certify.reminders.models import Subscription

_FIRST_HOUR = 7
"""Mails of a week leave from Monday at this hour, in Paris."""


def week_of(moment: datetime) -> date:
    """Return the Monday of the week whose mails leave at this moment: a week begins when its first mail may leave."""
    local = moment.astimezone(clock.PARIS) - timedelta(hours=_FIRST_HOUR)
    return local.date() - timedelta(days=local.weekday())


def is_due(subscription: Subscription, person: User, week: date) -> bool:
    """Whether somebody still awaits the mail of a week: they want it, can be reached, and have not had it."""
    is_sent = subscription.sent_on is not None and subscription.sent_on >= week
    return subscription.is_wanted and person.active and bool(person.address) and not is_sent

"""Which counts are for whom."""

from certify.cohorts.models import Enrolment
from certify.core.access import Actor

RESERVED = frozenset({"individual_meetings", "referrals", "relays_followed", "support_asked"})
"""Rules that rest on coded actions: the staff counts those by cohort only, so they are the trainee's own to propose."""


def may_propose(actor: Actor, enrolment: Enrolment, rule: str) -> bool:
    """Whether somebody may propose what a rule finds: the trainee anything, a trainer what the staff may read."""
    return enrolment.user_id == actor.user_id or rule not in RESERVED

"""Facts that decide what may be done with a cohort, an enrolment, or what somebody typed about a person."""

import re
from datetime import date

from certify.cohorts.models import AccessRoute, Enrolment, EnrolmentState

_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\".]+(\.[^@\s,;:<>()\[\]\\\".]+)+")
NAME_LENGTH = 80
EMAIL_LENGTH = 254


def is_email(text: str) -> bool:
    """Whether a text looks like one e-mail address; whether it exists, only a mail can tell."""
    return len(text) <= EMAIL_LENGTH and _EMAIL.fullmatch(text) is not None and ".." not in text


def is_in_order(starts_on: date, ends_on: date) -> bool:
    """Whether a cohort ends after it starts."""
    return ends_on > starts_on


def may_change_state(current: EnrolmentState, wanted: EnrolmentState) -> bool:
    """Whether an enrolment may go from one state to another: never back to « invited », which only a mail makes."""
    return wanted is current or wanted is not EnrolmentState.INVITED


def may_be_invited(state: EnrolmentState) -> bool:
    """Whether an invitation still makes sense: the person is expected, or here."""
    return state in (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


def may_be_suspended(state: EnrolmentState) -> bool:
    """Whether there is a training under way to suspend."""
    return state in (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


def is_vae(enrolment: Enrolment) -> bool:
    """Whether somebody comes by the validation of prior experience."""
    return enrolment.access_route is AccessRoute.PRIOR_EXPERIENCE

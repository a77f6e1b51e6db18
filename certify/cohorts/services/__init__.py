"""The verbs of cohorts, enrolments, and what happens to an enrolment."""

from certify.cohorts.services.attendance import cancel as cancel_half_day
from certify.cohorts.services.attendance import plan as plan_half_days
from certify.cohorts.services.attendance import record as record_attendance
from certify.cohorts.services.cohorts import amend_cohort, create_cohort
from certify.cohorts.services.enrolments import (
    INVITATION_WANTED,
    AlreadyEnrolled,
    Enrolled,
    admit,
    amend_enrolment,
    enrol,
    enrol_all,
    follow_person,
    invite_again,
)
from certify.cohorts.services.states import change_state, locked, resume, suspend
from certify.cohorts.services.vae import record_step, strike_step

__all__ = [
    "INVITATION_WANTED",
    "AlreadyEnrolled",
    "Enrolled",
    "admit",
    "amend_cohort",
    "amend_enrolment",
    "cancel_half_day",
    "change_state",
    "create_cohort",
    "enrol",
    "enrol_all",
    "follow_person",
    "invite_again",
    "locked",
    "plan_half_days",
    "record_attendance",
    "record_step",
    "resume",
    "strike_step",
    "suspend",
]

"""The one thing to do next about a trainee, for themself or for those who follow them."""

from enum import StrEnum

from certify.cohorts.models import EnrolmentState
from certify.eligibility.queries import File
from certify.logbook.models import EntryState
from certify.reports.trainee import Path


class NextStep(StrEnum):
    """What comes next, the most pressing first."""

    RESUME = "resume"
    COMPLETE = "complete"
    """Entries sent back to be completed."""
    REVIEW = "review"
    """Entries that wait for an answer."""
    AGREE = "agree"
    """Competencies on which assessors disagree."""
    PROVE = "prove"
    """Indicators without accepted evidence."""
    ASSESS = "assess"
    """Competencies nobody has assessed."""
    COMPLETE_FILE = "complete_file"
    """Something else the programme asks for before a jury."""
    PRESENT = "present"
    """Nothing lacks: a jury can be held."""


def next_step(path: Path, file: File, *, is_own: bool) -> NextStep:
    """Return what to do first: what only the reader can do, then what the file lacks."""
    if path.enrolment.state is EnrolmentState.SUSPENDED:
        return NextStep.RESUME
    if is_own and path.count(EntryState.RETURNED):
        return NextStep.COMPLETE
    if not is_own and path.count(EntryState.SUBMITTED):
        return NextStep.REVIEW
    if not is_own and path.disputed:
        return NextStep.AGREE
    if path.missing:
        return NextStep.PROVE
    if path.unassessed:
        return NextStep.ASSESS
    return NextStep.COMPLETE_FILE if file.lacking else NextStep.PRESENT

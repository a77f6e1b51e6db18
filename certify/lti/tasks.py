"""What LTI does after a transaction: grades and columns carried to platforms, rosters read from them."""

import uuid
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from certify.assessments import services as assessments
from certify.core import outbox
from certify.lti.queries.grades import COLUMNS_WANTED
from certify.lti.services import columns, delivery, grades, rosters
from certify.settings import Settings


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@outbox.on(assessments.SIGNED)
@outbox.on(grades.PERSON_WANTED)
def want_scores(session: Session, enrolment_id: str, **_facts: Any) -> None:
    """Want the grades of a trainee: an assessment was just signed, or a platform just met them."""
    grades.want_scores(session, uuid.UUID(enrolment_id))


@outbox.on(grades.COURSE_WANTED)
def want_course_scores(session: Session, context_id: str, after: str | None = None) -> None:
    """Want the grades of some trainees of a course, then those of the next ones."""
    grades.want_course_scores(session, uuid.UUID(context_id), uuid.UUID(after) if after else None)


def _find_or_make_columns(session: Session, context_id: str) -> columns.Found | None:
    return columns.find_or_make(session, _settings(), uuid.UUID(context_id))


@outbox.on(COLUMNS_WANTED, prepare=_find_or_make_columns)
def keep_columns(session: Session, context_id: str, prepared: columns.Found | None) -> None:
    """Note the grade columns that the platform has now."""
    columns.keep(session, uuid.UUID(context_id), prepared)


def try_score(session: Session, score_id: str, due: str) -> delivery.Attempt | None:
    """Post a grade to its platform."""
    return delivery.attempt(session, _settings(), uuid.UUID(score_id), due)


@outbox.on(grades.SCORE_WANTED, prepare=try_score)
def settle_score(session: Session, score_id: str, due: str, prepared: delivery.Attempt | None) -> None:
    """Note what the platform answered to a grade."""
    delivery.settle(session, uuid.UUID(score_id), due, prepared)


def _read_roster(session: Session, read_id: str) -> rosters.Read:
    return rosters.ask(session, _settings(), uuid.UUID(read_id))


@outbox.on(rosters.ROSTER_WANTED, prepare=_read_roster)
def keep_roster(session: Session, read_id: str, prepared: rosters.Read) -> None:
    """Keep the roster that a platform gave."""
    rosters.keep(session, uuid.UUID(read_id), prepared)

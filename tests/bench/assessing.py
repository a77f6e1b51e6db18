"""Recording one assessment of a whole grid, for a trainee never assessed and for one assessed many times."""

import sys
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments import services
from certify.assessments.models import Assessment, AssessmentKind
from certify.assessments.policies import Rated
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db, separate_session
from certify.organisations.models import Organisation
from tests.bench.places import SUFFIXES, opened_app
from tests.bench.rows import Row, equal
from tests.factories.assessments import make_habilitated
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member
from tests.services.statements import count_statements

HISTORIES = (0, 5, 50)
NAMES = tuple(
    f"house.assessment_statements_{size}_before{suffix}" for suffix in SUFFIXES.values() for size in HISTORIES
)
_FRAMEWORK = competencies.demo()


def measure() -> Iterator[Row]:
    """Count the statements of saving and signing a whole grid, after 0, 5 and 50 signed ones."""
    for engine, suffix in SUFFIXES.items():
        with opened_app(engine) as app, app.app_context(), separate_session() as session:
            cohort = make_cohort(session)
            assessors = _assessors(session, cohort)
            # What a process does once in its life, such as reading the framework, is not counted.
            _record(session, make_enrolment(session, cohort), assessors[0], 0)
            first = 0
            for size in HISTORIES:
                print(f"  {engine}, {size} signées…", file=sys.stderr, flush=True)  # noqa: T201
                enrolment = make_enrolment(session, cohort)
                for turn in range(size):
                    _record(session, enrolment, assessors[turn % len(assessors)], turn)
                count = _counted(session, enrolment, assessors[0], size)
                first = first or count
                name = f"house.assessment_statements_{size}_before{suffix}"
                yield equal(name, count, "requêtes", first, "sans évaluation auparavant")


def _assessors(session: Session, cohort: Cohort) -> list[User]:
    body = session.get_one(Organisation, cohort.training_body_id)
    people = [make_member(session, body, Role.TRAINER) for _ in range(5)]
    for person in people:
        make_habilitated(session, person, cohort)
    session.commit()
    return people


def _counted(session: Session, enrolment: Enrolment, assessor: User, turn: int) -> int:
    with count_statements(db.engine) as statements:
        _record(session, enrolment, assessor, turn)
    return len(statements)


def _record(session: Session, enrolment: Enrolment, assessor: User, turn: int) -> Assessment:
    session.expire_all()
    actor = actor_of(session, assessor)
    held_on = clock.today() - timedelta(days=60 - turn)
    grid = {
        indicator.code: Rated(_FRAMEWORK.scale.codes[(place + turn) % 3], True, f"Observation {turn}.")
        for place, indicator in enumerate(_FRAMEWORK.indicators)
    }
    draft = services.start(session, actor, enrolment, kind=AssessmentKind.FORMATIVE, held_on=held_on)
    services.save(session, actor, draft, revision=draft.revision, comment="Bilan.", ratings=grid)
    signed = services.sign(session, actor, draft)
    session.commit()
    return signed

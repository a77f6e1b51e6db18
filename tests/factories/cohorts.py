"""Framework versions, cohorts, enrolments."""

import itertools
from datetime import timedelta

from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Organisation
from tests.factories.people import make_certifying_body, make_habilitation, make_organisation, make_user

_numbers = itertools.count(1)


def make_version(session: Session, certifying_body: Organisation | None = None) -> FrameworkVersion:
    """Make the demo framework a version of a certifying body."""
    framework = competencies.demo()
    body = certifying_body or make_certifying_body(session)
    version = FrameworkVersion(
        certifying_body_id=body.id,
        code=framework.code,
        version=framework.version,
        title_fr=framework.title.fr,
        title_en=framework.title.en,
        content=competencies.to_document(framework),
        digest=competencies.digest(framework),
        created_at=clock.now(),
    )
    session.add(version)
    session.flush()
    return version


def make_cohort(
    session: Session,
    training_body: Organisation | None = None,
    version: FrameworkVersion | None = None,
    **values: object,
) -> Cohort:
    """Make a cohort of a habilitated training body."""
    training_body = training_body or make_organisation(session)
    if version is None:
        body = make_certifying_body(session)
        make_habilitation(session, body, training_body)
        version = make_version(session, body)
    today = clock.today()
    defaults = {
        "training_body_id": training_body.id,
        "certifying_body_id": version.certifying_body_id,
        "framework_version_id": version.id,
        "name": f"Promotion {next(_numbers)}",
        "starts_on": today - timedelta(days=90),
        "ends_on": today + timedelta(days=270),
        "created_at": clock.now(),
    }
    cohort = Cohort(**defaults | values)
    session.add(cohort)
    session.flush()
    return cohort


def make_enrolment(
    session: Session, cohort: Cohort | None = None, user: User | None = None, **values: object
) -> Enrolment:
    """Enrol a person, active, in a cohort."""
    cohort = cohort or make_cohort(session)
    user = user or make_user(session, given_name="Stagiaire")
    defaults = {
        "cohort_id": cohort.id,
        "user_id": user.id,
        "framework_version_id": cohort.framework_version_id,
        "training_body_id": cohort.training_body_id,
        "state": EnrolmentState.ACTIVE,
        "sort_name": f"{user.family_name} {user.given_name}".lower(),
        "entered_on": cohort.starts_on,
        "created_at": clock.now(),
    }
    enrolment = Enrolment(**defaults | values)
    session.add(enrolment)
    session.flush()
    return enrolment

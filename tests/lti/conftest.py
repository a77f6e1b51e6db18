"""A platform, and certify registered in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.lti.models import Registration
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort
from tests.services.launches import register
from tests.services.lms import Platform, running_platform


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Give a running platform that knows nothing of certify yet."""
    with running_platform() as platform:
        yield platform


@pytest.fixture
def cohort(session: Session) -> Cohort:
    """Give a cohort of a training body."""
    return make_cohort(session)


@pytest.fixture
def registration(session: Session, platform: Platform, cohort: Cohort) -> Registration:
    """Give the registration of the platform for the training body of the cohort."""
    organisation = session.get_one(Organisation, cohort.training_body_id)
    return register(session, platform, organisation)

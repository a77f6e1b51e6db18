"""A course whose grades go to a platform."""

import pytest
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.lti.services import grades
from certify.settings import Settings
from tests.lti.grades.teaching import Teaching, make_teaching
from tests.services.lms import Platform


@pytest.fixture
def teaching(session: Session, settings: Settings, platform: Platform, cohort: Cohort) -> Teaching:
    """Give a course that stands for a cohort."""
    return make_teaching(session, settings, platform, cohort)


@pytest.fixture
def waiting(teaching: Teaching) -> Teaching:
    """Give a course with one grade, of one column, about to be posted."""
    url = teaching.platform.gradebook.add("2", {"label": "Tout", "scoreMaximum": 100, "tag": "certify:whole"}).url
    grades.put_column(teaching.session, teaching.context, "whole", url, "Ensemble de la certification")
    teaching.assess(teaching.know(teaching.platform.learner))
    return teaching

"""Pages inside a course install nothing on a device and speak of nothing it keeps."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.lti.models import Context, Registration
from tests.services.launches import launch
from tests.services.lms import Platform
from tests.services.visiting import visit

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


def test_a_page_inside_a_course_neither_installs_nor_says_what_a_device_keeps(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> None:
    launch(client, platform, "teacher")
    session.scalars(select(Context)).one().cohort_id = cohort.id
    page = visit(client, launch(client, platform).headers["Location"])
    assert page.select_one(".framebar") is not None
    assert not page.select("link[rel=manifest], [data-waiting-banner], script[src*='scripts/field/']")

"""1EdTech LTI Advantage conformance, tool side: valid teacher (9 rows) and student (9 rows) launches.

https://www.imsglobal.org/spec/lti/v1p3/cert/#valid-teacher-launches and #valid-student-launches
"""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.lti.models import Context, Identity, Launch, LtiMembership, Registration, Verdict
from certify.lti.protocol import names
from tests.services.launches import landing, launch
from tests.services.lms import ABSENT, Platform
from tests.services.visiting import visit

pytestmark = pytest.mark.settings(lti_allow_insecure=True)

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
NO_NAME = {"name": ABSENT, "given_name": ABSENT, "family_name": ABSENT}
TEACHER, STUDENT = ("/course", "trainer"), ("/logbook", "trainee")
NOBODY = ("/course/waiting", None)


def rows(
    role: str, other: str, landed: tuple[str, str | None]
) -> dict[str, tuple[dict[str, Any], tuple[str, str | None]]]:
    """Return the nine launches of a kind of person: what changes in the claims, where they land in which part."""
    return {
        "plain": ({names.ROLES: [MEMBERSHIP + role]}, landed),
        "multiple roles": ({names.ROLES: [MEMBERSHIP + role, PERSON + other]}, landed),
        "short role": ({names.ROLES: [role]}, landed),
        "unknown role": ({names.ROLES: ["http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"]}, NOBODY),
        "no role": ({names.ROLES: [""]}, NOBODY),
        "e-mail without names": ({names.ROLES: [MEMBERSHIP + role], **NO_NAME}, landed),
        "names without e-mail": ({names.ROLES: [MEMBERSHIP + role], "email": ABSENT}, landed),
        "no personal information": ({names.ROLES: [MEMBERSHIP + role], "email": ABSENT, **NO_NAME}, landed),
        "e-mail without context": (
            {names.ROLES: [MEMBERSHIP + role], names.CONTEXT: ABSENT, **NO_NAME}, ("/course/waiting", None),
        ),
    }  # fmt: skip


CASES = {f"teacher, {name}": row for name, row in rows("Instructor", "Faculty", TEACHER).items()} | {
    f"student, {name}": row for name, row in rows("Learner", "Student", STUDENT).items()
}


@pytest.fixture
def linked(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Registration:
    """Give the registration once a teacher's first launch made the course known, and it stands for the cohort."""
    launch(client, platform, "teacher")
    session.scalars(select(Context)).one().cohort_id = cohort.id
    session.commit()
    return registration


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES.keys())
def test_a_valid_launch_lands_in_the_right_place(
    client: FlaskClient,
    session: Session,
    platform: Platform,
    linked: Registration,
    changes: dict[str, Any],
    expected: tuple[str, str | None],
) -> None:
    path, role = expected
    response = launch(client, platform, claims=changes)
    assert landing(response) == path
    visit(client, response.headers["Location"])
    kept = session.scalars(select(Launch).order_by(Launch.at.desc(), Launch.id.desc())).first()
    assert kept is not None
    assert kept.verdict is Verdict.ACCEPTED
    member = session.scalars(
        select(LtiMembership)
        .join(Identity, Identity.id == LtiMembership.identity_id)
        .where(Identity.sub == platform.learner.sub)
    ).one_or_none()
    assert (member.role if member is not None else None) == role

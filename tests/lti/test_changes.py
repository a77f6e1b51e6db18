"""What happens to courses, links and keys over the years: copied, deleted, made again, renewed, switched off."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.lti import keys
from certify.lti.models import Context, Placement, Registration, ResourceLink, RosterRead, RosterState, Target
from certify.settings import Settings
from tests.factories.people import make_user
from tests.services.launches import landing, launch
from tests.services.lms import Platform
from tests.services.visiting import follow, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


@pytest.fixture
def course(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Context:
    """Give a course that stands for a cohort, with a link that opens the self-assessment."""
    launch(client, platform, "teacher")
    context = session.scalars(select(Context)).one()
    context.cohort_id = cohort.id
    placement = Placement(
        context_id=context.id, target=Target.SELF_ASSESSMENT, cohort_id=cohort.id,
        created_by_id=make_user(session).id, created_at=clock.now(),
    )  # fmt: skip
    session.add(placement)
    session.commit()
    platform.add_link("Mon auto-évaluation", certify_item=str(placement.id))
    return context


def test_a_copied_course_asks_which_cohort_it_stands_for(
    client: FlaskClient, session: Session, platform: Platform, course: Context, cohort: Cohort
) -> None:
    launch(client, platform, "teacher", link=platform.link)
    _copy, links = platform.copy_course(platform.course, "Même cours, l’année d’après")
    inside = launch(client, platform, "teacher", link=links[-1]).headers["Location"]
    page = visit(client, inside)
    assert "est une copie de" in words(page)
    assert landing(launch(client, platform, link=links[-1])) == "/course/waiting"
    copied = session.scalars(select(Context).where(Context.id != course.id)).one()
    assert (copied.copied_from_id, copied.cohort_id) == (course.id, None)
    done = follow(client, submit(client, page, "form:has(input[value=link])", cohort_id=str(cohort.id)))
    assert cohort.name in words(done)
    assert landing(launch(client, platform, link=links[-1])) == "/self-assessment"


def test_a_copied_course_may_stand_for_a_new_cohort(
    client: FlaskClient, session: Session, platform: Platform, course: Context, cohort: Cohort
) -> None:
    _copy, links = platform.copy_course(platform.course, "Même cours, l’année d’après")
    page = visit(client, launch(client, platform, "teacher", link=links[0]).headers["Location"])
    done = follow(client, submit(client, page, "form:has(input[value=create])", name="Année d’après"))
    assert "Année d’après" in words(done)
    landing(launch(client, platform, link=links[0]))
    landing(launch(client, platform, link=platform.links[0]))
    mine = session.scalars(select(Enrolment.cohort_id)).all()
    assert len(set(mine)) == 2


def test_a_link_deleted_and_made_again_finds_the_same_work(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    first = platform.link
    assert landing(launch(client, platform, link=first)) == "/self-assessment"
    platform.delete_link(first)
    again = platform.add_link("Mon auto-évaluation", **first.custom)
    assert landing(launch(client, platform, link=again)) == "/self-assessment"
    assert len(session.scalars(select(Enrolment)).all()) == 1
    assert len(session.scalars(select(ResourceLink).where(ResourceLink.target == Target.SELF_ASSESSMENT)).all()) == 2


def test_a_platform_that_renews_its_keys_is_read_again_once(
    client: FlaskClient, platform: Platform, course: Context
) -> None:
    before = platform.counts["keys"]
    platform.rotate_keys(keep_old=False)
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert landing(launch(client, platform)) == "/self-assessment"
        assert landing(launch(client, platform)) == "/self-assessment"
    assert platform.counts["keys"] == before + 1


def test_our_keys_renewed_at_once_are_believed_by_the_platform(
    client: FlaskClient,
    session: Session,
    settings: Settings,
    platform: Platform,
    course: Context,
    run_jobs: Callable[[], int],
) -> None:
    inside = launch(client, platform, "teacher").headers["Location"]
    submit(client, visit(client, inside), "#roster form")
    run_jobs()
    keys.rotate(session, settings, None, at_once=True)
    session.commit()
    platform.revoke_tokens()
    session.scalars(select(RosterRead)).one().state = RosterState.APPLIED
    session.commit()
    submit(client, visit(client, inside), "#roster form")
    run_jobs()
    states = [read.state for read in session.scalars(select(RosterRead).execution_options(populate_existing=True))]
    assert states == [RosterState.APPLIED, RosterState.READY]


def test_a_submission_review_opens_the_record_of_the_person_it_is_about(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    launch(client, platform)
    enrolment = session.scalars(select(Enrolment)).one()
    about = {"for_user": {"user_id": platform.learner.sub}}
    opened = launch(client, platform, "teacher", message="LtiSubmissionReviewRequest", claims=about)
    assert landing(opened) == "/course/review"
    assert follow(client, client.get(opened.headers["Location"])).url.endswith(f"/trainees/{enrolment.id}")
    own = launch(client, platform, message="LtiSubmissionReviewRequest", claims=about)
    assert follow(client, client.get(own.headers["Location"])).url.endswith("/progress")


def test_a_data_privacy_launch_says_what_is_kept(client: FlaskClient, platform: Platform, course: Context) -> None:
    opened = launch(client, platform, message="DataPrivacyLaunchRequest")
    assert landing(opened) == "/course/privacy"
    assert "Voici ce que certify garde" in words(visit(client, opened.headers["Location"]))


def test_a_message_nobody_supports_gets_a_page_that_says_so(
    client: FlaskClient, platform: Platform, course: Context
) -> None:
    refused = launch(client, platform, claims={"message_type": "LtiEulaRequest"})
    assert refused.status_code == 400
    assert "message-type-unknown" in refused.get_data(as_text=True)


def test_thousands_of_roles_are_read_and_few_are_kept(
    client: FlaskClient, session: Session, platform: Platform, course: Context
) -> None:
    many = [f"http://purl.imsglobal.org/vocab/lis/v2/institution/person#Role{n}" for n in range(400)]
    learner = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
    assert landing(launch(client, platform, claims={"roles": [*many, learner]})) == "/self-assessment"

"""The roster of a course: read, looked at, applied; who leaves is never lost."""

from collections.abc import Callable
from dataclasses import asdict

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import audit, clock
from certify.core.access import Role
from certify.core.db import db
from certify.lti.client.rosters import Member
from certify.lti.models import Context, Identity, LtiMembership, Registration, RosterRead, RosterState
from certify.lti.services import people, rosters
from tests.services.launches import launch
from tests.services.lms import LinkStyle, Platform
from tests.services.lms.people import Person
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


@pytest.fixture
def inside(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> str:
    """Give the address of the course's page, seen by its teacher, once the course stands for the cohort."""
    address: str = launch(client, platform, "teacher").headers["Location"]
    session.scalars(select(Context)).one().cohort_id = cohort.id
    session.commit()
    return address


def members(session: Session) -> dict[str, LtiMembership]:
    session.expire_all()
    query = select(Identity.sub, LtiMembership).join(LtiMembership, LtiMembership.identity_id == Identity.id)
    return {row[0]: row[1] for row in session.execute(query)}


def read_roster(client: FlaskClient, inside: str, run_jobs: Callable[[], int]) -> str:
    """Ask for the roster from the course's page, let the job run, and return the address of the reading."""
    answer = submit(client, visit(client, inside), "#roster form")
    assert answer.status_code == 303
    run_jobs()
    return str(answer.headers["Location"])


def test_a_first_roster_is_looked_at_then_applied(
    client: FlaskClient, session: Session, platform: Platform, cohort: Cohort, inside: str, run_jobs: Callable[[], int]
) -> None:
    where = read_roster(client, inside, run_jobs)
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 0
    preview = visit(client, where)
    assert "3 personnes entrent" in words(preview)
    assert "0 partent" in words(preview) or "0 part" in words(preview)
    page = follow(client, submit(client, preview, "main form"))
    assert "3 personnes ont rejoint le cours" in words(page)
    assert all(person.name in words(page) for person in platform.learners)
    enrolled = session.scalars(select(User.given_name).join(Enrolment, Enrolment.user_id == User.id)).all()
    assert len(enrolled) == 3
    found = members(session)
    assert found[platform.teacher.sub].role is Role.TRAINER
    assert found[platform.learner.sub].role is Role.TRAINEE
    assert list(audit.verify(session)) == []


def test_who_leaves_stays_on_record_and_may_come_back(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    submit(client, visit(client, read_roster(client, inside, run_jobs)), "main form")
    gone = platform.learners[2]
    platform.course.remove(gone)
    platform.change(platform.learners[1], family_name="Renommée")
    read_roster(client, inside, run_jobs)
    found = members(session)
    assert not found[gone.sub].active
    assert found[gone.sub].left_at is not None
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 3
    page = words(visit(client, f"{inside}?who=left"))
    assert gone.name in page
    assert "Renommée" in words(visit(client, inside))
    platform.course.put(gone)
    read_roster(client, inside, run_jobs)
    assert members(session)[gone.sub].active


def test_a_person_the_platform_does_not_name_gets_a_label_that_can_be_replaced(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    platform.shares_names = platform.shares_emails = False
    platform.course.put(Person("90"), Person("91"))
    preview = visit(client, read_roster(client, inside, run_jobs))
    assert "ne nomme pas" in words(preview)
    submit(client, preview, "main form")
    page = visit(client, f"{inside}?who=nameless")
    form = page.select_one("td form")
    assert form is not None
    answer = submit(client, page, "td form", given_name="Stagiaire", family_name="07")
    assert "Stagiaire 07" in words(follow(client, answer))
    refused = submit(client, visit(client, f"{inside}?who=nameless"), "td form", given_name="", family_name="")
    assert refused.status_code == 422
    assert "Donnez au moins un nom" in refused.get_data(as_text=True)


@pytest.mark.parametrize("style", list(LinkStyle))
def test_every_way_of_paging_is_followed(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int],
    style: LinkStyle,
) -> None:  # fmt: skip
    platform.course.fill(23)
    platform.page_size, platform.roster_links = 5, style
    read_roster(client, inside, run_jobs)
    read = session.scalars(select(RosterRead)).one()
    assert read.state is RosterState.READY
    assert read.found == 27


def test_a_platform_that_does_not_answer_is_told_and_changes_nothing(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    platform.down = True
    where = read_roster(client, inside, run_jobs)
    page = words(visit(client, where))
    assert "Recommencer la lecture" in page
    assert session.scalars(select(RosterRead)).one().state is RosterState.FAILED
    platform.down = False
    again = follow(client, submit(client, visit(client, where), "main form"))
    run_jobs()
    assert "entrent" in words(visit(client, again.url))


def test_a_roster_of_another_course_is_not_found(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    where = read_roster(client, inside, run_jobs)
    other = platform.add_course("Autre cours", platform.teacher)
    root = launch(client, platform, "teacher", link=platform.add_link("Lien", course=other)).headers["Location"]
    assert client.get(root + "/roster/" + where.rpartition("/")[2]).status_code == 404


def test_whoever_opened_the_course_today_without_being_listed_stays(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    platform.course.remove(platform.teacher)
    preview = visit(client, read_roster(client, inside, run_jobs))
    assert "0 part" in words(preview)
    assert "3 personnes ont rejoint" in words(follow(client, submit(client, preview, "main form")))
    assert members(session)[platform.teacher.sub].active


def test_a_roster_that_would_empty_the_course_is_looked_at_first(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    submit(client, visit(client, read_roster(client, inside, run_jobs)), "main form")
    platform.course.remove(*platform.learners)
    preview = visit(client, read_roster(client, inside, run_jobs))
    assert "3 partent" in words(preview)
    assert all(member.active for member in members(session).values())
    submit(client, preview, "main form")
    assert not members(session)[platform.learner.sub].active


def test_an_applied_roster_keeps_no_names_and_says_who_asked_for_it(
    client: FlaskClient, session: Session, platform: Platform, inside: str, run_jobs: Callable[[], int]
) -> None:
    submit(client, visit(client, read_roster(client, inside, run_jobs)), "main form")
    platform.course.fill(2)
    read_roster(client, inside, run_jobs)
    assert [(read.state, read.members) for read in session.scalars(select(RosterRead))] == [
        (RosterState.APPLIED, [])
    ] * 2
    applied = select(audit.AuditEvent.actor_id).where(audit.AuditEvent.tag == "lti:roster:applied")
    asked = session.scalars(select(Identity.user_id).where(Identity.sub == platform.teacher.sub)).one()
    assert set(session.scalars(applied)) == {asked}


def test_ten_thousand_members_are_applied_in_few_statements(
    session: Session, inside: str, registration: Registration
) -> None:
    assert inside
    sent = []
    for size, first in ((1000, 0), (10_000, 1000)):
        read = _read_of(session, [_numbered(first + number) for number in range(size)])
        with count_statements(db.engine) as statements:
            applied = rosters.apply(session, None, read)
            session.commit()
        assert (applied.joined, applied.enrolled) == (size, size)
        sent.append(len(statements))
    assert sent[1] - sent[0] <= 5 * 9
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 11_000
    assert len(set(session.scalars(select(User.family_name).where(User.given_name == people.NAMELESS)))) == 11_000
    assert list(audit.verify(session)) == []


def _numbered(number: int) -> Member:
    return Member(f"m{number}", "", "", "", "", ("Learner",), True)


def _read_of(session: Session, found: list[Member]) -> RosterRead:
    course = session.scalars(select(Context)).one()
    read = RosterRead(
        context_id=course.id, state=RosterState.READY, created_at=clock.now(), found=len(found),
        members=[asdict(member) for member in found],
    )  # fmt: skip
    session.add(read)
    session.commit()
    return read

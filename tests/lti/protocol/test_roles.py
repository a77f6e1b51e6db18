"""Roles: read however they are written; only those held in the course count, and the least of doubt gives nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.lti.protocol.roles import DEFAULT_MAPPING, NAMES, LmsRole, Reach, in_course, mapped, parse
from tests.lti.protocol.messages import ASSISTANT, INSTRUCTOR, LEARNER

V2 = "http://purl.imsglobal.org/vocab/lis/v2/"


@pytest.mark.parametrize(
    ("written", "role"),
    [
        (LEARNER, LmsRole(Reach.COURSE, "Learner")),
        (LEARNER.replace("http:", "https:"), LmsRole(Reach.COURSE, "Learner")),
        ("Learner", LmsRole(Reach.COURSE, "Learner")),
        (ASSISTANT, LmsRole(Reach.COURSE, "Instructor", "TeachingAssistant")),
        ("Instructor#TeachingAssistant", LmsRole(Reach.COURSE, "Instructor", "TeachingAssistant")),
        ("Instructor/TeachingAssistant", LmsRole(Reach.COURSE, "Instructor", "TeachingAssistant")),
        (f"{V2}membership#Unheard", LmsRole(Reach.COURSE, "Unheard")),
        (f"{V2}membership/#Learner", LmsRole(Reach.COURSE, "Learner")),
        (f"{V2}institution/person#Administrator", LmsRole(Reach.INSTITUTION, "Administrator")),
        (f"{V2}system/person#SysAdmin", LmsRole(Reach.SYSTEM, "SysAdmin")),
        ("http://purl.imsglobal.org/vocab/lti/system/person#TestUser", LmsRole(Reach.SYSTEM, "TestUser")),
        ("urn:lti:role:ims/lis/Instructor", LmsRole(Reach.COURSE, "Instructor")),
        ("urn:lti:role:ims/lis/Learner/GuestLearner", LmsRole(Reach.COURSE, "Learner", "GuestLearner")),
        ("urn:lti:role:ims/lis/TeachingAssistant/Grader", LmsRole(Reach.COURSE, "TeachingAssistant")),
        ("urn:lti:instrole:ims/lis/Student", LmsRole(Reach.INSTITUTION, "Student")),
        ("urn:lti:sysrole:ims/lis/SysAdmin", LmsRole(Reach.SYSTEM, "SysAdmin")),
    ],
)
def test_a_role_is_read_in_every_known_writing(written: str, role: LmsRole) -> None:
    assert parse(written) == role


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Chief",
        "learner",
        V2,
        f"{V2}membership",
        f"{V2}membership#",
        f"{V2}group#Learner",
        "urn:lti:",
        "urn:lti:role:ims/lis/",
        "https://exemple.fr/roles#Instructor",
        "x" * 300,
    ],
)
def test_what_is_no_role_is_nothing(written: str) -> None:
    assert parse(written) is None


@pytest.mark.parametrize(
    ("roles", "meant"),
    [
        ([LEARNER], "trainee"),
        ([INSTRUCTOR], "trainer"),
        (["Learner", "Instructor"], "trainer"),
        ([f"{V2}membership/Instructor#PrimaryInstructor"], "trainer"),
        ([f"{V2}membership/Learner#GuestLearner"], "trainee"),
        ([], None),
        ([""], None),
        (["Mentor"], None),
        (["ContentDeveloper"], None),
        (["Manager"], None),
        (["Administrator"], None),
        ([ASSISTANT], None),
        ([f"{V2}membership/Instructor#TeachingAssistantSection"], None),
        ([f"{V2}institution/person#Instructor", f"{V2}system/person#Administrator"], None),
        ([f"{V2}institution/person#Instructor", LEARNER], "trainee"),
    ],
)
def test_the_roles_in_a_course_say_what_somebody_is_here(roles: list[str], meant: str | None) -> None:
    assert mapped(roles, {}) == meant


def test_an_assistant_is_no_instructor_although_the_platform_repeats_the_role_it_is_part_of() -> None:
    assert mapped([INSTRUCTOR, ASSISTANT], {}) is None
    assert mapped([INSTRUCTOR, ASSISTANT, LEARNER], {}) == "trainee"
    assert mapped([INSTRUCTOR, ASSISTANT, f"{V2}membership/Instructor#PrimaryInstructor"], {}) == "trainer"


def test_an_organisation_gives_roles_another_meaning() -> None:
    mapping = {"TeachingAssistant": "trainer", "Mentor": "referent", "Instructor": "coordinator", "Learner": ""}

    assert mapped([ASSISTANT], mapping) == "trainer"
    assert mapped([INSTRUCTOR, ASSISTANT], mapping) == "trainer"
    assert mapped(["Mentor"], mapping) == "referent"
    assert mapped(["Instructor", "Mentor"], mapping) == "coordinator"
    assert mapped(["Learner"], mapping) is None


@pytest.mark.parametrize("meant", ["administrator", "jury", "registrar", "auditor", "Trainer"])
def test_no_role_of_a_platform_is_ever_worth_more_than_teaching(meant: str) -> None:
    assert mapped(["Instructor"], {"Instructor": meant}) is None


def test_only_roles_of_the_course_are_told_each_once() -> None:
    held = in_course([LEARNER, "Learner", f"{V2}institution/person#Student", "Chief"])

    assert held == (LmsRole(Reach.COURSE, "Learner"),)


def test_thousands_of_roles_are_read() -> None:
    assert mapped([f"{V2}membership#Role{number}" for number in range(5000)] + [LEARNER], {}) == "trainee"


def test_every_default_is_about_a_known_name() -> None:
    assert set(DEFAULT_MAPPING) <= set(NAMES)


@given(roles=st.lists(st.text() | st.sampled_from([LEARNER, INSTRUCTOR, ASSISTANT, "Mentor"])))
def test_any_roles_give_a_known_meaning_or_none(roles: list[str]) -> None:
    assert mapped(roles, {}) in {None, "trainee", "trainer"}

"""Every refusal has its words, and none of them is a code."""

import pytest

from certify.lti import wording
from certify.lti.protocol import discovery, errors
from certify.lti.wording.answers import REGISTRATION, SCORES, UNREACHABLE
from certify.lti.wording.refusals import LAUNCHES
from certify.lti.wording.words import Words

REASONS = (
    "timeout",
    "refused",
    "tls",
    "too-large",
    "private-address",
    "insecure",
    "redirect",
    "not-json",
    "status",
    "token-refused",
    "too-many-pages",
)
FINAL = ("not-enrolled", "not-gradable", "gone", "forbidden", "refused")


def test_every_rule_of_a_launch_is_explained_and_nothing_else() -> None:
    assert set(LAUNCHES) == set(errors.RULES)


def test_everything_that_can_be_wrong_with_a_registration_is_explained() -> None:
    assert set(discovery.FAULTS) <= set(REGISTRATION)


def test_every_way_of_being_unreachable_and_of_refusing_a_grade_is_explained() -> None:
    assert set(REASONS) <= set(UNREACHABLE)
    assert set(FINAL) <= set(SCORES)


@pytest.mark.engines("sqlite")
@pytest.mark.usefixtures("session")
def test_an_explanation_says_what_happened_and_what_each_reader_may_do() -> None:
    for said in (*LAUNCHES.values(), *UNREACHABLE.values(), *REGISTRATION.values(), *SCORES.values()):
        parts = [str(part) for part in (said.title, said.happened, said.person, said.administrator)]
        assert all(len(part) > 5 for part in parts), parts
        assert not parts[0].endswith("."), parts
        assert all(part.endswith(".") for part in parts[1:]), parts


@pytest.mark.engines("sqlite")
@pytest.mark.usefixtures("session")
def test_a_code_without_words_is_told_all_the_same() -> None:
    said: Words = wording.of_launch("never-heard-of")
    assert "never-heard-of" in str(said.happened)
    assert wording.of_score("timeout") is UNREACHABLE["timeout"]

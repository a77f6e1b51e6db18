"""Rules: each has one family, one status and a place in a specification."""

import pytest

from certify.lti.protocol.errors import MAX_DETAIL, RULES, Family, LaunchRefused


@pytest.mark.parametrize(
    ("family", "status"),
    [(Family.MALFORMED, 400), (Family.SECURITY, 401), (Family.INACTIVE, 403), (Family.PLATFORM, 502)],
)
def test_each_family_answers_with_its_status(family: Family, status: int) -> None:
    assert family.status == status


def test_every_rule_says_where_it_is_specified() -> None:
    assert RULES
    assert {code for code, rule in RULES.items() if rule.code != code} == set()
    assert {
        code for code, rule in RULES.items() if not rule.spec.startswith("https://www.imsglobal.org/spec/")
    } == set()


def test_every_family_has_rules() -> None:
    assert {rule.family for rule in RULES.values()} == set(Family)


def test_a_refusal_knows_its_rule_and_what_was_wrong() -> None:
    refusal = LaunchRefused("audience-wrong", "client-2")

    assert refusal.rule is RULES["audience-wrong"]
    assert (refusal.code, refusal.detail, str(refusal)) == ("audience-wrong", "client-2", "audience-wrong: client-2")
    assert str(LaunchRefused("kid-missing")) == "kid-missing"


def test_a_detail_can_always_be_kept() -> None:
    refusal = LaunchRefused("issuer-wrong", "\0\ud800é" + "x" * 1000)

    assert len(refusal.detail) <= MAX_DETAIL
    assert refusal.detail.startswith("?éx")
    assert refusal.detail.encode("utf-8")


def test_an_unknown_rule_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        LaunchRefused("no-such-rule")

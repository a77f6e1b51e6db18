"""What follows from the facts of assessments alone."""

import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import competencies
from certify.assessments import policies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core.access import Actor, Grant, Role, Scope

FRAMEWORK = competencies.demo()
BODY, ASSESSOR, VERSION = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()


def _assessment(**values: object) -> Assessment:
    defaults = {
        "id": uuid.uuid4(),
        "enrolment_id": uuid.uuid4(),
        "training_body_id": BODY,
        "assessor_id": ASSESSOR,
        "kind": AssessmentKind.FORMATIVE,
        "held_on": date(2026, 6, 12),
        "state": AssessmentState.DRAFT,
        "comment": "Belle écoute",
        "signed_at": datetime(2026, 6, 13, 9, tzinfo=UTC),
    }
    return Assessment(**defaults | values)


def _actor(role: Role = Role.TRAINER, body: uuid.UUID = BODY, user: uuid.UUID = ASSESSOR) -> Actor:
    return Actor(user, "Formatrice A", frozenset({Grant(role, Scope.ORGANISATION, body)}))


def _ratings() -> list[Rating]:
    return [Rating(indicator=one.code, level="acquired", is_observed=True, comment="") for one in FRAMEWORK.indicators]


def test_only_the_assessor_edits_and_only_a_draft() -> None:
    draft, signed = _assessment(), _assessment(state=AssessmentState.SIGNED)
    assert policies.may_edit(_actor(), draft)
    assert not policies.may_edit(_actor(user=uuid.uuid4()), draft)
    assert not policies.may_edit(_actor(body=uuid.uuid4()), draft)
    assert not policies.may_edit(_actor(Role.COORDINATOR), draft)
    assert not policies.may_edit(_actor(), signed)


def test_only_the_assessor_corrects_and_only_what_is_signed() -> None:
    draft, signed = _assessment(), _assessment(state=AssessmentState.SIGNED)
    assert policies.may_correct(_actor(), signed)
    assert not policies.may_correct(_actor(user=uuid.uuid4()), signed)
    assert not policies.may_correct(_actor(Role.REFERENT), signed)
    assert not policies.may_correct(_actor(), draft)


def test_not_observed_is_an_answer_and_a_comment_alone_is_none() -> None:
    assert Rated("acquired").is_given
    assert Rated(None, is_observed=False).is_given
    assert not Rated(None, comment="à revoir").is_given
    rows = [Rating(indicator="1.1.1", level=None, is_observed=True, comment="à revoir")]
    rows += [Rating(indicator="1.1.2", level=None, is_observed=False, comment="")]
    missing = policies.unrated(FRAMEWORK, rows)
    assert missing[0] == "1.1.1"
    assert len(missing) == len(FRAMEWORK.indicators) - 1


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "autre"},
        {"kind": AssessmentKind.OBSERVATION},
        {"held_on": date(2026, 6, 11)},
        {"assessor_id": uuid.uuid4()},
        {"enrolment_id": uuid.uuid4()},
        {"supersedes_id": uuid.uuid4()},
        {"signed_at": datetime(2026, 6, 13, 10, tzinfo=UTC)},
        {"id": uuid.uuid4()},
    ],
)
def test_whatever_changes_the_seal_shows_it(change: dict[str, object]) -> None:
    facts = {"id": uuid.uuid4(), "enrolment_id": uuid.uuid4()}
    seal = policies.seal_of(_assessment(**facts), VERSION, _ratings())
    assert policies.seal_of(_assessment(**facts | change), VERSION, _ratings()) != seal


@given(st.integers(0, len(FRAMEWORK.indicators) - 1), st.sampled_from(["level", "is_observed", "comment"]))
def test_a_changed_rating_shows_in_the_seal_and_the_order_does_not_matter(index: int, part: str) -> None:
    facts = {"id": uuid.UUID(int=1), "enrolment_id": uuid.UUID(int=2)}
    seal = policies.seal_of(_assessment(**facts), VERSION, _ratings())
    assert policies.seal_of(_assessment(**facts), VERSION, _ratings()[::-1]) == seal
    changed = _ratings()
    setattr(changed[index], part, {"level": "not_acquired", "is_observed": False, "comment": "x"}[part])
    assert policies.seal_of(_assessment(**facts), VERSION, changed) != seal
    assert policies.seal_of(_assessment(**facts), uuid.uuid4(), _ratings()) != seal


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=2, max_size=20))
def test_moments_are_ordered_by_day_then_by_signature(days: list[date]) -> None:
    moments = [(policies.moment_of(day, rank), day, rank) for rank, day in enumerate(days)]
    ordered = [(day, rank) for _moment, day, rank in sorted(moments)]
    assert ordered == sorted(ordered)


def test_a_confidence_enters_the_seal_only_where_one_is_given() -> None:
    facts = {"id": uuid.UUID(int=1), "enrolment_id": uuid.UUID(int=2), "assessor_id": uuid.UUID(int=3)}
    without = policies.seal_of(_assessment(**facts), uuid.UUID(int=4), _ratings()[:1])
    assert without == "fcebce1b3f9639ffcd1e05f8ac43912177538cd5e5481b061819fe7fe2f00173", (
        "a seal made before confidences existed must still agree"
    )
    sure = _ratings()[:1]
    sure[0].confidence = 4
    seals = {policies.seal_of(_assessment(**facts), uuid.UUID(int=4), sure), without}
    sure[0].confidence = 1
    assert len(seals | {policies.seal_of(_assessment(**facts), uuid.UUID(int=4), sure)}) == 3


def test_nobody_retains_a_level_on_their_own_path_nor_elsewhere() -> None:
    enrolment = Enrolment(user_id=uuid.uuid4(), training_body_id=BODY)
    assert policies.may_retain(_actor(), enrolment)
    assert policies.may_retain(_actor(Role.COORDINATOR), enrolment)
    assert not policies.may_retain(_actor(Role.REFERENT), enrolment)
    assert not policies.may_retain(_actor(body=uuid.uuid4()), enrolment)
    assert not policies.may_retain(_actor(user=enrolment.user_id), enrolment)

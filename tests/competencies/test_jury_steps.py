"""Steps of a session: one at a time, and what goes back is told so."""

from itertools import product

import pytest

from competencies import Step, is_backwards, may_go


def test_a_session_goes_one_step_at_a_time_either_way() -> None:
    allowed = [(one.value, other.value) for one, other in product(Step, Step) if may_go(one, other)]
    assert allowed == [
        ("created", "convened"),
        ("convened", "created"),
        ("convened", "deliberating"),
        ("deliberating", "convened"),
        ("deliberating", "closed"),
        ("closed", "deliberating"),
        ("closed", "published"),
        ("published", "closed"),
    ]


def test_going_back_is_told_taking_back_published_results_included() -> None:
    backwards = {(one, other) for one, other in product(Step, Step) if may_go(one, other) and is_backwards(one, other)}
    assert backwards == {
        (Step.CONVENED, Step.CREATED),
        (Step.DELIBERATING, Step.CONVENED),
        (Step.CLOSED, Step.DELIBERATING),
        (Step.PUBLISHED, Step.CLOSED),
    }


def test_a_step_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="archived"):
        may_go("archived", "created")

"""Scores: where they go, what they say, what the answers mean and when to try again."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.lti.protocol.quirks import Canvas, Quirks, quirks_for
from certify.lti.protocol.scoring import (
    LONGEST_WAIT,
    Kind,
    Outcome,
    judge,
    results_address,
    score_body,
    scores_address,
    stamp,
    wait_before,
)
from tests.lti.protocol.messages import NOW

MOMENTS = st.integers(0, 10**14).map(lambda since: NOW + timedelta(microseconds=since))


@pytest.mark.parametrize(
    ("column", "scores"),
    [
        ("https://a.fr/l/3/lineitem?type_id=1", "https://a.fr/l/3/lineitem/scores?type_id=1"),
        ("https://a.fr/l/3", "https://a.fr/l/3/scores"),
        ("https://a.fr/l/3/", "https://a.fr/l/3/scores"),
        ("https://a.fr/l?a=1&b=%2F#x", "https://a.fr/l/scores?a=1&b=%2F#x"),
    ],
)
def test_the_address_of_scores_stands_before_the_query(column: str, scores: str) -> None:
    assert scores_address(column) == scores
    assert results_address(column) == scores.replace("scores", "results")


def test_a_first_score_is_of_now() -> None:
    assert stamp(None, NOW) == NOW
    assert stamp(NOW - timedelta(hours=1), NOW) == NOW


@given(previous=MOMENTS, now=MOMENTS)
def test_a_newer_score_is_newer_by_a_whole_second(previous: datetime, now: datetime) -> None:
    newer = stamp(previous, now)

    assert newer >= now
    assert newer.replace(microsecond=0) > previous.replace(microsecond=0)


def test_a_validated_result_is_final() -> None:
    paris = NOW.replace(microsecond=120).astimezone(timezone(timedelta(hours=1)))

    assert score_body("4", 3.5, 5, paris, "Bloc 1 validé", is_final=True) == {
        "userId": "4",
        "scoreGiven": 3.5,
        "scoreMaximum": 5,
        "timestamp": "2026-11-20T09:30:00.000120Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "comment": "Bloc 1 validé",
    }


def test_a_result_to_confirm_awaits_somebody() -> None:
    body = score_body("4", 3.5, 5, NOW, "", is_final=False)

    assert (body["activityProgress"], body["gradingProgress"]) == ("Submitted", "PendingManual")
    assert body["timestamp"] == "2026-11-20T09:30:00.000000Z"
    assert "comment" not in body


def test_a_score_for_canvas_is_no_new_attempt() -> None:
    body = score_body("4", 1, 5, NOW, "", is_final=True, quirks=Canvas())

    assert body["https://canvas.instructure.com/lti/submission"] == {"new_submission": False}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Kind.DONE),
        (201, Kind.DONE),
        (202, Kind.DONE),
        (204, Kind.DONE),
        (409, Kind.CONFLICT),
        (401, Kind.UNAUTHORISED),
        (None, Kind.LATER),
        (100, Kind.LATER),
        (302, Kind.LATER),
        (408, Kind.LATER),
        (425, Kind.LATER),
        (429, Kind.LATER),
        (500, Kind.LATER),
        (503, Kind.LATER),
    ],
)
def test_the_status_of_an_answer_says_what_to_do(status: int | None, kind: Kind) -> None:
    assert judge(status, {}, b"<html>") == Outcome(kind)


@pytest.mark.parametrize(
    ("product", "status", "body", "reason"),
    [
        ("", 400, b"", "refused"),
        ("", 403, b"", "forbidden"),
        ("", 404, b"", "gone"),
        ("", 410, b"", "gone"),
        ("", 422, b"\xff", "refused"),
        ("moodle", 400, b"[]", "not-gradable"),
        ("moodle", 404, b"[]", "gone"),
        ("canvas", 422, b'{"errors":{"message":"User not found in course or is not a student"}}', "not-enrolled"),
        ("canvas", 422, b"This assignment is still unpublished", "not-gradable"),
        ("canvas", 422, b"the maximum number of allowed attempts has been reached", "not-gradable"),
        ("canvas", 422, b"{}", "refused"),
        ("canvas", 404, b"", "gone"),
        ("BlackboardLearn", 400, b"User could not be found: 4", "not-enrolled"),
        ("BlackboardLearn", 400, b"", "refused"),
        ("desire2learn", 403, b"User in requested score is not enrolled in the org unit", "not-enrolled"),
        ("desire2learn", 404, b"User in requested score does not exist", "not-enrolled"),
        ("desire2learn", 403, b"", "forbidden"),
    ],
)
def test_a_final_refusal_says_why(product: str, status: int, body: bytes, reason: str) -> None:
    assert judge(status, {}, body, quirks=quirks_for(product)) == Outcome(Kind.FINAL, reason)
    assert judge(status, {}, body.decode("latin-1"), quirks=quirks_for(product)).reason == reason


def test_open_edx_says_conflict_in_its_own_words() -> None:
    body = b'{"timestamp":["Score already exists for the provided timestamp"]}'

    assert judge(400, {}, body, quirks=quirks_for("openedx")).kind is Kind.CONFLICT
    assert judge(409, {}, b"", quirks=quirks_for("openedx")).kind is Kind.CONFLICT
    assert judge(400, {}, b"{}", quirks=quirks_for("openedx")) == Outcome(Kind.FINAL, "refused")
    assert judge(400, {}, body, quirks=Quirks()).kind is Kind.FINAL


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"retry-after": " 0 "}, timedelta(0)),
        ({"RETRY-AFTER": "Fri, 20 Nov 2026 09:31:00 GMT"}, timedelta(minutes=1)),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "9" * 40}, LONGEST_WAIT),
        ({"Retry-After": "Fri, 20 Nov 2099 09:00:00 GMT"}, LONGEST_WAIT),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "٣"}, None),
        ({}, None),
    ],
)
def test_a_platform_that_asks_to_wait_is_heard(headers: dict[str, str], wait: timedelta | None) -> None:
    assert judge(429, headers, b"", now=NOW) == Outcome(Kind.LATER, retry_after=wait)


def test_a_moment_to_come_back_is_counted_from_the_answer_when_we_say_no_other() -> None:
    headers = {"Retry-After": "Fri, 20 Nov 2026 09:31:00 GMT"}

    assert judge(503, headers, b"").retry_after is None
    assert judge(503, headers | {"Date": "Fri, 20 Nov 2026 09:30:30 GMT"}, b"").retry_after == timedelta(seconds=30)


@given(value=st.text(), date=st.text())
def test_any_header_is_a_wait_or_none(value: str, date: str) -> None:
    outcome = judge(503, {"Retry-After": value, "Date": date}, b"", now=None)

    assert outcome.retry_after is None or timedelta(0) <= outcome.retry_after <= LONGEST_WAIT


def test_waits_double_up_to_a_day() -> None:
    waits = [wait_before(attempt, None, lambda: 1.0) for attempt in range(1, 16)]

    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert waits[-1] == LONGEST_WAIT
    assert waits == sorted(waits)
    assert wait_before(0, None, lambda: 1.0) == waits[0]
    assert wait_before(10**9, None, lambda: 1.0) == LONGEST_WAIT


def test_half_of_a_wait_is_left_to_chance() -> None:
    assert wait_before(1, None, lambda: 0.0) == timedelta(seconds=15)
    assert wait_before(1, None, lambda: 0.5) == timedelta(seconds=22.5)


@given(attempt=st.integers(1, 100), chance=st.floats(0, 1), asked=st.none() | st.integers(0, 200_000))
def test_we_never_come_back_before_we_are_asked_to_nor_after_a_day(
    attempt: int, chance: float, asked: int | None
) -> None:
    after = None if asked is None else timedelta(seconds=asked)
    wait: Any = wait_before(attempt, after, lambda: chance)

    assert timedelta(seconds=15) <= wait <= LONGEST_WAIT
    assert after is None or wait >= min(after, LONGEST_WAIT)

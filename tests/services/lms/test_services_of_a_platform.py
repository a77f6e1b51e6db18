"""The platform's services take what is right, refuse what is not, and have bad days when asked to."""

import datetime
from typing import Any

import pytest
import requests

from tests.services.lms import ABSENT, LinkStyle, Platform
from tests.services.lms.gradebook import LineItem
from tests.services.lms.keys import new_key
from tests.services.lms.plain_tool import PlainTool
from tests.services.lms.vocabulary import (
    LINE_ITEM_TYPE,
    LINE_ITEMS,
    LINE_ITEMS_TYPE,
    RESULTS_TYPE,
    ROSTER_TYPE,
    SCORE_TYPE,
    SCORES,
)

NOW = datetime.datetime(2026, 6, 12, 14, 2, 7, 250000, datetime.UTC)


@pytest.fixture
def column(platform: Platform) -> LineItem:
    """Give a column out of 10."""
    return platform.gradebook.add(platform.course.id, {"label": "Bloc 1", "scoreMaximum": 10, "tag": "bloc-1"})


def _score(user: str, given: float = 8, *, at: datetime.datetime = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "userId": user,
        "scoreGiven": given,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": at.isoformat(timespec="microseconds"),
    } | changes


def _below(column: LineItem, name: str) -> str:
    path, _, query = column.url.partition("?")
    return f"{path}/{name}?{query}"


def _results(tool: PlainTool, column: LineItem) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tool.send("GET", _below(column, "results"), kind=RESULTS_TYPE).json()
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "another"),
        ("sub", ABSENT),
        ("aud", "https://lms.example/token"),
        ("jti", ABSENT),
        ("exp", 1),
        ("exp", 4_000_000_000),
        ("iat", 4_000_000_000),
    ],
)
def test_an_assertion_with_one_thing_wrong_gets_no_token(tool: PlainTool, name: str, value: Any) -> None:
    answer = tool.ask_token(assertion=tool.assertion(**{name: value}))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_is_believed_once_and_by_its_key_only(tool: PlainTool) -> None:
    assertion = tool.assertion()

    assert tool.ask_token(assertion=assertion).status_code == 200
    assert tool.ask_token(assertion=assertion).status_code == 401
    assert tool.ask_token(assertion=tool.assertion(key=new_key())).status_code == 401
    assert tool.ask_token(assertion="nonsense").status_code == 401
    assert tool.ask_token(scope="anything").json()["error"] == "invalid_scope"
    assert tool.ask_token(grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_token_opens_what_it_is_for_until_it_is_revoked(platform: Platform, tool: PlainTool) -> None:
    url = platform.gradebook.list_url(platform.course)
    token = tool.ask_token(scope=LINE_ITEMS).json()["access_token"]

    assert tool.send("GET", url, kind=LINE_ITEMS_TYPE, token=token).status_code == 200
    assert tool.send("GET", url, kind=LINE_ITEMS_TYPE, scope=SCORES).status_code == 403
    platform.revoke_tokens()
    assert tool.send("GET", url, kind=LINE_ITEMS_TYPE, token=token).status_code == 401


def test_columns_are_made_found_changed_and_removed(platform: Platform, tool: PlainTool) -> None:
    url = platform.gradebook.list_url(platform.course)
    made = tool.send("POST", url, kind=LINE_ITEM_TYPE, body={"label": "Bloc 1", "scoreMaximum": 10, "tag": "un"})
    column = made.json()["id"]

    assert made.status_code == 201
    assert tool.send("POST", url, kind=LINE_ITEM_TYPE, body={"label": "Bloc 1"}).status_code == 400
    assert len(tool.send("GET", f"{url}&tag=un", kind=LINE_ITEMS_TYPE).json()) == 1
    assert tool.send("GET", f"{url}&tag=deux", kind=LINE_ITEMS_TYPE).json() == []
    body = {"label": "Bloc A", "scoreMaximum": 20}
    assert tool.send("PUT", column, kind=LINE_ITEM_TYPE, body=body).json()["label"] == "Bloc A"
    assert tool.send("GET", column.partition("?")[0], kind=LINE_ITEM_TYPE).status_code == 404
    assert tool.send("DELETE", column, kind=LINE_ITEM_TYPE).status_code == 204
    assert platform.line_items == []


def test_a_score_is_taken_without_a_word_and_shown_up_to_the_maximum(
    platform: Platform, tool: PlainTool, column: LineItem
) -> None:
    answer = tool.send("POST", _below(column, "scores"), kind=SCORE_TYPE, body=_score(platform.learner.sub, 15))

    assert (answer.status_code, answer.content) == (200, b"")
    assert platform.scores[0].given == 15
    assert _results(tool, column)[0]["resultScore"] == 10


def test_a_score_must_be_newer_by_a_whole_second(platform: Platform, tool: PlainTool, column: LineItem) -> None:
    url, user = _below(column, "scores"), platform.learner.sub
    later = [NOW + datetime.timedelta(milliseconds=500), NOW + datetime.timedelta(seconds=1)]
    statuses = [
        tool.send("POST", url, kind=SCORE_TYPE, body=_score(user, at=at)).status_code for at in [NOW, NOW, *later]
    ]

    assert statuses == [200, 409, 409, 200]


def test_a_score_waiting_for_a_person_blanks_the_result(platform: Platform, tool: PlainTool, column: LineItem) -> None:
    body = _score(platform.learner.sub, gradingProgress="PendingManual")
    tool.send("POST", _below(column, "scores"), kind=SCORE_TYPE, body=body)

    assert "resultScore" not in _results(tool, column)[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": "3"},
        {"userId": "999"},
        {"activityProgress": "Done"},
        {"gradingProgress": None},
        {"timestamp": "2026-06-12T14:02:07.250000"},
        {"timestamp": "2026-06-12T14:02:07Z"},
        {"timestamp": "yesterday"},
        {"scoreGiven": "8"},
        {"scoreMaximum": 0},
        {"comment": 3},
    ],
    ids=str,
)
def test_a_score_with_one_thing_wrong_is_refused(
    platform: Platform, tool: PlainTool, column: LineItem, changes: dict[str, Any]
) -> None:
    body = _score(platform.learner.sub) | changes

    assert tool.send("POST", _below(column, "scores"), kind=SCORE_TYPE, body=body).status_code == 400
    assert platform.scores == []


@pytest.mark.parametrize(
    ("style", "start"),
    [
        (LinkStyle.CORRECT, '; rel="next"'),
        (LinkStyle.BARE, "; rel=next"),
        (LinkStyle.UPPER, '; REL="NEXT"'),
        (LinkStyle.TITLED, '; title="d, e"; rel="last next"'),
        (LinkStyle.CURLY, "; rel=“next”"),
    ],
)
def test_pages_tell_the_next_one_in_the_manner_wanted(
    platform: Platform, tool: PlainTool, style: LinkStyle, start: str
) -> None:
    platform.course.fill(10)
    platform.roster_links, platform.page_size = style, 5

    answer = tool.send("GET", platform.roster_url(platform.course), kind=ROSTER_TYPE)

    assert answer.headers["Link"].encode("latin-1").decode().endswith(start)
    assert len(answer.json()["members"]) == 5


def test_the_next_page_is_reached_by_its_exact_address_only(platform: Platform, tool: PlainTool) -> None:
    platform.course.fill(10)
    url = f"{platform.roster_url(platform.course)}?limit=5"
    link = tool.send("GET", url, kind=ROSTER_TYPE).links["next"]["url"]

    assert len(tool.send("GET", link, kind=ROSTER_TYPE).json()["members"]) == 5
    assert tool.send("GET", link.lower().replace("section", "Section"), kind=ROSTER_TYPE).status_code >= 400
    # Taken literally, the address that Moodle's grade services give answers everything, from the start.
    platform.gradebook.add("2", {"label": "Bloc 1", "scoreMaximum": 1})
    platform.gradebook.add("2", {"label": "Bloc 2", "scoreMaximum": 1})
    first = tool.send("GET", f"{platform.gradebook.list_url(platform.course)}&limit=1", kind=LINE_ITEMS_TYPE)
    literal = first.headers["Link"].rpartition("<")[2].partition(">")[0]
    assert "&amp;" in literal
    assert len(first.json()) == 1
    assert len(tool.send("GET", literal, kind=LINE_ITEMS_TYPE).json()) == 2


def test_a_repeated_page_sends_naive_tools_round_in_circles(platform: Platform, tool: PlainTool) -> None:
    platform.roster_links, platform.page_size = LinkStyle.REPEATED, 2
    url = platform.roster_url(platform.course)

    second = tool.send("GET", url, kind=ROSTER_TYPE).links["next"]["url"]
    third = tool.send("GET", second, kind=ROSTER_TYPE).links["next"]["url"]

    assert tool.send("GET", third, kind=ROSTER_TYPE).links["next"]["url"] == second


def test_the_roster_has_short_or_whole_roles_and_filters(platform: Platform, tool: PlainTool) -> None:
    url = platform.roster_url(platform.course)
    members = tool.send("GET", f"{url}?rlid={platform.link.id}", kind=ROSTER_TYPE).json()["members"]
    platform.has_short_roles, platform.shares_names = False, False

    [teacher] = tool.send("GET", f"{url}?role=Instructor", kind=ROSTER_TYPE).json()["members"]

    assert [member["roles"] for member in members] == [["Instructor"], ["Learner"], ["Learner"], ["Learner"]]
    assert all("message" in member for member in members)
    assert teacher["roles"] == list(platform.teacher.roles)
    assert "name" not in teacher
    assert tool.send("GET", f"{url}?rlid=999", kind=ROSTER_TYPE).status_code == 404
    assert tool.send("GET", url, kind="application/json").status_code == 406


def test_bad_days_happen_in_the_order_wanted(platform: Platform, tool: PlainTool) -> None:
    url = platform.roster_url(platform.course)
    token = tool.ask_token().json()["access_token"]
    platform.next_answers(503, "ok", (429, {"Retry-After": "7"}), "garbage", to="roster")
    answers = [tool.send("GET", url, kind=ROSTER_TYPE, token=token) for _turn in range(5)]

    assert [answer.status_code for answer in answers] == [503, 200, 429, 200, 200]
    assert answers[2].headers["Retry-After"] == "7"
    assert answers[3].text.startswith("<html>")


def test_an_answer_may_be_late_or_lost_and_what_was_asked_done_all_the_same(
    platform: Platform, tool: PlainTool, column: LineItem
) -> None:
    url, body = _below(column, "scores"), _score(platform.learner.sub)
    token = tool.ask_token().json()["access_token"]
    platform.patience = 0.1
    for fault in ("timeout", "drop"):
        platform.next_answers(fault)
        with pytest.raises(requests.ConnectionError):
            tool.send("POST", url, kind=SCORE_TYPE, token=token, body=body)
    assert platform.scores == []

    platform.next_answers("lost")
    with pytest.raises(requests.ConnectionError):
        tool.send("POST", url, kind=SCORE_TYPE, token=token, body=body)
    assert len(platform.scores) == 1


def test_a_platform_that_is_down_answers_nothing_until_it_is_up(platform: Platform) -> None:
    platform.down = True
    with pytest.raises(requests.ConnectionError):
        requests.get(platform.jwks_url, timeout=10)

    platform.down = False
    assert requests.get(platform.jwks_url, timeout=10).status_code == 200

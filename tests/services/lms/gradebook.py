"""The gradebook: columns, scores and results as Moodle keeps them (AGS 2.0)."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.services.lms.people import Course
from tests.services.lms.refusals import refuse, require

_ACTIVITY = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
_GRADING = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
_NOTHING = "[]"
"""What Moodle says when it refuses a score, whatever the reason."""


@dataclass(frozen=True)
class LineItem:
    """A column."""

    id: int
    course_id: str
    url: str
    label: str
    maximum: float
    tag: str = ""
    resource_id: str = ""
    resource_link_id: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as the service gives it."""
        optional = {"tag": self.tag, "resourceId": self.resource_id, "resourceLinkId": self.resource_link_id}
        given = {name: value for name, value in optional.items() if value}
        return {"id": self.url, "label": self.label, "scoreMaximum": self.maximum, **given}


@dataclass(frozen=True)
class Score:
    """A score the gradebook took."""

    line_item: LineItem
    user_id: str
    given: float | None
    maximum: float | None
    comment: str
    activity: str
    grading: str
    at: datetime
    body: Mapping[str, Any]


class Gradebook:
    """Every column of the platform, and every score it took, in order."""

    def __init__(self, services_url: str, type_id: str) -> None:
        self.line_items: dict[int, LineItem] = {}
        self.scores: list[Score] = []
        self._services_url = services_url
        self._type_id = type_id
        self._lock = threading.RLock()
        self._made = 0

    def list_url(self, course: Course) -> str:
        """Return the address of the columns of a course, which has a query as Moodle's does."""
        return f"{self._services_url}/{course.id}/lineitems?type_id={self._type_id}"

    def columns_of_link(self, link_id: str) -> list[LineItem]:
        """Return the columns of a link."""
        return [item for item in self.line_items.values() if item.resource_link_id == link_id]

    def add(self, course_id: str, body: Mapping[str, Any]) -> LineItem:
        """Make a column."""
        with self._lock:
            self._made += 1
            url = f"{self._services_url}/{course_id}/lineitems/{self._made}/lineitem?type_id={self._type_id}"
            item = LineItem(self._made, course_id, url, **_column(body))
            self.line_items[item.id] = item
            return item

    def change(self, item: LineItem, body: Mapping[str, Any]) -> LineItem:
        """Change a column; what it belongs to stays (AGS 2.0 section 3.2.2)."""
        fields = _column(body)
        link_id = fields.pop("resource_link_id") or item.resource_link_id
        require(link_id == item.resource_link_id, "resourceLinkId of a column cannot change")
        with self._lock:
            self.line_items[item.id] = replace(item, **fields)
            return self.line_items[item.id]

    def remove(self, item: LineItem) -> None:
        """Remove a column with its scores."""
        with self._lock:
            del self.line_items[item.id]
            self.scores = [score for score in self.scores if score.line_item.id != item.id]

    def found(self, course_id: str, item_id: int) -> LineItem:
        """Return a column of a course; refuse when there is none."""
        item = self.line_items.get(item_id)
        if item is None or item.course_id != course_id:
            refuse(404, f"course {course_id} has no column {item_id}")
        return item

    def matching(self, course_id: str, query: Mapping[str, str]) -> list[LineItem]:
        """Return the columns of a course that the filters let through."""
        return [
            item
            for item in self.line_items.values()
            if item.course_id == course_id
            and query.get("resource_link_id", item.resource_link_id) == item.resource_link_id
            and query.get("resource_id", item.resource_id) == item.resource_id
            and query.get("tag", item.tag) == item.tag
        ]

    def take(self, item: LineItem, body: Mapping[str, Any], course: Course) -> Score:
        """Take a score; refuse one that is malformed, not newer, or about nobody with a grade here."""
        score = _score(item, body)
        person = course.people.get(score.user_id)
        require(person is not None and person.is_gradable, f"{score.user_id} is not gradable", body=_NOTHING)
        with self._lock:
            last = self.last(item, score.user_id)
            is_newer = last is None or int(score.at.timestamp()) > int(last.at.timestamp())
            require(is_newer, f"not newer than {last.at if last else ''}", status=409, body=_NOTHING)
            self.scores.append(score)
        return score

    def last(self, item: LineItem, user_id: str) -> Score | None:
        """Return the last score of somebody in a column."""
        found = [score for score in self.scores if score.line_item.id == item.id and score.user_id == user_id]
        return found[-1] if found else None

    def results(self, item: LineItem, user_id: str | None, results_url: Callable[[str], str]) -> list[dict[str, Any]]:
        """Return what the column shows for each person, or for one."""
        people = dict.fromkeys(score.user_id for score in self.scores if score.line_item.id == item.id)
        lasts = [self.last(item, person) for person in people if user_id in {None, person}]
        return [_result(item, score, results_url(score.user_id)) for score in lasts if score is not None]


def _column(body: Mapping[str, Any]) -> dict[str, Any]:
    label, maximum = body.get("label"), body.get("scoreMaximum")
    require(isinstance(label, str) and label.strip(), "a column needs a label")
    require(_is_number(maximum) and maximum > 0, "a column needs a scoreMaximum above 0")  # type: ignore[operator]
    texts = {"tag": "tag", "resource_id": "resourceId", "resource_link_id": "resourceLinkId"}
    for name in texts.values():
        require(isinstance(body.get(name, ""), str), f"{name} is not a text")
    return {"label": label, "maximum": maximum, **{field: body.get(name, "") for field, name in texts.items()}}


def _score(item: LineItem, body: Mapping[str, Any]) -> Score:
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    require(isinstance(body.get("userId"), str) and body["userId"], "userId is missing")
    require(body.get("activityProgress") in _ACTIVITY, f"activityProgress is {body.get('activityProgress')!r}")
    require(body.get("gradingProgress") in _GRADING, f"gradingProgress is {body.get('gradingProgress')!r}")
    if "scoreGiven" in body:
        require(_is_number(given) and given >= 0, "scoreGiven is not a number")  # type: ignore[operator]
        require(_is_number(maximum) and maximum > 0, "scoreMaximum is compulsory with scoreGiven")  # type: ignore[operator]
    require(isinstance(body.get("comment", ""), str), "comment is not a text")
    return Score(
        item,
        body["userId"],
        given,
        maximum,
        body.get("comment", ""),
        body["activityProgress"],
        body["gradingProgress"],
        _moment(body.get("timestamp")),
        dict(body),
    )


def _moment(text: object) -> datetime:
    """Return a moment written as RFC 3339 wants it: AGS 2.0 section 3.4.4 asks for a time zone and sub-seconds."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        refuse(400, f"timestamp is {text!r}")
    require(moment.tzinfo is not None and "T" in str(text), f"timestamp {text!r} has no time zone")
    require("." in str(text), f"timestamp {text!r} has no sub-seconds")
    return moment


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _result(item: LineItem, score: Score, url: str) -> dict[str, Any]:
    document: dict[str, Any] = {"id": url, "userId": score.user_id, "resultMaximum": item.maximum}
    if score.comment:
        document["comment"] = score.comment
    if score.grading == "FullyGraded" and score.given is not None and score.maximum:
        # Shown on the column's own scale, and never more than its maximum.
        document["resultScore"] = min(score.given * item.maximum / score.maximum, item.maximum)
    return document

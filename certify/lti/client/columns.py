"""Grade columns of a platform and what is posted in them: https://www.imsglobal.org/spec/lti-ags/v2p0."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from certify.lti.client.access import call
from certify.lti.client.http import Answer, Unreachable
from certify.lti.client.paging import asking, pages
from certify.lti.models import Registration
from certify.lti.protocol import names
from certify.lti.protocol.quirks import quirks_for
from certify.lti.protocol.scoring import results_address, scores_address
from certify.settings import Settings

_COLUMN = "application/vnd.ims.lis.v2.lineitem+json"
_COLUMNS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_SCORE = "application/vnd.ims.lis.v1.score+json"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"


@dataclass(frozen=True)
class Column:
    """A column as the platform describes it."""

    url: str
    label: str
    maximum: float
    resource_id: str
    tag: str
    link_id: str


@dataclass(frozen=True)
class Result:
    """The grade of one person in one column, as the platform holds it."""

    value: float | None
    maximum: float | None
    comment: str


def find_columns(
    session: Session,
    settings: Settings,
    registration: Registration,
    url: str,
    *,
    resource_id: str = "",
    tag: str = "",
    link_id: str = "",
    granted: Collection[str] = (),
) -> list[Column]:
    """Return the columns that certify sees in a course, in the order of the platform, without repetition.

    What the platform should have left out is left out here: not every platform heeds the parameters.
    """
    wanted = asking(url, resource_id=resource_id, tag=tag, resource_link_id=link_id)
    scopes = quirks_for(registration.product).column_scopes(granted, writing=False)
    found: dict[str, Column] = {}
    for document in pages(session, settings, registration, scopes, wanted, accept=_COLUMNS):
        listed = document.get("lineItems", document.get("items")) if isinstance(document, dict) else document
        if not isinstance(listed, list):
            raise Unreachable("not-json", "no list of columns")
        for one in listed:
            column = _column(one)
            if column is not None:
                found.setdefault(column.url, column)
    asked = {"resource_id": resource_id, "tag": tag, "link_id": link_id}
    return [
        one for one in found.values() if all(not value or getattr(one, name) == value for name, value in asked.items())
    ]


def create_column(
    session: Session,
    settings: Settings,
    registration: Registration,
    url: str,
    *,
    label: str,
    maximum: float,
    resource_id: str = "",
    tag: str = "",
    link_id: str = "",
    granted: Collection[str] = (),
) -> Column:
    """Make a column in a course."""
    document = {"label": label, "scoreMaximum": maximum}
    document |= {"resourceId": resource_id} if resource_id else {}
    document |= {"tag": tag} if tag else {}
    document |= {"resourceLinkId": link_id} if link_id else {}
    scopes = quirks_for(registration.product).column_scopes(granted, writing=True)
    answer = call(session, settings, registration, scopes, "POST", url, json=document, kind=_COLUMN, accept=_COLUMN)
    return _said(answer, document)


def update_column(
    session: Session,
    settings: Settings,
    registration: Registration,
    url: str,
    *,
    label: str,
    maximum: float,
    granted: Collection[str] = (),
) -> Column:
    """Change the label and the maximum of a column; the rest is sent back as it was, since it would be lost."""
    scopes = quirks_for(registration.product).column_scopes(granted, writing=True)
    before = call(session, settings, registration, scopes, "GET", url, accept=_COLUMN)
    document = before.json() if before.is_done else None
    if not isinstance(document, dict):
        raise before.refusal()
    document |= {"label": label, "scoreMaximum": maximum}
    answer = call(session, settings, registration, scopes, "PUT", url, json=document, kind=_COLUMN, accept=_COLUMN)
    return _said(answer, document | {"id": document.get("id") or url})


def delete_column(
    session: Session, settings: Settings, registration: Registration, url: str, *, granted: Collection[str] = ()
) -> None:
    """Remove a column with its grades; one that is already gone is fine."""
    scopes = quirks_for(registration.product).column_scopes(granted, writing=True)
    answer = call(session, settings, registration, scopes, "DELETE", url)
    if not answer.is_done and answer.status not in (404, 410):
        raise answer.refusal()


def post_score(
    session: Session, settings: Settings, registration: Registration, url: str, body: Mapping[str, Any]
) -> tuple[int | None, Mapping[str, str], bytes]:
    """Post a score in the column of this address and return status, headers and body of the answer.

    No status means that the platform could not be asked; the body then tells an administrator why.
    """
    try:
        answer = call(
            session, settings, registration, (names.SCORE,), "POST", scores_address(url), json=dict(body), kind=_SCORE
        )
    except Unreachable as fault:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        return None, headers, str(fault).encode()
    return answer.status, answer.headers, answer.body


def result_of(
    session: Session, settings: Settings, registration: Registration, url: str, user_id: str
) -> Result | None:
    """Return the grade that the platform holds for a person in the column of this address."""
    wanted = asking(results_address(url), user_id=user_id)
    for document in pages(session, settings, registration, (names.RESULT_READ,), wanted, accept=_RESULTS):
        if not isinstance(document, list):
            raise Unreachable("not-json", "no list of results")
        for one in document:
            if isinstance(one, dict) and str(one.get("userId")) == user_id:
                return Result(_number(one.get("resultScore")), _number(one.get("resultMaximum")), _text(one, "comment"))
    return None


def _said(answer: Answer, sent: Mapping[str, Any]) -> Column:
    """Return the column an answer describes; some platforms only give its address, or nothing when it was known."""
    if not answer.is_done:
        raise answer.refusal()
    told = answer.json() if answer.body.strip() else {"id": answer.headers.get("Location")}
    known = told if isinstance(told, dict) else {}
    column = _column({**sent, **{name: value for name, value in known.items() if value is not None}})
    if column is None:
        raise Unreachable("not-json", "the platform did not say which column it made")
    return column


def _column(one: Any) -> Column | None:
    if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not one["id"]:
        return None
    maximum = _number(one.get("scoreMaximum"))
    return Column(
        one["id"],
        _text(one, "label"),
        100.0 if maximum is None else maximum,
        _text(one, "resourceId"),
        _text(one, "tag"),
        _text(one, "resourceLinkId"),
    )


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

"""The platform's web application: addresses are Moodle's, where Moodle has one."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, request

from tests.services.lms import pages, registering, roster
from tests.services.lms.faults import Fault
from tests.services.lms.paging import LinkStyle, Page, page_of
from tests.services.lms.people import Course
from tests.services.lms.platform import Platform, Seen
from tests.services.lms.refusals import Refused, refuse, require
from tests.services.lms.vocabulary import (
    LINE_ITEM_TYPE,
    LINE_ITEMS,
    LINE_ITEMS_READ,
    LINE_ITEMS_TYPE,
    RESULTS,
    RESULTS_TYPE,
    ROSTER,
    ROSTER_TYPE,
    SCORE_TYPE,
    SCORES,
)

_SERVICES = "/mod/lti/services.php"


def application_of(platform: Platform) -> Flask:
    """Return the web application of a platform."""
    app = Flask(__name__)
    app.before_request(lambda: _before(platform))
    app.after_request(_after)
    app.register_error_handler(Refused, lambda error: _refused(platform, error))
    _add_services(app, Services(platform))
    pages.add_to(app, platform)
    return app


def _add_services(app: Flask, services: "Services") -> None:
    add = app.add_url_rule
    add("/mod/lti/certs.php", "keys", services.keys)
    add("/mod/lti/token.php", "token", services.token, methods=["POST"])
    add("/mod/lti/openid-configuration.php", "configuration", services.configuration)
    add("/mod/lti/openid-registration.php", "registration", services.registration, methods=["POST"])
    course = f"{_SERVICES}/<course_id>/lineitems"
    item = f"{course}/<int:item_id>/lineitem"
    add(course, "line_items", services.line_items, methods=["GET", "POST"])
    add(item, "line_item", services.line_item, methods=["GET", "PUT", "DELETE"])
    add(f"{item}/scores", "scores", services.scores, methods=["POST"])
    add(f"{item}/results", "results", services.results)
    add(f"{_SERVICES}/CourseSection/<course_id>/bindings/<type_id>/memberships", "roster", services.roster)


class Services:
    """What the tool's server asks of the platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def keys(self) -> Response:
        """Give the public keys."""
        answer = _json(self._platform.keys.document())
        answer.headers.update(self._platform.keys_headers)
        return answer

    def token(self) -> Response:
        """Give an access token."""
        require(request.mimetype == "application/x-www-form-urlencoded", "not a form", error="invalid_request")
        platform = self._platform
        audience = platform.token_audience or platform.token_url
        return _json(platform.access.give(request.form, platform.tool, client_id=platform.client_id, audience=audience))

    def configuration(self) -> Response:
        """Describe the platform."""
        return _json(registering.configuration(self._platform))

    def registration(self) -> Response:
        """Register a tool."""
        platform = self._platform
        body = _body("application/json")
        registered = platform.registrations.take(_authorization(), body, platform.deployment_id)
        platform.adopt(registered)
        return _json(registering.answer(registered))

    def line_items(self, course_id: str) -> Response:
        """List the columns of a course, or add one."""
        course = self._course(course_id)
        gradebook = self._platform.gradebook
        if request.method == "POST":
            self._allow(LINE_ITEMS)
            self._check_type_id()
            item = gradebook.add(course.id, _body(LINE_ITEM_TYPE))
            return _json(item.document(), LINE_ITEM_TYPE, status=201)
        self._allow(LINE_ITEMS, LINE_ITEMS_READ)
        self._check_type_id()
        _check_accepts(LINE_ITEMS_TYPE)
        found = [item.document() for item in gradebook.matching(course.id, request.args)]
        page = self._page(found, self._platform.column_links)
        return _json(list(page.items), LINE_ITEMS_TYPE, link=page.link)

    def line_item(self, course_id: str, item_id: int) -> Response:
        """Show, change or remove a column."""
        self._allow(*([LINE_ITEMS, LINE_ITEMS_READ] if request.method == "GET" else [LINE_ITEMS]))
        self._check_type_id()
        gradebook = self._platform.gradebook
        item = gradebook.found(course_id, item_id)
        if request.method == "DELETE":
            gradebook.remove(item)
            return Response(status=204)
        if request.method == "PUT":
            item = gradebook.change(item, _body(LINE_ITEM_TYPE))
        else:
            _check_accepts(LINE_ITEM_TYPE)
        return _json(item.document(), LINE_ITEM_TYPE)

    def scores(self, course_id: str, item_id: int) -> Response:
        """Take a score."""
        self._allow(SCORES)
        self._check_type_id()
        item = self._platform.gradebook.found(course_id, item_id)
        self._platform.gradebook.take(item, _body(SCORE_TYPE), self._course(course_id))
        # Success says nothing at all, as in Moodle: the body is empty, which is no JSON.
        return Response(status=200, content_type="text/html; charset=utf-8")

    def results(self, course_id: str, item_id: int) -> Response:
        """Show what a column holds."""
        self._allow(RESULTS)
        self._check_type_id()
        _check_accepts(RESULTS_TYPE)
        item = self._platform.gradebook.found(course_id, item_id)
        url = request.base_url
        found = self._platform.gradebook.results(
            item, request.args.get("user_id"), lambda user: f"{url}?user_id={user}"
        )
        page = self._page(found, self._platform.column_links)
        return _json(list(page.items), RESULTS_TYPE, link=page.link)

    def roster(self, course_id: str, type_id: str) -> Response:
        """List the members of a course."""
        self._allow(ROSTER)
        _check_accepts(ROSTER_TYPE)
        course = self._course(course_id)
        require(type_id == self._platform.type_id, "another tool's binding", status=404)
        members = roster.members_of(self._platform, course, request.args)
        page = self._page(members, self._platform.roster_links)
        url = self._platform.roster_url(course)
        return _json(roster.container(course, url, list(page.items)), ROSTER_TYPE, link=page.link)

    def _allow(self, *scopes: str) -> None:
        self._platform.access.check(_authorization(), scopes)

    def _course(self, course_id: str) -> Course:
        if course_id not in self._platform.courses:
            refuse(404, f"there is no course {course_id}")
        return self._platform.courses[course_id]

    def _check_type_id(self) -> None:
        # The query of the addresses we gave must come back, unless it was garbled as Moodle's own header garbles it.
        is_garbled = any(name.startswith("amp;") for name in request.args)
        is_ours = request.args.get("type_id") == self._platform.type_id
        require(is_garbled or is_ours, "type_id is missing: the query of the address was lost", status=404)

    def _page(self, items: list[Any], style: LinkStyle) -> Page:
        return page_of(
            items, url=request.base_url, query=request.args.to_dict(), style=style, size=self._platform.page_size
        )


def _before(platform: Platform) -> Response | None:
    if platform.down:
        return _hang_up()
    name = request.endpoint or "nowhere"
    platform.counts[name] += 1
    headers = dict(request.headers)
    platform.seen.append(Seen(name, request.method, request.path, request.args.to_dict(), headers, request.get_data()))
    return _wrong_answer(platform, platform.faults.take(name))


def _wrong_answer(platform: Platform, fault: Fault) -> Response | None:
    match fault.kind:
        case "answer":
            return Response(fault.body, fault.status, dict(fault.headers))
        case "timeout":
            platform.closing.wait(platform.patience)
            return _hang_up()
        case "drop":
            return _hang_up()
        case "lost":
            g.is_lost = True
    return None


def _after(answer: Response) -> Response:
    return _hang_up() if g.get("is_lost") else answer


def _hang_up() -> Response:
    """Close the connection: the client gets nothing."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503)


def _refused(platform: Platform, error: Refused) -> Response:
    platform.refusals.append(f"{request.endpoint}: {error.reason}")
    if error.body is not None:
        return Response(error.body, error.status, content_type="application/json")
    if error.error or request.endpoint == "token":
        told = {"error": error.error or "invalid_request", "error_description": error.reason}
        return _json(told, status=error.status)
    return Response(error.reason, error.status, content_type="text/plain; charset=utf-8")


def _authorization() -> str:
    return request.headers.get("Authorization", "")


def _check_accepts(content_type: str) -> None:
    accepted = request.headers.get("Accept", "")
    require(content_type in accepted, f"Accept is {accepted!r}, not {content_type}", status=406)


def _body(content_type: str) -> Mapping[str, Any]:
    require(request.mimetype == content_type, f"Content-Type is {request.content_type!r}", status=415)
    try:
        body = json.loads(request.get_data())
    except ValueError:
        refuse(400, "the body is not JSON")
    if not isinstance(body, dict):
        refuse(400, "the body is not an object")
    return body


def _json(value: Any, content_type: str = "application/json", *, status: int = 200, link: str = "") -> Response:
    answer = Response(json.dumps(value), status, content_type=content_type)
    if link:
        answer.headers["Link"] = link
    return answer

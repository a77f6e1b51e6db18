"""Whatever reaches the application, from anybody, is answered: never by a crash."""

import itertools
import string
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from certify.core.access import Role
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_member, make_organisation, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import visit

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NAMES = (
    "q", "page", "sort", "direction", "format", "next", "state", "cohort", "period", "kind", "training_body", "email",
    "password", "code", "name", "title", "starts_on", "ends_on", "held_on", "duration", "indicators", "revision",
    "locale", "organisation_id", "_receipt", "csrf_token", "file", "people", "pasted", "decision", "comment",
)  # fmt: skip
ODD = (
    "", " ", "\0", "a\0b", "\ud7ff", "\U0001f9f8", "٣", "²", "1e400", "NaN", "-1", "0", "99999999999999999999", "%", "_",
    "\\", "'", '"', "<b>", "{{ 7*7 }}", "../../etc/passwd", "2026-02-31", "0000-00-00", "9999999-01-01", "12/06/2026",
    "true", "https://exemple.org", "01a200e9-8887-7d53-b524-864000155d8d", "[]", "None", "csv", "a" * 3000, "\u202e",
    "\r\nX: y",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Language", "Authorization", "Cookie", "Referer", "Origin", "X-Requested-With", "Range",
    "If-None-Match", "If-Modified-Since", "Content-Type", "X-Forwarded-For", "X-Forwarded-Host", "User-Agent",
)  # fmt: skip
ODD_HEADERS = ("fr", "en;q=x", "*", "application/json", "autosave", "Bearer x", "bytes=5-2", "certify=x; y", "é")
BODIES = (
    "multipart/form-data; boundary=x", "multipart/form-data", "application/json", "text/plain", "",
    "application/x-www-form-urlencoded; charset=utf-7",
)  # fmt: skip
words = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
values = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), words, max_size=5)
header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
headers = st.dictionaries(st.sampled_from(HEADERS), st.one_of(st.sampled_from(ODD_HEADERS), header_text), max_size=3)
identifiers = st.one_of(words.filter(bool), st.uuids().map(str))
COUNT = 60


def addresses_of(app: Flask) -> list[str]:
    """Return every address of the application, with placeholders."""
    return sorted({rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"})


def filled(rule: str, parts: list[str]) -> str:
    """Put something in each placeholder of an address."""
    words = itertools.cycle(parts)
    pieces = [
        quote(next(words)) if piece.startswith("<") else piece
        for piece in rule.replace("<", "|<").replace(">", ">|").split("|")
    ]
    return "".join(pieces)


def assert_answered(client: FlaskClient, path: str, **request: Any) -> None:
    with client.open(path, **request) as answer:
        assert answer.status_code < 500, f"{request.get('method', 'GET')} {path} {request}: {answer.status_code}"


@pytest.fixture
def visitors(app: Flask, session: Session) -> list[FlaskClient]:
    """Give a stranger, a trainee, and somebody who may do everything."""
    everything = make_user(session)
    for role in Role:
        make_member(session, make_organisation(session), role, everything)
    enrolment = make_enrolment(session)
    trainee = session.get_one(type(everything), enrolment.user_id)
    return [app.test_client(), signed_in_client(app, trainee), signed_in_client(app, everything)]


@given(st.data())
@settings(max_examples=COUNT * 3)
def test_any_address_with_anything_in_it_is_answered(
    app: Flask, visitors: list[FlaskClient], data: st.DataObject
) -> None:
    path = filled(
        data.draw(st.sampled_from(addresses_of(app))), data.draw(st.lists(identifiers, min_size=1, max_size=2))
    )
    client = data.draw(st.sampled_from(visitors))
    assert_answered(client, path, query_string=data.draw(values), headers=data.draw(headers))


@given(st.text(string.printable + "é\0\u202e\U0001f9f8", max_size=60), st.sampled_from(METHODS), headers)
@settings(max_examples=COUNT)
@example("..%2f..%2fetc/passwd", "GET", {})
@example("static/../../settings.py", "GET", {})
@example("a" * 5000, "GET", {})
def test_any_path_with_any_method_is_answered(
    visitors: list[FlaskClient], path: str, method: str, given_headers: dict[str, str]
) -> None:
    for client in visitors:
        assert_answered(client, "/" + quote(path, safe="/%?&=#.;"), method=method, headers=given_headers)


@given(st.data())
@settings(max_examples=COUNT * 3)
def test_any_form_sent_to_any_address_is_answered(app: Flask, visitors: list[FlaskClient], data: st.DataObject) -> None:
    rules = sorted({rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())})
    path = filled(data.draw(st.sampled_from(rules)), data.draw(st.lists(identifiers, min_size=1, max_size=2)))
    client = data.draw(st.sampled_from(visitors))
    token = str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    sent = data.draw(values)
    if data.draw(st.booleans()):
        sent |= {"csrf_token": token}
    assert_answered(client, path, method="POST", data=sent, headers=data.draw(headers))


@given(st.binary(max_size=300), st.sampled_from(BODIES))
@settings(max_examples=COUNT)
def test_any_bytes_sent_as_any_kind_of_body_are_answered(visitors: list[FlaskClient], body: bytes, kind: str) -> None:
    for path in ("/login", "/language", "/logbook/new"):
        assert_answered(visitors[1], path, method="POST", data=body, content_type=kind)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';,"\\ '), max_size=60))
@settings(max_examples=COUNT)
@example(".eJw.x.y")
def test_any_cookie_is_answered_as_to_a_stranger(app: Flask, visitors: list[FlaskClient], value: str) -> None:
    client = app.test_client()
    client.set_cookie("certify", value)
    with client.get("/account") as answer:
        assert answer.status_code == 303


@pytest.mark.parametrize("word", ODD)
def test_a_list_searched_for_anything_is_shown(visitors: list[FlaskClient], word: str) -> None:
    for path in ("/cohorts", "/reviews", "/administration/audit", "/administration/jobs", "/juries", "/certificates"):
        for name in ("q", "page", "sort", "direction", "state", "period"):
            assert_answered(visitors[2], path, query_string={name: word})


@pytest.mark.parametrize("word", [word for word in ODD if word])
def test_signing_in_and_asking_for_a_password_with_anything_is_answered(visitors: list[FlaskClient], word: str) -> None:
    stranger = visitors[0]
    token = str(visit(stranger, "/login").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for path in (
        "/login",
        "/reset",
        "/confirm",
        f"/verify/{quote(word)}",
        f"/invitation/{quote(word)}",
        f"/reset/{quote(word)}",
    ):
        data = {"csrf_token": token, "email": word, "password": word, "code": word, "next": word}
        assert_answered(stranger, path, method="POST", data=data)
        assert_answered(stranger, path)

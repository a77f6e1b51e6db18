"""Whatever reaches the application, from anybody, is answered: never by a crash."""

import re
import string
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.factories.assessments import make_draft
from tests.factories.juries import make_jury
from tests.factories.logbook import make_entry, make_file
from tests.factories.people import make_member, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import visit

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
NAMES = (
    "q", "page", "sort", "direction", "format", "next", "state", "cohort", "period", "kind", "training_body", "email",
    "password", "code", "name", "title", "starts_on", "ends_on", "held_on", "duration", "indicators", "revision",
    "locale", "organisation_id", "_receipt", "csrf_token", "file", "people", "pasted", "decision", "comment",
)  # fmt: skip
ODD = (
    "", " ", "\0", "a\0b", "\ud7ff", "\U0001f9f8", "٣", "²", "1e400", "NaN", "-1", "0", "99999999999999999999", "%",
    "_", "\\", "'", '"', "<b>", "{{ 7*7 }}", "../../etc/passwd", "2026-02-31", "0000-00-00", "9999999-01-01",
    "12/06/2026", "true", "https://exemple.org", "01a200e9-8887-7d53-b524-864000155d8d", "[]", "None", "csv",
    "a" * 3000, "\u202e", "\r\nX: y",
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
COUNT = 40


@dataclass(frozen=True)
class Town:
    """Somebody of each sort, and what exists."""

    app: Flask
    visitors: list[FlaskClient]
    """A stranger, a trainee, a trainer, a registrar, and somebody with every role."""
    real: dict[str, str]
    """By the name an address has for it, the identifier of something that exists."""

    def addresses(self, method: str) -> list[str]:
        """Return every address of the application that takes a method, with placeholders."""
        rules = self.app.url_map.iter_rules()
        return sorted({rule.rule for rule in rules if rule.endpoint != "static" and method in (rule.methods or ())})

    def real_address(self, rule: str) -> str:
        """Return an address with something that exists in each placeholder."""
        return _PLACEHOLDER.sub(lambda found: self.real.get(found[1], self.real["cohort_id"]), rule)


_PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")


def odd_address(rule: str, part: str) -> str:
    """Return an address with something odd in each placeholder."""
    return _PLACEHOLDER.sub(quote(part).replace("\\", "\\\\"), rule)


def assert_answered(client: FlaskClient, path: str, **request: Any) -> None:
    with client.open(path, **request) as answer:
        assert answer.status_code < 500, f"{request.get('method', 'GET')} {path} {request}: {answer.status_code}"


def token_of(client: FlaskClient) -> str:
    return str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    """Give a jury session with a candidate who keeps a logbook, and those around them."""
    prepared = make_jury(session)
    enrolment = session.get_one(Enrolment, prepared.candidacies[0].enrolment_id)
    body = session.get_one(Organisation, enrolment.training_body_id)
    trainee, trainer, everybody = session.get_one(User, enrolment.user_id), make_user(session), make_user(session)
    make_member(session, body, Role.TRAINER, trainer)
    for role in Role:
        kind = prepared.body if role is Role.REGISTRAR else body
        make_member(session, kind, role, everybody)
    real = {
        "entry_id": make_entry(session, enrolment),
        "assessment_id": make_draft(session, enrolment, trainer),
        "jury_id": prepared.jury,
        "candidacy_id": prepared.candidacies[0],
        "cohort_id": prepared.cohort,
        "enrolment_id": enrolment,
        "organisation_id": body,
    }
    real["item_id"] = make_file(session, real["entry_id"])
    people = [trainee, trainer, prepared.registrar, everybody]
    identifiers = {name: str(thing.id) for name, thing in real.items()} | {
        "version_id": str(prepared.jury.framework_version_id)
    }
    return Town(app, [app.test_client(), *(signed_in_client(app, person) for person in people)], identifiers)


@pytest.fixture
def visitors(town: Town) -> list[FlaskClient]:
    return town.visitors


@given(st.data())
@settings(max_examples=COUNT * 3)
def test_any_address_with_anything_in_it_is_answered(town: Town, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(town.addresses("GET")))
    path = town.real_address(rule) if data.draw(st.booleans()) else odd_address(rule, data.draw(identifiers))
    client = data.draw(st.sampled_from(town.visitors))
    assert_answered(client, path, query_string=data.draw(values), headers=data.draw(headers))


@given(st.data())
@settings(max_examples=COUNT * 3)
def test_any_address_sent_anything_is_answered(town: Town, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(town.addresses("POST")))
    path = town.real_address(rule) if data.draw(st.booleans()) else odd_address(rule, data.draw(identifiers))
    client = data.draw(st.sampled_from(town.visitors))
    sent = data.draw(values) | {"csrf_token": token_of(client)}
    assert_answered(client, path, method="POST", data=sent, headers=data.draw(headers))


numbers = st.integers(0, 1000)


@given(numbers, numbers, numbers, st.lists(st.tuples(numbers, words), max_size=4))
@settings(max_examples=COUNT * 3)
def test_any_form_filled_with_anything_is_answered(
    town: Town, visitor: int, address: int, form: int, changes: list[tuple[int, str]]
) -> None:
    client = town.visitors[visitor % len(town.visitors)]
    rules = [rule for rule in town.addresses("POST") if rule in town.addresses("GET")]
    path = town.real_address(rules[address % len(rules)])
    # What a page shows changes with what was sent before: forms and fields are numbered, not drawn.
    if forms := forms_of(client, path):
        target, sent = forms[form % len(forms)]
        names = sorted(sent)
        for number, word in changes:
            sent[names[number % len(names)]] = word
        assert_answered(client, target, method="POST", data=sent | {"csrf_token": token_of(client)})


def forms_of(client: FlaskClient, path: str) -> list[tuple[str, dict[str, str]]]:
    """Return the forms of a page but those that sign out: where each is sent, and what it shows."""
    with client.get(path) as answer:
        page = BeautifulSoup(answer.get_data() if answer.mimetype == "text/html" else b"", "html5lib")
    found = []
    for form in page.select("main form[method=post]"):
        fields = form.select("input[name], textarea[name], select[name], button[name]")
        shown = {str(field["name"]): str(field.get("value") or field.get_text()) for field in fields}
        target = str(form.get("action") or path)
        if shown and "/sessions/" not in target:
            found.append((target, shown))
    return found


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


def test_a_list_searched_for_anything_is_shown(visitors: list[FlaskClient]) -> None:
    for path in ("/cohorts", "/reviews", "/administration/audit", "/administration/jobs", "/juries", "/certificates"):
        for word in ODD:
            names = dict.fromkeys(("q", "page", "sort", "direction", "state", "period", "format"), word)
            assert_answered(visitors[-1], path, query_string=names)


def test_signing_in_and_asking_for_a_password_with_anything_is_answered(visitors: list[FlaskClient]) -> None:
    stranger = visitors[0]
    token = token_of(stranger)
    for word in filter(None, ODD):
        data = {"csrf_token": token, "email": word, "password": word, "code": word, "next": word}
        for path in ("/login", "/reset", "/confirm"):
            assert_answered(stranger, path, method="POST", data=data)
        for path in ("/verify", "/invitation", "/reset", "/confirm"):
            assert_answered(stranger, f"{path}/{quote(word)}")
            assert_answered(stranger, f"{path}/{quote(word)}", method="POST", data=data)

"""The edge: headers of every answer, pages of refusals and of crashes, proxies."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from certify.accounts.models import User
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from certify.settings import Settings
from tests.factories.people import make_user
from tests.services.signing_in import sign_in
from tests.services.visiting import read, submit, visit

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self';"
    " base-uri 'none';"
    " frame-ancestors 'none'"
)
ENGLISH = {"Accept-Language": "en"}
sqlite_only = pytest.mark.engines("sqlite")


@sqlite_only
@pytest.mark.parametrize("path", ["/aide", "/account", "/no-such-page", "/healthz", "/static/mark.svg"])
def test_every_answer_says_what_a_browser_may_do_with_it(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "Strict-Transport-Security" not in headers
        assert (headers["Cache-Control"] == "no-store") is not path.startswith("/static")


@sqlite_only
@pytest.mark.settings(public_url="https://certify.exemple.test")
def test_over_https_the_browser_is_told_to_stay_there_and_cookies_too(client: FlaskClient) -> None:
    answer = client.get("/aide")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


@sqlite_only
@pytest.mark.parametrize(
    ("method", "path", "status", "french", "english"),
    [
        ("GET", "/no-such-page", 404, "Page introuvable", "Page not found"),
        ("GET", "/cohorts/no-identifier", 404, "Page introuvable", "Page not found"),
        ("PUT", "/aide", 405, "", ""),
        ("GET", "/language", 405, "", ""),
    ],
)
def test_what_cannot_be_opened_is_said_in_the_language_of_the_visitor(
    client: FlaskClient, method: str, path: str, status: int, french: str, english: str
) -> None:
    for headers, language, words in (({}, "fr", french), (ENGLISH, "en", english)):
        page = read(client.open(path, method=method, headers=headers), status=status)
        assert page.html["lang"] == language  # type: ignore[index]
        assert words in page.h1.get_text()  # type: ignore[union-attr]


@sqlite_only
@pytest.mark.settings(request_max_bytes=2_000_000)
def test_what_is_too_heavy_is_refused_with_the_limit_and_in_both_languages(client: FlaskClient) -> None:
    for headers, words in (({}, "dépasse 1 Mo"), (ENGLISH, "1 MB")):
        answer = client.post("/language", data={"next": "a" * 2_000_001}, headers=headers)
        assert words in read(answer, status=413).get_text().replace("\u202f", " ").replace("\u00a0", " ")


@sqlite_only
def test_a_form_of_too_many_fields_is_refused(client: FlaskClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    answer = client.post("/language", data=part * 4001 + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


@sqlite_only
@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound(), 404),
        (Forbidden("Non, ceci."), 403),
        (Invalid("Non, cela."), 422),
        (Conflict("Déjà fait."), 409),
        (Unavailable("Plus tard."), 503),
        (StaleDataError("rows"), 409),
    ],
)
def test_a_refusal_has_the_status_that_says_it_and_its_words(app: Flask, refusal: Exception, status: int) -> None:
    app.view_functions["pages.help"] = refusing(refusal)
    page = read(app.test_client().get("/aide"), status=status)
    if not isinstance(refusal, StaleDataError):
        assert str(refusal).rstrip(".") in page.get_text()


def refusing(refusal: Exception) -> Callable[..., Any]:
    @requires(PUBLIC)
    def view() -> str:
        raise refusal

    return view


@sqlite_only
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(client: FlaskClient, method: str) -> None:
    answer = client.open("/account?tab=2", method=method)
    assert answer.status_code == 303
    assert answer.location == "/login?next=/account?tab%3D2"


@sqlite_only
@pytest.mark.parametrize(
    "path", ["//exemple.org/account", "/\\exemple.org", "/%2F%2Fexemple.org", "/login/../../exemple.org"]
)
def test_no_address_leads_to_another_site(client: FlaskClient, path: str) -> None:
    answer = client.open(path)
    assert re.match(r"^$|^/(?![/\\])|^http://localhost/(?![/\\])", answer.location or "")


@pytest.mark.parametrize("headers", [{"X-Requested-With": "autosave"}, {"Accept": "application/json"}])
@sqlite_only
def test_a_script_of_ours_gets_words_it_can_show(app: Flask, session: Session, headers: dict[str, str]) -> None:
    client = app.test_client()
    address = f"/logbook/{make_user(session).id}/autosave"
    expired = client.post(address, headers=headers)
    assert (expired.status_code, expired.is_json) == (401, True)
    token = str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    ended = client.post(address, headers=headers, data={"csrf_token": token})
    assert (ended.status_code, "Connectez-vous" in ended.json["message"]) == (401, True)
    sign_in(client, make_user(session))
    forbidden = client.post(address, headers=headers, data={"csrf_token": token})
    assert forbidden.status_code in (403, 404)
    assert forbidden.json["message"]
    absent = client.get("/no-such-page", headers=headers)
    assert (absent.status_code, bool(absent.json["message"])) == (404, True)


def test_a_crash_shows_nothing_of_the_inside_and_a_sign_to_find_it_by(
    settings: Settings, make_app: Callable[[Settings], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(settings)
    app.testing = False
    app.view_functions["pages.help"] = refusing(RuntimeError("mot de passe de la base"))
    answer = app.test_client().get("/aide")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "mot de passe de la base" not in page
    assert "RuntimeError" not in page
    assert answer.headers["Content-Security-Policy"] == POLICY
    sign = re.search(r"<code>([0-9a-f]{16})</code>", page)
    assert sign
    logged = capsys.readouterr().err
    assert sign[1] in logged
    assert "RuntimeError: mot de passe de la base" in logged
    assert "endpoint=pages.help" in logged


def test_what_a_crash_had_written_is_undone(app: Flask, session: Session) -> None:
    app.testing = False

    @requires(PUBLIC)
    def write_then_crash() -> str:
        make_user(db.session, email="moitie@exemple.test")
        raise RuntimeError

    app.view_functions["pages.switch_language"] = write_then_crash
    client = app.test_client()
    assert submit(client, visit(client, "/aide"), "form[action='/language']", press="EN").status_code == 500
    assert session.scalar(select(func.count()).where(User.email == "moitie@exemple.test")) == 0


FORWARDED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "certify.exemple.test",
    "X-Forwarded-Prefix": "/formation",
}


@requires(PUBLIC)
def seen() -> dict[str, Any]:
    return {"from": request.remote_addr, "url": request.url_root}


@sqlite_only
@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (0, {"from": "127.0.0.1", "url": "http://localhost/"}),
        (1, {"from": "198.51.100.7", "url": "https://certify.exemple.test/formation/"}),
        (2, {"from": "127.0.0.1", "url": "http://localhost/"}),
    ],
)
def test_forwarded_headers_are_believed_only_from_as_many_proxies_as_there_are(
    settings: Settings, make_app: Callable[[Settings], Flask], proxies: int, expected: dict[str, str]
) -> None:
    app = make_app(settings.model_copy(update={"trusted_proxies": proxies}))
    app.view_functions["pages.help"] = seen
    assert app.test_client().get("/aide", headers=FORWARDED).json == expected


@sqlite_only
@pytest.mark.settings(trusted_proxies=1)
def test_what_a_visitor_adds_before_the_proxy_is_not_believed(app: Flask) -> None:
    app.view_functions["pages.help"] = seen
    answer = app.test_client().get("/aide", headers=FORWARDED | {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert answer.json["from"] == "198.51.100.7"

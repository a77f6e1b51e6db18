"""A form that cannot be taken is shown with all that was typed, and one button sends it again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from certify.accounts import forms
from certify.accounts.models import User, UserSession
from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import PUBLIC, Role, requires
from certify.core.db import db
from certify.core.errors import Conflict, Unavailable
from certify.core.web import _SECRET_FIELDS
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.cohorts import make_cohort
from tests.factories.people import make_member, make_user
from tests.services.processes import free_port
from tests.services.signing_in import sign_in, sign_out
from tests.services.visiting import Page, follow, read, submit, visit

RESEND = "main form"
DATES = {"starts_on": "2026-01-12", "ends_on": "2026-12-18"}
WORDS = 'Printemps 2026 & <suite> "bis"'
sqlite_only = pytest.mark.engines("sqlite")


def refusing(refusal: Exception) -> Callable[..., Any]:
    @requires(PUBLIC)
    def view() -> str:
        raise refusal

    return view


@pytest.fixture
def body(session: Session) -> Organisation:
    return session.get_one(Organisation, make_cohort(session, name="La première").training_body_id)


@pytest.fixture
def coordinator(session: Session, body: Organisation) -> User:
    return make_member(session, body, Role.COORDINATOR)


def shown(page: Page) -> dict[str, str]:
    """Return what a page shows of the form that was refused, by label."""
    labels = page.select("[data-not-accepted] label")
    fields = {str(label["for"]): label.get_text() for label in labels}
    return {
        words: str(tag.get("value") if tag.name == "input" else tag.get_text().removeprefix("\n"))
        for identity, words in fields.items()
        for tag in page.select(f"[id='{identity}']")
    }


def cohorts_named(session: Session, name: str) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Cohort.name == name)) or 0


def end_session_of(session: Session, user: User) -> None:
    ended = {"ended_at": clock.now() - timedelta(minutes=1)}
    session.execute(update(UserSession).where(UserSession.user_id == user.id).values(ended))
    session.commit()


def test_a_form_sent_after_the_session_ended_is_kept_and_accepted_once_signed_in_again(
    client: FlaskClient, session: Session, coordinator: User
) -> None:
    sign_in(client, coordinator)
    page = visit(client, "/cohorts/new")
    end_session_of(session, coordinator)

    kept = read(submit(client, page, name=WORDS, **DATES), status=401)
    assert shown(kept)["Nom"] == WORDS
    assert shown(kept)["Fin"] == "2026-12-18"
    assert cohorts_named(session, WORDS) == 0

    sign_in(client, coordinator)
    assert WORDS in follow(client, submit(client, kept, RESEND, press="Renvoyer")).get_text()
    assert cohorts_named(session, WORDS) == 1


def test_a_form_sent_after_signing_out_everywhere_is_kept_through_each_step(
    client: FlaskClient, session: Session, coordinator: User
) -> None:
    sign_in(client, coordinator)
    page = visit(client, "/cohorts/new")
    sign_out(client)

    expired = read(submit(client, page, name=WORDS, **DATES), status=400)
    assert shown(expired)["Nom"] == WORDS
    ended = read(submit(client, expired, RESEND, press="Renvoyer"), status=401)
    assert shown(ended)["Nom"] == WORDS
    sign_in(client, coordinator)
    answer = submit(client, ended, RESEND, press="Renvoyer")
    assert WORDS in follow(client, answer).get_text()
    assert cohorts_named(session, WORDS) == 1


def test_a_form_whose_token_expired_is_sent_again_with_one_button(
    client: FlaskClient, session: Session, coordinator: User
) -> None:
    sign_in(client, coordinator)
    page = visit(client, "/cohorts/new")
    kept = read(submit(client, page, name=WORDS, csrf_token="expired", **DATES), status=400)
    assert "expiré" in kept.get_text()
    assert "expired" not in str(kept)
    assert submit(client, kept, RESEND, press="Renvoyer").status_code == 303
    assert submit(client, kept, RESEND, press="Renvoyer").status_code == 303
    assert cohorts_named(session, WORDS) == 1


@pytest.mark.parametrize("refusal", [Conflict("Déjà fait."), Unavailable("Plus tard."), StaleDataError("rows")])
@sqlite_only
def test_a_refused_form_shows_every_field_typed_but_no_secret(app: Flask, refusal: Exception) -> None:
    app.view_functions["pages.switch_language"] = refusing(refusal)
    client = app.test_client()
    token = str(visit(client, "/aide").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    typed = {"comment": "Une ligne\nune autre", "title": WORDS, "indicators": ["A1", "B2"], "emptied": "  "}
    secrets = {name: "très secret" for name in _SECRET_FIELDS if name not in ("csrf_token", "_receipt")}
    answer = client.post("/language", data={**typed, **secrets, "csrf_token": token})
    kept = read(answer, status=503 if isinstance(refusal, Unavailable) else 409)
    assert shown(kept) == {"Commentaire": "Une ligne\nune autre", "Titre": WORDS, "Indicateurs illustrés": "A1, B2"}
    resent = [(tag["name"], tag["value"]) for tag in kept.select(f"{RESEND} input[name]")]
    assert ("indicators", "A1") in resent
    assert ("indicators", "B2") in resent
    assert "très secret" not in str(kept)
    assert token not in answer.get_data(as_text=True) or ("csrf_token", token) in resent


@sqlite_only
def test_every_field_that_hides_what_is_typed_is_among_the_secrets(client: FlaskClient, session: Session) -> None:
    hidden = {
        name
        for form in vars(forms).values()
        if isinstance(form, type)
        for name, field in vars(form).items()
        if getattr(getattr(field, "field_class", None), "__name__", "") == "PasswordField"
    }
    pages = ("/login", "/reset", "/confirm")
    shown_fields = {str(tag["name"]) for path in pages for tag in visit(client, path).select("input[type=password]")}
    assert hidden | shown_fields
    assert hidden | shown_fields <= set(_SECRET_FIELDS)


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize("word", ["\0", "a" * 1000])
def test_what_the_database_cannot_hold_is_refused_and_a_form_keeps_it(app: Flask, word: str) -> None:
    @requires(PUBLIC)
    def write() -> str:
        make_user(db.session, given_name=word)
        return ""

    app.view_functions["pages.help"] = app.view_functions["pages.switch_language"] = write
    client = app.test_client()
    read(client.get("/aide"), status=400)
    page = visit(client, "/accessibilite")
    kept = read(submit(client, page, "form[action='/language']", press="EN"), status=422)
    assert shown(kept) == {"locale": "en"}


@sqlite_only
def test_without_its_database_a_page_says_so_and_a_form_is_kept(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/certify"
    client = make_app(settings.model_copy(update={"database_url": url})).test_client()
    page = visit(client, "/login")
    kept = read(submit(client, page, "form:has([name=password])", email="a@exemple.test", password="b"), status=503)
    assert shown(kept)["Adresse e-mail"] == "a@exemple.test"
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": "somebody", "session_id": "01a200e9-8887-7d53-b524-864000155d8d"})
    assert "ne répond pas" in read(client.get("/account"), status=503).get_text()

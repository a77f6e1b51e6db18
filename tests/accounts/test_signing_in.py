"""Signing in, out, everywhere; being slowed down when guessing."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts import services
from certify.accounts.models import FailedSignIn, User
from certify.core import clock
from certify.core.mail import MailMessage
from tests.factories.people import make_user
from tests.services.signing_in import PASSWORD, open_sessions_of, sign_in, sign_in_by_form
from tests.services.visiting import follow, read, submit, visit


@pytest.fixture
def person(session: Session) -> User:
    user = make_user(session, email="stagiaire03@exemple.test", given_name="Stagiaire", family_name="03")
    services.set_password(session, user, PASSWORD)
    session.commit()
    return user


def test_a_person_signs_in_and_finds_their_name(client: FlaskClient, person: User) -> None:
    page = follow(client, sign_in_by_form(client, person.email, next_page="/account"))

    assert "Stagiaire 03" in page.get_text()


def test_the_address_is_recognised_however_it_is_typed(client: FlaskClient, person: User) -> None:
    assert sign_in_by_form(client, "  STAGIAIRE03@Exemple.Test ").status_code == 303


def test_signing_in_leads_back_to_the_page_asked_for(client: FlaskClient, person: User) -> None:
    assert client.get("/account").headers["Location"].endswith("/login?next=/account")

    assert sign_in_by_form(client, person.email, next_page="/account").headers["Location"] == "/account"


@pytest.mark.parametrize("elsewhere", ["https://exemple.org/", "//exemple.org/", "/\\exemple.org"])
def test_signing_in_never_leads_to_another_site(client: FlaskClient, person: User, elsewhere: str) -> None:
    token = str(visit(client, "/login").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    data = {"email": person.email, "password": PASSWORD, "csrf_token": token}

    answer = client.post("/login", query_string={"next": elsewhere}, data=data)

    assert not answer.headers.get("Location", "").startswith(("http", "//", "/\\"))


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(client: FlaskClient, person: User) -> None:
    wrong = read(sign_in_by_form(client, person.email, "pas le bon mot de passe"), status=422)
    unknown = read(sign_in_by_form(client, "personne@exemple.test", "pas le bon mot de passe"), status=422)

    assert wrong.select_one("[data-error-summary]").get_text() == unknown.select_one("[data-error-summary]").get_text()  # type: ignore[union-attr]
    assert "ne convient pas" in wrong.get_text()


def test_asking_for_a_new_password_tells_nothing_about_who_is_known(
    client: FlaskClient, session: Session, person: User
) -> None:
    answers = [
        read(submit(client, visit(client, "/reset"), email=email))
        .select_one("main .notice")
        .get_text()
        .replace(email, "…")  # type: ignore[union-attr]
        for email in (person.email, "personne@exemple.test")
    ]

    assert answers[0] == answers[1]
    assert session.scalar(select(func.count()).select_from(MailMessage)) == 1


def test_guessing_a_password_is_slowed_down_even_with_the_right_one_at_last(client: FlaskClient, person: User) -> None:
    for _ in range(5):
        assert sign_in_by_form(client, person.email, "pas le bon mot de passe").status_code == 422

    answer = sign_in_by_form(client, person.email)

    page = read(answer, status=429)
    assert "attendez" in page.get_text()
    assert int(answer.headers["Retry-After"]) <= 15


def test_failures_are_kept_although_the_form_was_refused(client: FlaskClient, session: Session, person: User) -> None:
    sign_in_by_form(client, person.email, "pas le bon mot de passe")

    assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 1
    assert person.email not in str(session.scalars(select(FailedSignIn)).one().account_hash)


def test_the_wait_doubles_then_is_forgotten_with_success(client: FlaskClient, session: Session, person: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as clock_hand:
        for _ in range(5):
            sign_in_by_form(client, person.email, "pas le bon mot de passe")
        clock_hand.shift(timedelta(seconds=16))
        assert sign_in_by_form(client, person.email, "pas le bon mot de passe").status_code == 422
        clock_hand.shift(timedelta(seconds=16))
        assert sign_in_by_form(client, person.email).status_code == 429
        clock_hand.shift(timedelta(seconds=15))
        assert sign_in_by_form(client, person.email).status_code == 303

    assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 0


def test_one_network_address_trying_many_accounts_is_slowed_down(client: FlaskClient, person: User) -> None:
    for number in range(20):
        assert sign_in_by_form(client, f"inconnu{number}@exemple.test", "pas le bon mot de passe").status_code == 422

    assert sign_in_by_form(client, person.email).status_code == 429


def test_old_failures_are_purged(client: FlaskClient, session: Session, person: User) -> None:
    with time_machine.travel(clock.now() - timedelta(hours=1)):
        sign_in_by_form(client, "ancien@exemple.test", "pas le bon mot de passe")

    sign_in_by_form(client, person.email, "pas le bon mot de passe")

    assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 1


def test_signing_out_ends_the_session_for_good(client: FlaskClient, session: Session, person: User) -> None:
    follow(client, sign_in_by_form(client, person.email, next_page="/account"))
    page = visit(client, "/account")
    kept = client.get_cookie("certify")
    assert kept is not None

    answer = submit(client, page, "form[data-sign-out]")

    assert answer.status_code == 303
    client.set_cookie("certify", kept.value)
    assert client.get("/account").status_code == 303
    assert open_sessions_of(person) == []


def test_a_person_sees_and_ends_their_other_session(app: Flask, session: Session, person: User) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, person)
    sign_in(there, person)
    page = visit(here, "/account")
    assert "Firefox, Linux" in page.get_text()

    answer = submit(here, page, "form[action$='/end']")

    assert answer.status_code == 303
    assert there.get("/account").status_code == 303
    visit(here, "/account")


def test_signing_out_everywhere_ends_every_session(app: Flask, session: Session, person: User) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, person)
    sign_in(there, person)

    answer = submit(here, visit(here, "/account"), "form[action$='end-all']")

    assert answer.headers["Location"] == "/login"
    assert [client.get("/account").status_code for client in (here, there)] == [303, 303]
    assert open_sessions_of(person) == []


def test_nobody_ends_somebody_elses_session(app: Flask, session: Session, person: User) -> None:
    mine, theirs = app.test_client(), app.test_client()
    sign_in(theirs, make_user(session))
    target = sign_in(mine, person)
    token = str(visit(theirs, "/account").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]

    answer = theirs.post(f"/account/sessions/{target}/end", data={"csrf_token": token})

    assert answer.status_code == 404
    assert len(open_sessions_of(person)) == 1


def test_a_session_left_unused_ends_by_itself(client: FlaskClient, session: Session, person: User) -> None:
    sign_in(client, person)

    with time_machine.travel(clock.now() + timedelta(days=15)):
        assert client.get("/account").status_code == 303


def test_a_session_in_use_is_noted_every_few_minutes(client: FlaskClient, session: Session, person: User) -> None:
    sign_in(client, person)
    later = clock.now() + timedelta(minutes=30)

    with time_machine.travel(later, tick=False):
        visit(client, "/account")

    session.expire_all()
    assert open_sessions_of(person)[0].last_seen_at == later.replace(microsecond=later.microsecond)


def test_a_new_password_by_mail_replaces_the_old_one_and_ends_sessions(
    app: Flask, client: FlaskClient, session: Session, person: User
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, person)
    submit(client, visit(client, "/reset"), email=person.email)
    text = session.scalars(select(MailMessage.text)).one()
    link = next(word for word in text.split() if "/reset/" in word).partition("127.0.0.1:8000")[2]

    answer = submit(client, visit(client, link), password="encore quatre mots", password_confirm="encore quatre mots")

    assert answer.status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert sign_in_by_form(client, person.email).status_code == 422
    assert sign_in_by_form(client, person.email, "encore quatre mots").status_code == 303
    assert client.get(link, follow_redirects=True).request.path in ("/reset", "/")


def test_changing_ones_password_keeps_this_session_and_ends_the_others(
    app: Flask, session: Session, person: User
) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, person)
    sign_in(there, person)
    new = "encore quatre mots"

    answer = submit(here, visit(here, "/change"), password=PASSWORD, new_password=new, new_password_confirm=new)

    assert answer.headers["Location"] == "/account"
    visit(here, "/account")
    assert there.get("/account").status_code == 303


def test_a_token_in_a_header_signs_nobody_in(client: FlaskClient, session: Session, person: User) -> None:
    token = person.get_auth_token()

    assert client.get("/account", headers={"Authentication-Token": str(token)}).status_code == 303


def test_staying_signed_in_is_a_choice(client: FlaskClient, person: User) -> None:
    page = visit(client, "/login")
    brief = submit(client, page, email=person.email, password=PASSWORD)
    lasting = submit(client, page, email=person.email, password=PASSWORD, remember=True)

    assert "Expires" not in brief.headers["Set-Cookie"]
    assert lasting.status_code == 303

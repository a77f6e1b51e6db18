"""The second factor: who must have one, setting it up, signing in with it, losing it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts import services
from certify.accounts.models import User, WebAuthn
from certify.accounts.security import EXTENSION
from certify.core import clock
from certify.core.access import Role
from certify.core.mail import MailMessage
from tests.factories.people import make_certifying_body, make_member, make_user
from tests.services.signing_in import PASSWORD, sign_in, sign_in_by_form, sign_out
from tests.services.visiting import Page, follow, read, submit, visit


@pytest.fixture
def registrar(session: Session) -> User:
    """A registrar who has a password and no second factor."""
    user = make_user(session, email="certification@exemple.test", given_name="Registre", family_name="1")
    services.set_password(session, user, PASSWORD)
    make_member(session, make_certifying_body(session), Role.REGISTRAR, user)
    session.commit()
    return user


def _code(key: str) -> str:
    return str(TOTP(key=key.replace("-", "").replace(" ", ""), format="base32").generate().token)


def _set_up_authenticator(client: FlaskClient) -> tuple[str, Page]:
    """Set an authenticator up the way a person does; return its key and the page that follows."""
    choice = visit(client, "/tf-setup")
    page = read(submit(client, choice, setup="authenticator"))
    key = page.select_one("#totp-key").get_text()  # type: ignore[union-attr]
    answer = submit(client, page, "form[action*='tf-setup']", code=_code(key))
    assert answer.status_code == 303
    return key, visit(client, answer.headers["Location"], follow=True)


def test_a_registrar_without_second_factor_is_led_to_set_one_up(client: FlaskClient, registrar: User) -> None:
    sign_in(client, registrar)

    answer = client.get("/organisations")

    page = follow(client, answer)
    assert "Votre rôle demande une double authentification" in page.get_text()
    assert page.select_one("a[href='/tf-setup']")
    assert page.select_one("a[href='/wan-register']")


def test_without_second_factor_nothing_is_changed_either(client: FlaskClient, registrar: User) -> None:
    sign_in(client, registrar)
    token = str(visit(client, "/account").select_one("input[name=csrf_token]")["value"])  # type: ignore[index]

    answer = client.post("/organisation", data={"csrf_token": token})

    assert answer.headers["Location"] == "/account/second-factor"


def test_who_must_set_up_a_second_factor_may_still_sign_out_and_read_the_notices(
    client: FlaskClient, registrar: User
) -> None:
    sign_in(client, registrar)

    visit(client, "/accessibilite")
    answer = submit(client, visit(client, "/account"), "form[data-sign-out]")

    assert answer.headers["Location"] == "/login"


@pytest.mark.settings(require_second_factor=False)
def test_the_setting_relaxes_it_and_every_page_says_so(client: FlaskClient, session: Session, registrar: User) -> None:
    sign_in(client, registrar)

    page = visit(client, "/organisations", follow=True)

    assert "désactivée par un réglage" in page.get_text()


def test_a_demonstration_account_is_spared_outside_production_and_told_so(
    client: FlaskClient, session: Session, registrar: User
) -> None:
    registrar.is_demo = True
    sign_in(client, registrar)

    page = visit(client, "/organisations", follow=True)

    assert "désactivée par un réglage" in page.get_text()


@pytest.mark.settings(demo_second_factor=True)
def test_a_setting_asks_demonstration_accounts_too(client: FlaskClient, registrar: User) -> None:
    registrar.is_demo = True
    sign_in(client, registrar)

    assert client.get("/organisations").headers["Location"] == "/account/second-factor"


def test_a_trainer_is_asked_for_none(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_user(session))

    page = visit(client, "/account/second-factor")

    assert "Votre rôle ne l’impose pas" in page.get_text()


def test_setting_an_authenticator_up_opens_the_pages_and_shows_recovery_codes(
    client: FlaskClient, registrar: User
) -> None:
    sign_in(client, registrar)

    _key, page = _set_up_authenticator(client)

    assert len(page.select("#recovery-codes li")) == 8
    visit(client, "/organisations", follow=True)


def test_a_wrong_code_sets_nothing_up(client: FlaskClient, session: Session, registrar: User) -> None:
    sign_in(client, registrar)
    page = read(submit(client, visit(client, "/tf-setup"), setup="authenticator"))

    answer = submit(client, page, "form[action*='tf-setup']", code="000000")

    assert "n’est pas le bon" in visit(client, answer.headers["Location"]).get_text()
    session.expire_all()
    assert registrar.tf_primary_method is None


def test_the_code_is_asked_after_the_password_and_serves_once(client: FlaskClient, registrar: User) -> None:
    sign_in(client, registrar)
    key, _page = _set_up_authenticator(client)
    sign_out(client)

    page = follow(client, sign_in_by_form(client, registrar.email, next_page="/account"))
    assert client.get("/account").status_code == 303
    code = _code(key)
    answer = submit(client, page, "form[action^='/tf-validate']", code=code)

    assert answer.headers["Location"] == "/account"
    visit(client, "/account")
    sign_out(client)
    again = follow(client, sign_in_by_form(client, registrar.email))
    assert submit(client, again, "form[action^='/tf-validate']", code=code).status_code == 422


def test_guessing_codes_is_slowed_down_and_the_password_does_not_reset_the_count(
    client: FlaskClient, registrar: User
) -> None:
    sign_in(client, registrar)
    _set_up_authenticator(client)
    for number in range(5):
        sign_out(client)
        page = follow(client, sign_in_by_form(client, registrar.email))
        assert submit(client, page, "form[action^='/tf-validate']", code=f"00000{number}").status_code == 422
    sign_out(client)
    page = follow(client, sign_in_by_form(client, registrar.email))

    assert submit(client, page, "form[action^='/tf-validate']", code="000009").status_code == 429


def test_a_code_by_mail_is_a_second_factor_too(client: FlaskClient, session: Session, registrar: User) -> None:
    sign_in(client, registrar)
    page = read(submit(client, visit(client, "/tf-setup"), setup="email"))
    submit(client, page, "form[action*='tf-setup']", code=_mailed_code(session))
    sign_out(client)

    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        page = follow(client, sign_in_by_form(client, registrar.email, next_page="/account"))
        answer = submit(client, page, "form[action^='/tf-validate']", code=_mailed_code(session))

    assert answer.headers["Location"] == "/account"


def _mailed_code(session: Session) -> str:
    session.expire_all()
    texts = session.scalars(select(MailMessage.text).order_by(MailMessage.created_at.desc())).all()
    found = re.search(r"\b(\d{6})\b", texts[0])
    assert found is not None
    return found.group(1)


def test_a_recovery_code_replaces_a_lost_telephone_once(client: FlaskClient, session: Session, registrar: User) -> None:
    sign_in(client, registrar)
    _key, page = _set_up_authenticator(client)
    code = page.select_one("#recovery-codes li").get_text()  # type: ignore[union-attr]
    session.expire_all()
    assert code not in str(registrar.mf_recovery_codes)
    sign_out(client)

    asked = follow(client, sign_in_by_form(client, registrar.email))
    way = submit(client, asked, "form[action^='/tf-rescue']", help_setup="recovery_code")
    answer = submit(client, follow(client, way), code=code.upper())

    assert answer.status_code == 303
    visit(client, "/account")
    sign_out(client)
    again = follow(
        client,
        submit(
            client,
            follow(client, sign_in_by_form(client, registrar.email)),
            "form[action^='/tf-rescue']",
            help_setup="recovery_code",
        ),
    )
    assert "n’existe pas ou a déjà servi" in read(submit(client, again, code=code), status=422).get_text()


def test_the_mail_of_a_code_is_in_the_language_of_the_person(
    client: FlaskClient, session: Session, registrar: User
) -> None:
    registrar.locale = "fr"
    session.commit()
    sign_in(client, registrar)

    submit(client, visit(client, "/tf-setup"), setup="email")

    mail = session.scalars(select(MailMessage)).one()
    assert mail.subject == "Votre code de connexion"
    assert "ne le donnez à personne" in mail.text


def test_something_sensitive_asks_for_the_password_again_after_a_day(client: FlaskClient, registrar: User) -> None:
    sign_in(client, registrar)
    with time_machine.travel(clock.now() + timedelta(hours=30)):
        asked = visit(client, "/tf-setup", follow=True)
        assert asked.select_one("h1").get_text() == "Confirmer votre identité"  # type: ignore[union-attr]
        assert submit(client, asked, password="pas le bon mot de passe").status_code == 422

        answer = submit(client, asked, password=PASSWORD)

        assert answer.headers["Location"] == "/tf-setup"


def test_a_passkey_is_registered_from_options_the_browser_can_read(client: FlaskClient, registrar: User) -> None:
    sign_in(client, registrar)

    page = read(submit(client, visit(client, "/wan-register"), name="Clé « été », bureau", usage="secondary"))

    form = page.select_one("form[data-passkey=create]")
    assert form is not None
    options: dict[str, Any] = json.loads(str(form["data-options"]))
    assert options["rp"]["name"] == "certify"
    assert options["user"]["name"] == registrar.email


def test_a_passkey_counts_as_second_factor_only_when_it_is_asked_after_the_password(
    client: FlaskClient, session: Session, registrar: User
) -> None:
    sign_in(client, registrar)
    key = WebAuthn(
        credential_id=b"1", public_key=b"1", sign_count=0, backup_state=False, device_type="single_device", name="Clé",
        usage="first", lastuse_datetime=clock.now(), user_id=registrar.id,
    )  # fmt: skip
    session.add(key)
    session.commit()
    assert client.get("/organisations").headers["Location"] == "/account/second-factor"

    key.usage = "secondary"
    session.commit()

    visit(client, "/organisations", follow=True)


def test_the_library_is_wired_to_our_own_user_loader(app: Flask) -> None:
    security = app.extensions[EXTENSION]

    with app.test_request_context("/", headers={"Accept": "application/json"}):
        assert security.login_manager._user_callback.__module__ == "certify.accounts.signing_in"
        assert security.login_manager._request_callback(None) is None

"""Invitations: sent, accepted, and everything that can make them useless."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts import queries, services
from certify.accounts.models import Invitation, User
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict
from certify.core.mail import MailMessage
from certify.organisations.models import Organisation
from tests.factories.people import make_organisation, make_user
from tests.services.signing_in import PASSWORD, sign_in, sign_in_by_form
from tests.services.visiting import Page, read, submit, visit


@pytest.fixture
def body(session: Session) -> Organisation:
    return make_organisation(session, name="Organisme A", contact="contact@organisme-a.test")


def invited(
    session: Session, body: Organisation, email: str = "stagiaire03@exemple.test"
) -> tuple[User, Invitation, str]:
    """Invite somebody; return them, the invitation and the path of its link."""
    user, _new = services.find_or_create_user(session, email=email, given_name="Stagiaire", family_name="03")
    invitation = services.invite(
        session, None, user, organisation_id=body.id, organisation_name=body.name, reason="votre promotion est « A »"
    )
    session.commit()
    text = session.scalars(select(MailMessage.text).order_by(MailMessage.created_at.desc())).first() or ""
    link = next((word for word in text.split() if "/invitation/" in word), "")
    return user, invitation, link.partition("127.0.0.1:8000")[2]


def accept(client: FlaskClient, page: Page, password: str = PASSWORD) -> object:
    return submit(client, page, password=password, password_confirm=password)


def test_the_mail_says_who_invites_why_and_until_when(session: Session, body: Organisation) -> None:
    invited(session, body)

    mail = session.scalars(select(MailMessage)).one()
    assert mail.subject == "Organisme A vous invite sur certify"
    assert "votre promotion est « A »" in mail.text
    assert "14 jours" in mail.text
    assert mail.recipient == "stagiaire03@exemple.test"


def test_an_invited_person_opens_their_account_and_is_signed_in(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    user, invitation, path = invited(session, body)
    page = visit(client, path)
    assert page.select_one("input[name=given_name]")["value"] == "Stagiaire"  # type: ignore[index]

    answer = submit(client, page, given_name="Zoé", family_name="03", password=PASSWORD, password_confirm=PASSWORD)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    visit(client, "/account")
    session.expire_all()
    assert (user.given_name, user.confirmed_at is not None, invitation.accepted_at is not None) == ("Zoé", True, True)
    assert (
        "account:invitation:accepted"
        in session.scalars(select(AuditEvent.tag).where(AuditEvent.organisation_id == body.id)).all()
    )


def test_then_they_sign_in_with_the_password_they_chose(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    user, _invitation, path = invited(session, body)
    accept(client, visit(client, path))
    submit(client, visit(client, "/account"), "form[data-sign-out]")

    assert sign_in_by_form(client, user.email).status_code == 303


def test_the_secret_of_the_link_is_not_kept(session: Session, body: Organisation) -> None:
    _user, invitation, path = invited(session, body)

    assert invitation.token_hash not in path
    assert queries.token_digest(path.rpartition("/")[2]) == invitation.token_hash


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("court", "trop court"),
        ("aaaaaaaaaaaaaa", "répète trop"),
        ("motdepasse123", "trop courant"),
        ("stagiaire03!!!", "reprend votre nom"),
    ],
)
@pytest.mark.engines("sqlite")
def test_an_unfit_password_is_refused_with_the_reason(
    client: FlaskClient, session: Session, body: Organisation, password: str, reason: str
) -> None:
    _user, _invitation, path = invited(session, body)

    answer = accept(client, visit(client, path), password)

    assert reason in read(answer, status=422).get_text()  # type: ignore[arg-type]


def test_two_different_passwords_are_refused(client: FlaskClient, session: Session, body: Organisation) -> None:
    _user, _invitation, path = invited(session, body)

    answer = submit(client, visit(client, path), password=PASSWORD, password_confirm="autre chose encore")

    assert "ne sont pas les mêmes" in read(answer, status=422).get_text()


def test_an_expired_invitation_says_whom_to_ask_for_another(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    _user, _invitation, path = invited(session, body)

    with time_machine.travel(clock.now() + timedelta(days=15)):
        page = visit(client, path, status=410)

    assert page.select_one("h1").get_text() == "Invitation expirée"  # type: ignore[union-attr]
    assert "Organisme A" in page.get_text()
    assert page.select_one("a[href='mailto:contact@organisme-a.test']")


@pytest.mark.settings(invitation_days=3)
def test_an_invitation_that_expires_while_the_form_is_open_changes_nothing(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    user, _invitation, path = invited(session, body)
    page = visit(client, path)

    with time_machine.travel(clock.now() + timedelta(days=4)):
        answer = accept(client, page)

    read(answer, status=410)  # type: ignore[arg-type]
    session.expire_all()
    assert user.password is None


def test_an_invitation_serves_once(client: FlaskClient, session: Session, body: Organisation) -> None:
    _user, _invitation, path = invited(session, body)
    accept(client, visit(client, path))

    page = visit(client, path, status=410)

    assert "Votre compte est déjà ouvert" in page.get_text()


def test_a_withdrawn_invitation_says_so(client: FlaskClient, session: Session, body: Organisation) -> None:
    user, _invitation, path = invited(session, body)
    assert services.withdraw_invitations(session, None, user.id, body.id) == 1

    assert visit(client, path, status=410).select_one("h1").get_text() == "Invitation retirée"  # type: ignore[union-attr]


def test_an_unknown_link_says_that_it_may_have_been_cut(client: FlaskClient) -> None:
    assert "coupé" in visit(client, "/invitation/inconnue", status=404).get_text()


def test_a_second_invitation_leaves_the_first_usable_until_one_is_accepted(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    _user, _first, first = invited(session, body)
    _user, _second, second = invited(session, make_organisation(session))
    visit(client, first)

    accept(client, visit(client, second))

    visit(client, first, status=410)


def test_somebody_with_a_password_is_told_to_sign_in(session: Session, body: Organisation) -> None:
    services.create_user(
        session, email="stagiaire03@exemple.test", given_name="Stagiaire", family_name="03", password=PASSWORD
    )

    _user, invitation, path = invited(session, body)

    mail = session.scalars(select(MailMessage)).one()
    assert path == ""
    assert "/login" in mail.text
    assert invitation.accepted_at is not None


def test_a_known_address_is_the_same_person_however_it_is_written(session: Session) -> None:
    first, is_new = services.find_or_create_user(
        session, email="Formatrice.A@Exemple.test", given_name="Formatrice", family_name="A"
    )
    again, is_new_again = services.find_or_create_user(
        session, email=" formatrice.a@exemple.test ", given_name="Autre", family_name="Nom"
    )

    assert (first.id, is_new, is_new_again) == (again.id, True, False)
    assert again.name == "Formatrice A"


def test_a_closed_invitation_cannot_be_accepted_by_the_verb_either(session: Session, body: Organisation) -> None:
    user, invitation, _path = invited(session, body)
    invitation.withdrawn_at = clock.now()

    with pytest.raises(Conflict):
        services.accept_invitation(session, invitation, user, given_name="A", family_name="B", password=PASSWORD)


def test_accepting_while_signed_in_as_somebody_else_changes_person(
    client: FlaskClient, session: Session, body: Organisation
) -> None:
    sign_in(client, make_user(session, given_name="Formatrice", family_name="A"))
    user, _invitation, path = invited(session, body)

    accept(client, visit(client, path))

    assert user.email in visit(client, "/account").get_text()


@pytest.mark.settings(invitation_days=3)
def test_the_setting_says_how_long_an_invitation_works(session: Session, body: Organisation) -> None:
    _user, invitation, _path = invited(session, body)

    assert invitation.expires_at - invitation.created_at == timedelta(days=3)


def test_emoji_and_right_to_left_names_are_kept(client: FlaskClient, session: Session, body: Organisation) -> None:
    _user, _invitation, path = invited(session, body)
    answer = submit(
        client,
        visit(client, path),
        given_name="🌱 نور",
        family_name="عبد",
        password=PASSWORD,
        password_confirm=PASSWORD,
    )
    assert answer.status_code == 303

    assert "🌱 نور" in str(visit(client, "/account").select_one("input[name=given_name]"))

"""Help, accessibility, legal notice, language, menu: the pages everybody may read."""

import pytest
from flask import Flask, g, render_template
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts import services
from certify.core.access import Role
from tests.factories.people import make_certifying_body, make_member, make_organisation, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, submit, visit

PAGES = ("/aide", "/accessibilite", "/mentions-legales", "/login", "/reset", "/confirm", "/wan-signin")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.engines("sqlite")
def test_a_stranger_reads_it_in_french_and_finds_the_honest_mention(client: FlaskClient, path: str) -> None:
    page = visit(client, path)

    assert page.select_one("html")["lang"] == "fr"  # type: ignore[index]
    assert "Accessibilité\u202f: non conforme" in page.select_one("footer").get_text()  # type: ignore[union-attr]


def test_the_declaration_has_every_part_the_law_asks_for(client: FlaskClient, session: Session) -> None:
    make_certifying_body(session, name="Certificateur A", contact="contact@certificateur-a.test")
    session.commit()

    page = visit(client, "/accessibilite")

    assert [title.get_text() for title in page.select("main h2")] == [
        "État de conformité",
        "Contenus non accessibles",
        "Établissement de cette déclaration",
        "Retour d’information et contact",
        "Voies de recours",
    ]
    assert "Défenseur des droits" in page.get_text()
    assert page.select_one("a[href='mailto:contact@certificateur-a.test']")


def test_the_legal_notice_names_the_publisher(client: FlaskClient, session: Session) -> None:
    make_certifying_body(session, name="Certificateur A", city="Lyon")
    session.commit()

    text = visit(client, "/mentions-legales").get_text()

    assert "Certificateur A" in text
    assert "Lyon" in text


@pytest.mark.parametrize(
    ("role", "first"), [(Role.TRAINER, "trainer"), (Role.COORDINATOR, "coordinator"), (Role.AUDITOR, "auditor")]
)
def test_help_begins_with_what_concerns_the_reader(app: Flask, session: Session, role: Role, first: str) -> None:
    member = make_member(session, make_organisation(session, contact="aide@organisme-a.test"), role)

    page = visit(signed_in_client(app, member), "/aide")

    assert page.select_one("main h2[id]")["id"] == first  # type: ignore[index]
    assert page.select_one("a[href='mailto:aide@organisme-a.test']")


def test_the_language_is_switched_and_the_page_found_again(client: FlaskClient) -> None:
    answer = submit(client, visit(client, "/aide"), "form[action='/language']", press="EN")

    page = follow(client, answer)
    assert answer.headers["Location"] == "/aide"
    assert page.select_one("html")["lang"] == "en"  # type: ignore[index]


@pytest.mark.parametrize("elsewhere", ["https://exemple.org", "//exemple.org", "/\\exemple.org", ""])
@pytest.mark.engines("sqlite")
def test_switching_language_never_leads_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    token = visit(client, "/aide").select_one("input[name=csrf_token]")["value"]  # type: ignore[index]

    assert (
        client.post("/language", data={"csrf_token": token, "locale": "en", "next": elsewhere}).headers["Location"]
        == "/"
    )


def test_a_mail_is_written_without_any_page_being_asked_for(app: Flask, session: Session) -> None:
    user = make_user(session)

    invitation = services.invite(
        session,
        None,
        user,
        organisation_id=make_organisation(session).id,
        organisation_name="Organisme A",
        reason="essai",
    )

    assert invitation.token_hash
    assert "actor" not in g


def test_the_menu_shows_what_the_role_may_open(app: Flask, session: Session) -> None:
    trainee = signed_in_client(app, make_user(session))
    administrator = signed_in_client(app, make_member(session, make_organisation(session), Role.ADMINISTRATOR))

    assert visit(trainee, "/aide").select(".sidenav a[href='/administration']") == []
    current = visit(administrator, "/administration/jobs").select_one(".sidenav a[aria-current=page]")
    assert current is not None
    assert current["href"] == "/administration"


def test_a_mail_gives_the_public_address_whatever_address_the_page_was_asked_at(app: Flask, session: Session) -> None:
    with app.app_context():
        text = render_template(
            "emails/accounts/reset_instructions.txt", public_url="https://exemple.test", reset_token="abc"
        )

    assert "https://exemple.test/reset/abc" in text

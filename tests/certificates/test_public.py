"""What anybody reads of a certificate: five states, unknown, too many tries; on a page and as JSON."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import codes, queries, services
from certify.certificates.models import Certificate, CertificateEventKind
from certify.certificates.queries import PublicLink, links
from certify.certificates.views import public
from certify.core import clock
from certify.core.access import Actor
from certify.core.db import db
from certify.core.throttle import network_of
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of
from tests.services.statements import count_statements
from tests.services.visiting import Page, follow, submit, visit

REASON = "Un point du dossier est en cours d’examen."


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    for throttle in (public.misses, public.files_given):
        throttle.forget()
    yield
    for throttle in (public.misses, public.files_given):
        throttle.forget()


@pytest.fixture
def issued(session: Session) -> tuple[list[Certificate], Actor]:
    jury = make_closed_jury(session, 6)
    registrar = actor_of(session, jury.registrar)
    return services.issue_all(session, registrar, jury.jury), registrar


def h1_of(page: Page) -> str:
    heading = page.select_one("h1")
    assert heading is not None
    return heading.get_text()


def set_end(session: Session, certificate: Certificate, days: int) -> None:
    table = Certificate.__table__
    ends = clock.today() + timedelta(days=days)
    session.connection().execute(table.update().where(table.c.id == certificate.id).values(expires_on=ends))
    session.expire_all()


def in_every_state(session: Session, certificates: list[Certificate], registrar: Actor) -> dict[str, Certificate]:
    valid, suspended, expired, revoked, replaced, successor = certificates
    services.suspend(session, registrar, suspended, reason=REASON)
    services.revoke(session, registrar, revoked, reason=REASON)
    kind = CertificateEventKind.REPLACED
    services.turn(session, registrar, replaced, kind, reason=REASON, successor=successor)
    set_end(session, expired, -1)
    set_end(session, valid, 30)
    session.commit()
    return {
        "valid": valid, "suspended": suspended, "expired": expired, "revoked": revoked, "replaced": replaced,
        "successor": successor,
    }  # fmt: skip


def test_the_page_and_its_twin_tell_the_five_states_and_never_the_reason(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor]
) -> None:
    found = in_every_state(session, *issued)
    titles = {
        "valid": "Certificat valide", "suspended": "Certificat suspendu depuis le",
        "expired": "Certificat expiré depuis le", "revoked": "Certificat révoqué depuis le",
        "replaced": "Certificat remplacé le",
    }  # fmt: skip
    for state, title in titles.items():
        certificate = found[state]
        for address in (f"/verify/{certificate.code}", f"/v/{certificate.code}"):
            page = visit(client, address)
            assert title in h1_of(page), state
            said = page.get_text(" ")
            for words in (certificate.holder_name, certificate.number, "Bloc 1", "Référentiel", "Vérifié le"):
                assert words in said, (state, words)
            assert REASON not in said
        document = client.get(f"/verify/{certificate.code}.json").get_json()
        assert (document["status"], document["number"]) == (state, certificate.number)
        assert document["holder"] == {"name": certificate.holder_name}
        assert [block["code"] for block in document["blocks"]] == ["1", "2", "3", "4"]
        assert REASON not in str(document)
    successor = found["successor"]
    page = visit(client, f"/verify/{found['replaced'].code}")
    assert page.select_one(f'a[href="/verify/{successor.code}"]')
    document = client.get(f"/verify/{found['replaced'].code}.json").get_json()
    assert document["replaced_by"]["url"].endswith(f"/verify/{successor.code}")
    assert client.get(f"/verify/{found['valid'].code}.json").get_json()["valid_until"]


def test_a_corrected_document_leads_to_the_new_one_and_never_back_to_a_former_name(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor]
) -> None:
    (old, *_others), registrar = issued
    session.get_one(User, old.holder_id).family_name = "Exact"
    session.flush()
    new = services.correct(session, registrar, old, reason="Changement d’état civil.")
    session.commit()
    page = visit(client, f"/verify/{new.code}")
    assert f"annule et remplace le document {old.number}" in page.get_text(" ")
    for address in (f"/verify/{new.code}", f"/verify/{new.code}.json"):
        assert old.code not in client.get(address).get_data(as_text=True), address
    assert client.get(f"/verify/{new.code}.json").get_json()["replaces"] == {"number": old.number}
    assert visit(client, f"/verify/{old.code}").select_one(f'a[href="/verify/{new.code}"]')


def test_answers_are_private_and_say_nothing_of_birth(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor]
) -> None:
    certificate = issued[0][0]
    holder = session.get_one(User, certificate.holder_id)
    session.commit()
    for address in ("/verify", f"/verify/{certificate.code}", f"/v/{certificate.code}", "/verify/ABC",
                    f"/verify/{certificate.code}.json"):  # fmt: skip
        answer = client.get(address)
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
        said = answer.get_data(as_text=True).lower()
        assert holder.email not in said
        assert "naissance" not in said
        assert "birth" not in said
    assert client.get(f"/verify/{certificate.code}.json").headers["Access-Control-Allow-Origin"] == "*"


def test_unknown_is_not_revoked_nor_badly_typed_and_stays_out_of_addresses(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor]
) -> None:
    session.commit()
    unknown = codes.new_code()
    assert client.get(f"/verify/{unknown}.json").get_json() | {"checked_at": ""} == {
        "status": "unknown", "is_possible": True, "checked_at": "",
    }  # fmt: skip
    assert client.get("/verify/ABC.json").get_json()["is_possible"] is False
    answer = submit(client, visit(client, "/verify"), "main form", code=codes.spaced(unknown))
    assert (answer.status_code, answer.location) == (404, None)
    typed = codes.spaced(issued[0][0].code).lower().replace("0", "o").replace("1", "l")
    answer = submit(client, visit(client, "/verify"), "main form", code=typed)
    assert "Certificat valide" in h1_of(follow(client, answer))


def test_guessing_is_slowed_down_for_one_network_and_mistakes_are_forgiven(
    session: Session, app: Flask, issued: tuple[list[Certificate], Actor]
) -> None:
    certificate = issued[0][0]
    session.commit()
    client = app.test_client()
    here, elsewhere = ({"REMOTE_ADDR": f"2001:db8:{place}::{{}}"} for place in (1, 2))

    def get(address: str, host: int, of: dict[str, str] = here) -> tuple[int, str]:
        answer = client.get(address, environ_base={name: value.format(host) for name, value in of.items()})
        return answer.status_code, answer.get_data(as_text=True)

    for host in range(30):
        assert get("/verify/ABC", host)[0] == 404, "a code that cannot exist tells nothing"
    for host in range(public.MISSES):
        assert get(f"/verify/{codes.new_code()}", host)[0] == 404
    for address in (f"/verify/{certificate.code}", f"/v/{codes.new_code()}"):
        status, said = get(address, 77)
        assert status == 429
        assert "Trop d’essais" in said
    status, said = get(f"/verify/{certificate.code}.json", 78)
    assert (status, "too_many_requests" in said) == (429, True)
    address = here["REMOTE_ADDR"].format(79)
    waiting = client.get(f"/verify/{certificate.code}.json", environ_base={"REMOTE_ADDR": address})
    assert (waiting.status_code, waiting.headers["Access-Control-Allow-Origin"]) == (429, "*")
    assert get(f"/verify/{certificate.code}", 1, elsewhere)[0] == 200
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2:3::9") == "2001:db8:1:2::"


def test_other_rooms_add_what_their_holder_publishes(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = issued[0][0]
    session.commit()
    monkeypatch.setattr(links, "_FINDERS", [])
    queries.links_from(lambda _session, one: [PublicLink("Voir le badge", f"/badge-of/{one.number}")])
    page = visit(client, f"/verify/{certificate.code}")
    assert page.select_one(f'a[href="/badge-of/{certificate.number}"]')


def test_a_check_costs_the_same_few_statements_however_full_the_register(
    session: Session, client: FlaskClient, issued: tuple[list[Certificate], Actor]
) -> None:
    found = in_every_state(session, *issued)
    counts = []
    for address in [f"/verify/{found[state].code}" for state in ("valid", "revoked")]:
        visit(client, address)
        with count_statements(db.engine) as statements:
            visit(client, address)
        counts.append(str(statements))
    assert len(counts[0].splitlines()) == len(counts[1].splitlines()) <= 6, "\n\n".join(counts)

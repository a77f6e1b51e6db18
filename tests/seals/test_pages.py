import io
from datetime import timedelta

import pytest
from cryptography import x509
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.core.templating import day
from certify.organisations.models import Organisation
from certify.seals import queries, services
from certify.seals.authority import pem_of
from certify.seals.models import SealKey
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.seals.making import PASSWORD, make_chain
from tests.services.accessibility import assert_all_accessible
from tests.services.browser import PHONE
from tests.services.live_server import LiveServer
from tests.services.signing_in import SignIn, sign_in_as, signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words


def registrar_of(session: Session, sign_in: SignIn, *bodies: Organisation) -> FlaskClient:
    person = make_member(session, bodies[0], Role.REGISTRAR)
    for body in bodies[1:]:
        make_member(session, body, Role.REGISTRAR, person)
    return sign_in(person)


def test_a_registrar_keeps_the_seal_of_their_body(session: Session, sign_in: SignIn) -> None:
    body = make_certifying_body(session)
    client = registrar_of(session, sign_in, body)
    address = f"/organisations/{body.id}/seal"
    page = follow(client, client.get("/seals"))
    assert "Aucune pour l’instant" in words(page)
    page = follow(client, submit(client, page, f"form[action='{address}/keys']"))
    assert "Sceau fabriqué par cette installation" in words(page)
    chain = make_chain()
    refused = submit(
        client,
        page,
        f"form[action='{address}/file']",
        file=(io.BytesIO(chain.as_pkcs12()), "sceau.p12"),
        password="faux",
    )
    assert "mot de passe est faux" in words(read(refused, status=422))
    page = follow(
        client,
        submit(
            client, page, f"form[action='{address}/file']",
            file=(io.BytesIO(chain.as_pkcs12()), "sceau.p12"), password=PASSWORD,
        ),
    )  # fmt: skip
    assert "Sceau acheté ailleurs" in words(page)
    assert f"retirée le {day(clock.now())}" in words(page)
    key = queries.current_key(session, body.id)
    assert key is not None
    answer = client.get(f"/seals/{key.id}/certificate.pem")
    assert x509.load_pem_x509_certificates(answer.data) == [chain.certificate, *chain.above]
    page = follow(client, submit(client, page, f"form[action='/seals/{key.id}/retire']"))
    assert "retirée" in words(page)
    session.expire_all()
    assert queries.current_key(session, body.id) != key
    actions = session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.like("seal:%"))).all()
    assert sorted(actions) == [
        "seal:authority:made", "seal:key:imported", "seal:key:made", "seal:key:retired",
    ]  # fmt: skip


@pytest.mark.engines("sqlite")
def test_a_file_too_heavy_or_missing_is_refused(session: Session, sign_in: SignIn) -> None:
    body = make_certifying_body(session)
    client = registrar_of(session, sign_in, body)
    page = visit(client, f"/organisations/{body.id}/seal")
    form = f"form[action='/organisations/{body.id}/seal/file']"
    heavy = submit(client, page, form, file=(io.BytesIO(bytes(70_000)), "sceau.p12"), password="x")
    assert "ne s’ouvre pas" in words(read(heavy, status=422))
    assert "Choisissez un fichier" in words(read(submit(client, page, form, password="x"), status=422))


@pytest.mark.engines("sqlite")
@pytest.mark.settings(seal_pkcs11_module="/nowhere/libpkcs11.so", seal_pkcs11_token="essai")
def test_a_device_that_does_not_answer_is_said(session: Session, sign_in: SignIn) -> None:
    body = make_certifying_body(session)
    client = registrar_of(session, sign_in, body)
    page = visit(client, f"/organisations/{body.id}/seal")
    form = f"form[action='/organisations/{body.id}/seal/device']"
    refused = submit(client, page, form, device_label="sceau", certificates="rien")
    assert "format PEM" in words(read(refused, status=422))
    certificate = make_chain(levels=0).certificate
    silent = submit(client, page, form, device_label="sceau", certificates=pem_of(certificate))
    assert "ne répond pas" in words(read(silent, status=503))


def test_the_page_asks_as_much_of_the_database_for_one_key_as_for_many(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    bodies = [make_certifying_body(session) for _ in range(2)]
    client = registrar_of(session, sign_in, *bodies)
    counts = []
    for turn in range(2):
        for _ in range(1 + turn * 6):
            services.make_key(session, None, bodies[0])
        session.commit()
        for address in (f"/organisations/{bodies[0].id}/seal", "/seals"):
            visit(client, address)
            with count_statements(db.engine) as sent:
                visit(client, address)
            counts.append(len(sent))
    assert counts[:2] == counts[2:]


@pytest.mark.engines("sqlite")
def test_anybody_may_take_the_certificate_of_our_authority(session: Session, client: FlaskClient) -> None:
    services.ensure_key(session, make_certifying_body(session))
    session.commit()
    found = x509.load_pem_x509_certificates(client.get("/seals/authority.pem").data)
    assert [one.subject.rfc4514_string() for one in found] == [
        "CN=Autorité interne de certify,OU=Autorité de sceau,O=Autorité interne de certify,C=FR"
    ]
    own = session.scalars(select(SealKey).where(SealKey.organisation_id.is_(None))).one()
    assert client.get(f"/seals/{own.id}/certificate.pem").status_code == 303


@pytest.mark.settings(seal_pkcs11_module="/nowhere/libpkcs11.so", seal_pkcs11_token="essai")
def test_pages_of_seals_are_accessible(live_server: LiveServer, page: Page) -> None:
    with live_server.app.app_context():
        session = db.session
        bodies = [make_certifying_body(session) for _ in range(2)]
        person = make_member(session, bodies[0], Role.REGISTRAR)
        make_member(session, bodies[1], Role.REGISTRAR, person)
        for _ in range(2):
            services.make_key(session, None, bodies[0])
        session.commit()
        address, email = f"/organisations/{bodies[0].id}/seal", person.email
    sign_in_as(page, live_server, email)
    places = {"Sceau électronique": live_server.url + address, "Sceaux": live_server.url + "/seals"}
    for width in (1280, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 800})
        assert_all_accessible(page, places)


def test_the_home_page_asks_to_replace_a_brought_certificate_before_it_ends(session: Session, app: Flask) -> None:
    body = make_certifying_body(session, name="Organisme certificateur A")
    registrar = make_member(session, body, Role.REGISTRAR)
    chain = make_chain(days=90)
    services.import_key(session, actor_of(session, registrar), body, file=chain.as_pkcs12(), password=PASSWORD)
    session.commit()
    said = []
    for days in (0, 60, 100):
        with clock.at(clock.now() + timedelta(days=days)):
            page = visit(signed_in_client(app, registrar), "/")
            said.append([words(line) for line in page.select("#todo .todo") if "sceau" in words(line)])
    assert said[0] == []
    assert "Remplacer le sceau de « Organisme certificateur A »" in said[1][0]
    assert "prend fin le" in said[1][0]
    assert "plus rien ne peut être scellé" in said[2][0]

from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.badges import openbadges, queries
from certify.badges.addresses import Publisher
from certify.badges.models import Badge, BadgeKey
from certify.certificates import services
from certify.certificates.queries import CertificateEventKind, CertificateKind
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.outbox import OutboxMessage
from certify.organisations.models import Organisation
from certify.settings import Settings
from tests.factories.badges import make_badge
from tests.factories.juries import NOT_ACQUIRED, awards, make_published_jury
from tests.factories.people import make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import submit, visit, words


def holder_of(session: Session, badge: Badge) -> User:
    """Return whose badge it is."""
    certificate = queries.Certificate
    query = (
        select(User).join(certificate, certificate.holder_id == User.id).where(certificate.id == badge.certificate_id)
    )
    return session.scalars(query).one()


def test_a_holder_keeps_their_badge_shows_it_and_takes_it_back(
    session: Session, app: Flask, client: FlaskClient, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    certificate, badge = make_badge(session, run_jobs)
    own, page = f"/my-certificates/{certificate.id}/badge", f"/o/{badge.organisation_id.hex}/badges/{badge.id.hex}"
    document, token, code = badge.document, badge.jwt, certificate.code
    visitor = sign_in(holder_of(session, badge))
    assert visitor.get(f"{own}/file.json").json == document
    assert visitor.get(f"{own}/file.jwt").text == token
    picture = visitor.get(f"{own}/file.png")
    assert (picture.mimetype, openbadges.carried(picture.data)) == ("image/png", document)
    assert "Access-Control-Allow-Origin" not in picture.headers
    assert visitor.get(f"{own}/file.exe").status_code == 404
    assert [client.get(page + end).status_code for end in ("", ".json", ".jwt", ".png")] == [404] * 4
    assert page not in visit(client, f"/verify/{code}").decode()
    shown = visit(visitor, own)
    submit(visitor, shown, f"form[action='{own}/publish']")
    public = visit(client, page)
    assert document["credentialSubject"]["achievement"]["name"] in public.text
    assert [client.get(page + end).status_code for end in (".json", ".jwt", ".png", ".pdf")] == [200, 200, 200, 404]
    assert client.get(f"{page}.json").headers["Access-Control-Allow-Origin"] == "*"
    assert "noindex" in client.get(page).headers["X-Robots-Tag"]
    assert page in visit(client, f"/verify/{code}").decode()
    submit(visitor, visit(visitor, own), f"form[action='{own}/withdraw']")
    assert client.get(page).status_code == 404
    tags = list(
        session.scalars(select(AuditEvent.tag).where(AuditEvent.tag.like("badge:record:%")).order_by(AuditEvent.at))
    )
    assert tags == ["badge:record:published", "badge:record:withdrawn"]


def test_nobody_else_opens_somebody_s_badge(session: Session, sign_in: SignIn, run_jobs: Callable[[], int]) -> None:
    prepared = make_published_jury(session, 2)
    certificate, badge = make_badge(session, run_jobs, prepared)
    own, before = f"/my-certificates/{certificate.id}/badge", badge.published_at
    late = services.issue(session, prepared.actor(session), awards(session, prepared)[1])
    holder = session.get_one(User, late.holder_id)
    waiting = f"/my-certificates/{late.id}/badge"
    visitor = sign_in(holder)
    for path in (own, f"{own}/file.json", f"{own}/file.png", f"{waiting}/file.json"):
        assert visitor.get(path).status_code == 404, path
    assert "en préparation" in visit(visitor, waiting).text
    session.refresh(badge)
    assert badge.published_at == before is None


@pytest.mark.engines("sqlite")
def test_a_wallet_reads_the_badge_without_a_session_for_an_hour(
    session: Session, client: FlaskClient, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    certificate, badge = make_badge(session, run_jobs)
    document = badge.document
    page = visit(sign_in(holder_of(session, badge)), f"/my-certificates/{certificate.id}/badge")
    found = page.select_one("#wallet-address")
    assert found is not None
    path = urlsplit(found.text.strip()).path
    answer = client.get(path)
    assert (answer.get_json(force=True), answer.headers["Access-Control-Allow-Origin"]) == (document, "*")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(path[:-3] + "AAA").status_code == 404
    assert page.select_one("img[alt^='Code QR']") is not None
    linkedin = page.select_one("a[href*='linkedin.com']")
    assert linkedin is not None
    values = parse_qs(urlsplit(str(linkedin["href"])).query)
    assert values["certId"] == [certificate.number]
    assert values["certUrl"][0].endswith(f"/verify/{certificate.code}")
    assert values["organizationName"] == [certificate.facts["certifier"]]
    assert values["name"] == [document["name"]] == [certificate.facts["certification"]]


@pytest.mark.engines("sqlite")
def test_a_profile_is_told_of_blocks_and_not_of_the_whole_certification(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    certificate, badge = make_badge(session, run_jobs, make_published_jury(session, b4=NOT_ACQUIRED))
    assert certificate.kind is CertificateKind.BLOCKS
    name = badge.document["name"]
    page = visit(sign_in(holder_of(session, badge)), f"/my-certificates/{certificate.id}/badge")
    linkedin = page.select_one("a[href*='linkedin.com']")
    assert linkedin is not None
    assert parse_qs(urlsplit(str(linkedin["href"])).query)["name"] == [name]
    assert name.startswith("Bloc")


@pytest.mark.engines("sqlite")
def test_what_an_organisation_publishes_is_open_to_every_program(
    session: Session, settings: Settings, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    _certificate, badge = make_badge(session, run_jobs)
    body = badge.organisation_id
    publisher = Publisher(settings.public_url, body)
    base, slug = f"/o/{body.hex}", badge.document["credentialSubject"]["achievement"]["id"].rpartition("/")[2]
    names = [key.name for key in queries.keys_of(session, body)]
    types = {
        f"{base}/did.json": "application/did+ld+json", f"{base}/jwks.json": "application/jwk-set+json",
        f"{base}/keys/{names[0]}.jwk": "application/jwk+json", f"{base}/achievements/{slug}": "application/ld+json",
        f"{base}/achievements/{slug}.png": "image/png", f"{base}/status/1/revocation.jwt": "application/vc+jwt",
        f"{base}/status/1/suspension.json": "application/ld+json",
    }  # fmt: skip
    for path, media_type in types.items():
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (200, media_type), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert answer.headers["Cache-Control"] == "public, max-age=300", path
        assert "Set-Cookie" not in answer.headers, path
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
    did = client.get(f"{base}/did.json").get_json(force=True)
    assert [one["id"] for one in did["verificationMethod"]] == [publisher.method(name) for name in names]
    keys = client.get(f"{base}/jwks.json").get_json(force=True)["keys"]
    assert [(one["kid"], one["alg"]) for one in keys] == [
        (publisher.method(names[0]), "RS256"), (publisher.method(names[1]), "EdDSA"),
    ]  # fmt: skip
    assert client.get(f"{base}/keys/{names[0]}.jwk").get_json(force=True) == keys[0]


@pytest.mark.engines("sqlite")
def test_an_achievement_is_a_page_for_people_and_data_for_programs(
    session: Session, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    _certificate, badge = make_badge(session, run_jobs)
    achievement = badge.document["credentialSubject"]["achievement"]
    path = urlsplit(achievement["id"]).path
    data = client.get(path, headers={"Accept": "*/*"}).get_json(force=True)
    assert {name: data[name] for name in achievement} == achievement
    assert data["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    for accepted in ("application/ld+json, application/json", "application/json;q=0.9, text/html;q=0.1"):
        assert client.get(path, headers={"Accept": accepted}).mimetype == "application/ld+json"
    page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.mimetype, "Accept" in page.headers["Vary"]) == ("text/html", True)
    assert achievement["alignment"][0]["targetName"] in page.text
    assert achievement["name"] in visit(client, f"/o/{badge.organisation_id.hex}").text


@pytest.mark.engines("sqlite")
def test_what_does_not_exist_is_not_found(session: Session, client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    _certificate, badge = make_badge(session, run_jobs)
    base, other = f"/o/{badge.organisation_id.hex}", f"/o/{badge.id.hex}"
    paths = [
        other, f"{other}/did.json", f"{other}/jwks.json", "/o/nothing/did.json", f"/o/{badge.organisation_id}/did.json",
        f"{base}/keys/rsa-1900-1.jwk", f"{base}/status/2/revocation.jwt", f"{base}/status/1/message.jwt",
        f"{base}/status/1/revocation.cbor", f"{base}/achievements/nothing", f"{base}/achievements/nothing.png",
        f"{base}/badges/{badge.organisation_id.hex}", f"{base}/badges/nothing", "/wallet/nothing",
    ]  # fmt: skip
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_a_registrar_replaces_the_keys_once_and_old_ones_stay_published(
    session: Session, client: FlaskClient, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 2)
    _certificate, badge = make_badge(session, run_jobs, prepared)
    body, kept = prepared.body.id, (badge.jwt, badge.picture_sha256)
    old = [key.name for key in queries.keys_of(session, body)]
    visitor = sign_in(prepared.registrar)
    page = visit(visitor, f"/organisations/{body}/badges")
    form = f"form[action='/organisations/{body}/badges/keys']"
    assert submit(visitor, page, form).status_code == 422
    session.get_one(Organisation, body).name = "Certificateur d’un autre nom"
    session.commit()
    assert submit(visitor, page, form, is_sure="y").status_code == 303
    stale = visit(visitor, f"/organisations/{body}/badges")
    stale.select_one(f"{form} input[name=expected]")["value"] = " ".join(old)
    assert submit(visitor, stale, form, is_sure="y").status_code == 409
    run_jobs()
    session.expire_all()
    names = [key.name for key in queries.keys_of(session, body)]
    assert names[2:] == old
    assert [key.name for key in queries.keys_in_use(session, body)] == names[:2]
    assert (badge.jwt, badge.picture_sha256) == kept
    did = client.get(f"/o/{body.hex}/did.json").get_json(force=True)
    assert [one["id"].partition("#")[2] for one in did["verificationMethod"]] == names
    assert session.scalar(select(func.count()).where(AuditEvent.tag == "badge:key:rotated")) == 1


@pytest.mark.engines("sqlite")
def test_certificates_of_before_badges_get_theirs_when_the_registrar_asks(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 3)
    certificate, _other, replaced = services.issue_all(session, prepared.actor(session), prepared.jury)
    kind = CertificateEventKind.REPLACED
    services.turn(session, prepared.actor(session), replaced, kind, reason="Motif écrit pour le test.")
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.subscriber.like("certify.badges.%"))):
        session.delete(message)
    session.commit()
    run_jobs()
    visitor = sign_in(prepared.registrar)
    assert queries.badge_of(session, certificate.id) is None
    page = visit(visitor, f"/organisations/{prepared.body.id}/badges")
    assert "2 certificats n’ont pas de badge" in page.text
    submit(visitor, page, f"form[action='/organisations/{prepared.body.id}/badges/missing']")
    run_jobs()
    session.expire_all()
    assert queries.badge_of(session, certificate.id) is not None
    assert queries.badge_of(session, replaced.id) is None
    assert "de badge :" not in words(visit(visitor, f"/organisations/{prepared.body.id}/badges"))


@pytest.mark.engines("sqlite")
def test_another_organisation_s_keys_are_not_found_and_others_are_refused(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    prepared, elsewhere = make_published_jury(session), make_published_jury(session)
    path = f"/organisations/{prepared.body.id}/badges"
    assert sign_in(elsewhere.registrar).get(path).status_code == 404
    assert sign_in(make_user(session)).get(path).status_code == 403


@pytest.mark.engines("sqlite")
def test_pages_ask_the_same_number_of_statements_whatever_there_is(
    session: Session, sign_in: SignIn, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    prepared = make_published_jury(session, 4)
    certificate, badge = make_badge(session, run_jobs, prepared)
    paths = {
        f"/organisations/{prepared.body.id}/badges": sign_in(prepared.registrar),
        f"/my-certificates/{certificate.id}/badge": sign_in(holder_of(session, badge)),
        f"/o/{badge.organisation_id.hex}": client, f"/o/{badge.organisation_id.hex}/did.json": client,
    }  # fmt: skip
    before = counts_of(session, paths)
    services.issue_all(session, prepared.actor(session), prepared.jury)
    in_use = queries.keys_in_use(session, prepared.body.id)
    session.add_all(
        BadgeKey(
            organisation_id=prepared.body.id, kind=key.kind, name=f"{key.name}-{number}", private_key=b"",
            public_jwk=key.public_jwk, created_at=key.created_at - timedelta(days=number), retired_at=clock.now(),
        )
        for key in in_use
        for number in range(1, 5)
    )  # fmt: skip
    session.commit()
    run_jobs()
    assert session.scalar(select(func.count(Badge.id))) == 4
    assert counts_of(session, paths) == before


def counts_of(session: Session, paths: Mapping[str, FlaskClient]) -> list[int]:
    """Return how many statements each page sends."""
    counts = []
    for path, visitor in paths.items():
        visitor.get(path)
        with count_statements(session.get_bind().engine) as sent:
            assert visitor.get(path).status_code == 200
        counts.append(len(sent))
    return counts

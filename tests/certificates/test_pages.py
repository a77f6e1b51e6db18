from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.certificates import codes, services
from certify.certificates.models import Certificate
from certify.core import access
from certify.core.access import Actor, Role
from tests.factories.juries import NOT_ACQUIRED, awards, make_certificate, make_published_jury
from tests.factories.people import make_certifying_body, make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit

UNKNOWN = "0" * 13 + codes.check_character("0" * 13)


def _registrar(session: Session, certificate: Certificate) -> User:
    return session.get_one(User, certificate.issued_by_id)


def _revoke(session: Session, certificate: Certificate) -> None:
    user = _registrar(session, certificate)
    actor = Actor(user.id, user.name, access.load_grants(session, user.id))
    services.revoke(session, actor, certificate, reason="Délivré par erreur à une autre personne.")


def test_the_registrar_issues_all_and_follows_their_making(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    made = make_published_jury(session, 3)
    client = sign_in(made.registrar)
    address = f"/juries/{made.jury.id}/certificates"
    page = visit(client, address)
    answer = submit(client, page, press="Délivrer les 3 certificats")
    page = follow(client, answer)
    assert "0 sur 3 fabriqués" in page.get_text()
    run_jobs()
    assert "3 sur 3 fabriqués" in visit(client, address).get_text()


def test_one_certificate_may_be_issued_alone(session: Session, sign_in: SignIn) -> None:
    made = make_published_jury(session, 2)
    client = sign_in(made.registrar)
    page = visit(client, f"/juries/{made.jury.id}/certificates")
    page = follow(client, submit(client, page, "td form"))
    assert "C-20" in page.get_text()
    assert page.select_one("td form") is not None


def test_the_register_is_searched_filtered_and_exported(session: Session, sign_in: SignIn) -> None:
    certificate = make_certificate(session, given_name="Anne-Marie", family_name="O’Brien-d’Été")
    client = sign_in(_registrar(session, certificate))
    assert certificate.number in visit(client, "/certificates?q=o’brien&state=valid&kind=whole").get_text()
    assert "Aucun certificat ne correspond" in visit(client, "/certificates?state=revoked").get_text()
    for code in (certificate.code, codes.spaced(certificate.code).lower(), f" {codes.spaced(certificate.code)} "):
        assert certificate.number in visit(client, f"/certificates?q={code}").get_text(), code
    text = client.get("/certificates?format=csv").get_data(as_text=True)
    assert certificate.number in text
    assert "O’Brien-d’Été" in text


def test_an_empty_register_says_where_certificates_come_from(session: Session, sign_in: SignIn) -> None:
    registrar = make_member(session, make_certifying_body(session), Role.REGISTRAR)
    assert "Aucun certificat pour l’instant" in visit(sign_in(registrar), "/certificates").get_text()


def test_a_certificate_is_revoked_with_its_reason_and_reinstated(session: Session, sign_in: SignIn) -> None:
    certificate = make_certificate(session)
    client = sign_in(_registrar(session, certificate))
    address = f"/certificates/{certificate.id}"
    page = visit(client, address)
    refused = read(submit(client, page, f'form[action="{address}/revoke"]', reason="non"), status=422)
    assert "10 caractères au moins" in refused.get_text()
    answer = submit(client, refused, f'form[action="{address}/revoke"]', reason="Délivré par erreur.")
    page = follow(client, answer)
    assert "Ce certificat est révoqué depuis le" in page.get_text()
    answer = submit(client, page, f'form[action="{address}/reinstate"]', reason="L’erreur venait de nous.")
    assert "de nouveau valide" in follow(client, answer).get_text()


def test_another_body_finds_nothing(session: Session, sign_in: SignIn) -> None:
    certificate = make_certificate(session)
    client = sign_in(make_member(session, make_certifying_body(session), Role.REGISTRAR))
    for address in (f"/certificates/{certificate.id}", f"/certificates/{certificate.id}/file"):
        assert client.get(address).status_code == 404


def test_a_holder_finds_their_document_and_nobody_elses(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    certificate, other = make_certificate(session), make_certificate(session)
    client = sign_in(session.get_one(User, certificate.holder_id))
    assert "en cours de fabrication" in visit(client, "/my-certificates").get_text()
    run_jobs()
    page = visit(client, "/my-certificates")
    assert certificate.number in page.get_text()
    assert client.get(f"/certificates/{certificate.id}/file").data.startswith(b"%PDF")
    assert client.get(f"/certificates/{other.id}/file").status_code == 404


def test_anybody_reads_that_a_certificate_is_valid(session: Session, client: FlaskClient) -> None:
    certificate = make_certificate(session)
    session.commit()
    page = visit(client, f"/verify/{certificate.code}")
    assert page.select_one("h1").get_text() == "Certificat valide"  # type: ignore[union-attr]
    words = page.get_text(" ")
    for said in (certificate.holder_name, certificate.number, certificate.facts["minutes"], "Vérifié le"):
        assert said in words
    answer = client.get(f"/verify/{certificate.code}")
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert page.find("meta", {"name": "robots"})


def test_a_revoked_certificate_still_answers_and_says_since_when(session: Session, client: FlaskClient) -> None:
    certificate = make_certificate(session)
    _revoke(session, certificate)
    session.commit()
    page = visit(client, f"/verify/{certificate.code}")
    assert "Certificat révoqué depuis le" in page.select_one("h1").get_text()  # type: ignore[union-attr]
    assert certificate.holder_name in page.get_text()
    assert "Délivré par erreur" not in page.get_text()


def test_an_attestation_names_its_blocks_alone(session: Session, client: FlaskClient) -> None:
    made = make_published_jury(session, b1=NOT_ACQUIRED)
    certificate = services.issue(session, made.actor(session), awards(session, made)[0])
    session.commit()
    page = visit(client, f"/verify/{certificate.code}")
    assert page.select_one("h1").get_text() == "Attestation valide"  # type: ignore[union-attr]
    assert "Bloc 1" not in page.get_text()


def test_an_unknown_code_is_not_a_revoked_one(session: Session, client: FlaskClient) -> None:
    page = visit(client, f"/verify/{UNKNOWN}", status=404)
    assert "Aucun certificat n’a jamais porté ce code" in page.get_text()
    page = visit(client, "/verify/ABC", status=404)
    assert "mal recopié" in page.get_text()


def test_a_typed_code_is_forgiven_its_spelling(session: Session, client: FlaskClient) -> None:
    certificate = make_certificate(session)
    session.commit()
    page = visit(client, "/verify")
    answer = submit(client, page, code=f" {codes.spaced(certificate.code).lower()} ")
    assert follow(client, answer).select_one("h1").get_text() == "Certificat valide"  # type: ignore[union-attr]
    assert client.get(f"/verify/{codes.spaced(certificate.code).lower()}").status_code == 303
    refused = read(submit(client, page, code="AAAA"), status=422)
    assert "ne peut pas exister" in refused.get_text()


def test_signed_in_or_not_the_answer_is_the_same(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    certificate = make_certificate(session)
    known = sign_in(_registrar(session, certificate))
    pages = [visit(visitor, f"/verify/{certificate.code}").select_one("main .facts") for visitor in (client, known)]
    assert str(pages[0]) == str(pages[1])

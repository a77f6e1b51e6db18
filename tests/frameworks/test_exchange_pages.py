"""Framework files in the browser: read, shown, confirmed into a draft; taken away with what each format loses."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.frameworks import exchange, services
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations.models import Organisation
from competencies.exchange import Origin
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_certifying_body, make_member, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import Page, follow, read, submit, visit, words

SMALL = replace(competencies.demo(), code="petit", blocks=competencies.demo().blocks[:1])
ORIGIN = Origin("https://certify.example.org", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")


def written(name: str, framework: competencies.Framework = SMALL) -> bytes:
    return exchange.FORMATS[name].write(framework, "fr", ORIGIN)


@pytest.fixture
def body(session: Session) -> Organisation:
    return make_certifying_body(session)


@pytest.fixture
def registrar(session: Session, body: Organisation, sign_in: SignIn) -> FlaskClient:
    return sign_in(make_member(session, body, Role.REGISTRAR))


def send(client: FlaskClient, content: bytes, filename: str, **values: Any) -> Any:
    page = visit(client, "/frameworks/import")
    return submit(client, page, "main form", file=(io.BytesIO(content), filename), **values)


def versions(session: Session) -> list[FrameworkVersion]:
    session.expire_all()
    return list(session.scalars(select(FrameworkVersion).order_by(FrameworkVersion.created_at)))


@pytest.mark.parametrize("name", list(exchange.FORMATS))
def test_a_file_is_recognised_shown_then_made_a_draft(
    session: Session, registrar: FlaskClient, body: Organisation, name: str
) -> None:
    answer = send(registrar, written(name), f"referentiel{exchange.FORMATS[name].suffix}")
    page = read(answer)
    assert "Blocs 1 Compétences 4" in words(page)
    assert exchange.FORMATS[name].label in words(page)
    assert versions(session) == []
    edited = follow(registrar, submit(registrar, page, "main form"))
    (draft,) = versions(session)
    assert str(draft.id) in edited.url
    assert (draft.state, draft.revision, draft.digest) == (VersionState.DRAFT, 1, "")
    assert (draft.certifying_body_id, draft.code, draft.version) == (body.id, "petit", "2026")
    kept = competencies.from_document(draft.content)
    assert [part.code for part in kept.indicators] == [part.code for part in SMALL.indicators]
    imported = select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == "frameworks:version:imported")
    assert session.scalar(imported) == 1


def test_what_a_format_did_not_say_is_told_before_anything_is_made(session: Session, registrar: FlaskClient) -> None:
    def without_extensions(package: dict[str, Any]) -> bytes:
        for part in (package["CFDocument"], *package["CFItems"]):
            part.pop("extensions")
        return json.dumps(package).encode()

    page = read(send(registrar, without_extensions(json.loads(written("case"))), "paquet.json"))
    assert "Le format ne dit pas le seuil : le niveau le plus haut le devient." in words(page)
    assert versions(session) == []


BROKEN = [
    ("toml", b'code = "a"\ncode = = 1', "a.toml", "ligne 2, colonne"),
    ("moodle-csv", written("moodle-csv").replace(b"Short name", b"Description"), "a.csv", "ligne 1, colonne"),
    ("moodle-csv", b"", "a.csv", "le fichier est vide"),
    ("case", b'{"CFDocument": {}', "a.json", "ligne 1, colonne"),
    ("mahara", b'{"framework": {"name": 3}}', "a.matrix", "framework › name"),
    ("canvas-csv", b"vendor_guid,object_type\r\n", "a.csv", "colonne"),
    ("xlsx", b"PK\x03\x04 rien", "a.xlsx", "illisible"),
    ("toml", b"code = \xff\xfe", "a.toml", "ligne 1, colonne 8"),
]


@pytest.mark.parametrize(("name", "content", "filename", "expected"), BROKEN)
@pytest.mark.engines("sqlite")
def test_a_bad_file_is_refused_with_the_place_of_its_faults_and_nothing_is_made(
    session: Session, registrar: FlaskClient, name: str, content: bytes, filename: str, expected: str
) -> None:
    page = read(send(registrar, content, filename, format=name), status=422)
    assert expected in words(page)
    assert page.select_one("main a[href='/frameworks/import']") is not None
    assert versions(session) == []


def test_a_file_too_large_is_not_even_read() -> None:
    (fault,) = exchange.read("toml", b"x" * (exchange.MAX_BYTES + 1)).faults
    assert str(fault) == "fichier : il dépasse 5 Mo ; aucun référentiel n’est si grand."


@pytest.mark.engines("sqlite")
def test_a_file_nobody_recognises_asks_for_its_format(registrar: FlaskClient) -> None:
    page = read(send(registrar, b"bonjour", "lettre.txt"), status=422)
    assert "choisissez son format" in words(page)
    assert "Choisissez un fichier" in words(read(submit(registrar, page, "main form"), status=422))


@pytest.mark.engines("sqlite")
def test_many_faults_are_counted_beyond_the_first_hundred(registrar: FlaskClient) -> None:
    lines = written("moodle-csv").decode().splitlines()
    content = "\r\n".join([*lines[:2], *[",a,,,,,,,,,,,,"] * 150]).encode()
    page = read(send(registrar, content, "a.csv"), status=422)
    assert len(page.select("main tbody tr")) == 100
    assert "Et 199 autres défauts" in words(page)


@pytest.mark.engines("sqlite")
def test_a_table_saved_by_a_french_spreadsheet_is_read_and_says_so(registrar: FlaskClient) -> None:
    content = written("moodle-csv").decode().replace("●", "").encode("cp1252", errors="replace")
    page = read(send(registrar, content, "a.csv"))
    assert "Windows-1252" in words(page)


def test_a_version_that_exists_is_explained_and_another_number_makes_a_new_version(
    session: Session, registrar: FlaskClient, body: Organisation
) -> None:
    first = services.adopt(session, None, body, SMALL)
    session.commit()
    page = read(send(registrar, written("case"), "a.json"))
    refused = read(submit(registrar, page, "main form"), status=422)
    assert "existe déjà. Donnez un autre numéro" in words(refused)
    follow(registrar, submit(registrar, refused, "main form", number="2027"))
    made = next(one for one in versions(session) if one.version == "2027")
    assert (made.state, made.predecessor_id) == (VersionState.DRAFT, first.id)
    mapping = competencies.mapping_from_document(made.mapping)
    assert mapping == competencies.identity(SMALL)
    assert competencies.from_document(made.content) == replace(SMALL, version="2027")


def test_who_writes_for_several_bodies_chooses_one(
    session: Session, registrar: FlaskClient, body: Organisation, sign_in: SignIn
) -> None:
    person = make_member(session, body, Role.REGISTRAR)
    other = make_certifying_body(session, name="Organisme certificateur B")
    make_member(session, other, Role.REGISTRAR, person)
    client = sign_in(person)
    page = read(send(client, written("toml"), "a.toml"))
    follow(client, submit(client, page, "main form", certifying_body=str(other.id)))
    assert [one.certifying_body_id for one in versions(session)] == [other.id]


@pytest.mark.engines("sqlite")
def test_a_confirmation_is_not_trusted(session: Session, registrar: FlaskClient) -> None:
    page = read(send(registrar, written("toml"), "a.toml"))
    foreign = make_certifying_body(session)
    session.commit()
    assert submit(registrar, page, "main form", certifying_body=str(foreign.id)).status_code == 422
    for spoilt in ("", "[]", "{}", '{"code": 1}', "[" * 100_000):
        answer = submit(registrar, page, "main form", document=spoilt)
        assert answer.headers["Location"].endswith("/frameworks/import")
    assert versions(session) == []


@pytest.mark.engines("sqlite")
def test_the_same_confirmation_sent_twice_makes_one_draft(session: Session, registrar: FlaskClient) -> None:
    page = read(send(registrar, written("toml"), "a.toml"))
    assert [submit(registrar, page, "main form").status_code for _ in range(2)] == [303, 303]
    assert len(versions(session)) == 1


@pytest.mark.engines("sqlite")
def test_only_who_writes_frameworks_imports_one(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    trainee = sign_in(session.get_one(type(make_user(session)), enrolment.user_id))
    assert trainee.get("/frameworks/import").status_code == 403
    assert trainee.post("/frameworks/import/confirm").status_code in (400, 403)


@pytest.fixture
def reader(session: Session, sign_in: SignIn) -> tuple[FlaskClient, str]:
    enrolment = make_enrolment(session)
    client = sign_in(session.get_one(type(make_user(session)), enrolment.user_id))
    return client, f"/frameworks/{enrolment.framework_version_id}/export"


def links(page: Page) -> list[str]:
    return [str(link["href"]) for link in page.select("main .format-list a[download]")]


def test_every_format_says_what_it_loses_and_is_downloaded(reader: tuple[FlaskClient, str]) -> None:
    client, address = reader
    page = visit(client, address)
    assert "La formulation dans l’autre langue n’est pas conservée" in words(page)
    assert words(page).count("Tout y tient.") == 3
    found = links(page)
    assert len(found) == 9
    for link in found:
        answer = client.get(link)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert exchange.read(link.partition("format=")[2].partition("&")[0], answer.data).faults == ()


@pytest.mark.engines("sqlite")
def test_a_download_is_in_the_language_asked_for(reader: tuple[FlaskClient, str]) -> None:
    client, address = reader
    title = competencies.demo().title
    assert title.en in client.get(f"{address}?format=moodle-csv&language=en").get_data(as_text=True)
    assert title.fr in client.get(f"{address}?format=moodle-csv&language=xx").get_data(as_text=True)
    assert client.get(f"{address}?format=pdf").status_code == 404


def test_a_draft_is_exported_once_it_has_no_fault(session: Session, registrar: FlaskClient, body: Organisation) -> None:
    draft = services.import_framework(session, None, body, SMALL)
    session.commit()
    address = f"/frameworks/{draft.id}/export"
    assert visit(registrar, address).select_one("h1") is not None
    assert exchange.read("xlsx", registrar.get(f"{address}?format=xlsx").data).framework == SMALL
    draft.content = {**draft.content, "code": ""}
    session.commit()
    assert "points à corriger (" in words(visit(registrar, address, status=409))


@pytest.mark.engines("sqlite")
def test_an_export_costs_the_same_whatever_the_versions(
    session: Session, registrar: FlaskClient, body: Organisation
) -> None:
    version = services.adopt(session, None, body, SMALL)
    session.commit()
    counts = []
    for number in range(2):
        with count_statements(session.get_bind()) as sent:  # type: ignore[arg-type]
            visit(registrar, f"/frameworks/{version.id}/export")
        counts.append(len(sent))
        for at in range(5):
            services.adopt(session, None, body, replace(SMALL, version=f"{number}.{at}"))
        session.commit()
    assert counts[0] >= counts[1]

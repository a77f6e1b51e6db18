"""What the State recognises: what may be recorded, who reads it, and that nothing is shown before its first day."""

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Assessment
from certify.certificates import tasks
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.frameworks import queries, services
from certify.frameworks.models import FrameworkVersion, Recognition, RegistrationState
from certify.frameworks.services import EscoLink, NsfCode, Recognised, RomeLink
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment, make_version
from tests.factories.juries import closed, make_certificate, make_jury, make_published_jury, published
from tests.factories.people import actor_of, make_certifying_body, make_member
from tests.services.every_page import texts
from tests.services.signing_in import SignIn, signed_in_client
from tests.services.visiting import follow, read, submit, visit, words

TODAY = clock.today()
RNCP = Recognised(
    RegistrationState.RNCP, "RNCP12345", 5, TODAY - timedelta(days=40), TODAY - timedelta(days=30),
    TODAY + timedelta(days=900), nsf=(NsfCode("332", "Travail social"),),
)  # fmt: skip
RS = replace(RNCP, state=RegistrationState.RS, reference="RS1234", level=None)
LINKED = Recognised(
    rome=(RomeLink("K1206", "Animation socioculturelle", "aimed"), RomeLink("K1101", "Médiation familiale", "granted")),
    esco=(EscoLink("https://data.europa.eu/esco/occupation/0a1b-2c", "Travail avec les familles"),),
)
RESERVED = re.compile(
    # RS256 is a way to sign, which addresses for machines name.
    r"\bRNCP|\bRS(?!256\b) ?\d|\bCPF\b|compte personnel de formation|niveau de qualification|\bniveau \d",
    re.IGNORECASE,
)


def _registrar(session: Session, version: FrameworkVersion) -> User:
    return make_member(session, session.get_one(Organisation, version.certifying_body_id), Role.REGISTRAR)


def _recorded(session: Session, version: FrameworkVersion, said: Recognised, known: int = 0) -> Recognition | None:
    return services.recognise(session, actor_of(session, _registrar(session, version)), version, said, known=known)


def _in_force(session: Session, version: FrameworkVersion, on: date) -> Recognition | None:
    return queries.recognition_of(session, version.certifying_body_id, version.code, on)


def test_a_registration_is_in_force_from_its_first_day_to_its_last(session: Session) -> None:
    version = make_version(session)
    assert _in_force(session, version, TODAY) is None
    row = _recorded(session, version, RNCP)
    assert RNCP.starts_on is not None
    assert RNCP.ends_on is not None
    assert _in_force(session, version, TODAY) is row
    assert _in_force(session, version, RNCP.starts_on) is row
    assert _in_force(session, version, RNCP.ends_on) is row
    assert _in_force(session, version, RNCP.starts_on - timedelta(days=1)) is None
    assert _in_force(session, version, RNCP.ends_on + timedelta(days=1)) is None


def test_a_registration_that_starts_before_it_was_decided_is_shown_from_its_decision(session: Session) -> None:
    version = make_version(session)
    _recorded(session, version, replace(RNCP, decided_on=TODAY - timedelta(days=2)))
    assert _in_force(session, version, TODAY - timedelta(days=3)) is None
    assert _in_force(session, version, TODAY - timedelta(days=2)) is not None


def test_a_renewed_registration_leaves_the_one_before_to_the_days_it_covered(session: Session) -> None:
    version = make_version(session)
    first = _recorded(session, version, RNCP)
    assert RNCP.ends_on is not None
    renewed = replace(
        RNCP, reference="RNCP23456", decided_on=TODAY - timedelta(days=1), starts_on=RNCP.ends_on + timedelta(days=1),
        ends_on=RNCP.ends_on + timedelta(days=700),
    )  # fmt: skip
    second = _recorded(session, version, renewed, known=1)
    assert _in_force(session, version, TODAY) is first
    assert _in_force(session, version, RNCP.ends_on + timedelta(days=1)) is second
    # Said again with other dates, the same registration is what the last row says.
    _recorded(session, version, replace(RNCP, starts_on=TODAY + timedelta(days=1)), known=2)
    assert _in_force(session, version, TODAY) is None
    _recorded(session, version, Recognised(), known=3)
    assert _in_force(session, version, RNCP.ends_on + timedelta(days=1)) is None


def test_the_last_row_replaces_the_others_which_stay(session: Session) -> None:
    version = make_version(session)
    _recorded(session, version, RNCP)
    _recorded(session, version, Recognised(), known=1)
    assert _in_force(session, version, TODAY) is None
    history = queries.recognition_history(session, version.certifying_body_id, version.code)
    assert [(row.recognition.number, row.recognition.state) for row in history] == [
        (2, RegistrationState.NOT_REGISTERED), (1, RegistrationState.RNCP),
    ]  # fmt: skip
    session.commit()
    tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.organisation_id == version.certifying_body_id))
    assert list(tags).count("frameworks:recognition:recorded") == 2


def test_the_same_again_makes_no_row_and_an_older_page_is_a_conflict(session: Session) -> None:
    version = make_version(session)
    row = _recorded(session, version, LINKED)
    assert _recorded(session, version, LINKED) is row
    with pytest.raises(Conflict):
        _recorded(session, version, RNCP)
    assert _recorded(session, make_version(session), Recognised()) is None


def test_jobs_and_skills_are_kept_as_they_were_written(session: Session) -> None:
    version = make_version(session)
    _recorded(session, version, LINKED)
    assert Recognised.of(queries.last_recognition(session, version.certifying_body_id, version.code)) == LINKED


def test_only_the_certifying_body_records_a_recognition(session: Session) -> None:
    version = make_version(session)
    stranger = make_member(session, make_certifying_body(session), Role.REGISTRAR)
    with pytest.raises(Forbidden):
        services.recognise(session, actor_of(session, stranger), version, RNCP, known=0)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        (replace(RNCP, reference="12345"), "reference"),
        (replace(RNCP, reference="RNCP1234567"), "reference"),
        (replace(RNCP, reference="RS1234"), "reference"),
        (replace(RS, reference="RNCP12"), "reference"),
        (replace(RNCP, level=None), "level"),
        (replace(RNCP, level=2), "level"),
        (replace(RNCP, level=9), "level"),
        (replace(RS, level=5), "level"),
        (replace(RNCP, decided_on=None), "decided_on"),
        (replace(RNCP, decided_on=TODAY + timedelta(days=1)), "decided_on"),
        (replace(RNCP, starts_on=None), "starts_on"),
        (replace(RNCP, ends_on=None), "ends_on"),
        (replace(RNCP, starts_on=TODAY, ends_on=TODAY - timedelta(days=1)), "ends_on"),
        (replace(RNCP, starts_on=date(2024, 2, 29), ends_on=date(2029, 3, 1)), "ends_on"),
        (replace(RNCP, state=RegistrationState.NOT_REGISTERED), "reference"),
        (Recognised(level=5), "level"),
        (Recognised(starts_on=TODAY), "starts_on"),
        (Recognised(rome=(RomeLink("Z1206", "Hors du ROME"),)), "rome"),
        (Recognised(rome=(RomeLink("K120", "Trop court"),)), "rome"),
        (Recognised(rome=(RomeLink("K1206", ""),)), "rome"),
        (Recognised(rome=(RomeLink("K1206", "Un", "perhaps"),)), "rome"),
        (Recognised(rome=(RomeLink("K1206", "Un"), RomeLink("K1206", "Deux"))), "rome"),
        (Recognised(rome=tuple(RomeLink(f"K{1000 + n}", "Un") for n in range(40))), "rome"),
        (Recognised(esco=(EscoLink("https://exemple.test/esco/occupation/1", "Ailleurs"),)), "esco"),
        (Recognised(esco=(EscoLink("javascript:alert(1)", "Non"),)), "esco"),
        (Recognised(nsf=(NsfCode("33", "Trop court"),)), "nsf"),
        (Recognised(nsf=(NsfCode("332", ""),)), "nsf"),
    ],
)
def test_what_cannot_be_recorded_is_refused_beside_its_field(session: Session, said: Recognised, field: str) -> None:
    version = make_version(session)
    with pytest.raises(Invalid) as refusal:
        _recorded(session, version, said)
    assert refusal.value.field == field
    assert session.scalars(select(Recognition)).all() == []


@pytest.mark.engines("sqlite")
def test_five_years_end_on_the_eve_of_their_day(session: Session) -> None:
    version = make_version(session)
    said = replace(RS, decided_on=date(2024, 2, 1), starts_on=date(2024, 2, 29), ends_on=date(2029, 2, 28))
    assert _recorded(session, version, said) is not None


def test_a_registrar_records_a_recognition_row_by_row(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/recognition")
    assert "rien n’est montré" in words(page)
    page = read(submit(client, page, "main form", press="Ajouter un métier"))
    page = read(submit(client, page, "main form", press="Ajouter un élément"))
    page = read(submit(client, page, "main form", press="Ajouter une spécialité"))
    values = {
        "state": "RNCP", "reference": "rncp 12345", "level": "5", "decided_on": TODAY.isoformat(),
        "starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=700)).isoformat(),
        "rome-0-code": "k1206", "rome-0-label": "Animation socioculturelle", "rome-0-status": "granted",
        "esco-0-uri": "https://data.europa.eu/esco/skill/abc", "esco-0-label": "Écouter",
        "nsf-0-code": "332T", "nsf-0-label": "Travail social",
    }  # fmt: skip
    page = follow(client, submit(client, page, "main form", press="Enregistrer la reconnaissance", **values))
    assert "RNCP12345" in words(page)
    session.expire_all()
    row = _in_force(session, version, TODAY)
    assert row is not None
    assert (row.reference, row.level) == ("RNCP12345", 5)
    assert row.rome == [{"code": "K1206", "label": "Animation socioculturelle", "status": "granted"}]
    assert row.esco == [{"uri": "https://data.europa.eu/esco/skill/abc", "label": "Écouter"}]
    assert row.nsf == [{"code": "332t", "label": "Travail social"}]
    shown = words(visit(client, f"/frameworks/{version.id}"))
    assert "RNCP12345 · niveau 5" in shown
    assert "K1206 Animation socioculturelle (attribué)" in shown


@pytest.mark.engines("sqlite")
def test_a_recognition_without_its_level_is_refused_on_the_page(session: Session, sign_in: SignIn) -> None:
    version = make_version(session)
    client = sign_in(_registrar(session, version))
    page = visit(client, f"/frameworks/{version.id}/recognition")
    page = read(
        submit(client, page, "main form", press="Enregistrer la reconnaissance", state="RNCP", reference="RNCP1"),
        status=422,
    )
    assert "Donnez le niveau inscrit dans la décision" in words(page)


def test_the_recognition_page_is_for_the_certifying_body_alone(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    coordinator = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR)
    foreign = make_member(session, make_certifying_body(session), Role.REGISTRAR)
    address = f"/frameworks/{enrolment.framework_version_id}/recognition"
    assert sign_in(session.get_one(User, enrolment.user_id)).get(address).status_code == 403
    assert sign_in(coordinator).get(address).status_code == 403
    assert sign_in(foreign).get(address).status_code == 404


STATES = {
    "never registered": None,
    "registered from next month": replace(
        RNCP, decided_on=TODAY, starts_on=TODAY + timedelta(days=30), ends_on=TODAY + timedelta(days=900)
    ),
    # Whoever entered training before the end may still rely on it (C. trav. L6113-9).
    "expired before the training": replace(
        RNCP,
        decided_on=TODAY - timedelta(days=1500),
        starts_on=TODAY - timedelta(days=1500),
        ends_on=TODAY - timedelta(days=800),
    ),
    "registered": RNCP,
}
"""What may be recorded, the last one being in force."""


@pytest.mark.engines("sqlite")
@pytest.mark.settings(require_second_factor=False)
@pytest.mark.parametrize("state", STATES)
def test_no_page_nor_export_names_a_register_before_or_after_it_is_in_force(
    app: Flask, session: Session, state: str
) -> None:
    objects, people = _everything(session, STATES[state])
    found: dict[str, str] = {}
    for role, person in people.items():
        client = app.test_client() if person is None else signed_in_client(app, person)
        for endpoint, address, status, text in texts(client, app, objects):
            # The form on which the certifying body records a registration is the one place that names them.
            if endpoint != "frameworks.recognition" and (word := RESERVED.search(_seen(text))):
                found[f"{role} {endpoint}"] = word.group()
            assert status < 500, address
    if state == "registered":
        # A correction shows what the new document would say, mentions of the register included.
        assert {key.split(" ")[1] for key in found} == {"frameworks.show", "certificates.correction"}
        readers = {key.split(" ")[0] for key in found if key.endswith("frameworks.show")}
        assert readers == set(people) - {"visitor"}
    else:
        assert found == {}


def _seen(text: str) -> str:
    return re.sub(r"<[^>]*>", " ", text).replace("\u202f", " ").replace("\u00a0", " ")


def _everything(session: Session, said: Recognised | None) -> tuple[dict[str, list[Any]], dict[str, User | None]]:
    prepared = make_jury(session, 1)
    published(session, closed(session, prepared))
    certificate = make_certificate(session, prepared)
    enrolment = session.get_one(Enrolment, prepared.candidacies[0].enrolment_id)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    version.is_public = True
    if said is not None:
        _recorded(session, version, said)
    body = session.get_one(Organisation, enrolment.training_body_id)
    people: dict[str, User | None] = {
        "visitor": None, "trainee": session.get_one(User, enrolment.user_id), "registrar": prepared.registrar,
        "president": prepared.president,
        "auditor": make_member(session, body, Role.AUDITOR),
    }  # fmt: skip
    session.commit()
    assessment = session.scalars(select(Assessment.id).where(Assessment.enrolment_id == enrolment.id)).first()
    objects: dict[str, list[Any]] = {
        "version_id": [version.id], "identifier": [version.id], "cohort_id": [enrolment.cohort_id],
        "enrolment_id": [enrolment.id], "jury_id": [prepared.jury.id],
        "candidacy_id": [prepared.candidacies[0].id], "certificate_id": [certificate.id],
        "code": [certificate.code, "3.1"], "assessment_id": [assessment] if assessment else [],
        "organisation_id": [body.id, version.certifying_body_id],
    }  # fmt: skip
    return objects, people


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("state", STATES)
def test_a_document_names_a_register_in_force_on_the_day_of_the_jury_and_no_other(
    app: Flask, session: Session, state: str
) -> None:
    prepared = make_published_jury(session)
    version = session.get_one(FrameworkVersion, prepared.jury.framework_version_id)
    said = STATES[state]
    if said is not None:
        _recorded(session, version, said)
    certificate = make_certificate(session, prepared)
    reader = PdfReader(BytesIO(tasks.render(certificate.facts)))
    text = " ".join(page.extract_text() for page in reader.pages)
    if state == "registered":
        assert certificate.facts["recognition"]["reference"] == "RNCP12345"
        assert "Code NSF" in text
        assert RESERVED.search(text) is not None
    else:
        assert RESERVED.search(str(certificate.facts)) is None
        assert RESERVED.search(text) is None


def test_the_words_looked_for_are_those_that_promise_a_registration() -> None:
    assert all(RESERVED.search(text) for text in ("RNCP12345", "le rncp", "RS1234", "éligible au CPF", "Niveau 5"))
    assert all(RESERVED.search(text) is None for text in ("le niveau proposé", "cours", "les niveaux donnés", "LRS"))

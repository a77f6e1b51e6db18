import csv
import io

import pytest
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.eligibility import queries
from certify.organisations.models import Organisation
from competencies import RequiredDocument, Text
from tests.factories.assessments import make_accepted_evidence
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.files import (
    INDICATORS,
    make_coordinator,
    make_practice,
    make_rules,
    make_seen,
    make_standing,
)
from tests.factories.people import make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

pytestmark = pytest.mark.engines("sqlite")
CARD = RequiredDocument("card", Text("Pièce d’identité", "Identity card"))


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    """Enrol somebody in a programme that asks for hours and a document, and blocks on the hours."""
    made = make_enrolment(session)
    cohort = session.get_one(Cohort, made.cohort_id)
    make_rules(session, cohort, hours=10, documents=(CARD,), blocking=frozenset({"hours"}), freshness={"1": 6})
    return made


def test_a_trainee_reads_their_own_file_and_the_way_to_what_is_missing(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    make_practice(session, enrolment, minutes=240)
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    page = visit(sign_in(session.get_one(User, enrolment.user_id)), "/file")
    said = words(page)
    assert "4 h sur 10 h" in said
    assert "1 condition bloquante manque : vous ne pouvez pas encore être présenté·e" in said
    assert "prouvé seulement par vos propres écrits" in said
    assert "Remettez cette pièce à votre organisme de formation." in said
    assert page.find("a", href="/logbook/new") is not None
    assert "Accorder" not in said


def test_somebody_who_is_in_no_training_has_no_file(session: Session, sign_in: SignIn) -> None:
    person = make_user(session)
    assert sign_in(person).get("/file").status_code == 403


def test_a_coordinator_grants_then_withdraws_an_exemption(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    client = sign_in(make_coordinator(session, enrolment))
    address = f"/trainees/{enrolment.id}/file"
    page = visit(client, address)
    refused = read(submit(client, page, "#derogations form", requirement="hours", reason=" "), status=422)
    assert "Remplissez ce champ" in words(refused)
    named = read(
        submit(client, page, "#derogations form", requirement="hours", reason="Demander à jean@exemple.fr"), status=422
    )
    assert "permet de reconnaître quelqu’un" in words(named)
    answer = submit(client, page, "#derogations form", requirement="hours", reason="Stage reporté par la Maison.")
    page = follow(client, answer)
    assert "Stage reporté par la Maison." in words(page)
    assert queries.file_of(session, enrolment).is_eligible
    page = follow(client, submit(client, page, "#derogations .timeline form"))
    assert "retirée" in words(page)
    assert not queries.file_of(session, enrolment).is_eligible


def test_a_coordinator_records_then_strikes_out_a_document(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    client = sign_in(make_coordinator(session, enrolment))
    page = visit(client, f"/trainees/{enrolment.id}/file")
    late = submit(client, page, "#documents form", document="card", received_on="01/01/2199")
    assert "à venir" in words(read(late, status=422))
    page = follow(client, submit(client, page, "#documents form", document="card", received_on=str(clock.today())))
    assert "reçue le" in words(page)
    page = follow(client, submit(client, page, "#documents .requirements form"))
    assert page.find("del") is not None
    assert "à recevoir" in words(page)


@pytest.mark.parametrize("role", [Role.TRAINER, Role.REFERENT, Role.AUDITOR])
def test_others_of_the_training_body_read_a_file_and_decide_nothing(
    session: Session, sign_in: SignIn, enrolment: Enrolment, role: Role
) -> None:
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = sign_in(make_member(session, body, role))
    page = visit(client, f"/trainees/{enrolment.id}/file")
    assert page.select("#derogations form, #documents form") == []
    assert client.post(f"/trainees/{enrolment.id}/file/derogations").status_code in (400, 403)


def test_a_coordinator_in_training_decides_nothing_on_their_own_file(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    body = session.get_one(Organisation, enrolment.training_body_id)
    person = make_member(session, body, Role.COORDINATOR, session.get_one(User, enrolment.user_id))
    page = visit(sign_in(person), f"/trainees/{enrolment.id}/file")
    assert page.select("#derogations form, #documents form") == []


def test_without_rules_the_page_says_that_the_values_are_the_software_s(session: Session, sign_in: SignIn) -> None:
    made = make_enrolment(session)
    said = words(visit(sign_in(session.get_one(User, made.user_id)), "/file"))
    assert "ces valeurs sont celles du logiciel, et rien ne bloque" in said


def test_a_whole_file_says_so(session: Session, sign_in: SignIn) -> None:
    made = make_enrolment(session)
    make_accepted_evidence(session, made, INDICATORS)
    make_standing(session, made)
    client = sign_in(make_coordinator(session, made))
    assert "Tout est réuni" in words(visit(client, f"/trainees/{made.id}/file"))


def test_the_files_of_a_cohort_are_listed_filtered_and_exported(
    session: Session, sign_in: SignIn, enrolment: Enrolment
) -> None:
    client = sign_in(make_coordinator(session, enrolment))
    address = f"/cohorts/{enrolment.cohort_id}/files"
    page = visit(client, address)
    assert "bloqué" in words(page)
    assert page.find("a", href=f"/trainees/{enrolment.id}/file") is not None
    assert "Aucun dossier ne correspond" in words(visit(client, f"{address}?situation=ready"))
    assert "1 dossier" in words(visit(client, f"{address}?situation=blocked&sort=lacking"))
    text = client.get(f"{address}?format=csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert [(row["Heures au cahier de suivi"], row["Heures au cahier de suivi, demandé"]) for row in rows] == [
        ("0", "10")
    ]
    assert rows[0]["Peut être présenté·e"] == "non"


def test_an_empty_cohort_says_what_will_come(session: Session, sign_in: SignIn) -> None:
    body = make_organisation(session)
    cohort = make_cohort(session, body)
    client = sign_in(make_member(session, body, Role.COORDINATOR))
    assert "Personne n’est encore inscrit" in words(visit(client, f"/cohorts/{cohort.id}/files"))


def test_pages_of_files_take_as_many_statements_whatever_the_sizes(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    make_rules(session, cohort, hours=10, documents=(CARD,))
    first = make_enrolment(session, cohort)
    client = sign_in(make_coordinator(session, first))
    addresses = (
        f"/trainees/{first.id}/file",
        f"/cohorts/{cohort.id}/files",
        f"/cohorts/{cohort.id}/files?sort=lacking",
    )
    counts: list[list[int]] = []
    for many in (1, 12):
        for _ in range(many):
            other = make_enrolment(session, cohort)
            for one in (first, other):
                make_practice(session, one)
                make_accepted_evidence(session, one, INDICATORS[:5])
                make_seen(session, one, *INDICATORS[:5])
        session.commit()
        counts.append([])
        for address in addresses:
            client.get(address)
            with count_statements(db.engine) as statements:
                assert client.get(address).status_code == 200
            counts[-1].append(len(statements))
    assert counts[0] == counts[1]

"""Pages of civil identities: what a trainee gives, what the staff compares, what nobody else reads."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.core.audit import AuditEvent
from certify.core.db import db
from certify.frameworks.models import FrameworkVersion
from certify.identities import queries
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.declarations import NUMBER, make_identity, make_recognition
from tests.factories.people import make_member
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

GIVEN = {
    "given_names": "Prénom,  Second", "birth_name": "Essai", "sex": "F", "birth_day": "3", "birth_month": "11",
    "birth_year": "1992", "birth_commune_code": "59350",
}  # fmt: skip


def _people(session: Session) -> tuple[Enrolment, User, User]:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    staff = make_member(session, body, Role.COORDINATOR)
    session.commit()
    return enrolment, session.get_one(User, enrolment.user_id), staff


def _reads(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(AuditEvent).where(AuditEvent.tag == queries.READ)).all())


def test_a_trainee_gives_their_identity_and_the_staff_compares_it(session: Session, sign_in: SignIn) -> None:
    enrolment, trainee, staff = _people(session)
    own, office = sign_in(trainee), sign_in(staff)
    page = visit(own, "/identity")
    assert "sécurité sociale" not in words(page)
    refused = read(submit(own, page, **GIVEN | {"birth_day": "31", "birth_commune_code": "593"}), status=422)
    assert "Ce jour n’existe pas" in words(refused)
    assert "cinq caractères" in words(refused)
    given = follow(own, submit(own, page, **GIVEN))
    assert "Votre identité est enregistrée" in words(given)
    listed = visit(office, "/identities")
    assert "à vérifier" in words(listed)
    assert "Essai" not in words(listed)
    before = _reads(session)
    shown = visit(office, f"/trainees/{enrolment.id}/identity")
    assert "3 novembre 1992" in words(shown)
    assert _reads(session) == before + 1
    checked = follow(office, submit(office, shown, "form[action$='/check']"))
    assert "vérifiée" in words(checked)
    assert "Comparée au document" in words(visit(own, "/identity"))
    assert "vérifiée" in office.get("/identities?format=csv").text


def test_an_identity_shown_again_with_a_refusal_is_a_reading_too(session: Session, sign_in: SignIn) -> None:
    enrolment, trainee, staff = _people(session)
    make_identity(session, trainee)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    make_recognition(session, version.certifying_body_id, version.code)
    session.commit()
    client, path = sign_in(staff), f"/trainees/{enrolment.id}/identity"
    edited, shown = visit(client, f"{path}/edit"), visit(client, path)
    before = _reads(session)
    assert submit(client, edited, birth_year="1").status_code == 422
    assert _reads(session) == before + 1
    assert submit(client, shown, "form[action$='/number']", number="1").status_code == 422
    assert _reads(session) == before + 2


def test_numbers_of_any_length_are_refused_not_a_failure(session: Session, sign_in: SignIn) -> None:
    enrolment, trainee, staff = _people(session)
    make_identity(session, trainee, checked_at=None, checked_by_id=None)
    session.commit()
    client, path = sign_in(staff), f"/trainees/{enrolment.id}/identity"
    checking = "form[action$='/check']"
    assert submit(client, visit(client, path), checking, number="9" * 5000).status_code == 409
    for values in ({"birth_year": "1" + "0" * 12}, {"birth_day": "1" + "0" * 12}, {"birth_year": "9" * 5000}):
        page = visit(client, f"{path}/edit")
        assert submit(client, page, is_compared=True, **GIVEN | values).status_code == 422


def test_the_staff_writes_an_identity_with_the_document_in_hand(session: Session, sign_in: SignIn) -> None:
    enrolment, trainee, staff = _people(session)
    client = sign_in(staff)
    path = f"/trainees/{enrolment.id}/identity"
    assert "n’a pas encore donné" in words(visit(client, path))
    page = visit(client, f"{path}/edit")
    assert submit(client, page, **GIVEN).status_code == 422
    abroad = GIVEN | {"birth_commune_code": "", "birth_country": "99350", "birth_commune": "Fès", "birth_month": "",
                      "birth_day": "", "usage_name": "Usage"}  # fmt: skip
    shown = follow(client, submit(client, page, is_compared=True, **abroad))
    assert "Fès, Maroc" in words(shown)
    assert "Version 1" in words(shown)
    name = queries.civil_name(session, trainee.id)
    assert name is not None
    assert name.printed == "Prénom Second Essai, nom d’usage Usage"
    stale = visit(client, f"{path}/edit")
    home = GIVEN | {"birth_country": "99100", "birth_commune": "", "usage_name": ""}
    follow(client, submit(client, visit(client, f"{path}/edit"), is_compared=True, **home))
    assert submit(client, stale, is_compared=True, **home | {"birth_name": "Autre"}).status_code == 409


def test_a_number_is_asked_once_registered_and_never_shown(session: Session, sign_in: SignIn) -> None:
    enrolment, trainee, staff = _people(session)
    make_identity(session, trainee)
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    make_recognition(session, version.certifying_body_id, version.code)
    session.commit()
    for client, path in ((sign_in(trainee), "/identity"), (sign_in(staff), f"/trainees/{enrolment.id}/identity")):
        form = "form[action$='/number']"
        refused = read(submit(client, visit(client, path), form, number=NUMBER[:-1] + "1"), status=422)
        assert "La clé ne correspond pas" in words(refused)
        assert NUMBER[:13] not in str(refused)
        kept = follow(client, submit(client, visit(client, path), form, number=NUMBER))
        assert "Aucune page ne le montre" in words(kept)
        assert NUMBER[:13] not in str(kept)
        gone = follow(client, submit(client, kept, "form[action$='/remove']"))
        assert "Le numéro est retiré" in words(gone)


def test_the_list_takes_as_many_statements_for_two_people_as_for_twelve(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    enrolment, _trainee, staff = _people(session)
    client = sign_in(staff)
    counts = []
    for more in (1, 10):
        for _ in range(more):
            another = make_enrolment(session)
            another.training_body_id = enrolment.training_body_id
            make_identity(session, another.user_id)
        session.commit()
        with app.app_context(), count_statements(db.engine) as statements:
            assert client.get("/identities").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], statements

"""Pages of the review queue and of what the staff reads, gone through without JavaScript."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.logbook.models import EntryState, ReviewOutcome
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.logbook import (
    answer,
    make_entry,
    make_file,
    make_submitted,
    make_trainer,
    photo,
    trainee_of,
)
from tests.factories.logbook import (
    submit as submit_entry,
)
from tests.factories.people import make_member
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, titles_of, visit, words

FORM = "form#entry"


def test_a_trainer_answers_and_goes_on_with_the_next(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    first = make_entry(session, enrolment, title="Première fiche")
    make_file(session, first, photo(), "salle.jpg", title="Salle prête")
    submit_entry(session, first)
    make_submitted(session, enrolment, title="Seconde fiche")
    client = signed_in_client(app, make_trainer(session, enrolment))
    page = visit(client, "/reviews")
    assert titles_of(page) == ["Première fiche", "Seconde fiche"]
    assert page.select_one("nav .count") is not None
    page = visit(client, f"/reviews/{first.id}")
    assert page.select_one("img[alt='Salle prête']") is not None
    refused = read(submit(client, page, "#answer form", press="Renvoyer"), status=422)
    assert "Dites ce qu’il faut compléter" in words(refused)
    page = follow(client, submit(client, page, "#answer form", press="Renvoyer", comment="Précisez la durée."))
    assert "Seconde fiche" in words(page)
    page = follow(client, submit(client, page, "#answer form", press="Accepter"))
    assert "Plus rien n’attend votre relecture" in words(page)
    session.expire_all()
    assert first.state is EntryState.RETURNED


def test_a_second_trainer_is_told_and_keeps_their_comment(app: Flask, session: Session) -> None:
    entry = make_submitted(session)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    one, two = make_trainer(session, enrolment), make_trainer(session, enrolment)
    one.given_name, one.family_name = "Formatrice", "A"
    first, second = signed_in_client(app, one), signed_in_client(app, two)
    page = visit(second, f"/reviews/{entry.id}")
    follow(first, submit(first, visit(first, f"/reviews/{entry.id}"), "#answer form", press="Accepter"))
    late = read(submit(second, page, "#answer form", press="Renvoyer", comment="Mon commentaire tardif."), status=409)
    assert "Formatrice A a déjà accepté cette fiche" in words(late)
    assert "Mon commentaire tardif." in str(late)
    session.expire_all()
    assert entry.state is EntryState.ACCEPTED


def test_the_trainee_and_nobody_else_is_told_by_mail(app: Flask, session: Session, run_jobs) -> None:
    from certify.core.mail import latest

    entry = make_submitted(session, title="Rencontre sur le portage")
    answer(session, entry, ReviewOutcome.RETURNED, comment="Ajoutez une preuve.")
    run_jobs()
    mails = latest(session)
    trainee = trainee_of(session, session.get_one(Enrolment, entry.enrolment_id))
    assert [mail.recipient for mail in mails] == [trainee.email]
    assert "Rencontre sur le portage" in mails[0].subject
    assert "Ajoutez une preuve." in mails[0].text
    assert f"/logbook/{entry.id}" in mails[0].text
    assert f"/logbook/{entry.id}" in mails[0].html


@pytest.mark.engines("sqlite")
def test_the_staff_reads_what_was_submitted_never_what_is_being_written(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    draft = make_entry(session, enrolment, title="Brouillon secret")
    entry = make_submitted(session, enrolment, account="Ce qui a été soumis.")
    answer(session, entry, ReviewOutcome.RETURNED)
    trainee = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(trainee, f"/logbook/{entry.id}/edit")
    follow(trainee, submit(trainee, page, FORM, press="Enregistrer", account="En cours d’écriture."))
    body = session.get_one(Organisation, enrolment.training_body_id)
    referent = signed_in_client(app, make_member(session, body, Role.REFERENT))
    page = visit(referent, f"/trainees/{enrolment.id}/logbook")
    assert "Brouillon secret" not in words(page)
    page = visit(referent, f"/logbook/{entry.id}")
    assert "Ce qui a été soumis." in words(page)
    assert "En cours d’écriture." not in words(page)
    assert referent.get(f"/logbook/{draft.id}").status_code == 404
    assert referent.get(f"/reviews/{entry.id}").status_code == 403

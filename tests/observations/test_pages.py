"""Pages of observations, gone through as a trainee, a referent and a trainer do, without JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.db import db
from certify.observations import policies, queries, services
from certify.observations.models import ObservationAnswer, ObservationRequest, Way
from tests.factories.cohorts import make_enrolment
from tests.factories.fieldwork import make_group_of, make_held_meeting
from tests.factories.logbook import make_trainer, trainee_of
from tests.factories.observations import fill, make_answered, make_observation, secret_of
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

FORM = "form#observation"


def level_of(session: Session, request: ObservationRequest) -> str:
    return queries.asked(session, request.id).framework.scale_of("3.1.1").threshold


def opened(session: Session, request: ObservationRequest) -> str:
    """Return the address of the link of a request, everything saved."""
    address = f"/observe/{secret_of(session, request)}"
    session.commit()
    return address


def test_a_trainee_asks_a_referent_who_answers_from_the_mail(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    assert "Aucune demande pour l’instant" in words(visit(client, "/observations"))
    page = visit(client, "/observations/new?indicator=3.1.1")
    assert [box["value"] for box in page.select("[name=indicators][checked]")] == ["3.1.1"]
    asked: dict[str, Any] = {
        "referent_name": "Référente 01",
        "referent_role": "coordinatrice",
        "referent_email": "referente@exemple.test",
        "indicators": ["3.1.1", "3.3.1"],
        "message": "La rencontre de mardi.",
    }
    page = follow(client, submit(client, page, "form#ask", **asked))
    assert "La demande est partie à referente@exemple.test" in words(page)
    request = session.scalars(select(ObservationRequest)).one()
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, address)
    assert trainee_of(session, enrolment).name in words(page)
    assert "La rencontre de mardi." in words(page)
    level = level_of(session, request)
    answered = {"level-3.1.1": level, "comment-3.1.1": "Un tour de parole posé.", "level-3.3.1": "none"}
    page = follow(referent, submit(referent, page, FORM, press="Relire et signer", **answered))
    assert "Un tour de parole posé." in words(page)
    page = follow(referent, submit(referent, page, press="Signer ma réponse", name="Référente 01", has_observed=True))
    assert "Merci, votre réponse est signée" in words(page)
    assert "Une réponse a déjà été signée" in words(visit(referent, address, status=410))
    page = visit(client, f"/observations/{request.id}")
    assert "Réponse reçue" in words(page)
    assert "Signé par Référente 01" in words(page)


def test_a_draft_comes_back_as_it_was_left(app: Flask, session: Session) -> None:
    request = make_observation(session)
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, address)
    page = follow(
        referent, submit(referent, page, FORM, press="Enregistrer", **{"level-3.1.2": "none", "comment": "À finir."})
    )
    assert page.select_one("[name='level-3.1.2'][value=none][checked]") is not None
    assert "À finir." in words(page)
    assert "1 sur 3" in words(page)


@pytest.mark.engines("sqlite")
def test_the_page_saves_by_itself_and_says_when_another_did(app: Flask, session: Session) -> None:
    request = make_observation(session)
    referent, address = app.test_client(), opened(session, request)
    sent = {"revision": "0", "level-3.1.1": "none"}
    answer = referent.post(f"{address}/autosave", data=sent, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.get_json()["revision"]) == (200, 1)
    late = {"revision": "0", "comment": "Ailleurs."}
    answer = referent.post(f"{address}/autosave", data=late, headers={"X-Requested-With": "autosave"})
    assert answer.status_code == 409
    page = read(referent.post(address, data=late), status=409)
    assert "Rien n’est perdu" in words(page)
    assert "Ailleurs." in words(page)
    assert "Déjà enregistré non observé" in words(page)
    page = follow(referent, submit(referent, page, FORM, press="Enregistrer"))
    assert "Ailleurs." in words(page)


@pytest.mark.engines("sqlite")
def test_a_level_nobody_knows_is_refused_and_nothing_is_lost(app: Flask, session: Session) -> None:
    request = make_observation(session)
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, address)
    sent = {"level-3.1.1": "superbe", "comment-3.1.1": "Vu."}
    page = read(submit(referent, page, FORM, press="Enregistrer", **sent), status=422)
    assert "Ce niveau n’existe pas" in words(page)
    assert "Vu." in words(page)


@pytest.mark.engines("sqlite")
def test_what_names_a_parent_is_shown_before_the_signature(app: Flask, session: Session) -> None:
    request = make_observation(session)
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, address)
    sent = {"level-3.1.1": "none", "comment-3.1.1": "Mme Durand a pris la parole."}
    page = follow(referent, submit(referent, page, FORM, press="Relire et signer", **sent))
    assert "Mme Durand" in [mark.get_text() for mark in page.select("mark")]
    assert page.select_one("[name=has_observed]") is None
    signed = {"revision": "1", "name": "Référente", "has_observed": "y"}
    assert referent.post(f"{address}/review", data=signed).status_code == 422
    assert session.scalars(select(ObservationAnswer)).all() == []


@pytest.mark.engines("sqlite")
def test_nothing_is_signed_without_a_name_and_the_box(app: Flask, session: Session) -> None:
    request = make_observation(session)
    fill(session, request, l1_1="none")
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, f"{address}/review")
    page = read(submit(referent, page, press="Signer ma réponse"), status=422)
    assert "c’est votre signature" in words(page)
    assert "Cochez cette case" in words(page)


def test_both_answer_and_sign_on_one_device(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    meeting = make_held_meeting(session, make_group_of(session, enrolment), clock.today() - timedelta(days=3))
    foreign = make_held_meeting(session, make_group_of(session, make_enrolment(session)), clock.today())
    client = signed_in_client(app, trainee_of(session, enrolment))
    page = visit(client, "/observations/new")
    offered = [option["value"] for option in page.select("select[name=meeting] option")]
    assert offered == ["", str(meeting.id)]
    assert str(foreign.id) not in offered
    asked: dict[str, Any] = {
        "way": "together",
        "referent_name": "Référente 02",
        "referent_role": "éducatrice",
        "indicators": ["3.1.1"],
    }
    page = follow(client, submit(client, page, "form#ask", **asked, meeting=str(meeting.id)))
    request = session.scalars(select(ObservationRequest)).one()
    assert "Rencontre du" in words(page)
    sent = {"level-3.1.1": level_of(session, request)}
    page = follow(client, submit(client, page, FORM, press="Relire et signer", **sent))
    page = follow(client, submit(client, page, press="Signer ma réponse", name="Référente 02", has_observed=True))
    assert "Reprenez l’appareil" in words(page)
    page = follow(client, submit(client, page, press="Signer", was_there=True))
    assert "Vous avez signé tous les deux" in words(page)
    assert words(page).count("Signé par") == 2
    for place in ("together", "together/review", "sign"):
        assert client.get(f"/observations/{request.id}/{place}").status_code == 303


@pytest.mark.engines("sqlite")
def test_a_mailed_request_is_not_answered_from_the_trainee_s_session(app: Flask, session: Session) -> None:
    request = make_observation(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, request.enrolment_id)))
    assert client.get(f"/observations/{request.id}/together").status_code == 404


@pytest.mark.engines("sqlite")
def test_a_trainee_sends_again_then_takes_back(app: Flask, session: Session) -> None:
    request = make_observation(session)
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, request.enrolment_id)))
    former = opened(session, request)
    page = visit(client, f"/observations/{request.id}")
    page = follow(client, submit(client, page, "form[action$=resend]"))
    assert "Un nouveau lien est parti" in words(page)
    session.expire_all()
    referent = app.test_client()
    visit(referent, former, status=404)
    present = opened(session, request)
    visit(referent, present)
    page = follow(client, submit(client, page, "form[action$=revoke]"))
    assert "La demande est annulée" in words(page)
    visit(referent, present, status=410)


def test_staff_read_answers_and_neither_requests_nor_addresses(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    answered, waiting = make_answered(session, enrolment), make_observation(session, enrolment)
    client = signed_in_client(app, make_trainer(session, enrolment))
    page = visit(client, f"/trainees/{enrolment.id}/observations")
    assert answered.referent_name in words(page)
    assert waiting.referent_name not in words(page)
    page = visit(client, f"/observations/{answered.id}")
    assert "non observé" in words(page)
    assert answered.referent_email not in words(page)
    assert page.select("form[action$=resend]") == []
    assert client.get(f"/observations/{waiting.id}").status_code == 404


@pytest.mark.engines("sqlite")
def test_an_answer_keeps_the_version_of_its_codes(app: Flask, session: Session) -> None:
    request = make_answered(session)
    framework = queries.asked(session, request.id).framework
    client = signed_in_client(app, trainee_of(session, session.get_one(Enrolment, request.enrolment_id)))
    assert f"version {framework.version}" in words(visit(client, f"/observations/{request.id}"))


@pytest.mark.engines("sqlite")
def test_the_lists_take_as_many_statements_whatever_their_length(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, trainee_of(session, enrolment))
    trainer = signed_in_client(app, make_trainer(session, enrolment))
    counts = []
    for more in (1, 8):
        for _each in range(more):
            make_answered(session, enrolment)
        session.commit()
        for visitor, address in ((client, "/observations"), (trainer, f"/trainees/{enrolment.id}/observations")):
            visitor.get(address)
            with count_statements(db.engine) as seen:
                visit(visitor, address)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


@pytest.mark.engines("sqlite")
def test_a_signature_sent_twice_signs_once(app: Flask, session: Session) -> None:
    request = make_observation(session)
    fill(session, request, l1_1="none")
    referent, address = app.test_client(), opened(session, request)
    page = visit(referent, f"{address}/review")
    places = {
        submit(referent, page, press="Signer ma réponse", name="Référente", has_observed=True).headers["Location"]
        for _each in range(3)
    }
    assert len(places) == 1
    assert len(session.scalars(select(ObservationAnswer)).all()) == 1


@pytest.mark.engines("sqlite")
def test_together_ways_are_told_apart(session: Session) -> None:
    request = make_observation(session, way=Way.TOGETHER, referent_email="")
    found = queries.asked(session, request.id)
    assert request.sent_at is None
    assert not policies.may_be_sent_again(found.state, request)
    assert policies.may_be_revoked(found.state)


@pytest.mark.engines("sqlite")
def test_the_piece_an_answer_became_leads_to_it_and_says_that_it_is_contested(app: Flask, session: Session) -> None:
    request = make_answered(session)
    trainer = make_trainer(session, session.get_one(Enrolment, request.enrolment_id))
    found = queries.asked(session, request.id)
    assert found.answer is not None
    client, address = signed_in_client(app, trainer), f"/evidence/{found.answer.id}"
    page = visit(client, address)
    assert page.select_one(f"a[href='/observations/{request.id}']") is not None
    assert "contestée" not in words(page)
    services.contest(session, queries.asked(session, request.id))
    session.commit()
    assert "Cette réponse est contestée" in words(visit(client, address))

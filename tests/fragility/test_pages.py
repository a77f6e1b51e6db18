"""Pages of fragility: the procedure, a facilitator's own actions, the counts of the staff."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.fragility import queries, services
from certify.fragility.models import ActionKind, Channel, FollowUpKind
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.fieldwork import make_group_of
from tests.factories.people import actor_of, make_member, make_organisation
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit, words

TODAY = clock.today()


def _person(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _noted(session: Session, enrolment: Enrolment, kind: ActionKind, times: int = 1) -> None:
    actor = actor_of(session, _person(session, enrolment))
    for n in range(times):
        services.record(session, actor, enrolment, kind=kind, on=TODAY - timedelta(days=n))


def test_the_procedure_is_one_tap_to_call_and_holds_nothing_of_its_reader(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    page = visit(sign_in(_person(session, enrolment)), "/procedure")
    calls = [str(link["href"]) for link in page.select("a.call")]
    assert calls == ["tel:15", "tel:17", "tel:112", "sms:114", "tel:119", "tel:3114", "tel:3919"]
    said = words(page)
    for expected in ("CRIP", "tiers de confiance", "thérapeute", "L226-2-1", "L226-3", "434-3", "226-14", "référent"):
        assert expected in said


def test_the_procedure_of_a_group_leads_back_to_it_and_is_its_own_people_s(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    group = make_group_of(session, enrolment)
    page = visit(sign_in(_person(session, enrolment)), f"/groups/{group.id}/procedure")
    assert page.select(f'a[href="/groups/{group.id}"]')
    stranger = sign_in(_person(session, make_enrolment(session)))
    assert stranger.get(f"/groups/{group.id}/procedure").status_code == 404


def test_a_facilitator_notes_an_action_its_follow_up_and_strikes_a_mistake(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    group = make_group_of(session, enrolment)
    visitor = sign_in(_person(session, enrolment))
    page = visit(visitor, "/fragility")
    answer = submit(visitor, page, 'form[action="/fragility"]', kind="pmi", group_id=str(group.id))
    page = follow(visitor, answer)
    assert "J’ai orienté vers la PMI" in words(page)
    assert group.code in words(page)
    answer = submit(visitor, page, 'form[action$="/follow-ups"]', kind="taken_up")
    page = follow(visitor, answer)
    assert "Le relais est pris" in words(page)
    page = follow(visitor, submit(visitor, page, 'form[action$="/strike"]'))
    assert page.select("li.is-struck s")
    assert not page.select('form[action$="/strike"]')


def test_nothing_can_be_typed_on_the_page_of_actions(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    _noted(session, enrolment, ActionKind.PMI)
    page = visit(sign_in(_person(session, enrolment)), "/fragility")
    fields = page.select("main form input, main form textarea, main form select")
    assert not page.select("main form textarea")
    assert {str(one.get("type", "select")) for one in fields} <= {"hidden", "radio", "date", "select"}


def test_a_refused_action_says_what_is_missing(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    visitor = sign_in(_person(session, enrolment))
    page = visit(visitor, "/fragility")
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    refused = read(submit(visitor, page, 'form[action="/fragility"]', on=tomorrow), status=422)
    assert "Choisissez une action" in words(refused)
    refused = read(submit(visitor, refused, 'form[action="/fragility"]', kind="pmi", on=tomorrow), status=422)
    assert "pas encore venu" in words(refused)
    refused = read(submit(visitor, page, 'form[action="/fragility/procedures"]', started_on=tomorrow), status=422)
    assert "Choisissez une voie" in words(refused)
    _noted(session, enrolment, ActionKind.PMI)
    session.commit()
    page = visit(visitor, "/fragility")
    refused = read(submit(visitor, page, 'form[action$="/follow-ups"]'), status=422)
    assert "Choisissez une suite" in words(refused)


def test_a_procedure_is_noted_by_its_day_and_channel_then_struck_out(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    visitor = sign_in(_person(session, enrolment))
    page = visit(visitor, "/fragility")
    page = follow(visitor, submit(visitor, page, 'form[action="/fragility/procedures"]', channel="119"))
    assert "Procédure déclenchée" in words(page)
    page = follow(visitor, submit(visitor, page, 'form[action^="/fragility/procedures/"]'))
    assert "barrée" in words(page)


def test_nobody_touches_the_actions_of_another(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    one, other = make_enrolment(session, cohort), make_enrolment(session, cohort)
    _noted(session, other, ActionKind.PMI)
    (action,) = queries.actions_of(session, other.id)
    visitor = sign_in(_person(session, one))
    token = visit(visitor, "/fragility").select_one('input[name="csrf_token"]')
    assert token is not None
    answer = visitor.post(f"/fragility/{action.id}/strike", data={"csrf_token": token["value"]})
    assert answer.status_code == 404


def _staff(session: Session, body_id: object) -> User:
    return make_member(session, session.get_one(Organisation, body_id), Role.TRAINER)


def test_the_staff_counts_without_small_figures_nor_pseudonyms(session: Session, sign_in: SignIn) -> None:
    body = make_organisation(session)
    big, small = make_cohort(session, body, name="Grande"), make_cohort(session, body, name="Petite")
    many, few = make_enrolment(session, big), make_enrolment(session, small)
    _noted(session, many, ActionKind.PMI, 9)
    _noted(session, few, ActionKind.PMI, 2)
    _noted(session, many, ActionKind.DOCTOR, 3)
    actor = actor_of(session, _person(session, many))
    for action in queries.actions_of(session, many.id)[:6]:
        services.follow_up(session, actor, action, kind=FollowUpKind.IN_TOUCH, on=TODAY)
    services.note_procedure(session, actor, many, channel=Channel.CRIP, started_on=TODAY)
    visitor = sign_in(_staff(session, body.id))
    said = words(visit(visitor, "/fragility/counts"))
    assert "J’ai orienté vers la PMI 11" in said
    assert "J’ai orienté vers un médecin non affiché" in said
    assert "Procédures de protection déclenchées non affiché" in said
    assert "Le lien est gardé 6" in said
    for cohort in (big, small):
        said = words(visit(visitor, f"/fragility/counts?cohort={cohort.id}"))
        assert re.search(r"vers la PMI non affiché", said), cohort.name


def test_the_counts_are_of_one_s_own_training_body_alone(session: Session, sign_in: SignIn) -> None:
    enrolment = make_enrolment(session)
    _noted(session, enrolment, ActionKind.PMI, 9)
    elsewhere = sign_in(_staff(session, make_cohort(session).training_body_id))
    assert "vers la PMI 0" in words(visit(elsewhere, "/fragility/counts"))
    assert sign_in(_person(session, enrolment)).get("/fragility/counts").status_code == 404


@pytest.mark.parametrize("address", ["/fragility", "/fragility/counts"])
def test_the_pages_ask_the_database_as_much_for_many_actions_as_for_few(
    app: Flask, session: Session, sign_in: SignIn, address: str
) -> None:
    enrolment = make_enrolment(session)
    _noted(session, enrolment, ActionKind.PMI)
    person = _person(session, enrolment) if address == "/fragility" else _staff(session, enrolment.training_body_id)
    visitor: FlaskClient = sign_in(person)
    visit(visitor, address)
    with count_statements(db.engine) as few:
        visit(visitor, address)
    for kind in ActionKind:
        _noted(session, enrolment, kind, 12)
    session.commit()
    with count_statements(db.engine) as many:
        visit(visitor, address)
    assert len(few) == len(many), str(many)

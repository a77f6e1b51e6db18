"""Pages of double marking, of agreement and of internal verification."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import (
    Assessment,
    VerificationDraw,
    VerificationItem,
)
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.factories.assessments import INDICATORS, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_user
from tests.services.signing_in import signed_in_client
from tests.services.visiting import follow, read, submit, visit, words


def _body(session: Session, enrolment: Enrolment) -> Organisation:
    return session.get_one(Organisation, enrolment.training_body_id)


def _coordination(app: Flask, session: Session, enrolment: Enrolment) -> FlaskClient:
    named = make_user(session, given_name="Coordinatrice", family_name="A", email="coordination@exemple.test")
    return signed_in_client(app, make_member(session, _body(session, enrolment), Role.COORDINATOR, named))


def _all(level: str, codes: frozenset[str] = frozenset(INDICATORS)) -> dict[str, str]:
    return {f"level-{code}": level for code in codes}


def _doubled(app: Flask, session: Session) -> tuple[Assessment, FlaskClient]:
    enrolment = make_enrolment(session)
    first = make_trainer(session, enrolment, given_name="Formatrice", family_name="A")
    signed = make_signed(session, enrolment, first, whole_grid("partly_acquired"), comment="Première lecture")
    second = make_trainer(session, enrolment, given_name="Formateur", family_name="B")
    return signed, signed_in_client(app, second)


def test_a_second_assessor_signs_without_seeing_the_first_then_reads_both(app: Flask, session: Session) -> None:
    signed, client = _doubled(app, session)
    link = visit(client, f"/assessments/{signed.id}").select_one("a[href$='/double']")
    before = visit(client, str(link["href"]))
    assert "Première lecture" not in words(before)
    grid = follow(client, submit(client, before, "#double"))
    assert "à votre tour" in words(grid)
    assert "Première lecture" not in words(grid)
    hidden = visit(client, f"/assessments/{signed.id}", status=403)
    assert "une fois votre évaluation signée" in words(hidden)
    values = _all("partly_acquired") | {"level-1.1.1": "acquired"}
    confirm = follow(client, submit(client, grid, "#grid", press="Relire", **values))
    done = follow(client, submit(client, confirm, "#sign", press="Signer"))
    pair = visit(client, str(done.select_one("#quality a")["href"]))
    assert "45" in pair.select_one(".stats").get_text()
    assert len(pair.select("th .badge-state")) == 1
    assert "Formatrice A" in words(pair)
    assert client.get(f"/assessments/{signed.id}/double").headers["Location"].endswith("/pair")


def test_a_trainer_who_may_not_assess_reads_whom_to_ask_before_doubling(app: Flask, session: Session) -> None:
    signed, _client = _doubled(app, session)
    enrolment = session.get_one(Enrolment, signed.enrolment_id)
    outsider = signed_in_client(app, make_member(session, _body(session, enrolment), Role.TRAINER))
    page = visit(outsider, f"/assessments/{signed.id}/double", status=403)
    assert page.select_one("#double") is None
    assert page.select_one("#whom-to-ask") is not None


def test_an_author_and_a_referent_are_not_offered_to_double(app: Flask, session: Session) -> None:
    signed, _client = _doubled(app, session)
    author = signed_in_client(app, session.get_one(User, signed.assessor_id))
    assert visit(author, f"/assessments/{signed.id}").select_one("a[href$='/double']") is None
    assert author.get(f"/assessments/{signed.id}/double").status_code == 303
    body = session.get_one(Organisation, signed.training_body_id)
    referent = signed_in_client(app, make_member(session, body, Role.REFERENT))
    assert visit(referent, f"/assessments/{signed.id}").select_one("a[href$='/double']") is None
    assert referent.get(f"/assessments/{signed.id}/pair").status_code == 403


def _cohort_with_disputes(session: Session) -> Cohort:
    cohort = make_cohort(session)
    for number in range(5):
        enrolment = make_enrolment(session, cohort, make_user(session, given_name="Stagiaire", family_name=f"{number}"))
        level = ("acquired", "partly_acquired")[number % 2]
        make_signed(session, enrolment, ratings=whole_grid(level))
        make_signed(session, enrolment, ratings=whole_grid(level, **{"1.1.1": "not_acquired", "4.4.3": None}))
    session.commit()
    return cohort


def test_a_trainer_reads_the_agreement_of_a_cohort_and_the_ratings_behind_it(app: Flask, session: Session) -> None:
    cohort = _cohort_with_disputes(session)
    body = session.get_one(Organisation, cohort.training_body_id)
    client = signed_in_client(app, make_member(session, body, Role.TRAINER))
    page = visit(client, f"/cohorts/{cohort.id}/agreement")
    first = page.select_one("#calibration a")
    assert first.get_text().startswith("1.1.1")
    assert "5 stagiaires vu·es différemment" in words(page)
    rows = page.select("#indicators tbody tr")
    assert (len(rows), rows[0].select_one("a").get_text()[:5]) == (46, "1.1.1")
    assert "trop peu" in words(page)
    in_order = visit(client, f"/cohorts/{cohort.id}/agreement?sort=framework")
    assert in_order.select("#indicators tbody tr")[45].get_text().strip().startswith("4.4.3")
    sheet = client.get(f"/cohorts/{cohort.id}/agreement?format=csv").get_data(as_text=True)
    assert sheet.count("\r\n") == 47
    behind = visit(client, str(first["href"]))
    assert len(behind.select("#views tbody tr")) == 5
    everyone = visit(client, f"/cohorts/{cohort.id}/agreement/ratings?indicator=1.1.2&only=all")
    assert len(everyone.select("#views tbody tr")) == 5
    assert "Aucun désaccord" in words(visit(client, f"/cohorts/{cohort.id}/agreement/ratings?indicator=1.1.2"))
    csv = client.get(f"/cohorts/{cohort.id}/agreement/ratings?indicator=1.1.1&format=csv").get_data(as_text=True)
    assert csv.count("\r\n") == 11
    assert client.get(f"/cohorts/{cohort.id}/agreement/ratings?indicator=9.9").status_code == 404


def test_a_cohort_seen_by_one_person_only_has_nothing_to_compare(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment)
    client = _coordination(app, session, enrolment)
    assert "Rien à comparer" in words(visit(client, f"/cohorts/{enrolment.cohort_id}/agreement"))


def test_a_referent_does_not_read_figures_about_assessors(app: Flask, session: Session) -> None:
    cohort = make_cohort(session)
    body = session.get_one(Organisation, cohort.training_body_id)
    client = signed_in_client(app, make_member(session, body, Role.REFERENT))
    visit(client, f"/cohorts/{cohort.id}/agreement", status=403)
    visit(client, f"/cohorts/{cohort.id}/agreement/ratings?indicator=1.1.1", status=403)


def test_coordination_draws_a_sample_and_verifies_it(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    author = make_trainer(session, enrolment, given_name="Formatrice", family_name="A")
    signed = make_signed(session, enrolment, author)
    client = _coordination(app, session, enrolment)
    url = f"/cohorts/{enrolment.cohort_id}/verification"
    page = visit(client, url)
    assert page.select_one("#percentage")["value"] == "10"
    refused = read(submit(client, page, "#draw", percentage="0"), status=422)
    assert "de 1 à 100" in words(refused)
    sample = follow(client, submit(client, page, "#draw", percentage="25", seed="12 juin"))
    assert "12 juin" in words(sample)
    assert "exactement cet échantillon" in words(sample)
    item = visit(client, str(sample.select_one("#items a")["href"]))
    silent = read(submit(client, item, "#verify", verdict="to_redo"), status=422)
    assert "Écrivez ce qui est à discuter" in words(silent)
    done = follow(client, submit(client, item, "#verify", verdict="to_discuss", comment="Le 1.1.1 n’a pas de preuve"))
    assert "à discuter" in done.select_one("#items").get_text()
    assert "1 sur 1" in words(done)
    again = visit(client, str(done.select_one("#items a")["href"]))
    assert again.select_one("#verify") is None
    assert "Le 1.1.1 n’a pas de preuve" in words(visit(signed_in_client(app, author), f"/assessments/{signed.id}"))
    trainee = signed_in_client(app, session.get_one(User, enrolment.user_id))
    assert "Le 1.1.1 n’a pas de preuve" not in words(visit(trainee, f"/assessments/{signed.id}"))
    after = visit(client, url)
    assert after.select_one("#draw") is None
    assert "25" in after.select_one("#draws").get_text()
    assert session.scalars(select(VerificationDraw.seed)).all() == ["12 juin"]


def test_one_s_own_assessment_is_left_to_somebody_else(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer)
    make_member(session, _body(session, enrolment), Role.COORDINATOR, trainer)
    client = signed_in_client(app, trainer)
    page = visit(client, f"/cohorts/{enrolment.cohort_id}/verification")
    sample = follow(client, submit(client, page, "#draw"))
    assert "la vôtre" in words(sample)
    item = visit(client, str(sample.select_one("#items a")["href"]))
    assert item.select_one("#verify") is None
    assert session.scalars(select(VerificationItem.verdict)).all() == [None]


@pytest.mark.parametrize("path", ["/cohorts/{cohort}/verification", "/cohorts/{cohort}/agreement"])
def test_a_trainee_reaches_none_of_these_pages(app: Flask, session: Session, path: str) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, session.get_one(User, enrolment.user_id))
    assert client.get(path.format(cohort=enrolment.cohort_id)).status_code == 403
    assert client.get("/assessors").status_code == 403

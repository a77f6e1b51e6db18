"""The teacher's page of grades, opened from the course."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from certify.core.db import db
from certify.lti.models import ScoreState
from tests.factories.cohorts import make_cohort
from tests.lti.grades.teaching import Teaching
from tests.services.launches import launch
from tests.services.statements import count_statements
from tests.services.visiting import follow, submit, visit, words

pytestmark = pytest.mark.settings(lti_allow_insecure=True)


@pytest.fixture
def root(client: FlaskClient, teaching: Teaching) -> str:
    """Give the beginning of the addresses of a teacher's visit."""
    location = launch(client, teaching.platform, "teacher").headers["Location"]
    return urlsplit(location).path.rpartition("/course")[0]


def test_a_teacher_makes_the_columns_and_sees_every_grade(client: FlaskClient, teaching: Teaching, root: str) -> None:
    first, second, third = teaching.platform.learners
    teaching.assess(teaching.know(first))
    teaching.know(second)
    page = visit(client, f"{root}/course/grades")
    assert "Aucune colonne de notes" in words(page)
    page = follow(client, submit(client, page, "main form[action$='/course/columns']"))
    assert "Les colonnes sont demandées à la plateforme" in words(page)
    assert page.select("form[action$='/course/columns']") == []
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    assert "5 sur 5" in words(page)
    lines = [words(line) for line in page.select("tbody tr")]  # type: ignore[arg-type]
    assert len(lines) == 10
    assert "Bloc 1 : Veille" in lines[0]
    assert "100 sur 100" in lines[0]
    assert "envoyée" in lines[0]
    assert "Ensemble de la certification" in lines[4]
    assert all("aucune évaluation n’est validée" in line for line in lines[5:])
    assert third.sub not in {who for who, _given in teaching.taken()}


def test_a_refused_grade_says_why_and_is_sent_again(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.make_columns()
    teaching.platform.next_answers(403, 403, to="scores")
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    page = visit(client, f"{root}/course/grades?state=refused")
    assert len(page.select("tbody tr")) == 2
    said = words(page)
    assert "La plateforme interdit d’écrire cette note" in said
    assert "Code 403." in said
    assert "Service unavailable" in said
    page = follow(client, submit(client, page, "td.cell-actions form"))
    assert "La note part de nouveau" in words(page)
    assert "state=refused" in page.url
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    page = follow(client, submit(client, page, ".page-actions form"))
    assert "1 note part de nouveau." in words(page)
    teaching.run()
    assert {one.state for one in teaching.scores()} == {ScoreState.SENT}
    assert "5 sur 5" in words(visit(client, f"{root}/course/grades"))


def test_a_grade_that_waits_says_when_it_is_tried_next(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.make_columns()
    teaching.platform.next_answers(*[(429, {"Retry-After": "7200"})] * 5, to="scores")
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    said = words(visit(client, f"{root}/course/grades"))
    assert "nouvel essai prévu" in said
    assert "Prochain essai : " in said
    assert "La plateforme reçoit trop de demandes" in said
    assert "5 notes attendent." in said


def test_a_form_sent_twice_sends_a_grade_once(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.make_columns()
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    for _click in range(2):
        submit(client, page, "td.cell-actions form")
    teaching.run()
    assert len(teaching.platform.scores) == 6


def test_columns_deleted_in_the_platform_are_offered_again(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.make_columns()
    gone = teaching.platform.line_items[0]
    teaching.platform.gradebook.remove(gone)
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    assert "Des colonnes ont été supprimées" in words(page)
    assert "La colonne de notes n’existe plus" in words(page)
    follow(client, submit(client, page, "main form[action$='/course/columns']"))
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    assert "Des colonnes ont été supprimées" not in words(page)
    assert "5 sur 5" in words(page)


def test_the_list_is_searched_filtered_exported_and_paged(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.make_columns()
    for person in teaching.platform.course.fill(11):
        enrolment = teaching.know(person)
    teaching.assess(enrolment)
    teaching.run()
    page = visit(client, f"{root}/course/grades")
    assert len(page.select("tbody tr")) == 50
    assert "1 à 50 sur 55" in words(page)
    assert len(visit(client, f"{root}/course/grades?page=2").select("tbody tr")) == 5
    assert len(visit(client, f"{root}/course/grades?part=whole").select("tbody tr")) == 11
    assert len(visit(client, f"{root}/course/grades?state=none").select("tbody tr")) == 50
    assert len(visit(client, f"{root}/course/grades?q={enrolment.sort_name.split()[0]}").select("tbody tr")) == 5
    assert "Aucune note ne correspond" in words(visit(client, f"{root}/course/grades?q=personne"))
    for sort in ("name", "column", "state", "sent"):
        for direction in ("asc", "desc"):
            visit(client, f"{root}/course/grades?sort={sort}&direction={direction}")
    exported = client.get(f"{root}/course/grades?format=csv&part=whole").get_data(as_text=True).splitlines()
    assert exported[0].lstrip("\ufeff").startswith("Stagiaire;Colonne;État;Note (sur 100)")
    assert len(exported) == 12
    assert any(";envoyée;100;100;" in line for line in exported)


@pytest.mark.engines("sqlite")
def test_the_page_asks_as_much_of_the_database_for_many_as_for_few(
    app: Flask, client: FlaskClient, teaching: Teaching, root: str
) -> None:
    teaching.make_columns()
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    few = _statements(client, root)
    for person in teaching.platform.course.fill(12):
        teaching.assess(teaching.know(person))
    teaching.run()
    many = _statements(client, root)
    assert few == many
    assert many < 20


def _statements(client: FlaskClient, root: str) -> int:
    visit(client, f"{root}/course/grades")
    with count_statements(db.engine) as statements:
        visit(client, f"{root}/course/grades")
    return len(statements)


def test_trainees_and_people_outside_the_course_see_no_grades(
    client: FlaskClient, teaching: Teaching, session: Session, root: str
) -> None:
    teaching.make_columns()
    teaching.assess(teaching.know(teaching.platform.learner))
    teaching.run()
    score = teaching.score()
    assert client.get("/course/grades").status_code in (303, 403, 404)
    location = launch(client, teaching.platform).headers["Location"]
    trainee = "/".join(urlsplit(location).path.split("/")[:3])
    assert client.get(f"{trainee}/course/grades").status_code == 403
    # The course now stands for another cohort: the grades of the first are out of sight, and out of reach.
    page = visit(client, f"{root}/course/grades")
    teaching.context.cohort_id = make_cohort(session).id
    session.commit()
    assert submit(client, page, f"form[action$='{score.id}']").status_code == 404
    assert "Stagiaire" not in [words(line) for line in visit(client, f"{root}/course/grades").select("tbody tr")]  # type: ignore[arg-type]


def test_a_course_without_a_cohort_says_what_to_do(client: FlaskClient, teaching: Teaching, root: str) -> None:
    teaching.context.cohort_id = None
    teaching.session.commit()
    assert "Ce cours n’est relié à aucune promotion" in words(visit(client, f"{root}/course/grades"))

"""The page of one trainee, for the staff and for themself."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.logbook.models import EntryState
from certify.organisations.models import Organisation
from certify.reports.next_steps import NextStep, next_step
from certify.reports.trainee import path_of
from tests.factories.assessments import (
    INDICATORS,
    make_accepted_evidence,
    make_own,
    make_signed,
    make_trainer,
    whole_grid,
)
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_member, make_organisation
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import visit


def _person(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def test_the_figures_of_a_path_agree_with_the_domain(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, ["1.1.1", "1.1.2", "4.4.1"])
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    make_signed(
        session, enrolment, ratings=whole_grid(**{"1.1.1": "partly_acquired", "1.1.2": None, "2.1.1": "not_acquired"})
    )
    path = path_of(session, enrolment)
    first = path.blocks[0].competencies[0]
    tally = first.tally
    assert (tally.acquired, tally.partly, tally.not_acquired, tally.unassessed, tally.total) == (1, 1, 0, 1, 3)
    assert (first.covered.covered, first.covered.total) == (2, 3)
    assert path.blocks[1].competencies[0].tally.not_acquired == 1
    assert len(path.missing) == len(INDICATORS) - 3
    assert [len(path.proofs), path.is_complete] == [2, False]
    for block in path.blocks:
        summed = [sum(getattr(line.tally, name) for line in block.competencies) for name in ("acquired", "total")]
        assert summed == [block.tally.acquired, block.tally.total]


def test_a_file_is_complete_when_every_indicator_is_proved(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_accepted_evidence(session, enrolment, INDICATORS)
    page = visit(signed_in_client(app, _person(session, enrolment)), "/progress")
    assert "preuves complètes" in page.find(id="proved").get_text()
    assert "Rien" in page.find(id="missing").get_text()


def test_a_trainee_reads_the_same_figures_in_the_radar_and_in_the_table(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid(**{"3.2.1": "not_acquired"}))
    page = visit(signed_in_client(app, _person(session, enrolment)), "/progress")
    block = page.find(id="block-3")
    row = next(row for row in block.select("tbody tr") if "3.2" in row.select_one("th").get_text())
    assert [cell.get_text().strip() for cell in row.select("td.number")] == ["2", "0", "1", "0", "0 sur 3"]
    assert "3.2 : 2 sur 3" in block.select_one("svg")["aria-label"].replace("\u202f", " ")
    assert page.find(id="c-3.2") is not None


def test_what_is_missing_leads_to_a_new_entry(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    page = visit(signed_in_client(app, _person(session, enrolment)), "/progress")
    links = page.find(id="missing").select("a[href*='/logbook/new?indicator=']")
    assert len(links) == len(INDICATORS)


def test_a_disagreement_is_said_in_words_with_who_said_what(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    first = make_trainer(session, enrolment, given_name="Formatrice", family_name="A")
    second = make_trainer(session, enrolment, given_name="Formateur", family_name="B")
    make_signed(session, enrolment, first)
    make_signed(session, enrolment, second, whole_grid(**{"3.2.1": "partly_acquired"}))
    page = visit(signed_in_client(app, first), f"/trainees/{enrolment.id}")
    assert "Les évaluateurs ne sont pas d’accord sur 1 compétence" in page.get_text().replace("\u202f", " ")
    said = page.find(id="i-3.2.1").get_text()
    assert "Formatrice A" in said
    assert "Formateur B" in said
    assert "Les avis diffèrent" in said
    assert "Les avis diffèrent" not in page.find(id="i-3.2.2").get_text()


def test_a_new_trainee_has_an_empty_page_that_says_what_to_do(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    page = visit(signed_in_client(app, _person(session, enrolment)), "/progress")
    assert "Aucune preuve n’a encore été acceptée" in page.get_text()
    assert "Aucune évaluation n’est encore signée" in page.get_text()


def test_staff_of_another_body_do_not_find_a_trainee(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    stranger = make_member(session, make_organisation(session), Role.COORDINATOR)
    assert signed_in_client(app, stranger).get(f"/trainees/{enrolment.id}").status_code == 404


def test_a_trainee_does_not_open_the_page_of_another(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    other = make_enrolment(session)
    client = signed_in_client(app, _person(session, enrolment))
    assert client.get(f"/trainees/{other.id}").status_code == 403


def test_a_coordinator_reads_and_cannot_assess(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    page = visit(signed_in_client(app, make_member(session, body, Role.COORDINATOR)), f"/trainees/{enrolment.id}")
    assert page.select_one(f"a[href='/trainees/{enrolment.id}/assessments']") is None


def test_the_page_reads_in_english(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    client = signed_in_client(app, _person(session, enrolment))
    with client.session_transaction() as cookie:
        cookie["locale"] = "en"
    page = visit(client, "/progress")
    assert competencies.demo().blocks[0].title.en in page.get_text()


def test_the_pages_take_as_many_statements_whatever_the_history(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    staff = signed_in_client(app, make_trainer(session, enrolment))
    own = signed_in_client(app, _person(session, enrolment))
    counts = []
    for rounds in (1, 4):
        for _ in range(rounds):
            make_accepted_evidence(session, enrolment, ["1.1.1", "2.2.2"])
            make_signed(session, enrolment)
            make_own(session, enrolment)
        session.commit()
        for client, address in ((staff, f"/trainees/{enrolment.id}"), (own, "/progress")):
            assert client.get(address).status_code == 200
            with count_statements(session.get_bind()) as statements:
                client.get(address)
            counts.append(len(statements))
    assert counts[:2] == counts[2:], str(statements)


def test_how_it_moved_over_time_is_drawn_and_written(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    for days, level in ((30, "not_acquired"), (3, "acquired")):
        held_on = clock.today() - timedelta(days=days)
        make_signed(session, enrolment, make_trainer(session, enrolment), whole_grid(level), held_on=held_on)
    page = visit(signed_in_client(app, _person(session, enrolment)), "/progress")
    moved = page.find(id="moved")
    assert len(moved.select("path.steps-line")) == 2 * len(competencies.demo().blocks)
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in moved.select("tbody tr")]
    assert [row[0] for row in rows] == ["0 sur 11", "0 sur 11"]
    assert moved.select_one("svg[role=img]")["aria-label"].startswith("Part des indicateurs acquis")


@pytest.mark.parametrize(
    ("facts", "own", "staff"),
    [
        ({"state": EnrolmentState.SUSPENDED}, NextStep.RESUME, NextStep.RESUME),
        ({"entries": {EntryState.RETURNED: 1, EntryState.SUBMITTED: 1}}, NextStep.COMPLETE, NextStep.REVIEW),
        ({"disputed": ["3.2"]}, NextStep.PROVE, NextStep.AGREE),
        ({"missing": []}, NextStep.ASSESS, NextStep.ASSESS),
        ({"missing": [], "unassessed": []}, NextStep.COMPLETE_FILE, NextStep.COMPLETE_FILE),
        ({"missing": [], "unassessed": [], "lacking": []}, NextStep.PRESENT, NextStep.PRESENT),
    ],
)
def test_one_thing_comes_next(facts: dict[str, Any], own: NextStep, staff: NextStep) -> None:
    said: dict[str, Any] = {
        "state": EnrolmentState.ACTIVE, "entries": {}, "disputed": [], "missing": ["1.1.1"], "unassessed": ["1.1"],
        "lacking": ["hours"],
    } | facts  # fmt: skip
    path = SimpleNamespace(
        enrolment=SimpleNamespace(state=said["state"]), disputed=said["disputed"], missing=said["missing"],
        unassessed=said["unassessed"], count=lambda state: said["entries"].get(state, 0),
    )  # fmt: skip
    file = SimpleNamespace(lacking=said["lacking"])
    assert next_step(path, file, is_own=True) is own  # type: ignore[arg-type]
    assert next_step(path, file, is_own=False) is staff  # type: ignore[arg-type]


def test_the_page_takes_as_many_statements_whatever_the_history(session: Session) -> None:
    enrolment = make_enrolment(session)
    counts = []
    for _ in range(3):
        make_accepted_evidence(session, enrolment, ["1.1.1", "2.2.2"])
        make_signed(session, enrolment)
        session.commit()
        found = session.get_one(Enrolment, enrolment.id)
        with count_statements(session.get_bind()) as statements:
            path_of(session, found)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 10, counts

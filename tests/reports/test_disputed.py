"""What assessors disagree on, to talk about; who is late; and what waits for a trainer."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import AssessmentKind, Verdict, VerificationDraw, VerificationItem
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.core.types import new_id
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.logbook.models import ReviewOutcome
from certify.organisations.models import Organisation
from tests.factories.assessments import make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.logbook import answer, make_submitted
from tests.factories.people import make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import visit, words


def _trainee(session: Session, cohort: Cohort, name: str = "03") -> Enrolment:
    user = make_user(session, given_name="Stagiaire", family_name=name)
    return make_enrolment(session, cohort, user, sort_name=f"{name} stagiaire")


def _disputed(session: Session, cohort: Cohort, name: str = "03") -> Enrolment:
    enrolment = _trainee(session, cohort, name)
    first = make_trainer(session, enrolment, given_name="Formatrice", family_name="A")
    second = make_trainer(session, enrolment, given_name="Formateur", family_name="B")
    make_signed(session, enrolment, first)
    make_signed(session, enrolment, second, whole_grid(**{"3.2.1": "partly_acquired"}))
    return enrolment


def _staff(session: Session, cohort: Cohort, role: Role = Role.TRAINER) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), role)


def test_disputed_competencies_come_with_who_said_what_and_when(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    enrolment = _disputed(session, cohort)
    agreed = _trainee(session, cohort, "04")
    make_signed(session, agreed)
    page = visit(sign_in(_staff(session, cohort)), f"/cohorts/{cohort.id}/disputed")
    said = words(page)
    assert "Stagiaire 03" in said
    assert "Stagiaire 04" not in said
    rows = page.select("main tbody tr")
    assert len(rows) == 1
    opinions = [" ".join(one.get_text(" ").split()) for one in rows[0].select("li")]
    assert [one.split()[1:3] for one in opinions] == [["partiellement", "acquis"], ["acquis", "Formatrice"]]
    assert page.select_one(f"a[href='/trainees/{enrolment.id}/competencies/3.2']")


def test_a_cohort_without_disagreement_says_so_and_another_body_s_does_not_exist(
    session: Session, sign_in: SignIn
) -> None:
    cohort = make_cohort(session)
    assert "Aucun désaccord" in words(visit(sign_in(_staff(session, cohort)), f"/cohorts/{cohort.id}/disputed"))
    stranger = make_member(session, make_organisation(session), Role.TRAINER)
    assert sign_in(stranger).get(f"/cohorts/{cohort.id}/disputed").status_code == 404


@pytest.mark.engines("sqlite")
def test_the_page_takes_as_many_statements_whatever_the_number_of_trainees(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    client = sign_in(_staff(session, cohort))
    counts = []
    for names in (["01"], ["02", "03", "04"]):
        for name in names:
            _disputed(session, cohort, name)
        session.commit()
        assert client.get(f"/cohorts/{cohort.id}/disputed").status_code == 200
        with count_statements(db.engine) as statements:
            client.get(f"/cohorts/{cohort.id}/disputed")
        counts.append(len(statements))
    assert counts[0] == counts[1], str(statements)


@pytest.mark.engines("sqlite")
def test_late_trainees_come_with_since_when_and_what_waits(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    with clock.at(clock.now() - timedelta(days=40)):
        late = _trainee(session, cohort, "01")
        answer(session, make_submitted(session, late), ReviewOutcome.RETURNED)
    _trainee(session, cohort, "02")
    page = visit(sign_in(_staff(session, cohort)), f"/cohorts/{cohort.id}?situation=late")
    rows = [" ".join(row.get_text(" ").split()).replace("\u202f", " ") for row in page.select("#late tbody tr")]
    assert len(rows) == 2
    assert "Stagiaire 02" in rows[0]
    assert "aucune depuis l’entrée" in rows[0]
    assert "il y a 40 jours" in rows[1]
    assert "1 fiche à compléter" in rows[1]
    assert not visit(sign_in(_staff(session, cohort)), f"/cohorts/{cohort.id}").select("#late")


@pytest.mark.engines("sqlite")
def test_a_trainer_finds_prior_learning_and_what_a_verifier_sends_back_on_the_home_page(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    cohort = make_cohort(session)
    enrolment = _trainee(session, cohort)
    trainer = _staff(session, cohort)
    coordinator = _staff(session, cohort, Role.COORDINATOR)
    signed = make_signed(session, enrolment, trainer, kind=AssessmentKind.FORMATIVE)
    draw = VerificationDraw(
        id=new_id(), cohort_id=cohort.id, training_body_id=cohort.training_body_id, percentage=10, seed="graine",
        population={}, drawn_at=clock.now(), drawn_by_id=coordinator.id,
    )  # fmt: skip
    session.add(draw)
    session.flush()
    session.add(
        VerificationItem(
            draw_id=draw.id, assessment_id=signed.id, verdict=Verdict.TO_REDO, comment="À revoir.",
            verified_at=clock.now(), verified_by_id=coordinator.id,
        )
    )  # fmt: skip
    session.add(
        EvidenceItem(
            enrolment_id=enrolment.id, training_body_id=cohort.training_body_id, kind=EvidenceKind.PRIOR,
            state=EvidenceState.SUBMITTED, title="Deux ans d’animation", created_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    said = words(visit(sign_in(trainer), "/"))
    assert "Lire 1 preuve" in said
    assert "Reprendre l’évaluation de Stagiaire 03" in said

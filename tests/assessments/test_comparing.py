"""A trainee's own levels beside those of each assessor: gaps in words, drafts out of sight."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries
from certify.assessments.models import AssessmentKind
from certify.assessments.policies import Rated
from certify.assessments.queries.comparing import Gap
from certify.cohorts.models import Cohort, Enrolment
from certify.core.access import Role
from certify.organisations.models import Organisation
from tests.assessments.test_scales import on_steps
from tests.factories.assessments import (
    INDICATORS,
    make_draft,
    make_own,
    make_own_draft,
    make_signed,
    make_trainer,
    whole_grid,
)
from tests.factories.cohorts import make_enrolment
from tests.factories.people import make_member
from tests.factories.scales import make_scaled_enrolment
from tests.services.signing_in import signed_in_client
from tests.services.statements import count_statements
from tests.services.visiting import visit, words


@pytest.fixture
def compared(session: Session) -> Enrolment:
    """A trainee who sees themself higher on one indicator, lower on another, and is not sure of the first."""
    enrolment = make_enrolment(session)
    ratings = whole_grid(**{"1.1.2": "not_acquired", "1.1.3": None}) | {"1.1.1": Rated("acquired", confidence=1)}
    make_own(session, enrolment, ratings)
    make_signed(session, enrolment, ratings=whole_grid(**{"1.1.1": "partly_acquired"}))
    session.commit()
    return enrolment


def test_gaps_are_told_from_the_trainee_s_own_level(session: Session, compared: Enrolment) -> None:
    both = queries.side_by_side(session, compared)
    gaps = {line.indicator.code: [one.gap for one in line.others] for line in both.indicators}
    assert (gaps["1.1.1"], gaps["1.1.2"]) == ([Gap.LOWER], [Gap.HIGHER])
    assert (gaps["1.1.3"], gaps["2.1.1"]) == ([Gap.UNKNOWN], [Gap.SAME])
    assert (both.gaps, both.comparable, both.unsure) == (2, len(INDICATORS) - 1, 1)
    assert (both.count("higher"), both.count("lower"), both.count("same")) == (1, 1, len(INDICATORS) - 3)
    assert [part.competency.code for part in both.only_gaps()] == ["1.1"]
    assert [line.indicator.code for line in both.only_gaps()[0].indicators] == ["1.1.1", "1.1.2"]


def test_each_assessor_keeps_their_own_word_and_only_the_last_one(session: Session, compared: Enrolment) -> None:
    trainer = make_trainer(session, compared)
    make_signed(session, compared, trainer, whole_grid("not_acquired"))
    make_signed(session, compared, trainer, whole_grid("acquired"))
    line = queries.side_by_side(session, compared).indicators[0]
    assert sorted(one.rating.level or "" for one in line.others) == ["acquired", "partly_acquired"]


def test_drafts_are_never_shown_on_either_side(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_draft(session, enrolment)
    make_own_draft(session, enrolment)
    both = queries.side_by_side(session, enrolment)
    assert both.own is None
    assert not any(line.others for line in both.indicators)


def test_levels_of_different_scales_compare_as_the_certification_scale_says_them(session: Session) -> None:
    enrolment = make_scaled_enrolment(session)
    make_own(session, enrolment, on_steps(**{"2.1.1": "guided", "2.1.2": "expert"}))
    make_signed(session, enrolment, ratings=on_steps(**{"2.1.1": "new", "2.1.2": "alone"}))
    make_signed(session, enrolment, ratings=whole_grid(**{"2.1.1": "partly_acquired"}), kind=AssessmentKind.EXAMINATION)
    lines = {line.indicator.code: line for line in queries.side_by_side(session, enrolment).indicators}
    assert sorted(one.gap for one in lines["2.1.1"].others) == [Gap.LOWER, Gap.SAME]
    assert sorted(one.gap for one in lines["2.1.2"].others) == [Gap.LOWER, Gap.SAME]


def test_the_staff_read_both_sides_filter_the_gaps_and_export(
    app: Flask, session: Session, compared: Enrolment
) -> None:
    trainer = make_trainer(session, compared)
    session.commit()
    client = signed_in_client(app, trainer)
    page = visit(client, f"/trainees/{compared.id}/comparison")
    row = words(page.find(id="i-1.1.1"))
    assert "Confiance : pas sûr·e" in " ".join(row.split())
    assert "▼ plus bas que l’auto-évaluation" in " ".join(row.split())
    assert "n’entre jamais dans la décision" in words(page)
    only = visit(client, f"/trainees/{compared.id}/comparison?show=gaps")
    assert {row["id"] for row in only.select("tbody tr")} == {"i-1.1.1", "i-1.1.2"}
    answer = client.get(f"/trainees/{compared.id}/comparison?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")), delimiter=";"))
    assert len(rows) == len(INDICATORS)
    assert (rows[0]["Auto-évaluation"], rows[0]["Confiance"]) == ("acquis", "pas sûr·e")
    assert rows[0]["Écart"] == "plus bas que l’auto-évaluation"


def test_a_trainee_compares_their_own_path_and_finds_no_other(
    app: Flask, session: Session, compared: Enrolment
) -> None:
    client = signed_in_client(app, session.get_one(User, compared.user_id))
    page = visit(client, "/self-assessment/comparison")
    assert "Vous" not in words(page.select_one("h1"))
    assert page.find(id="i-1.1.2") is not None
    assert client.get(f"/trainees/{compared.id}/comparison").status_code in (403, 404)
    mate = make_enrolment(session, session.get_one(Cohort, compared.cohort_id))
    session.commit()
    other = visit(signed_in_client(app, session.get_one(User, mate.user_id)), "/self-assessment/comparison")
    assert "Aucune auto-évaluation signée" in words(other)


def test_a_path_without_anything_to_compare_says_so(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    client = signed_in_client(app, make_member(session, body, Role.COORDINATOR))
    session.commit()
    assert "Aucune auto-évaluation signée" in words(visit(client, f"/trainees/{enrolment.id}/comparison"))
    make_own(session, enrolment)
    session.commit()
    assert "Rien à comparer pour l’instant" in words(visit(client, f"/trainees/{enrolment.id}/comparison"))
    make_signed(session, enrolment)
    session.commit()
    assert "Aucun écart" in words(visit(client, f"/trainees/{enrolment.id}/comparison?show=gaps"))


def test_comparing_takes_as_many_statements_whatever_the_assessors(
    app: Flask, session: Session, compared: Enrolment
) -> None:
    client = signed_in_client(app, make_trainer(session, compared))
    session.commit()
    counts = []
    for _ in range(3):
        make_signed(session, compared)
        session.commit()
        with count_statements(session.get_bind()) as statements:
            visit(client, f"/trainees/{compared.id}/comparison")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], counts

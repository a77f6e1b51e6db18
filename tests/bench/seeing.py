"""What a trainer sees of a cohort with all its assessments behind, at three sizes; and the whole of it by a job."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock, jobs
from certify.core.access import SIGNED_IN, Role, requires
from certify.core.db import db, separate_session
from certify.core.types import new_id
from certify.organisations.models import Organisation
from certify.reports.models import Export, ExportKind, ExportState
from certify.reports.services import exports
from tests.bench.measuring import medians, seconds
from tests.bench.places import SUFFIXES, opened_app
from tests.bench.rows import Row, at_most, equal, information
from tests.bench.trainees import fill_cohort
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import sign_in
from tests.services.statements import count_statements

SIZES = (10, 100, 1000)
ASSESSORS, MOMENTS = 3, 5
PEER = {100: 6.5, 1000: 64.6}
"""Seconds a Moodle takes for the same table, through the web service a program would use."""
PAGES = {"heat_map": "/cohorts/{}", "disputed": "/cohorts/{}/disputed", "results": "/cohorts/{}/results"}
_AT_ONCE = 20_000
_COUNTED = tuple(f"house.{page}_statements_{size}" for page in PAGES for size in SIZES)
_WORKBOOKS = tuple(f"house.heat_map_workbook_{size}" for size in SIZES)
_TIMED = ("house.heat_map_time_1000",)
NAMES = tuple(name + suffix for suffix in SUFFIXES.values() for name in (*_COUNTED, *_TIMED, *_WORKBOOKS))
_EMPTY = "{% extends 'layout.html' %}{% block title %}Vide{% endblock %}{% block head %}<h1>Vide</h1>{% endblock %}"


def measure() -> Iterator[Row]:
    """Count the statements of the pages at each size, time the largest, then have each workbook made by its job."""
    for engine, suffix in SUFFIXES.items():
        with opened_app(engine) as app:
            template = app.jinja_env.from_string(_EMPTY)
            app.add_url_rule("/empty", "empty", requires(SIGNED_IN)(lambda page=template: render_template(page)))
            with app.app_context():
                places = [_place(app, size, engine) for size in SIZES]
            for name, address in PAGES.items():
                yield from _statements(app, places, name, address, suffix)
            yield _time(*places[-1], suffix)
            with app.app_context():
                for size, (_client, cohort_id) in zip(SIZES, places, strict=True):
                    spent = seconds(partial(_make_workbook, cohort_id))
                    name = f"house.heat_map_workbook_{size}{suffix}"
                    yield information(name, spent, "s", PEER.get(size), "Moodle, par son service web")


def _time(client: FlaskClient, cohort_id: Any, suffix: str) -> Row:
    page, empty = medians(partial(_get, client, f"/cohorts/{cohort_id}"), partial(_get, client, "/empty"), rounds=11)
    return at_most(f"house.heat_map_time_1000{suffix}", page, "ms", empty, "page vide de l’application", 10)


def _place(app: Flask, size: int, engine: str) -> tuple[FlaskClient, Any]:
    print(f"  {engine}, {size} × {ASSESSORS} × {MOMENTS}…", file=sys.stderr, flush=True)  # noqa: T201
    cohort = fill_cohort(db.session, size)
    body = db.session.get_one(Organisation, cohort.training_body_id)
    assessors = [make_member(db.session, body, Role.TRAINER) for _ in range(ASSESSORS)]
    fill_assessments(db.session, cohort, assessors)
    client = app.test_client()
    sign_in(client, make_member(db.session, body, Role.COORDINATOR))
    return client, cohort.id


def fill_assessments(session: Session, cohort: Cohort, assessors: list[User]) -> None:
    """Sign an assessment of every trainee by each assessor at each moment: one indicator of every competency."""
    framework = competencies.demo()
    indicators, levels = [part.indicators[0].code for part in framework.competencies], framework.scale.codes
    assessments: list[dict[str, Any]] = []
    ratings: list[dict[str, Any]] = []
    for n, enrolment_id in enumerate(session.scalars(select(Enrolment.id).where(Enrolment.cohort_id == cohort.id))):
        for turn in range(ASSESSORS * MOMENTS):
            row = _assessment(cohort, enrolment_id, assessors[turn % ASSESSORS], turn // ASSESSORS)
            assessments.append(row)
            ratings += (
                {
                    "id": new_id(), "assessment_id": row["id"], "indicator": code, "is_observed": True, "comment": "",
                    "level": levels[(n + turn + place) % len(levels)],
                }
                for place, code in enumerate(indicators)
            )  # fmt: skip
    for kind, rows in ((Assessment, assessments), (Rating, ratings)):
        for begin in range(0, len(rows), _AT_ONCE):
            session.execute(insert(kind), rows[begin : begin + _AT_ONCE])
    session.commit()


def _assessment(cohort: Cohort, enrolment_id: Any, assessor: User, moment: int) -> dict[str, Any]:
    at = clock.now() - timedelta(days=30 * (MOMENTS - moment))
    return {
        "id": new_id(), "enrolment_id": enrolment_id, "framework_version_id": cohort.framework_version_id,
        "training_body_id": cohort.training_body_id, "assessor_id": assessor.id, "kind": AssessmentKind.OBSERVATION,
        "held_on": at.date(), "state": AssessmentState.SIGNED, "comment": "", "revision": 1, "created_at": at,
        "saved_at": at, "signed_at": at, "seal": "0" * 64,
    }  # fmt: skip


def _get(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return answer


def _statements(
    app: Flask, places: list[tuple[FlaskClient, Any]], page: str, address: str, suffix: str
) -> Iterator[Row]:
    smallest = 0
    for size, (client, cohort_id) in zip(SIZES, places, strict=True):
        path = address.format(cohort_id)
        _get(client, path)
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as statements:
            _get(client, path)
        smallest = smallest or len(statements)
        name = f"house.{page}_statements_{size}{suffix}"
        yield equal(name, len(statements), "requêtes", smallest, f"{SIZES[0]} stagiaires")


def _make_workbook(cohort_id: Any) -> None:
    """Ask for the workbook and have its job done, as a worker would."""
    with separate_session() as session:
        cohort = session.get_one(Cohort, cohort_id)
        trainer = make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER)
        export_id = exports.request(session, actor_of(session, trainer), ExportKind.HEAT_MAP, cohort).id
        session.commit()
    jobs.run_pending()
    with separate_session() as session:
        assert session.get_one(Export, export_id).state is ExportState.READY

"""The page of a cohort at three sizes, against an empty page of the same application."""

import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask, render_template
from flask.testing import FlaskClient

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.core.access import SIGNED_IN, Role, requires
from certify.core.db import db
from certify.organisations.models import Organisation
from tests.bench.measuring import medians
from tests.bench.places import SUFFIXES, opened_app
from tests.bench.rows import Row, at_most, equal, information
from tests.bench.trainees import fill_cohort
from tests.factories.people import make_member
from tests.services.signing_in import sign_in
from tests.services.statements import count_statements

SIZES = (10, 100, 1000)
LARGEST = SIZES[-1]
_COUNTED = tuple(f"house.cohort_statements_{size}" for size in SIZES)
_TIMED = ("house.cohort_time_1000", "house.empty_page_time")
NAMES = tuple(name + suffix for suffix in SUFFIXES.values() for name in (*_COUNTED, *_TIMED))
_EMPTY = "{% extends 'layout.html' %}{% block title %}Vide{% endblock %}{% block head %}<h1>Vide</h1>{% endblock %}"


def measure() -> Iterator[Row]:
    """Count the statements of the page at each size, then time the largest against an empty page."""
    for engine, suffix in SUFFIXES.items():
        with opened_app(engine) as app:
            _add_empty_pages(app)
            with app.app_context():
                cohorts = [fill_cohort(db.session, size) for size in SIZES]
                clients = {cohort.id: _trainer_of(app, cohort) for cohort in cohorts}
                pages = [(clients[cohort.id], f"/cohorts/{cohort.id}") for cohort in cohorts]
            print(f"  {engine}, {LARGEST} stagiaires…", file=sys.stderr, flush=True)  # noqa: T201
            yield from _statements(app, pages, suffix)
            yield from _times(*pages[-1], suffix)


def _add_empty_pages(app: Flask) -> None:
    template = app.jinja_env.from_string(_EMPTY)
    # Added after the factory, hence outside its transaction: the reference only becomes a little faster.
    app.add_url_rule("/empty", "empty", requires(SIGNED_IN)(lambda: render_template(template)))


def _trainer_of(app: Flask, cohort: Cohort) -> FlaskClient:
    body = db.session.get_one(Organisation, cohort.training_body_id)
    trainer: User = make_member(db.session, body, Role.TRAINER)
    client = app.test_client()
    sign_in(client, trainer)
    return client


def _get(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return answer


def _statements(app: Flask, pages: list[tuple[FlaskClient, str]], suffix: str) -> Iterator[Row]:
    smallest = 0
    for size, (client, path) in zip(SIZES, pages, strict=True):
        _get(client, path)
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as statements:
            _get(client, path)
        smallest = smallest or len(statements)
        name = f"house.cohort_statements_{size}{suffix}"
        yield equal(name, len(statements), "requêtes", smallest, f"{SIZES[0]} stagiaires")


def _times(client: FlaskClient, path: str, suffix: str) -> Iterator[Row]:
    bare = Flask("bare")
    bare.add_url_rule("/", "page", lambda: "ok")
    nobody = bare.test_client()
    page, empty, least = medians(lambda: _get(client, path), lambda: _get(client, "/empty"), lambda: _get(nobody, "/"))
    yield at_most(f"house.cohort_time_1000{suffix}", page, "ms", empty, "page vide de l’application", 10)
    yield information(f"house.empty_page_time{suffix}", empty, "ms", least, "Flask nu, un mot")

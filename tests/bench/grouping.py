"""Groups of a whole country on PostgreSQL: one page, one referent, one training body, and the fidelity of them all."""

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import case, func, insert, literal, select
from sqlalchemy.orm import Session

from certify.cli.groups import recompute
from certify.core import clock
from certify.core.access import Role
from certify.core.db import db
from certify.core.types import new_id
from certify.frameworks.models import FrameworkVersion
from certify.groups.models import (
    Attendance,
    Facilitator,
    Meeting,
    MeetingState,
    Participant,
    PeerGroup,
    Presence,
    Stay,
)
from certify.organisations.models import Organisation
from tests.bench.measuring import medians
from tests.bench.places import opened_app
from tests.bench.rows import Row, at_most, equal, information
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import make_member, make_user
from tests.services.signing_in import sign_in
from tests.services.statements import count_statements

GROUPS, MEETINGS, PARTICIPANTS, EACH = 5000, 16, 10, 50
"""How many groups, meetings of each, participants of each; and groups that one referent follows."""
HUNDREDTH = GROUPS // 100
LONGER = 1.5
"""How much longer a page may take than at one hundredth of the size."""
PAGES = ("group_page", "referent_list", "body_list")
_COUNTED = tuple(f"field.{page}_statements" for page in PAGES)
_TIMED = tuple(f"field.{page}_time" for page in PAGES)
NAMES = (*_COUNTED, *_TIMED, "field.fidelity_of_all", "field.fidelity_rate")
_AT_ONCE = 10_000


def measure() -> Iterator[Row]:
    """Fill two databases, one a hundred times the other, and compare what somebody waits for in each."""
    with opened_app("postgresql") as small, opened_app("postgresql") as large:
        places = [(app, *place(app, size)) for app, size in ((small, HUNDREDTH), (large, GROUPS))]
        counts = [statements_of(*one) for one in places]
        for page in PAGES:
            yield equal(
                f"field.{page}_statements", counts[1][page], "requêtes", counts[0][page], f"{HUNDREDTH} groupes"
            )
        for page in PAGES:
            before, after = medians(*(partial(_get, client, paths[page]) for _app, client, paths in places), rounds=21)
            yield at_most(f"field.{page}_time", after, "ms", before, "à un centième de cette taille", LONGER)
        spent = _all_of(large)
        yield information("field.fidelity_of_all", spent, "s")
        yield information("field.fidelity_rate", GROUPS / spent, "groupes/s")


def place(app: Flask, size: int) -> tuple[FlaskClient, dict[str, str]]:
    """Fill the database of an application; return a referent of the training body, and the addresses to open."""
    print(f"  {size} × {MEETINGS} × {PARTICIPANTS}…", file=sys.stderr, flush=True)  # noqa: T201
    with app.app_context():
        referent, group_id = fill_groups(db.session, size)
        client = app.test_client()
        sign_in(client, referent)
        recompute_quietly()
    paths = {"group_page": f"/groups/{group_id}", "referent_list": "/groups?mine=1&state=open", "body_list": "/groups"}
    return client, paths


def fill_groups(session: Session, size: int) -> tuple[Any, Any]:
    """Make so many groups of one training body, and who follows the first ones; return them and one of their groups."""
    cohort = make_cohort(session, starts_on=clock.today() - timedelta(days=400))
    body = session.get_one(Organisation, cohort.training_body_id)
    enrolment = make_enrolment(session, cohort, make_user(session))
    referents = [make_member(session, body, Role.REFERENT) for _n in range(-(-size // EACH))]
    version = session.get_one(FrameworkVersion, cohort.framework_version_id)
    opened = clock.today() - timedelta(days=MEETINGS * 15)
    fixed = {
        "training_body_id": body.id, "certifying_body_id": version.certifying_body_id, "framework_code": version.code,
        "place": "Crèche", "opened_on": opened, "revision": 1, "created_at": clock.now(),
    }  # fmt: skip
    groups = [
        {**fixed, "id": new_id(), "code": f"G-{n:05d}", "referent_id": referents[n // EACH].id} for n in range(size)
    ]
    _write(session, PeerGroup, groups)
    facilitates = {"enrolment_id": enrolment.id, "starts_on": opened, "recorded_at": clock.now()}
    _write(session, Facilitator, [{**facilitates, "id": new_id(), "group_id": one["id"]} for one in groups])
    people = [_participant(n, group["id"], opened) for group in groups for n in range(PARTICIPANTS)]
    _write(session, Participant, people)
    _write(session, Stay, [_stay(one, opened) for one in people])
    _write(session, Meeting, [_meeting(group, n, opened) for group in groups for n in range(MEETINGS)])
    _write_attendance(session)
    session.commit()
    session.connection().exec_driver_sql("ANALYZE")
    session.commit()
    return referents[0], groups[0]["id"]


def _write(session: Session, kind: type[Any], rows: list[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), _AT_ONCE):
        session.execute(insert(kind), rows[begin : begin + _AT_ONCE])


def _participant(n: int, group_id: Any, opened: date) -> dict[str, Any]:
    month = (opened - timedelta(days=30 * (n % 3))).replace(day=1)
    return {
        "id": new_id(), "group_id": group_id, "pseudonym": f"Oiseau {n}", "month": month, "is_due": False,
        "recorded_at": clock.now(),
    }  # fmt: skip


def _stay(one: Mapping[str, Any], opened: date) -> dict[str, Any]:
    return {
        "id": new_id(), "group_id": one["group_id"], "participant_id": one["id"], "joined_on": opened,
        "recorded_at": clock.now(),
    }  # fmt: skip


def _meeting(group: Mapping[str, Any], n: int, opened: date) -> dict[str, Any]:
    at = datetime.combine(opened + timedelta(days=15 * n), time(10), clock.PARIS)
    return {
        "id": new_id(), "group_id": group["id"], "training_body_id": group["training_body_id"], "starts_at": at,
        "minutes": 120, "place": "Crèche", "theme": "", "state": MeetingState.HELD, "facilitator_present": True,
        "checklist": {}, "reason": "", "held_at": at, "revision": 2, "created_at": at, "saved_at": at,
    }  # fmt: skip


def _write_attendance(session: Session) -> None:
    """Have the server write who came to each meeting: nearly everybody, in one statement."""
    came = case((func.random() < 0.9, Presence.PRESENT.value), else_=Presence.EXCUSED.value)
    rows = select(
        func.gen_random_uuid(), Meeting.id, Participant.id, came, literal(False), Meeting.starts_at
    ).join(Participant, Participant.group_id == Meeting.group_id)  # fmt: skip
    columns = ["id", "meeting_id", "participant_id", "presence", "second_parent", "recorded_at"]
    session.execute(insert(Attendance).from_select(columns, rows))


def statements_of(app: Flask, client: FlaskClient, paths: Mapping[str, str]) -> dict[str, int]:
    """Return how many statements each page sends."""
    counts = {}
    for page, path in paths.items():
        _get(client, path)
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as statements:
            _get(client, path)
        counts[page] = len(statements)
    return counts


def _get(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return answer


def recompute_quietly() -> list[dict[str, Any]]:
    """Compute the fidelity of every group as the command does; return the lines it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
        recompute(None, as_json=True)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def _all_of(app: Flask) -> float:
    with app.app_context():
        begin = perf_counter()
        count = len(recompute_quietly())
        spent = perf_counter() - begin
    assert count == GROUPS
    return spent

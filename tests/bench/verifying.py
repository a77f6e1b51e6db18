"""The public page of a certificate in a register of a million, against a register of a thousand, on PostgreSQL."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from certify.certificates import services
from certify.core.db import db
from tests.bench.measuring import medians
from tests.bench.places import opened_app
from tests.bench.rows import Row, at_most
from tests.factories.closed_juries import make_closed_jury
from tests.factories.people import actor_of

NAMES = ("house.verification_1000000_postgresql",)
SIZES = (1_000, 1_000_000)
_ISSUED = 100
_AT_ONCE = 50_000
_COPY = text(
    """
    insert into certificate (id, certifying_body_id, decision_id, enrolment_id, holder_id, kind, edition, number, code,
        facts, holder_name, issued_at, issued_by_id, state, storage_key, sha256, size, is_damaged)
    select gen_random_uuid(), certifying_body_id, null, enrolment_id, holder_id, kind, 1, 'X-' || turn,
        upper(substr(md5(turn::text), 1, 14)), facts, holder_name, issued_at, issued_by_id, state, '', md5(turn::text),
        0, false
    from generate_series(cast(:first as integer), cast(:last as integer)) as turn,
        (select * from certificate order by number limit 1) as model
    """
)
_EVENTS = text(
    """
    insert into certificate_event (id, certificate_id, kind, at, by_id, reason, storage_key, sha256, size)
    select gen_random_uuid(), certificate.id, 'issued', issued_at, issued_by_id, '', '', '', 0
    from certificate where number like 'X-%'
    """
)


def measure() -> Iterator[Row]:
    """Ask both registers for the same number of different certificates, in turns."""
    with ExitStack() as stack:
        asks = [_ask(stack.enter_context(opened_app("postgresql")), size) for size in SIZES]
        small, large = medians(*asks, rounds=_ISSUED, warm_up=_ISSUED // 5)
    yield at_most(NAMES[0], large, "ms", small, "un registre de mille", 1.2)


def _ask(app: Flask, size: int) -> Callable[[], object]:
    print(f"  {size} certificats…", file=sys.stderr, flush=True)  # noqa: T201
    with app.app_context():
        codes = itertools.cycle(_fill(db.session, size))
    client = app.test_client()

    def ask() -> None:
        answer = client.get(f"/verify/{next(codes)}")
        assert answer.status_code == 200, answer.status

    return ask


def _fill(session: Session, size: int) -> list[str]:
    """Issue a hundred certificates, half before and half after all the others; return their codes."""
    jury = make_closed_jury(session, _ISSUED)
    registrar = actor_of(session, jury.registrar)
    found = [services.issue(session, registrar, one).code for one in jury.decisions[: _ISSUED // 2]]
    # The copies point where their model does: there is nothing to look up again a million times.
    session.execute(text("set local session_replication_role = replica"))
    for first in range(1, size - _ISSUED + 1, _AT_ONCE):
        session.execute(_COPY, {"first": first, "last": min(first + _AT_ONCE - 1, size - _ISSUED)})
    session.execute(_EVENTS)
    session.execute(text("set local session_replication_role = origin"))
    found += [services.issue(session, registrar, one).code for one in jury.decisions[_ISSUED // 2 :]]
    session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze certificate, certificate_event"))
    return found

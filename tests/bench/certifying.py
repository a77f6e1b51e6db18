"""A hundred certificates issued in a row, against the same documents made straight by the library."""

import sys
from collections.abc import Iterator
from unittest.mock import patch

from certify.certificates import services, tasks
from certify.certificates.models import Certificate
from certify.core import jobs, pdf
from certify.core.db import separate_session
from tests.bench.measuring import seconds
from tests.bench.places import opened_app
from tests.bench.rows import Row, at_least
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of

NAMES = ("house.certificates_per_second",)
HUNDRED = 100
TURN = 10


def measure() -> Iterator[Row]:
    """Issue a hundred certificates, documents and mails included, in turns with the library alone, in one process."""
    with opened_app() as app, app.app_context():
        with separate_session() as session:
            closed = make_closed_jury(session, TURN + HUNDRED)
            session.commit()
        # The first ones start the processes that make documents and read the fonts.
        html = _html_of(_issue(closed, 0))
        pdf._render(html, str(pdf.FONTS), 60)
        ours = floor = 0.0
        for begin in range(TURN, TURN + HUNDRED, TURN):
            print(f"  {begin} certificats…", file=sys.stderr, flush=True)  # noqa: T201
            ours += seconds(lambda begin=begin: _issue(closed, begin))  # type: ignore[misc]
            floor += seconds(lambda: [pdf._render(html, str(pdf.FONTS), 60) for _ in range(TURN)])
    yield at_least(NAMES[0], HUNDRED / ours, "par s", HUNDRED / floor, "xhtml2pdf seul, un processus", 0.5)


def _issue(closed: ClosedJury, begin: int) -> Certificate:
    with separate_session() as session:
        registrar = actor_of(session, closed.registrar)
        issued = [services.issue(session, registrar, one) for one in closed.decisions[begin : begin + TURN]]
        session.commit()
    jobs.run_pending()
    with separate_session() as session:
        certificates = [session.get_one(Certificate, one.id) for one in issued]
        assert all(one.storage_key for one in certificates), "a certificate was not made"
    return certificates[0]


def _html_of(certificate: Certificate) -> str:
    """Return what the library is given for a certificate."""
    with patch.object(pdf, "render_html", return_value=b"") as rendering:
        tasks.render(certificate.facts)
    html: str = rendering.call_args.args[0]
    return html

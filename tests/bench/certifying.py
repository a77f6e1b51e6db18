"""Certificates issued as a worker makes them, beside other programs drawing the same parchemin, drawing alone."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import func, select

from certify.badges.models import Badge
from certify.certificates import services, tasks
from certify.certificates.models import Certificate
from certify.core import clock, files, jobs, outbox, pdf
from certify.core.db import separate_session
from certify.seals import queries as seals
from certify.seals.checking import examine
from tests.bench.measuring import seconds
from tests.bench.peer import running_peer
from tests.bench.places import opened_app
from tests.bench.rows import Row, at_least, information, within
from tests.factories.closed_juries import ClosedJury, make_closed_jury
from tests.factories.people import actor_of
from tests.services.live_server import environment_of, running_node
from tests.services.processes import Process, wait_for

NAMES = (
    "certificates.drawn_per_second",
    "certificates.drawn_per_second_fpdf2",
    "certificates.drawn_per_second_reportlab",
    "certificates.whole_per_second_1",
    "certificates.whole_per_second_2",
    "certificates.second_process",
    "certificates.memory_growth",
)
ALONE, TOGETHER, STEP, WARM = 100, 1000, 100, 10
"""How many are made by one worker, then by two and in what steps; how many are made first, not counted."""
TURN, ROUNDS = 10, 6
"""How many are drawn in a turn, and how many turns."""


def measure() -> Iterator[Row]:
    """Draw one by one in turns with the others; then have workers make all that a certificate needs."""
    # As in earnest: workers are other processes, and take their orders from a queue on the disk.
    with (
        opened_app("postgresql", queue_url="") as app,
        app.app_context(),
        tempfile.TemporaryDirectory(prefix="certify-bench-") as folder,
    ):
        with separate_session() as session:
            closed = make_closed_jury(session, TURN + 2 * WARM + ALONE + TOGETHER)
            session.commit()
        # The first ones start the processes that make documents, read the fonts and make the keys.
        first = _issue(closed, 0, TURN)
        jobs.run_pending()
        weasyprint, fpdf2, reportlab, ours = _drawing(first, Path(folder))
        yield at_least(NAMES[0], ours, "par s", weasyprint, "WeasyPrint", 2)
        yield information(NAMES[1], ours, "par s", fpdf2, "fpdf2")
        yield information(NAMES[2], ours, "par s", reportlab, "reportlab, sans mise en page : le plancher")
        with _workers(app, 1, Path(folder)) as workers:
            _made_by(workers, closed, TURN, WARM)
            alone = ALONE / _made_by(workers, closed, TURN + WARM, ALONE)
        yield information(NAMES[3], alone, "par s", weasyprint, "WeasyPrint qui ne fait que dessiner")
        yield from _by_two(app, closed, weasyprint, alone, Path(folder))
        _assert_whole()


def _by_two(app: Flask, closed: ClosedJury, weasyprint: float, alone: float, folder: Path) -> Iterator[Row]:
    weights, spent, begin = [], 0.0, TURN + WARM + ALONE
    with _workers(app, 2, folder) as workers:
        _made_by(workers, closed, begin, WARM)
        for done in range(0, TOGETHER, STEP):
            spent += _made_by(workers, closed, begin + WARM + done, STEP)
            weights.append(sum(_weight(pid) for worker in workers for pid in worker.family))
            print(f"  {done + STEP} certificats, {weights[-1]:.0f} Mo…", file=sys.stderr, flush=True)  # noqa: T201
    together = TOGETHER / spent
    yield information(NAMES[4], together, "par s", weasyprint * 2, "deux WeasyPrint qui ne font que dessiner")
    yield information(NAMES[5], together, "par s", alone, "un seul processus")
    said = f"{weights[-1]:.0f} Mo après {TOGETHER}, {weights[1]:.0f} après {2 * STEP}"
    yield within(NAMES[6], weights[-1] / weights[1], "fois", 1.15, None, said)


@contextmanager
def _workers(app: Flask, count: int, folder: Path) -> Iterator[list[Process]]:
    """Run so many workers, each doing one thing at a time, for as long as the block lasts."""
    environment = environment_of(app.config["SETTINGS"])
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                running_node(
                    f"worker {number}", "worker", "--threads", "1", env=environment, log=folder / f"{count}{number}.log"
                )
            )
            for number in range(count)
        ]


def _made_by(workers: list[Process], closed: ClosedJury, begin: int, count: int) -> float:
    """Issue certificates and return how long workers take until nothing is left to do, in seconds."""
    _issue(closed, begin, count)
    return seconds(lambda: wait_for(workers[0], _is_everything_done, seconds=600))


def _is_everything_done() -> bool:
    with separate_session() as session:
        return not outbox.pending(session)


def _issue(closed: ClosedJury, begin: int, count: int) -> Certificate:
    with separate_session() as session:
        registrar = actor_of(session, closed.registrar)
        issued = [services.issue(session, registrar, one) for one in closed.decisions[begin : begin + count]]
        session.commit()
        return issued[0]


def _weight(pid: int) -> float:
    """Return what a process holds, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def _drawing(certificate: Certificate, folder: Path) -> list[float]:
    """Return how many a second each program draws, in one process each, in turns so that all meet the same machine."""
    with separate_session() as session:
        facts = dict(session.get_one(Certificate, certificate.id).facts)
    html, values = _given(facts)
    holders = [f"Stagiaire {number:03d}" for number in range(TURN)]
    pages = [html.replace(facts["holder"]["name"], name) for name in holders]
    asked = [_facts(facts, values, name) for name in holders]
    spent = [0.0] * 4
    with running_peer(_shared(facts, values, folder), "tests.bench.peer_drawing") as peer:
        for turn in range(ROUNDS + 1):
            taken = [
                peer.ask({"with": name, "facts": asked, "keep": str(folder / f"{name}.pdf")})["seconds"]
                for name in ("weasyprint", "fpdf2", "reportlab")
            ]
            # In one of the small processes where documents are made, as the others are in theirs.
            taken.append(
                seconds(lambda: [pdf.apart(pdf._render, page, str(pdf.FONTS), 60, seconds=60) for page in pages])
            )
            if turn:
                spent = [before + now for before, now in zip(spent, taken, strict=True)]
    return [ROUNDS * TURN / one for one in spent]


def _given(facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what our library is given for a certificate, and what its template was given."""
    with patch.object(pdf, "render_html", return_value=b"") as rendering:
        tasks.render(facts)
    html: str = rendering.call_args.args[0]
    _name, values = tasks.documents.page_of(facts, "https://certify.invalid", files.read)
    return html, values


def _shared(facts: dict[str, Any], values: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {
        "fonts": str(pdf.FONTS), "folder": str(folder), "frame": values["frame"], "certifier": facts["certifier"],
        "title": facts["title"], "certification": facts["certification"], "accent": values["fields"]["accent"],
        "second": values["fields"]["second"], "blocks": [block["title"] for block in facts["blocks"]],
    }  # fmt: skip


def _facts(facts: dict[str, Any], values: dict[str, Any], name: str) -> dict[str, Any]:
    decided = [f"Par décision du jury réuni le {facts['decided_on']}, procès-verbal n° {facts['minutes']}."]
    foot: Sequence[Sequence[str]] = (
        (f"Fait à {facts['place']}, le {facts['issued_on']}", facts["certifier"]),
        ("Signature", facts["issuer"]), ("Numéro", facts["number"], f"Référentiel {facts['framework']['version']}"),
        ("Vérifier ce document", values["code"], values["check_address"]),
    )  # fmt: skip
    return {
        "holder": name, "number": facts["number"], "foot": foot,
        "decision": [*decided, f"Formation préparée avec {facts['training_body']}."],
        "address": f"https://certify.invalid/v/{facts['code']}",
    }  # fmt: skip


def _assert_whole() -> None:
    """Assert that what was measured was done: every certificate printed and sealed, with its badge."""
    wanted = TURN + 2 * WARM + ALONE + TOGETHER
    with separate_session() as session:
        assert session.scalar(select(func.count()).where(Certificate.storage_key != "")) == wanted
        assert session.scalar(select(func.count()).select_from(Badge)) == wanted
        kept = session.scalars(select(Certificate.storage_key).limit(1)).one()
        assert examine(files.read(kept), seals.trusted_roots(session), clock.now()).is_valid

"""Files made on demand: asked for once, made outside the request, fetched by whoever asked, removed after some days."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.certificates import services as certificates
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock, files, jobs
from certify.core.access import Role
from certify.core.db import separate_session
from certify.core.errors import Unavailable
from certify.core.outbox import OutboxMessage
from certify.juries import services as juries
from certify.juries.models import DecisionKind
from certify.organisations.models import Membership, Organisation
from certify.reports import exporting
from certify.reports.models import Export, ExportKind, ExportState
from certify.reports.services import exports as services
from certify.reports.services.exports import Order
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.exports import make_export
from tests.factories.juries import ACQUIRED, BLOCKS, awards, make_published_jury
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, submit, visit, words

FRAMEWORK = competencies.demo()
PARTS = [part.code for part in FRAMEWORK.competencies]
RunJobs = Callable[[], int]
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def _cohort(session: Session, size: int = 3) -> Cohort:
    cohort = make_cohort(session, name="Promotion d’automne")
    for n in range(size):
        user = make_user(session, given_name="Stagiaire", family_name=f"{n:03d}")
        enrolment = make_enrolment(session, cohort, user, sort_name=f"{n:03d} stagiaire", covered=n)
        levels = {PARTS[0]: "acquired", PARTS[1]: "partly_acquired", PARTS[2]: "not_acquired"}
        disputed = [PARTS[1]] if n == 0 else []
        session.add(
            Standing(enrolment_id=enrolment.id, competencies=levels, disputed=disputed, assessed_at=clock.now())
        )
    session.flush()
    return cohort


def _member(session: Session, cohort: Cohort, role: Role = Role.TRAINER) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), role)


def _asked(session: Session, cohort: Cohort, user: User) -> Export:
    export = make_export(session, cohort, user)
    session.commit()
    return export


def _export(session: Session) -> Export:
    session.expire_all()
    return session.scalars(select(Export)).one()


def cells(content: bytes, number: int) -> list[list[str]]:
    """Return the rows of a sheet as text, read from the file format itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        sheet = ElementTree.fromstring(packed.read(f"xl/worksheets/sheet{number}.xml"))
    return [[_text(cell) for cell in row.iterfind("m:c", _NS)] for row in sheet.iterfind(".//m:row", _NS)]


def _text(cell: ElementTree.Element) -> str:
    assert cell.find("m:f", _NS) is None, "a formula"
    return "".join(part.text or "" for part in cell.iter() if part.tag.endswith(("}t", "}v")))


def test_a_workbook_is_asked_for_made_outside_the_request_and_fetched(
    session: Session, sign_in: SignIn, run_jobs: RunJobs
) -> None:
    cohort = _cohort(session)
    client = sign_in(_member(session, cohort))
    page = visit(client, f"/cohorts/{cohort.id}")
    waiting = follow(client, submit(client, page, "form[action$='heat-map']"))
    assert "en attente" in words(waiting)
    assert waiting.select_one("#export[hx-get]")
    assert client.get(f"{waiting.url.partition('localhost')[2]}/file").status_code == 404
    run_jobs()
    export = _export(session)
    ready = visit(client, f"/exports/{export.id}")
    assert not ready.select_one("#export[hx-get]")
    link = ready.select_one("a[href$='/file']")
    assert link is not None
    answer = client.get(str(link["href"]))
    assert answer.mimetype == services.XLSX
    assert answer.headers["Content-Disposition"].endswith(export.filename)
    assert export.filename.startswith("promotion-promotion-dautomne-")
    assert (export.done, export.total, export.size) == (3, 3, len(answer.data))
    assert "Tableau de la promotion" in words(visit(client, "/exports"))


def test_the_workbook_says_levels_in_words_and_holds_no_formula(session: Session, run_jobs: RunJobs) -> None:
    cohort = _cohort(session, 2)
    make_enrolment(session, cohort, make_user(session, given_name="=1+1", family_name=""), sort_name="zz")
    gone = make_user(session, given_name="Parti", family_name="")
    make_enrolment(session, cohort, gone, state=EnrolmentState.WITHDRAWN)
    _asked(session, cohort, _member(session, cohort))
    run_jobs()
    content = files.read(_export(session).storage_key)
    rows = cells(content, 1)
    assert rows[1][:3] == ["Stagiaire", "Indicateurs prouvés", "Indicateurs en tout"]
    assert rows[2][:7] == ["Stagiaire 000", "0", str(len(FRAMEWORK.indicators)), "acquis",
                           "partiellement acquis (désaccord)", "non acquis", "non évalué"]  # fmt: skip
    assert [row[0] for row in rows[2:]] == ["Stagiaire 000", "Stagiaire 001", "=1+1"]
    figures = cells(content, 3)
    assert figures[1][1:] == ["2", "0", "0", "1", "0", "3"]
    assert figures[2][1:] == ["0", "2", "0", "1", "1", "3"]
    legend = [row[0] for row in cells(content, 2)]
    assert {"● acquis", "○ non acquis"} <= set(legend)


def test_asking_twice_while_it_is_made_gives_the_same_file(session: Session, run_jobs: RunJobs) -> None:
    cohort = _cohort(session)
    user, other = _member(session, cohort), _member(session, cohort)
    first = _asked(session, cohort, user)
    assert _asked(session, cohort, user).id == first.id
    assert _asked(session, cohort, other).id != first.id
    narrowed = services.request(
        session, actor_of(session, user), ExportKind.HEAT_MAP, cohort, {"filters": {"situation": "late"}}
    )
    assert narrowed.id != first.id
    run_jobs()
    assert _asked(session, cohort, user).id != first.id


def test_progress_is_seen_by_others_while_the_file_is_made(session: Session, app: Flask) -> None:
    cohort = _cohort(session, 1)
    export_id = _asked(session, cohort, _member(session, cohort)).id
    session.commit()
    seen: list[tuple[ExportState, int, int]] = []

    def maker(own: Session, order: Order) -> bytes:
        for done in (1, 7):
            order.note(done, 7)
            with separate_session() as other:
                row = other.get_one(Export, export_id)
                seen.append((row.state, row.done, row.total))
        return b"made"

    with separate_session() as own:
        own.connection(execution_options={"reads_only": True})
        made = services.make(own, export_id, maker, max_attempts=3)
    assert made is not None
    assert made.size == 4
    assert seen == [(ExportState.RUNNING, 1, 7), (ExportState.RUNNING, 7, 7)]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have every file fail."""

    def fail(_session: Session, _order: Order) -> bytes:
        raise Unavailable("Rien ne va.")

    monkeypatch.setattr(exporting, "MAKERS", dict.fromkeys(ExportKind, fail))
    return iter(())


@pytest.mark.usefixtures("broken")
def test_a_failure_is_tried_again_then_shown_and_can_be_asked_for_again(
    session: Session, sign_in: SignIn, run_jobs: RunJobs, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = _cohort(session, 1)
    user = _member(session, cohort)
    export = _asked(session, cohort, user)
    run_jobs()
    assert (_export(session).state, "un autre part" in _export(session).error) == (ExportState.QUEUED, True)
    for _ in range(app.config["SETTINGS"].job_max_attempts):
        run_jobs()
    assert _export(session).state is ExportState.FAILED
    assert session.scalars(select(OutboxMessage.failed_at).where(OutboxMessage.topic == services.WANTED)).one()
    session.commit()
    client = sign_in(user)
    page = visit(client, f"/exports/{export.id}")
    assert "n’a pas abouti" in words(page)
    monkeypatch.undo()
    again = follow(client, submit(client, page, f"form[action='/exports/{export.id}']"))
    run_jobs()
    assert "Télécharger" in words(visit(client, again.url))


def test_a_file_is_removed_after_a_week_and_its_line_says_so(
    session: Session, sign_in: SignIn, run_jobs: RunJobs
) -> None:
    cohort = _cohort(session, 1)
    user = _member(session, cohort)
    export = _asked(session, cohort, user)
    run_jobs()
    key = _export(session).storage_key
    assert files.read(key)
    session.commit()
    with clock.at(clock.now() + timedelta(days=8)):
        jobs.run_pending()
    assert _export(session).state is ExportState.EXPIRED
    with pytest.raises(Unavailable):
        files.read(key)
    files.remove(key)
    session.commit()
    client = sign_in(user)
    assert client.get(f"/exports/{export.id}/file").status_code == 404
    assert "a été retiré" in words(visit(client, f"/exports/{export.id}"))
    assert "retiré" in words(visit(client, "/exports"))


def test_only_whoever_asked_fetches_a_file_and_only_while_they_may_read_it(
    session: Session, sign_in: SignIn, run_jobs: RunJobs
) -> None:
    cohort = _cohort(session, 1)
    user, colleague = _member(session, cohort), _member(session, cohort, Role.COORDINATOR)
    export = _asked(session, cohort, user)
    run_jobs()
    for path in (f"/exports/{export.id}", f"/exports/{export.id}/file"):
        assert sign_in(colleague).get(path).status_code == 404
        assert sign_in(user).get(path).status_code == 200

    membership = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    membership.ended_at = clock.now()
    session.commit()
    for path in (f"/exports/{export.id}", f"/exports/{export.id}/file"):
        assert sign_in(user).get(path).status_code == 404


def test_nobody_asks_for_what_they_may_not_read(session: Session, sign_in: SignIn) -> None:
    cohort = _cohort(session, 1)
    stranger = sign_in(make_member(session, make_organisation(session), Role.COORDINATOR))
    enrolment = session.scalars(select(Enrolment)).one()
    page = visit(stranger, "/exports")
    token = {"csrf_token": str(page.select_one("[name=csrf_token]")["value"])}  # type: ignore[index]
    addresses = (
        f"/cohorts/{cohort.id}/heat-map",
        f"/cohorts/{cohort.id}/proofs",
        f"/trainees/{enrolment.id}/whole-file",
    )
    for address in addresses:
        assert stranger.post(address, data=token).status_code == 404, address
    assert session.scalars(select(Export)).all() == []


def test_the_archive_of_a_session_holds_what_an_earlier_decision_gave(session: Session, run_jobs: RunJobs) -> None:
    made = make_published_jury(session)
    actor = made.actor(session)
    certificate = certificates.issue(session, actor, awards(session, made)[0])
    ruling = juries.Ruling(
        dict.fromkeys(BLOCKS, ACQUIRED), competencies.WholeOutcome.OBTAINED, "Relu, sans changement.",
        dict.fromkeys(BLOCKS, "Motif écrit par le jury."),
    )  # fmt: skip
    juries.decide_again(
        session, actor, made.candidacies[0], kind=DecisionKind.CORRECTION, expected=1, decided_on=clock.today(),
        ruling=ruling,
    )  # fmt: skip
    session.commit()
    run_jobs()
    session.expire_all()
    order = Order(made.jury.id, {}, lambda _done, _total: None)
    with zipfile.ZipFile(io.BytesIO(exporting.certificates_of_session(session, order))) as archive:
        assert [name for name in archive.namelist() if name.startswith(certificate.number)]

"""A trainee's whole file: the page, the document and the archive say the same, to those who may read it."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Attendance, Enrolment, HalfDay, Presence, TrainingSession
from certify.core import clock, files
from certify.core.access import Role
from certify.core.db import db
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState
from certify.logbook.models import ReviewOutcome
from certify.organisations.models import Organisation
from certify.reports.exporting.trainee_document import printable
from certify.reports.models import Export, ExportKind
from certify.reports.services import exports as services
from certify.reports.whole_file import whole_file
from tests.factories.assessments import make_own, make_signed, make_trainer
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.logbook import answer, make_entry, make_file, make_submitted, submit
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, visit, words
from tests.services.visiting import submit as send

FRAMEWORK = competencies.demo()
RunJobs = Callable[[], int]


def _trainee(session: Session, **values: object) -> Enrolment:
    user = make_user(session, given_name="Stagiaire", family_name="03")
    return make_enrolment(session, make_cohort(session), user, **values)


def _filled(session: Session) -> Enrolment:
    enrolment = _trainee(session)
    make_signed(session, enrolment, comment="Une pratique sûre <b>déjà</b>. 🦊")
    make_own(session, enrolment)
    entry = make_entry(session, enrolment, title="Rencontre du mardi")
    make_file(session, entry, filename="affiche.pdf")
    submit(session, entry)
    answer(session, entry, ReviewOutcome.ACCEPTED)
    make_entry(session, enrolment, title="Brouillon secret")
    half_day = TrainingSession(
        cohort_id=enrolment.cohort_id, on=clock.today() - timedelta(days=2), half=HalfDay.MORNING,
        title="Poser un cadre",
        created_at=clock.now(),
    )  # fmt: skip
    session.add(half_day)
    session.flush()
    mark = {"session_id": half_day.id, "enrolment_id": enrolment.id, "recorded_at": clock.now()}
    session.add(Attendance(**mark, presence=Presence.PRESENT))
    _prior(session, enrolment)
    session.commit()
    return enrolment


def _prior(session: Session, enrolment: Enrolment) -> None:
    session.add(
        EvidenceItem(
            enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, kind=EvidenceKind.PRIOR,
            state=EvidenceState.ACCEPTED, title="Deux ans d’animation", account="J’ai animé un lieu d’accueil.",
            answer="Reconnu.", created_at=clock.now(), decided_at=clock.now(), links=[EvidenceLink(indicator="3.1.1")],
        )
    )  # fmt: skip
    session.flush()


def _made(session: Session, run_jobs: RunJobs, enrolment: Enrolment, kind: ExportKind) -> bytes:
    user = session.get_one(User, enrolment.user_id)
    export = services.request(session, actor_of(session, user), kind, enrolment)
    identity = export.id
    session.commit()
    run_jobs()
    session.expire_all()
    export = session.get_one(Export, identity)
    assert export.storage_key, export.error
    return files.read(export.storage_key)


def _outline(items: list[Any]) -> list[str]:
    return [title for one in items for title in (_outline(one) if isinstance(one, list) else [str(one.title)])]


def test_the_document_has_bookmarks_page_numbers_a_language_and_a_title(session: Session, run_jobs: RunJobs) -> None:
    enrolment = _filled(session)
    reader = PdfReader(io.BytesIO(_made(session, run_jobs, enrolment, ExportKind.TRAINEE_PDF)))
    titles = _outline(list(reader.outline))
    assert {"Preuves", "Cahier de suivi", "Rencontre du mardi"} <= set(titles)
    tops = [str(one.title) for one in reader.outline if not isinstance(one, list)]  # type: ignore[union-attr]
    assert (tops[0], tops[-1], len(tops)) == ("Identité et parcours", "Ce qui s’est passé", 10)
    assert reader.trailer["/Root"]["/Lang"] == "fr"  # type: ignore[index]
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    assert reader.metadata is not None
    assert reader.metadata.title == "Dossier complet de Stagiaire 03"
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    for number, text in enumerate(pages, 1):
        assert f"page {number} / {len(pages)}" in text
    whole = " ".join(pages)
    signed = whole_file(session, enrolment, made_at=clock.now()).assessments[0].assessment
    for said in ("Rencontre du mardi", "Une pratique sûre <b>déjà</b>. ?", "ne compte jamais", "Poser un cadre",
                 "Deux ans d’animation", signed.seal):  # fmt: skip
        assert said in whole, said
    assert "Brouillon secret" not in whole


def test_the_page_says_what_the_document_says(session: Session, sign_in: SignIn, run_jobs: RunJobs) -> None:
    enrolment = _filled(session)
    reader = PdfReader(io.BytesIO(_made(session, run_jobs, enrolment, ExportKind.TRAINEE_PDF)))
    client = sign_in(session.get_one(User, enrolment.user_id))
    page = visit(client, "/progress/whole-file")
    headings = [" ".join(one.get_text().split()) for one in page.select("main h2, main h3")]
    assert [title.replace("\u202f", " ") for title in _outline(list(reader.outline))] == [
        title.replace("\u202f", " ") for title in headings
    ]
    assert "Brouillon secret" not in words(page)
    assert all(table.caption for table in page.select("main table"))


def test_the_archive_holds_files_tables_json_document_and_a_manifest_that_agrees(
    session: Session, run_jobs: RunJobs
) -> None:
    enrolment = _filled(session)
    packed = zipfile.ZipFile(io.BytesIO(_made(session, run_jobs, enrolment, ExportKind.TRAINEE_ZIP)))
    assert packed.testzip() is None
    manifest = json.loads(packed.read("manifeste.json"))
    assert {one["name"] for one in manifest["files"]} | {"manifeste.json"} == set(packed.namelist())
    for one in manifest["files"]:
        content = packed.read(one["name"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
    item = session.scalars(select(EvidenceItem).where(EvidenceItem.kind == EvidenceKind.FILE)).one()
    assert hashlib.sha256(packed.read("preuves/001-affiche.pdf")).hexdigest() == item.sha256
    assert packed.read("dossier.pdf").startswith(b"%PDF")
    facts = json.loads(packed.read("dossier.json"))
    assert facts["identite"][0]["name"] == "Stagiaire 03"
    assert facts["cahier"][0]["answer"] == "accepted"
    assert len(facts["evaluations-indicateurs"]) == len(FRAMEWORK.indicators)
    text = packed.read("tableaux/preuves.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 1 + len(facts["preuves"])
    assert "Brouillon secret" not in json.dumps(facts, ensure_ascii=False)


@pytest.mark.parametrize("kind", ["pdf", "zip"])
def test_a_trainee_asks_for_their_own_file_and_staff_for_that_of_a_trainee(
    session: Session, sign_in: SignIn, run_jobs: RunJobs, kind: str
) -> None:
    enrolment = _trainee(session)
    trainer = make_trainer(session, enrolment)
    trainee = session.get_one(User, enrolment.user_id)
    for user, address in ((trainee, "/progress/whole-file"), (trainer, f"/trainees/{enrolment.id}/whole-file")):
        client = sign_in(user)
        page = visit(client, address)
        asked = follow(client, send(client, page, f"main form:has([value={kind}])"))
        run_jobs()
        assert "Télécharger" in words(visit(client, asked.url))
        assert client.get(asked.url + "/file").status_code == 200


def test_the_file_of_somebody_else_does_not_exist(session: Session, sign_in: SignIn) -> None:
    enrolment, other = _trainee(session), _trainee(session)
    stranger = sign_in(make_member(session, make_organisation(session), Role.TRAINER))
    assert stranger.get(f"/trainees/{enrolment.id}/whole-file").status_code == 404
    fellow = sign_in(session.get_one(User, other.user_id))
    assert fellow.get(f"/trainees/{enrolment.id}/whole-file").status_code == 403
    body = session.get_one(Organisation, enrolment.training_body_id)
    assert (
        sign_in(make_member(session, body, Role.REFERENT)).get(f"/trainees/{enrolment.id}/whole-file").status_code
        == 200
    )


def test_signs_that_no_font_draws_are_replaced() -> None:
    assert printable("Bébé 🦊 « œuvre » ● ◐ ○ …") == "Bébé ? « œuvre » ● ◐ ○ …"


def test_reading_a_file_takes_as_many_statements_whatever_its_length(session: Session) -> None:
    enrolment = _trainee(session)
    counts = []
    for rounds in (1, 3):
        for turn in range(rounds):
            make_signed(session, enrolment, held_on=clock.today() - timedelta(days=turn + 2))
            make_own(session, enrolment)
            answer(session, make_submitted(session, enrolment), ReviewOutcome.ACCEPTED)
            _prior(session, enrolment)
        session.commit()
        with count_statements(db.engine) as statements:
            whole_file(session, session.get_one(Enrolment, enrolment.id), made_at=clock.now())
        counts.append(len(statements))
    assert counts[0] == counts[1], str(statements)

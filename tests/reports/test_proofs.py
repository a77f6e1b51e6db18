"""The Qualiopi proofs of a cohort: one dated archive, tables with what each serves."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import AssessmentKind
from certify.cohorts.models import Attendance, Cohort, Enrolment, HalfDay, Pause, PauseReason, Presence, TrainingSession
from certify.core import clock, files
from certify.core.access import Role
from certify.eligibility.models import Derogation
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.organisations.models import Organisation
from certify.reports.models import Export, ExportKind
from certify.reports.services import exports as services
from tests.factories.assessments import make_signed
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import make_published_jury
from tests.factories.people import actor_of, make_member
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, submit, visit, words

RunJobs = Callable[[], int]
Packed = dict[str, list[list[str]]]


def _coordinator(session: Session, cohort: Cohort) -> User:
    return make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.COORDINATOR)


def _lived(session: Session) -> tuple[Cohort, Enrolment]:
    made = make_published_jury(session, 3)
    cohort, coordinator = made.cohort, _coordinator(session, made.cohort)
    enrolment = make_enrolment(session, cohort, sort_name="aaa")
    make_signed(session, enrolment, kind=AssessmentKind.POSITIONING)
    half_day = TrainingSession(
        cohort_id=cohort.id, on=clock.today() - timedelta(days=3), half=HalfDay.AFTERNOON, title="Poser un cadre",
        created_at=clock.now(),
    )  # fmt: skip
    session.add(half_day)
    session.flush()
    moment = clock.now()
    for presence in (Presence.ABSENT, Presence.PRESENT):
        moment += timedelta(seconds=1)
        session.add(
            Attendance(session_id=half_day.id, enrolment_id=enrolment.id, presence=presence, recorded_at=moment,
                       recorded_by_id=coordinator.id)
        )  # fmt: skip
    session.add(
        Pause(enrolment_id=enrolment.id, starts_on=clock.today() - timedelta(days=60), recorded_at=moment,
              ends_on=clock.today() - timedelta(days=40), reason=PauseReason.EMPLOYER)
    )  # fmt: skip
    common = {"enrolment_id": enrolment.id, "training_body_id": cohort.training_body_id}
    session.add(
        EvidenceItem(**common, kind=EvidenceKind.PRIOR, state=EvidenceState.ACCEPTED, title="Deux ans d’animation",
                     answer="Reconnu.", created_at=moment, decided_at=moment, decided_by_id=coordinator.id)
    )  # fmt: skip
    session.add(
        Derogation(**common, requirement="assessed", reason="Mutation en cours de parcours.", granted_at=moment,
                   granted_by_id=coordinator.id)
    )  # fmt: skip
    session.flush()
    return cohort, enrolment


def _packed(session: Session, run_jobs: RunJobs, cohort: Cohort) -> zipfile.ZipFile:
    actor = actor_of(session, _coordinator(session, cohort))
    identity = services.request(session, actor, ExportKind.PROOFS, cohort).id
    session.commit()
    run_jobs()
    session.expire_all()
    export = session.get_one(Export, identity)
    assert export.storage_key, export.error
    return zipfile.ZipFile(io.BytesIO(files.read(export.storage_key)))


def _table(packed: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = packed.read(f"tableaux/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_archive_proves_positioning_attendance_adaptation_and_results(session: Session, run_jobs: RunJobs) -> None:
    cohort, enrolment = _lived(session)
    name, packed = session.get_one(User, enrolment.user_id).name, _packed(session, run_jobs, cohort)
    entries = _table(packed, "positionnement")
    assert len(entries) == 4
    assert [len(row["Sceau SHA-256"]) for row in entries if row["Stagiaire"] == name] == [64]
    mine = next(row for row in _table(packed, "assiduite") if row["Stagiaire"] == name)
    assert (mine["Demi-journées suivies"], mine["Demi-journées comptées"]) == ("1", "1")
    assert [row["Présence"] for row in _table(packed, "feuilles-de-presence")] == ["absent·e", "présent·e"]
    adapted = [(row["Adaptation"], row["Motif ou précision"]) for row in _table(packed, "adaptation")]
    assert ("Acquis antérieur accepté", "Deux ans d’animation. Reconnu.") in adapted
    assert ("Formation suspendue", "Changement d’employeur") in adapted
    waived = next(row for row in _table(packed, "conditions-de-presentation") if row["Stagiaire"] == name)
    assert "Mutation en cours de parcours." in waived["Dérogations et motifs"]
    assert [row["Certification"] for row in _table(packed, "decisions")] == ["obtenue"] * 3
    rates = {
        row["Taux"]: (row["Numérateur"], row["Dénominateur"], row["Pour cent"]) for row in _table(packed, "resultats")
    }
    assert rates["Présentés sur inscrits"] == ("3", "4", "75.0")
    assert rates["Certification obtenue, sur présentés"] == ("3", "3", "100.0")


def test_the_manifest_names_only_indicators_the_tables_serve(session: Session, run_jobs: RunJobs) -> None:
    cohort, _enrolment = _lived(session)
    packed = _packed(session, run_jobs, cohort)
    manifest = json.loads(packed.read("manifeste.json"))
    served = {one["name"]: one["qualiopi_indicators"] for one in manifest["files"]}
    assert served.pop("synthese.html") == [2, 3, 8, 10, 11, 12, 16]
    assert served["tableaux/positionnement.csv"] == [8]
    assert served["tableaux/resultats.csv"] == [2, 3]
    assert manifest["made_at"].startswith(clock.now().date().isoformat()[:7])
    summary = packed.read("synthese.html").decode()
    assert '<html lang="fr">' in summary
    assert "None" not in summary
    assert "Poser un cadre" in summary


def test_a_coordinator_asks_for_proofs_from_the_results_page_and_a_trainer_may_not(
    session: Session, sign_in: SignIn, run_jobs: RunJobs
) -> None:
    cohort, _enrolment = _lived(session)
    client = sign_in(_coordinator(session, cohort))
    page = visit(client, f"/cohorts/{cohort.id}/results")
    asked = follow(client, submit(client, page, "form[action$='/proofs']"))
    run_jobs()
    assert "Télécharger" in words(visit(client, asked.url))
    trainer = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))
    token = str(visit(trainer, "/exports").select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    assert trainer.post(f"/cohorts/{cohort.id}/proofs", data={"csrf_token": token}).status_code == 403

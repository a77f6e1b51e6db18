"""A cohort at a glance."""

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import ROLE_PERMISSIONS, Permission, Role
from certify.core.db import db
from certify.core.listing import Wanted
from certify.evidence import services as evidence
from certify.evidence.models import EvidenceState
from certify.logbook.models import Activity, EntryState, LogbookEntry
from certify.organisations.models import Organisation
from certify.reports import cohort as reports
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import visit

FRAMEWORK = competencies.demo()
EVERYTHING = len(FRAMEWORK.indicators)
PARTS = [part.code for part in FRAMEWORK.competencies]
LONG_AGO = timedelta(days=40)


def _trainee(session: Session, cohort: Cohort, name: str = "03", **values: object) -> Enrolment:
    user = make_user(session, given_name="Stagiaire", family_name=name)
    return make_enrolment(session, cohort, user, **{"sort_name": f"{name} stagiaire".lower()} | values)


def _stand(session: Session, enrolment: Enrolment, levels: Mapping[str, str], disputed: Sequence[str] = ()) -> None:
    session.add(
        Standing(enrolment_id=enrolment.id, competencies=dict(levels), disputed=list(disputed), assessed_at=clock.now())
    )
    session.flush()


def _entry(session: Session, enrolment: Enrolment, *, ago: timedelta | None) -> LogbookEntry:
    moment = clock.now() - (ago or timedelta())
    entry = LogbookEntry(
        enrolment_id=enrolment.id,
        training_body_id=enrolment.training_body_id,
        activity=Activity.WATCH,
        title="Lecture",
        state=EntryState.DRAFT if ago is None else EntryState.SUBMITTED,
        created_at=moment,
        saved_at=moment,
        submitted_at=None if ago is None else moment,
    )
    session.add(entry)
    session.flush()
    return entry


def _overview(session: Session, cohort: Cohort, **wanted: object) -> reports.Overview:
    session.commit()
    return reports.overview(session, cohort, FRAMEWORK, Wanted("/", **wanted))  # type: ignore[arg-type]


def _names(overview: reports.Overview) -> list[str]:
    return [row.name for row in overview.rows]


def test_the_figures_count_trainees_complete_files_late_people_and_disagreements(session: Session) -> None:
    cohort = make_cohort(session)
    done = _trainee(session, cohort, "01", covered=EVERYTHING)
    _entry(session, done, ago=timedelta(days=1))
    late = _trainee(session, cohort, "02", covered=EVERYTHING - 1)
    _entry(session, late, ago=LONG_AGO)
    _entry(session, late, ago=None)
    _stand(session, late, {"1.1": "acquired"}, ["1.1", "1.2"])
    _trainee(session, cohort, "03", state=EnrolmentState.SUSPENDED)
    gone = _trainee(session, cohort, "04", state=EnrolmentState.WITHDRAWN, covered=EVERYTHING)
    _stand(session, gone, {}, ["1.1"])
    _trainee(session, cohort, "05", entered_on=clock.today() - timedelta(days=3))
    _stand(session, _trainee(session, make_cohort(session)), {}, ["1.1"])
    figures = _overview(session, cohort).figures
    assert figures == reports.Figures(trainees=4, complete=1, late=1, disputed=2)


def test_an_empty_cohort_has_figures_too(session: Session) -> None:
    cohort = make_cohort(session)
    assert _overview(session, cohort).figures == reports.Figures(0, 0, 0, 0)


@pytest.mark.parametrize(("days", "late"), [(14, False), (16, True)])
def test_somebody_is_late_after_fifteen_days_without_handing_anything_in(
    session: Session, days: int, late: bool
) -> None:
    cohort = make_cohort(session)
    _entry(session, _trainee(session, cohort), ago=timedelta(days=days))
    assert _overview(session, cohort).figures.late == int(late)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [("complete", ["Stagiaire 01"]), ("late", ["Stagiaire 02"]), ("disputed", ["Stagiaire 03"]), ("nonsense", None)],
)
def test_the_matrix_is_narrowed_to_a_situation(session: Session, situation: str, expected: list[str] | None) -> None:
    cohort = make_cohort(session)
    today = clock.today()
    _trainee(session, cohort, "01", covered=EVERYTHING, entered_on=today)
    _trainee(session, cohort, "02")
    _stand(session, _trainee(session, cohort, "03", entered_on=today), {"1.1": "acquired"}, ["1.1"])
    names = _names(_overview(session, cohort, filters={"situation": situation}))
    assert names == (expected or ["Stagiaire 01", "Stagiaire 02", "Stagiaire 03"])


def test_the_matrix_is_searched_and_sorted(session: Session) -> None:
    cohort = make_cohort(session)
    _trainee(session, cohort, "Bé", sort_name="be stagiaire", covered=9)
    _trainee(session, cohort, "Ac", covered=2)
    assert _names(_overview(session, cohort)) == ["Stagiaire Ac", "Stagiaire Bé"]
    assert _names(_overview(session, cohort, sort="covered", direction="desc")) == ["Stagiaire Bé", "Stagiaire Ac"]
    assert _names(_overview(session, cohort, query="bé")) == ["Stagiaire Bé"]


def test_a_cell_says_its_level_by_sign_by_tint_and_in_words(session: Session) -> None:
    cohort = make_cohort(session)
    levels = {PARTS[0]: "acquired", PARTS[1]: "partly_acquired", PARTS[2]: "not_acquired"}
    _stand(session, _trainee(session, cohort), levels, [PARTS[1]])
    (row,) = _overview(session, cohort).rows
    assert [(cell.css, cell.sign) for cell in row.cells[:4]] == [
        ("lv a", "●"), ("lv p dis", "◐"), ("lv n", "○"), ("lv x", "–"),
    ]  # fmt: skip
    assert row.cells[0].spoken.endswith("acquis")
    assert "désaccord" in row.cells[1].spoken
    assert row.cells[3].spoken.endswith("non évalué")
    assert row.cells[1].anchor == f"#c-{PARTS[1]}"


def test_accepted_evidence_counts_as_soon_as_it_is_accepted(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = _trainee(session, cohort)
    user = session.get_one(User, enrolment.user_id)
    actor = actor_of(session, user)
    codes = [one.code for one in FRAMEWORK.indicators]
    for part in (codes[:2], codes[1:4]):
        entry = _entry(session, enrolment, ago=timedelta())
        evidence.link_entry(session, actor, enrolment, entry.id, title="Fiche", indicators=part)
        evidence.follow_entry(session, actor, entry.id, EvidenceState.SUBMITTED)
        assert session.get_one(Enrolment, enrolment.id).covered in (0, 2)
        evidence.follow_entry(session, actor, entry.id, EvidenceState.ACCEPTED)
    session.commit()
    assert session.scalar(select(Enrolment.covered).where(Enrolment.id == enrolment.id)) == 4
    enrolment.covered = 0
    assert evidence.recount(session, enrolment.id) == 4


def test_the_page_takes_as_many_statements_for_a_hundred_trainees_as_for_ten(session: Session, sign_in: SignIn) -> None:
    counts = []
    training = make_organisation(session)
    cohorts = [make_cohort(session, training) for _ in range(2)]
    for cohort, size in zip(cohorts, (10, 100), strict=True):
        for n in range(size):
            _stand(session, _trainee(session, cohort, f"{n:03d}"), {"1.1": "acquired"}, ["1.1"])
    client = sign_in(make_member(session, training, Role.TRAINER))
    for cohort in (*cohorts, *cohorts):
        with count_statements(db.engine) as statements:
            assert client.get(f"/cohorts/{cohort.id}").status_code == 200
        counts.append(len(statements))
    assert counts[2] == counts[3], str(statements)


def test_a_page_holds_fifty_trainees_and_leads_to_the_next(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    for n in range(51):
        _trainee(session, cohort, f"{n:03d}")
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))
    assert len(visit(client, f"/cohorts/{cohort.id}").select(".matrix tbody tr")) == 50
    assert len(visit(client, f"/cohorts/{cohort.id}?page=2").select(".matrix tbody tr")) == 1


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRAINER, Role.REFERENT, Role.AUDITOR])
def test_the_staff_of_the_training_body_opens_the_page_and_a_cell_leads_to_the_trainee(
    session: Session, sign_in: SignIn, role: Role
) -> None:
    cohort = make_cohort(session)
    enrolment = _trainee(session, cohort, '<b>"Ôté"</b> & fils')
    _stand(session, enrolment, {PARTS[0]: "acquired"}, [PARTS[0]])
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), role))
    page = visit(client, f"/cohorts/{cohort.id}")
    cell = page.select_one("td.lv.a.dis a")
    assert cell is not None
    assert str(cell["href"]) == f"/trainees/{enrolment.id}#c-{PARTS[0]}"
    assert str(cell["aria-label"]).startswith('Stagiaire <b>"Ôté"</b> & fils, 1.1 ')
    links = {str(link["href"]) for link in page.select("main a")}
    assert (f"/cohorts/{cohort.id}/enrolments/new" in links) is (role is Role.COORDINATOR)
    assert any(link.startswith("/assessments") for link in links) is (role is Role.TRAINER)


def test_an_empty_cohort_says_what_to_do(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    training = session.get_one(Organisation, cohort.training_body_id)
    coordinator = sign_in(make_member(session, training, Role.COORDINATOR))
    assert visit(coordinator, f"/cohorts/{cohort.id}").select_one(f".empty a[href='/cohorts/{cohort.id}/import']")
    trainer = sign_in(make_member(session, training, Role.TRAINER))
    assert "Personne n’est encore inscrit" in visit(trainer, f"/cohorts/{cohort.id}").get_text()


def test_a_search_without_result_keeps_the_figures(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    _trainee(session, cohort)
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))
    page = visit(client, f"/cohorts/{cohort.id}?q=introuvable")
    assert page.select(".stats")
    assert "Aucun stagiaire ne correspond" in page.get_text()


def test_the_matrix_goes_out_as_csv_with_every_trainee(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    for n in range(51):
        _trainee(session, cohort, f"{n:03d}", covered=n % 7)
    _stand(session, _trainee(session, cohort, "=1+1"), {PARTS[0]: "partly_acquired"}, [PARTS[0]])
    client = sign_in(make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.TRAINER))
    text = client.get(f"/cohorts/{cohort.id}?format=csv").get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 53
    assert len(rows[0]) == 3 + len(PARTS)
    assert {row[3] for row in rows[1:]} == {"non évalué", "partiellement acquis (désaccord)"}


def test_the_cohort_of_another_body_does_not_exist(session: Session, sign_in: SignIn) -> None:
    cohort = make_cohort(session)
    client = sign_in(make_member(session, make_organisation(session), Role.TRAINER))
    assert client.get(f"/cohorts/{cohort.id}").status_code == 404
    assert client.get(f"/cohorts/{uuid.uuid4()}").status_code == 404
    trainee = sign_in(session.get_one(User, make_enrolment(session, cohort).user_id))
    assert trainee.get(f"/cohorts/{cohort.id}").status_code == 403


def test_whoever_sees_a_cohort_may_see_its_progress() -> None:
    for permissions in ROLE_PERMISSIONS.values():
        assert (Permission.COHORT_READ in permissions) == (Permission.PROGRESS_READ in permissions)

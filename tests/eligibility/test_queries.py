from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from certify.assessments.models import AssessmentKind
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.db import db
from certify.core.listing import Wanted
from certify.eligibility import queries, services
from certify.evidence.models import EvidenceKind
from certify.logbook.models import Activity, EntryState
from competencies import RequiredDocument, Text
from tests.factories.assessments import make_accepted_evidence
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.files import (
    COMPETENCIES,
    INDICATORS,
    make_attendance,
    make_coordinator,
    make_practice,
    make_rules,
    make_seen,
    make_standing,
)
from tests.factories.people import actor_of, make_user
from tests.services.statements import count_statements

CARD = RequiredDocument("card", Text("Pièce d’identité", "Identity card"))


def test_a_file_counts_what_was_accepted_signed_attended_and_received(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_rules(
        session, _cohort(session, enrolment), hours=4, meetings=2, observations=1, self_assessments=1, attendance=60,
        documents=(CARD,), blocking=frozenset({"hours"}),
    )  # fmt: skip
    make_practice(session, enrolment, 2)
    make_practice(session, enrolment, activity=Activity.WATCH, minutes=60)
    make_practice(session, enrolment, state=EntryState.SUBMITTED)
    make_seen(session, enrolment, "1.1.1")
    make_seen(session, enrolment, "1.1.1", kind=AssessmentKind.FORMATIVE)
    make_attendance(session, enrolment, 2, 1)
    make_accepted_evidence(session, enrolment, ["1.1.1", "2.1.1"])
    make_standing(session, enrolment, *COMPETENCIES[:3])
    coordinator = actor_of(session, make_coordinator(session, enrolment))
    services.receive(session, coordinator, enrolment, document="card", received_on=clock.today())
    file = queries.file_of(session, enrolment)
    assert {one.code: (one.done, one.total) for one in file.asked} == {
        "hours": (4, 4), "meetings": (2, 2), "observations": (1, 1), "self_assessments": (0, 1), "attendance": (66, 60),
        "evidence": (2, 46), "assessed": (3, len(COMPETENCIES)), "document:card": (1, 1), "in_training": (1, 1),
        "enrolled": (1, 1),
    }  # fmt: skip
    assert [one.code for one in file.lacking] == ["self_assessments", "evidence", "assessed"]
    assert (file.is_eligible, file.is_ready, file.settled) == (True, False, 7)


def test_an_assessment_that_was_corrected_or_doubles_another_is_not_one_more(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_rules(session, _cohort(session, enrolment), observations=3)
    first = make_seen(session, enrolment, "1.1.1")
    make_seen(session, enrolment, "1.1.1", supersedes_id=first.id)
    make_seen(session, enrolment, "1.1.1", doubles_id=first.id)
    asked = queries.file_of(session, enrolment).of("observations")
    assert asked is not None
    assert asked.done == 1
    assert queries.coverage_of(session, enrolment).tallies["1.1.1"].kinds == {"observation": 1}


def test_each_indicator_needs_as_many_pieces_as_the_programme_asks(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_rules(session, _cohort(session, enrolment), evidence_per_indicator=2)
    make_accepted_evidence(session, enrolment, ["1.1.1", "2.1.1"])
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    asked = queries.file_of(session, enrolment).of("evidence")
    assert asked is not None
    assert asked.done == 1


@pytest.mark.parametrize(
    ("state", "lacking"),
    [
        (EnrolmentState.SUSPENDED, {"in_training"}),
        (EnrolmentState.INVITED, {"enrolled"}),
        (EnrolmentState.COMPLETED, set()),
    ],
)
def test_the_state_of_the_enrolment_is_part_of_the_file(
    session: Session, state: EnrolmentState, lacking: set[str]
) -> None:
    enrolment = make_enrolment(session, state=state)
    make_accepted_evidence(session, enrolment, INDICATORS)
    make_standing(session, enrolment)
    assert {one.code for one in queries.file_of(session, enrolment).lacking} == lacking


def test_without_rules_nothing_blocks_and_the_latest_rules_are_in_force(session: Session) -> None:
    enrolment = make_enrolment(session)
    cohort = _cohort(session, enrolment)
    assert queries.file_of(session, enrolment).is_eligible
    make_rules(session, cohort, hours=10, blocking=frozenset({"hours"}))
    assert not queries.file_of(session, enrolment).is_eligible
    make_rules(session, cohort, number=2)
    assert queries.file_of(session, enrolment).is_eligible


def test_files_take_as_many_statements_for_one_trainee_as_for_many(session: Session) -> None:
    cohort = make_cohort(session)
    make_rules(session, cohort, hours=10, documents=(CARD,))
    enrolments = [make_enrolment(session, cohort) for _ in range(30)]
    for enrolment in enrolments:
        make_practice(session, enrolment, 2)
        make_accepted_evidence(session, enrolment, ["1.1.1"])
        make_seen(session, enrolment, "1.1.1")
    queries.files_of(session, enrolments[:1])
    counts = []
    for many in (enrolments[:1], enrolments):
        with count_statements(db.engine) as statements:
            assert len(queries.files_of(session, many)) == len(many)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9
    assert queries.files_of(session, []) == {}


def test_coverage_tells_kinds_days_and_authorship(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_rules(session, _cohort(session, enrolment), freshness={"1": 6})
    acquired = clock.today() - timedelta(days=700)
    make_accepted_evidence(session, enrolment, ["1.1.1", "1.1.2"], kind=EvidenceKind.PRIOR, obtained_on=acquired)
    entry = make_practice(session, enrolment, happened_on=clock.today() - timedelta(days=3))[0]
    make_accepted_evidence(session, enrolment, ["1.1.2"], kind=EvidenceKind.ENTRY, entry_id=entry.id)
    make_seen(session, enrolment, "1.1.2", "1.1.3")
    make_seen(session, enrolment, "2.1.1", kind=AssessmentKind.FORMATIVE)
    table = queries.coverage_of(session, enrolment)
    prior, both, seen = (table.tallies[code] for code in ("1.1.1", "1.1.2", "1.1.3"))
    assert (prior.is_stale, prior.is_only_own_writing, prior.latest) == (True, True, acquired)
    assert dict(both.kinds) == {"observation": 1, "logbook": 1, "prior": 1}
    assert (both.is_stale, both.is_only_own_writing) == (False, False)
    assert seen.is_only_observed
    assert table.tallies["2.1.1"].total == 0
    assert [one.indicator.code for one in table.only_own] == ["1.1.1"] == [one.indicator.code for one in table.stale]


def test_coverage_takes_as_many_statements_whatever_the_history(session: Session) -> None:
    enrolment = make_enrolment(session)
    queries.coverage_of(session, enrolment)
    counts = []
    for many in (1, 15):
        for _ in range(many):
            entry = make_practice(session, enrolment)[0]
            make_accepted_evidence(session, enrolment, ["1.1.2"], kind=EvidenceKind.ENTRY, entry_id=entry.id)
            make_seen(session, enrolment, *INDICATORS)
        session.expire_all()
        with count_statements(db.engine) as statements:
            queries.coverage_of(session, enrolment)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_files_of_a_cohort_are_filtered_sorted_and_paged(session: Session) -> None:
    cohort = make_cohort(session)
    make_rules(session, cohort, hours=1, meetings=1, blocking=frozenset({"hours"}))
    named = {}
    for name in ("Amont", "Bief", "Crue"):
        person = make_user(session, given_name="Stagiaire", family_name=name)
        named[name] = make_enrolment(session, cohort, person)
    make_practice(session, named["Amont"])
    make_accepted_evidence(session, named["Amont"], INDICATORS)
    make_standing(session, named["Amont"])
    coordinator = actor_of(session, make_coordinator(session, named["Bief"]))
    services.waive(session, coordinator, named["Bief"], requirement="hours", reason="Heures faites ailleurs.")

    def names(situation: str = "", **values: str) -> list[str]:
        wanted = Wanted("/", filters={"situation": situation}, **values)
        return [line.name.removeprefix("Stagiaire ") for line in queries.lines_of(session, cohort, wanted).rows]

    assert names() == ["Amont", "Bief", "Crue"]
    assert names("ready") == ["Amont"]
    assert names("blocked") == ["Crue"]
    assert names("waived") == ["Bief"]
    assert names("incomplete") == ["Bief", "Crue"]
    assert names("incomplete", direction="desc") == ["Crue", "Bief"]
    assert names(sort="lacking", direction="desc") == ["Crue", "Bief", "Amont"]
    assert names(query="cru") == ["Crue"]
    page = queries.lines_of(session, cohort, Wanted("/", page=2, filters={"situation": "incomplete"}), per_page=1)
    assert (page.total, page.pages, [line.name for line in page.rows]) == (2, 2, ["Stagiaire Crue"])


def _cohort(session: Session, enrolment: Enrolment) -> Cohort:
    return session.get_one(Cohort, enrolment.cohort_id)

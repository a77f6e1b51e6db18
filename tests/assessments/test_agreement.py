"""The agreement between the assessors of a cohort: which ratings enter, who sees it, what it costs."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

import competencies
from certify.assessments import queries, services
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Role
from certify.core.errors import Forbidden, NotFound
from certify.core.listing import Wanted
from certify.core.types import new_id
from certify.organisations.models import Organisation
from competencies.agreement import Unstated
from tests.factories.assessments import make_own, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.statements import count_statements

DAY = timedelta(days=1)


def _two_views(session: Session, cohort: Cohort, first: str, second: str, **others: str | None) -> Enrolment:
    """Have a trainee assessed by two people; `others` are what the second says of some indicators."""
    enrolment = make_enrolment(session, cohort)
    make_signed(session, enrolment, ratings=whole_grid(first))
    make_signed(session, enrolment, ratings=whole_grid(second, **others))
    return enrolment


def test_agreement_is_measured_indicator_by_indicator_and_sorted_by_dispute(session: Session) -> None:
    cohort = make_cohort(session)
    for number in range(5):
        level = ("acquired", "not_acquired")[number % 2]
        disputed = {"1.1.1": "partly_acquired"} if number < 3 else {}
        _two_views(session, cohort, level, level, **disputed)
    page = queries.agreement_page(session, cohort)
    assert page.lines[0].indicator.code == "1.1.1"
    found = page.lines[0].found
    assert (found.units, found.assessors, found.disputed_units, found.exact) == (5, 10, 3, pytest.approx(0.4))
    assert [line.indicator.code for line in page.disputed] == ["1.1.1"]
    assert page.lines[1].found.alpha == 1.0
    assert (page.whole.units, page.whole.disputed_units) == (5 * 46, 3)
    assert [block.code for block, _found in page.blocks] == ["1", "2", "3", "4"]
    in_order = queries.agreement_page(session, cohort, sort="framework").lines
    assert [line.indicator.code for line in in_order] == [one.code for one in page.framework.indicators]


def test_below_the_minimum_of_the_programme_there_is_no_figure(session: Session) -> None:
    cohort = make_cohort(session)
    for _ in range(4):
        _two_views(session, cohort, "acquired", "partly_acquired")
    page = queries.agreement_page(session, cohort)
    assert page.minimum == 5
    assert {(line.found.exact, line.found.why_no_alpha) for line in page.lines} == {(None, Unstated.TOO_FEW)}
    assert len(page.disputed) == 46


def test_only_the_last_level_of_each_assessor_counts(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer, whole_grid("not_acquired"), held_on=clock.today() - 9 * DAY)
    make_signed(session, enrolment, trainer, whole_grid("acquired", **{"1.1.1": None}), held_on=clock.today())
    make_signed(session, enrolment, trainer, whole_grid("partly_acquired"), held_on=clock.today() - 5 * DAY)
    levels = {held.indicator: held.level for held in queries.levels_held(session, cohort)}
    assert (levels["1.1.1"], levels["1.1.2"]) == ("partly_acquired", "acquired")
    assert len(levels) == 46


def test_self_assessments_corrected_ones_and_entries_seen_since_do_not_enter(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    make_own(session, enrolment)
    positioning = {"kind": AssessmentKind.POSITIONING, "held_on": clock.today() - 30 * DAY}
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"), **positioning)
    assert {held.level for held in queries.levels_held(session, cohort)} == {"not_acquired"}
    trainer = make_trainer(session, enrolment)
    signed = make_signed(session, enrolment, trainer, whole_grid("partly_acquired"))
    actor = actor_of(session, trainer)
    correction = services.correct(session, actor, signed)
    services.save(session, actor, correction, revision=1, comment="", ratings=whole_grid("acquired"))
    services.sign(session, actor, correction)
    held = queries.levels_held(session, cohort)
    assert {one.level for one in held} == {"acquired"}
    assert {one.assessment_id for one in held} == {correction.id}


def test_the_ratings_behind_an_indicator_show_the_widest_gap_first(session: Session) -> None:
    cohort = make_cohort(session)
    near = _two_views(session, cohort, "acquired", "acquired", **{"2.1.1": "partly_acquired"})
    far = _two_views(session, cohort, "acquired", "acquired", **{"2.1.1": "not_acquired"})
    same = _two_views(session, cohort, "acquired", "acquired")
    reader = actor_of(session, make_trainer(session, near))
    page = queries.ratings_page(session, reader, cohort, "2.1.1", Wanted("/x"))
    assert [(one.enrolment_id, one.gap) for one in page.listing.rows] == [(far.id, 2), (near.id, 1)]
    assert [view.level.code for view in page.listing.rows[0].views] == ["not_acquired", "acquired"]
    whole = queries.ratings_page(session, reader, cohort, "2.1.1", Wanted("/x", filters={"only": "all"}))
    assert [one.enrolment_id for one in whole.listing.rows][-1] == same.id
    with pytest.raises(NotFound):
        queries.ratings_page(session, reader, cohort, "9.9.9", Wanted("/x"))


def test_who_assesses_in_their_turn_does_not_see_the_ratings_of_that_trainee(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = _two_views(session, cohort, "acquired", "partly_acquired")
    signed = queries.signed_assessments(session, enrolment.id)[0]
    doubler = actor_of(session, make_trainer(session, enrolment))
    wanted = Wanted("/x")
    assert queries.ratings_page(session, doubler, cohort, "1.1.1", wanted).listing.total == 1
    services.double(session, doubler, signed)
    assert queries.ratings_page(session, doubler, cohort, "1.1.1", wanted).listing.total == 0


@pytest.mark.parametrize(
    ("role", "is_seen"),
    [(Role.TRAINER, True), (Role.COORDINATOR, True), (Role.AUDITOR, True), (Role.REFERENT, False)],
)
def test_figures_about_assessors_are_for_those_concerned(session: Session, role: Role, is_seen: bool) -> None:
    cohort = make_cohort(session)
    body = session.get_one(Organisation, cohort.training_body_id)
    actor = actor_of(session, make_member(session, body, role))
    if is_seen:
        assert queries.cohort_of_agreement(session, actor, cohort.id).id == cohort.id
    else:
        with pytest.raises(Forbidden):
            queries.cohort_of_agreement(session, actor, cohort.id)


def test_another_body_finds_no_agreement(session: Session) -> None:
    cohort = make_cohort(session)
    stranger = make_member(session, make_organisation(session), Role.TRAINER)
    make_member(session, session.get_one(Organisation, cohort.training_body_id), Role.REFERENT, stranger)
    with pytest.raises(Forbidden):
        queries.cohort_of_agreement(session, actor_of(session, stranger), cohort.id)
    alone = make_member(session, make_organisation(session), Role.TRAINER)
    with pytest.raises(NotFound):
        queries.cohort_of_agreement(session, actor_of(session, alone), cohort.id)


def _fill(session: Session, cohort: Cohort, trainees: int, assessors: int = 3, moments: int = 2) -> None:
    """Sign assessments in bulk: rows as the verbs would leave them."""
    codes = [indicator.code for indicator in competencies.demo().indicators][:5]
    people = [make_user(session).id for _ in range(assessors)]
    now, assessments, ratings = clock.now(), [], []
    for number in range(trainees):
        enrolment = make_enrolment(session, cohort)
        for at, person in enumerate(people):
            for moment in range(moments):
                row = _signed_row(enrolment, person, now - moment * DAY)
                assessments.append(row)
                ratings += [_rating_row(row["id"], code, number + at * moment) for code in codes]
    session.execute(insert(Assessment), assessments)
    session.execute(insert(Rating), ratings)
    session.commit()


def _signed_row(enrolment: Enrolment, person: uuid.UUID, at: object) -> dict[str, object]:
    return {
        "id": new_id(), "enrolment_id": enrolment.id, "framework_version_id": enrolment.framework_version_id,
        "training_body_id": enrolment.training_body_id, "assessor_id": person, "kind": AssessmentKind.FORMATIVE,
        "held_on": at.date(), "state": AssessmentState.SIGNED, "comment": "", "revision": 1, "created_at": at,  # type: ignore[attr-defined]
        "saved_at": at, "signed_at": at, "seal": "",
    }  # fmt: skip


def _rating_row(assessment_id: object, code: str, turn: int) -> dict[str, object]:
    level = ("acquired", "partly_acquired", "not_acquired")[turn % 3]
    return {"id": new_id(), "assessment_id": assessment_id, "indicator": code, "level": level, "is_observed": True}


def test_the_pages_of_agreement_cost_the_same_for_any_number_of_trainees(session: Session) -> None:
    cohort = make_cohort(session)
    body = session.get_one(Organisation, cohort.training_body_id)
    actor = actor_of(session, make_member(session, body, Role.TRAINER))
    counts, cohort_id = [], cohort.id
    queries.agreement_page(session, cohort)
    for trainees in (10, 90):
        _fill(session, session.get_one(Cohort, cohort_id), trainees)
        session.expunge_all()
        with count_statements(session.get_bind().engine) as seen:  # type: ignore[union-attr]
            page = queries.agreement_page(session, queries.cohort_of_agreement(session, actor, cohort_id))
            queries.ratings_page(session, actor, page.cohort, "1.1.1", Wanted("/x"))
        counts.append(len(seen))
    assert page.whole.units == 500
    assert counts[0] == counts[1]

"""Double marking and internal verification."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries, services
from certify.assessments.models import Assessment, AssessmentState, Verdict, VerificationItem
from certify.cohorts.models import Cohort, Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.sealing import Sealed
from certify.organisations.models import Organisation
from certify.reports.trainee import path_of
from tests.factories.assessments import make_draft, make_own, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.people import actor_of, make_member
from tests.services.statements import count_statements


def _enrolment(session: Session, assessment: Assessment) -> Enrolment:
    return session.get_one(Enrolment, assessment.enrolment_id)


def _other(session: Session, assessment: Assessment) -> Actor:
    return actor_of(session, make_trainer(session, _enrolment(session, assessment)))


def _coordinator(session: Session, cohort: Cohort, user: User | None = None) -> Actor:
    body = session.get_one(Organisation, cohort.training_body_id)
    return actor_of(session, make_member(session, body, Role.COORDINATOR, user))


def _signed_cohort(session: Session, assessors: int = 2, each: int = 3) -> Cohort:
    cohort = make_cohort(session)
    for _ in range(assessors):
        trainer = make_trainer(session, make_enrolment(session, cohort))
        for _ in range(each):
            make_signed(session, make_enrolment(session, cohort), trainer)
    return cohort


def test_a_second_assessor_opens_a_draft_of_the_same_moment(session: Session) -> None:
    signed = make_signed(session, held_on=clock.today() - timedelta(days=9))
    draft = services.double(session, other := _other(session, signed), signed)
    assert (draft.doubles_id, draft.kind, draft.held_on) == (signed.id, signed.kind, signed.held_on)
    assert (draft.assessor_id, draft.ratings) == (other.user_id, [])
    assert services.double(session, other, signed).id == draft.id


def test_who_doubles_does_not_read_the_first_one_until_they_have_signed(session: Session) -> None:
    signed = make_signed(session, ratings=whole_grid("partly_acquired"))
    other = _other(session, signed)
    assert queries.readable_assessment(session, other, signed.id).id == signed.id
    draft = services.double(session, other, signed)
    for read in (queries.readable_assessment, queries.assessment_for):
        with pytest.raises(Forbidden, match="à votre tour"):
            read(session, other, signed.id)
    with pytest.raises(Forbidden, match="à votre tour"):
        queries.require_no_open_double(session, other, signed.enrolment_id)
    with pytest.raises(NotFound):
        queries.pair_for(session, draft)
    third = _other(session, signed)
    assert queries.readable_assessment(session, third, signed.id).id == signed.id
    services.save(session, other, draft, revision=1, comment="", ratings=whole_grid(**{"1.1.1": "not_acquired"}))
    services.sign(session, other, draft)
    assert queries.readable_assessment(session, other, signed.id).id == signed.id
    queries.require_no_open_double(session, other, signed.enrolment_id)


def test_the_page_of_a_trainee_shows_no_level_of_others_to_who_doubles(session: Session) -> None:
    signed = make_signed(session)
    other, enrolment = _other(session, signed), _enrolment(session, signed)
    services.double(session, other, signed)
    blind, whole = path_of(session, enrolment, other.user_id), path_of(session, enrolment, signed.assessor_id)
    assert {block.tally.unassessed == block.tally.total for block in blind.blocks} == {True}
    assert {block.tally.unassessed for block in whole.blocks} == {0}


def test_a_draft_given_up_opens_the_first_one_again(session: Session) -> None:
    signed = make_signed(session)
    other = _other(session, signed)
    services.discard(session, other, services.double(session, other, signed))
    assert queries.readable_assessment(session, other, signed.id).id == signed.id


def test_both_assessments_are_compared_indicator_by_indicator(session: Session) -> None:
    signed = make_signed(session, ratings=whole_grid(**{"1.1.2": None, "1.1.3": "not_acquired"}))
    other = _other(session, signed)
    draft = services.double(session, other, signed)
    levels = whole_grid(**{"1.1.1": "partly_acquired"})
    services.save(session, other, draft, revision=1, comment="", ratings=levels)
    page = queries.pair_for(session, services.sign(session, other, draft))
    assert (page.found.pairs, page.found.agreeing_pairs, page.found.widest_gap) == (45, 43, 2)
    rows = {row.indicator.code: row for _block, rows in page.sections for row in rows}
    assert not rows["1.1.2"].is_comparable
    assert [code for code, row in rows.items() if not row.is_same] == ["1.1.1", "1.1.2", "1.1.3"]
    assert [one.is_double for one in queries.doubles_of(session, signed)] == [True]
    assert [one.assessment.id for one in queries.doubles_of(session, draft)] == [signed.id]


def test_some_assessments_are_not_doubled(session: Session) -> None:
    signed = make_signed(session)
    author = actor_of(session, session.get_one(User, signed.assessor_id))
    enrolment = _enrolment(session, signed)
    own = make_own(session, enrolment)
    draft = make_draft(session, enrolment)
    for actor, assessment in ((author, signed), (author, own), (author, draft)):
        with pytest.raises(Forbidden):
            services.double(session, actor, assessment)
    both = make_trainer(session, make_enrolment(session, session.get_one(Cohort, enrolment.cohort_id)))
    corrected = services.correct(session, author, signed)
    services.sign(session, author, corrected)
    with pytest.raises(Conflict, match="corrigée"):
        services.double(session, actor_of(session, both), signed)


def test_a_moment_is_doubled_once_by_each(session: Session) -> None:
    signed = make_signed(session)
    other = _other(session, signed)
    draft = services.double(session, other, signed)
    services.save(session, other, draft, revision=1, comment="", ratings=whole_grid())
    services.sign(session, other, draft)
    with pytest.raises(Conflict, match="déjà"):
        services.double(session, other, signed)


def test_a_sample_holds_a_share_of_each_assessor_and_is_drawn_again_the_same(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=2, each=4)
    actor = _coordinator(session, cohort)
    drawn = services.draw_sample(session, actor, cohort, percentage=50)
    session.commit()
    page = queries.draw_page(session, drawn)
    assert len(drawn.seed) >= 16
    assert (page.progress.done, page.progress.total, page.size) == (0, 4, 8)
    assert [taken for _who, _size, taken in page.assessors] == [2, 2]
    assert page.is_same_again
    assert session.scalars(select(AuditEvent.tag).where(AuditEvent.object_id == drawn.id)).all() == [
        "assessment:sample:drawn"
    ]


def test_a_sample_that_somebody_changed_shows(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=1, each=4)
    drawn = services.draw_sample(session, _coordinator(session, cohort), cohort, percentage=25, seed="12 juin")
    (item,) = session.scalars(select(VerificationItem)).all()
    others = [one for ones in drawn.population.values() for one in ones if one != str(item.assessment_id)]
    item.assessment_id = uuid.UUID(others[0])
    session.flush()
    assert not queries.draw_page(session, drawn).is_same_again


def test_what_is_in_a_sample_is_not_drawn_again(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=1, each=3)
    actor = _coordinator(session, cohort)
    for _ in range(3):
        services.draw_sample(session, actor, cohort, percentage=10)
    with pytest.raises(Conflict, match="rien à tirer"):
        services.draw_sample(session, actor, cohort, percentage=10)
    ids = session.scalars(select(VerificationItem.assessment_id)).all()
    assert len(set(ids)) == len(ids) == 3


def test_neither_self_assessments_nor_drafts_nor_corrected_ones_are_drawn(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    make_own(session, enrolment)
    make_draft(session, enrolment)
    signed = make_signed(session, enrolment)
    author = actor_of(session, session.get_one(User, signed.assessor_id))
    correction = services.sign(session, author, services.correct(session, author, signed))
    assert queries.population_of(session, cohort.id) == {str(author.user_id): [str(correction.id)]}


def test_only_coordination_draws_and_a_percentage_makes_sense(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=1, each=1)
    trainer = actor_of(session, make_trainer(session, make_enrolment(session, cohort)))
    with pytest.raises(Forbidden):
        services.draw_sample(session, trainer, cohort, percentage=10)
    for percentage in (0, 101):
        with pytest.raises(Invalid):
            services.draw_sample(session, _coordinator(session, cohort), cohort, percentage=percentage)


def _one_item(session: Session, cohort: Cohort, actor: Actor) -> tuple[VerificationItem, Assessment]:
    drawn = services.draw_sample(session, actor, cohort, percentage=1)
    item = session.scalars(select(VerificationItem).where(VerificationItem.draw_id == drawn.id)).one()
    return item, session.get_one(Assessment, item.assessment_id)


def test_a_verdict_other_than_confirmed_says_why(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=1, each=1)
    actor = _coordinator(session, cohort)
    item, assessment = _one_item(session, cohort, actor)
    for verdict in (Verdict.TO_DISCUSS, Verdict.TO_REDO):
        with pytest.raises(Invalid) as refusal:
            services.give_verdict(session, actor, item, assessment, verdict=verdict, comment="  ")
        assert refusal.value.field == "comment"
    with pytest.raises(Invalid, match="reconnaître"):
        services.give_verdict(
            session, actor, item, assessment, verdict=Verdict.TO_REDO, comment="Appeler au 06 12 34 56 78."
        )
    services.give_verdict(session, actor, item, assessment, verdict=Verdict.TO_REDO, comment="Le 1.1.1 sans preuve")
    session.commit()
    assert [(said.row.verdict, said.row.comment) for said in queries.verdicts_on(session, assessment.id)] == [
        (Verdict.TO_REDO, "Le 1.1.1 sans preuve")
    ]
    page = queries.verification_page(session, cohort)
    assert [(line.signed, line.progress.to_redo) for line in page.assessors] == [(1, 1)]


def test_a_verdict_is_given_once(session: Session) -> None:
    cohort = _signed_cohort(session, assessors=1, each=1)
    actor = _coordinator(session, cohort)
    item, assessment = _one_item(session, cohort, actor)
    services.give_verdict(session, actor, item, assessment, verdict=Verdict.CONFIRMED, comment="")
    session.commit()
    with pytest.raises(Conflict):
        services.give_verdict(session, actor, item, assessment, verdict=Verdict.TO_REDO, comment="Autre avis")
    item.verdict = Verdict.TO_REDO
    with pytest.raises(Sealed):
        session.flush()


def test_nobody_verifies_their_own_assessments(session: Session) -> None:
    cohort = make_cohort(session)
    enrolment = make_enrolment(session, cohort)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer)
    both = _coordinator(session, cohort, trainer)
    item, assessment = _one_item(session, cohort, both)
    with pytest.raises(Forbidden, match="propres"):
        services.give_verdict(session, both, item, assessment, verdict=Verdict.CONFIRMED, comment="")
    stranger = actor_of(session, make_trainer(session, enrolment))
    with pytest.raises(Forbidden, match="coordination"):
        services.give_verdict(session, stranger, item, assessment, verdict=Verdict.CONFIRMED, comment="")
    assert assessment.state is AssessmentState.SIGNED


def test_samples_of_another_body_are_not_found(session: Session) -> None:
    cohort, other = _signed_cohort(session, 1, 1), make_cohort(session)
    item, _assessment = _one_item(session, cohort, _coordinator(session, cohort))
    stranger = _coordinator(session, other)
    with pytest.raises(NotFound):
        queries.draw_for(session, stranger, item.draw_id)
    with pytest.raises(NotFound):
        queries.item_for(session, stranger, item.id)


def test_pages_of_verification_cost_the_same_whatever_their_size(session: Session) -> None:
    cohort_id = (cohort := make_cohort(session)).id
    actor = _coordinator(session, cohort)
    counts = []
    for _ in range(2):
        cohort = session.get_one(Cohort, cohort_id)
        for _ in range(2):
            trainer = make_trainer(session, make_enrolment(session, cohort))
            for _ in range(2):
                make_signed(session, make_enrolment(session, cohort), trainer)
        draw_id = services.draw_sample(session, actor, cohort, percentage=100).id
        session.commit()
        session.expunge_all()
        with count_statements(session.get_bind().engine) as seen:  # type: ignore[union-attr]
            queries.verification_page(session, session.get_one(Cohort, cohort_id))
            queries.draw_page(session, queries.draw_for(session, actor, draw_id))
        counts.append(len(seen))
    assert counts[0] == counts[1]

"""A trainee looks at their own path with the same grid; nothing follows from it."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import policies, queries, services
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Standing
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Actor, Grant, Role, Scope
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, NotFound
from certify.core.outbox import OutboxMessage
from certify.juries.dossiers import file_of
from certify.organisations.models import Organisation
from certify.reports.trainee import path_of
from tests.factories.assessments import (
    make_accepted_evidence,
    make_own,
    make_own_draft,
    make_signed,
    make_trainer,
    whole_grid,
)
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import make_jury
from tests.factories.people import actor_of, make_member


def _trainee(session: Session, enrolment: Enrolment) -> User:
    return session.get_one(User, enrolment.user_id)


def _actor(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, _trainee(session, enrolment))


def _topics(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxMessage.topic)))


def test_a_trainee_begins_a_self_assessment_of_their_own_path_dated_today(session: Session) -> None:
    enrolment = make_enrolment(session)
    draft = make_own_draft(session, enrolment)
    session.commit()
    assert (draft.kind, draft.state, draft.held_on) == (AssessmentKind.SELF, AssessmentState.DRAFT, clock.today())
    assert (draft.assessor_id, draft.enrolment_id) == (enrolment.user_id, enrolment.id)
    assert session.scalars(select(AuditEvent.tag).where(AuditEvent.object_id == draft.id)).all() == [
        "assessment:grid:started"
    ]


def test_beginning_again_gives_the_draft_already_open(session: Session) -> None:
    enrolment = make_enrolment(session)
    assert make_own_draft(session, enrolment).id == make_own_draft(session, enrolment).id


def test_nobody_fills_in_the_self_assessment_of_somebody_else(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    for person in (_trainee(session, other), make_trainer(session, enrolment)):
        with pytest.raises(Forbidden):
            services.start_own(session, actor_of(session, person), enrolment)
    draft = make_own_draft(session, enrolment)
    for person in (_trainee(session, other), make_trainer(session, enrolment)):
        with pytest.raises(Forbidden):
            services.save(session, actor_of(session, person), draft, revision=1, comment="", ratings={})


@pytest.mark.parametrize("state", [EnrolmentState.SUSPENDED, EnrolmentState.COMPLETED])
def test_a_path_that_is_over_gets_no_new_self_assessment(session: Session, state: EnrolmentState) -> None:
    enrolment = make_enrolment(session, state=state)
    with pytest.raises(Conflict):
        make_own_draft(session, enrolment)


def test_whoever_left_the_cohort_writes_no_more(session: Session) -> None:
    enrolment = make_enrolment(session)
    draft = make_own_draft(session, enrolment)
    enrolment.state = EnrolmentState.WITHDRAWN
    session.flush()
    actor = _actor(session, enrolment)
    with pytest.raises(Forbidden):
        services.save(session, actor, draft, revision=1, comment="", ratings={})
    with pytest.raises(NotFound):
        queries.assessment_for(session, actor, draft.id)


def test_a_signed_self_assessment_is_sealed_and_changes_no_standing(session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment)
    session.commit()
    assert own.seal == policies.seal_of(own, enrolment.framework_version_id, own.ratings)
    assert session.get(Standing, enrolment.id) is None
    make_signed(session, enrolment, ratings=whole_grid("partly_acquired"))
    before = session.get_one(Standing, enrolment.id)
    levels, at = dict(before.competencies), before.assessed_at
    make_own(session, enrolment, whole_grid("not_acquired"))
    session.commit()
    session.expire_all()
    after = session.get_one(Standing, enrolment.id)
    assert (after.competencies, after.disputed, after.assessed_at) == (levels, [], at)
    services.rebuild_standings(session)
    assert session.get_one(Standing, enrolment.id).competencies == levels


def test_a_message_leaves_when_somebody_else_signs_and_never_for_a_self_assessment(session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment)
    services.sign(session, _actor(session, enrolment), _correction(session, own))
    assert services.SIGNED not in _topics(session)
    signed = make_signed(session, enrolment)
    messages = session.scalars(select(OutboxMessage).where(OutboxMessage.topic == services.SIGNED)).all()
    assert [message.payload for message in messages] == [{"enrolment_id": str(enrolment.id)}]
    actor = actor_of(session, session.get_one(User, signed.assessor_id))
    services.sign(session, actor, services.correct(session, actor, signed))
    assert _topics(session).count(services.SIGNED) == 2


def _correction(session: Session, own: Assessment) -> Assessment:
    return services.correct(session, actor_of(session, session.get_one(User, own.assessor_id)), own)


def test_a_correction_of_a_self_assessment_takes_its_place_for_its_readers(session: Session) -> None:
    enrolment = make_enrolment(session)
    own = make_own(session, enrolment, whole_grid("not_acquired"))
    draft = _correction(session, own)
    actor = _actor(session, enrolment)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid("acquired"))
    assert queries.own_ratings(session, enrolment.id)["1.1.1"].level == "not_acquired"
    services.sign(session, actor, draft)
    assert queries.own_ratings(session, enrolment.id)["1.1.1"].level == "acquired"


def test_only_the_latest_self_assessment_is_shown_beside_the_others(session: Session) -> None:
    enrolment = make_enrolment(session)
    with clock.at(clock.now() - timedelta(days=30)):
        make_own(session, enrolment, whole_grid("acquired"))
    make_own(session, enrolment, whole_grid("partly_acquired", **{"1.1.1": None}))
    ratings = queries.own_ratings(session, enrolment.id)
    assert (ratings["1.1.1"].level, ratings["1.1.2"].level) == (None, "partly_acquired")
    assert len(ratings) == len(whole_grid())


def test_a_self_assessment_makes_no_assessor_no_evidence_and_no_jury_reading(session: Session) -> None:
    candidacy = make_jury(session).candidacies[0]
    enrolment = session.get_one(Enrolment, candidacy.enrolment_id)
    make_accepted_evidence(session, enrolment, ["1.1.1"])
    before = file_of(session, candidacy)
    make_own(session, enrolment)
    after = file_of(session, candidacy)
    assert (after.signed, after.ratings, after.proposals) == (before.signed, before.ratings, before.proposals)
    assert enrolment.user_id not in queries.assessors_of(session, [enrolment.id]).get(enrolment.id, set())
    path = path_of(session, enrolment)
    assert all(line.assessment.kind is not AssessmentKind.SELF for line in path.history)
    assert len(path.own_history) == 1


def test_a_trainer_who_is_also_a_trainee_counts_no_draft_of_their_own_among_those_about_trainees(
    session: Session,
) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    both = make_member(session, body, Role.TRAINER, _trainee(session, enrolment))
    actor = actor_of(session, both)
    draft = services.start_own(session, actor, enrolment)
    assert queries.count_drafts(session, actor) == 0
    assert queries.drafts_of(session, actor) == []
    assert queries.open_drafts(session, enrolment.id) == []
    assert queries.assessment_for(session, actor, draft.id).id == draft.id


def test_a_role_of_trainee_gives_a_hand_in_nothing_but_one_s_own_self_assessment() -> None:
    person, cohort = uuid.uuid4(), uuid.uuid4()
    trainee = Actor(person, "Stagiaire 03", frozenset({Grant(Role.TRAINEE, Scope.COHORT, cohort)}))
    own = Assessment(assessor_id=person, kind=AssessmentKind.SELF, state=AssessmentState.DRAFT)
    assert policies.may_edit(trainee, own)
    assert not policies.may_edit(Actor(person, "Stagiaire 03"), own)
    own.kind = AssessmentKind.FORMATIVE
    assert not policies.may_edit(trainee, own)
    own.kind, own.assessor_id = AssessmentKind.SELF, uuid.uuid4()
    assert not policies.may_edit(trainee, own)
    signed = Assessment(assessor_id=person, kind=AssessmentKind.SELF, state=AssessmentState.SIGNED)
    assert policies.may_correct(trainee, signed)
    assert not policies.may_edit(trainee, signed)

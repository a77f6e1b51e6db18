"""The verbs of assessments."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import policies, queries, services
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, Rating, Standing
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.organisations.models import Organisation
from tests.factories.assessments import INDICATORS, make_draft, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.statements import count_statements


def test_a_trainer_opens_a_draft_about_a_trainee_of_their_body(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    draft = make_draft(session, enrolment, trainer)
    session.commit()
    assert (draft.state, draft.assessor_id, draft.revision) == (AssessmentState.DRAFT, trainer.id, 1)
    events = session.scalars(select(AuditEvent.tag).where(AuditEvent.object_id == draft.id)).all()
    assert events == ["assessment:grid:started"]


def test_a_trainer_of_another_body_cannot_assess(session: Session) -> None:
    stranger = make_member(session, make_organisation(session), Role.TRAINER)
    with pytest.raises(Forbidden):
        make_draft(session, make_enrolment(session), stranger)


def test_a_coordinator_cannot_assess(session: Session) -> None:
    enrolment = make_enrolment(session)
    coordinator = make_user(session)
    with pytest.raises(Forbidden):
        make_draft(session, enrolment, coordinator)


def test_nobody_assesses_their_own_path(session: Session) -> None:
    enrolment = make_enrolment(session)
    body = session.get_one(Organisation, enrolment.training_body_id)
    both = make_member(session, body, Role.TRAINER, session.get_one(User, enrolment.user_id))
    with pytest.raises(Forbidden):
        make_draft(session, enrolment, both)


def test_a_moment_to_come_cannot_be_assessed(session: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        make_draft(session, held_on=clock.today() + timedelta(days=1))
    assert refusal.value.field == "held_on"


def test_a_second_draft_of_the_same_kind_is_refused(session: Session) -> None:
    draft = make_draft(session)
    trainer = session.get_one(User, draft.assessor_id)
    enrolment = session.get_one(Enrolment, draft.enrolment_id)
    with pytest.raises(Conflict):
        make_draft(session, enrolment, trainer)
    assert make_draft(session, enrolment, trainer, kind=AssessmentKind.OBSERVATION).id != draft.id


def test_saving_keeps_levels_comments_and_what_was_not_observed(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    ratings = {"1.1.1": Rated("acquired", comment="Dix références"), "1.1.2": Rated(None, False), "1.1.3": Rated(None)}
    services.save(session, actor, draft, revision=1, comment="À revoir", ratings=ratings)
    session.commit()
    rows = {row.indicator: row for row in session.scalars(select(Rating).where(Rating.assessment_id == draft.id))}
    assert rows.keys() == {"1.1.1", "1.1.2"}
    assert (rows["1.1.1"].level, rows["1.1.1"].comment) == ("acquired", "Dix références")
    assert (rows["1.1.2"].level, rows["1.1.2"].is_observed) == (None, False)
    assert (draft.revision, draft.comment) == (2, "À revoir")


def test_saving_again_changes_and_clears_levels(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.save(
        session, actor, draft, revision=2, comment="", ratings={"1.1.1": Rated(None), "1.1.2": Rated("not_acquired")}
    )
    session.commit()
    levels = {
        row.indicator: row.level for row in session.scalars(select(Rating).where(Rating.assessment_id == draft.id))
    }
    assert (levels["1.1.1"], levels["1.1.2"], levels["1.1.3"]) == (None, "not_acquired", "acquired")


def test_saving_from_an_older_revision_is_refused_and_overwrites_nothing(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    services.save(session, actor, draft, revision=1, comment="premier", ratings={"1.1.1": Rated("acquired")})
    session.commit()
    with pytest.raises(Conflict) as refusal:
        services.save(session, actor, draft, revision=1, comment="second", ratings={"1.1.1": Rated("not_acquired")})
    session.rollback()
    assert refusal.value.values["revision"] == 2
    assert session.get_one(Assessment, draft.id).comment == "premier"


def test_another_trainer_cannot_write_in_somebody_elses_grid(session: Session) -> None:
    draft = make_draft(session)
    other = make_trainer(session, _enrolment(session, draft))
    with pytest.raises(Forbidden):
        services.save(session, actor_of(session, other), draft, revision=1, comment="", ratings={})


def test_an_assessor_who_left_the_body_cannot_go_on(session: Session) -> None:
    draft = make_draft(session)
    gone = Actor(draft.assessor_id, "Formatrice A")
    with pytest.raises(Forbidden):
        services.save(session, gone, draft, revision=1, comment="", ratings={})


@pytest.mark.parametrize(
    "ratings",
    [{"9.9.9": Rated("acquired")}, {"1.1.1": Rated("excellent")}, {"1.1.1": Rated("acquired", is_observed=False)}],
)
def test_an_unknown_indicator_or_level_is_refused(session: Session, ratings: dict[str, Rated]) -> None:
    draft = make_draft(session)
    with pytest.raises(Invalid):
        services.save(session, _assessor(session, draft), draft, revision=1, comment="", ratings=ratings)


def test_a_grid_with_unanswered_indicators_cannot_be_signed(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    answered = {code: rated for code, rated in whole_grid().items() if code != "4.4.3"}
    services.save(session, actor, draft, revision=1, comment="", ratings=answered)
    with pytest.raises(Invalid):
        services.sign(session, actor, draft)
    assert draft.state is AssessmentState.DRAFT


def test_signing_an_older_revision_than_what_was_read_is_refused(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    with pytest.raises(Conflict):
        services.sign(session, actor, draft, revision=1)


def test_signing_seals_the_grid_and_updates_the_standing(session: Session) -> None:
    ratings = whole_grid(**{"2.1.1": "not_acquired", "3.1.1": None})
    signed = make_signed(session, ratings=ratings)
    session.commit()
    enrolment = _enrolment(session, signed)
    rows = session.scalars(select(Rating).where(Rating.assessment_id == signed.id)).all()
    assert signed.seal == policies.seal_of(signed, enrolment.framework_version_id, rows)
    assert signed.signed_at is not None
    standing = session.get_one(Standing, enrolment.id)
    assert standing.competencies["1.1"] == "acquired"
    assert standing.competencies["2.1"] == standing.competencies["3.1"] == "partly_acquired"
    assert standing.disputed == []


def test_a_signed_assessment_is_changed_by_no_verb(session: Session) -> None:
    signed = make_signed(session)
    actor = _assessor(session, signed)
    with pytest.raises(Conflict):
        services.save(session, actor, signed, revision=signed.revision, comment="autre", ratings={})
    with pytest.raises(Conflict):
        services.sign(session, actor, signed)
    with pytest.raises(Conflict):
        services.discard(session, actor, signed)


def test_assessors_who_disagree_make_a_disputed_standing(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment)
    make_signed(session, enrolment, ratings=whole_grid(**{"3.2.1": "partly_acquired"}))
    standing = session.get_one(Standing, enrolment.id)
    assert standing.disputed == ["3.2"]
    assert standing.competencies["3.2"] == "partly_acquired"


def test_the_last_moment_assessed_counts_whatever_the_order_of_signatures(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    today = clock.today()
    make_signed(session, enrolment, trainer, whole_grid("acquired"), held_on=today)
    make_signed(session, enrolment, trainer, whole_grid("not_acquired"), held_on=today - timedelta(days=30))
    assert set(session.get_one(Standing, enrolment.id).competencies.values()) == {"acquired"}


def test_on_the_same_day_the_last_signature_counts(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer, whole_grid("acquired"))
    make_signed(session, enrolment, trainer, whole_grid("partly_acquired"))
    assert set(session.get_one(Standing, enrolment.id).competencies.values()) == {"partly_acquired"}


def test_a_positioning_never_pulls_down_what_was_seen_since(session: Session) -> None:
    enrolment = make_enrolment(session)
    make_signed(session, enrolment, ratings=whole_grid("not_acquired"), kind=AssessmentKind.POSITIONING)
    assert set(session.get_one(Standing, enrolment.id).competencies.values()) == {"not_acquired"}
    make_signed(session, enrolment, ratings=whole_grid("acquired"))
    standing = session.get_one(Standing, enrolment.id)
    assert (set(standing.competencies.values()), standing.disputed) == ({"acquired"}, [])


def test_a_correction_takes_the_place_of_what_it_corrects_once_signed(session: Session) -> None:
    signed = make_signed(session, ratings=whole_grid("not_acquired"), comment="D’abord")
    actor = _assessor(session, signed)
    draft = services.correct(session, actor, signed)
    assert (draft.comment, len(draft.ratings), draft.supersedes_id) == ("D’abord", len(INDICATORS), signed.id)
    assert set(session.get_one(Standing, signed.enrolment_id).competencies.values()) == {"not_acquired"}
    services.save(session, actor, draft, revision=1, comment="Ensuite", ratings=whole_grid("acquired"))
    services.sign(session, actor, draft)
    assert set(session.get_one(Standing, signed.enrolment_id).competencies.values()) == {"acquired"}
    assert session.get_one(Assessment, signed.id).comment == "D’abord"


def test_an_assessment_has_one_correction_and_only_by_its_author(session: Session) -> None:
    signed = make_signed(session)
    other = make_trainer(session, _enrolment(session, signed))
    with pytest.raises(Forbidden):
        services.correct(session, actor_of(session, other), signed)
    services.correct(session, _assessor(session, signed), signed)
    with pytest.raises(Conflict):
        services.correct(session, _assessor(session, signed), signed)


def test_a_draft_can_be_given_up(session: Session) -> None:
    draft = make_draft(session)
    actor = _assessor(session, draft)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.discard(session, actor, draft)
    session.commit()
    assert session.get(Assessment, draft.id) is None
    assert session.scalars(select(Rating)).all() == []


def test_rebuilding_the_standings_gives_what_each_signature_gave(session: Session) -> None:
    first, second = make_enrolment(session), make_enrolment(session)
    make_signed(session, first, ratings=whole_grid(**{"1.1.1": "not_acquired"}))
    make_signed(session, first, ratings=whole_grid(**{"1.1.1": None, "4.1.1": "partly_acquired"}))
    make_signed(session, second, ratings=whole_grid("partly_acquired"))
    session.commit()
    before = _standings(session)
    for row in session.scalars(select(Standing)):
        row.competencies, row.disputed = {"1.1": "acquired"}, ["4.4"]
    session.delete(session.get_one(Standing, second.id))
    session.add(
        Standing(enrolment_id=make_enrolment(session).id, competencies={}, disputed=[], assessed_at=clock.now())
    )
    session.commit()
    assert services.rebuild_standings(session) == 2
    session.commit()
    assert _standings(session) == before


def test_recording_a_whole_grid_takes_as_many_statements_whatever_the_history(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    make_signed(session, enrolment, trainer)
    session.commit()
    counts = [_statements_of_one(session, enrolment, trainer)]
    for _ in range(4):
        make_signed(session, enrolment)
    session.commit()
    counts.append(_statements_of_one(session, enrolment, trainer))
    assert counts[0] == counts[1] <= 40, counts


def _statements_of_one(session: Session, enrolment: Enrolment, trainer: User) -> int:
    session.expire_all()
    with count_statements(session.get_bind()) as statements:
        make_signed(session, enrolment, trainer)
        session.commit()
    return len(statements)


def _standings(session: Session) -> dict[uuid.UUID, tuple[dict[str, str], list[str]]]:
    session.expire_all()
    return {row.enrolment_id: (dict(row.competencies), list(row.disputed)) for row in session.scalars(select(Standing))}


def _assessor(session: Session, assessment: Assessment) -> Actor:
    return actor_of(session, session.get_one(User, assessment.assessor_id))


def _enrolment(session: Session, assessment: Assessment) -> Enrolment:
    return session.get_one(Enrolment, assessment.enrolment_id)


def test_assessors_are_those_who_signed(session: Session) -> None:
    signed = make_signed(session)
    make_draft(session, _enrolment(session, signed))
    assert queries.assessors_of(session, [signed.enrolment_id]) == {signed.enrolment_id: {signed.assessor_id}}


def test_a_comment_that_would_let_a_family_be_recognised_is_not_signed(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    actor, draft = actor_of(session, trainer), make_draft(session, enrolment, trainer)
    told = "La maman, 06 12 34 56 78, était contente."
    services.save(session, actor, draft, revision=draft.revision, comment=told, ratings=whole_grid())
    with pytest.raises(Invalid) as refusal:
        services.sign(session, actor, draft)
    assert refusal.value.field == "comment"
    assert draft.comment == told
    assert draft.state is AssessmentState.DRAFT

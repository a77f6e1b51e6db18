"""Who may assess: granting, ending, and what follows for grids."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import queries, services
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState, AssessorHabilitation, Rating
from certify.assessments.policies import Rated
from certify.assessments.queries import Grantable
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Actor, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.core.listing import Wanted
from certify.core.sealing import Sealed
from certify.frameworks.models import FrameworkVersion
from certify.organisations.models import Habilitation, Organisation
from tests.factories.assessments import INDICATORS, make_habilitated, make_signed, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member, make_organisation
from tests.factories.platforms import make_context, make_identity, make_registration
from tests.factories.platforms import make_member as put_in_course
from tests.services.statements import count_statements

FIRST = frozenset(code for code in INDICATORS if code.startswith("1."))


def _body(session: Session, enrolment: Enrolment) -> Organisation:
    return session.get_one(Organisation, enrolment.training_body_id)


def _chosen(session: Session, enrolment: Enrolment) -> Grantable:
    return Grantable(_body(session, enrolment), session.get_one(FrameworkVersion, enrolment.framework_version_id))


def _coordinator(session: Session, enrolment: Enrolment) -> Actor:
    return actor_of(session, make_member(session, _body(session, enrolment), Role.COORDINATOR))


def _trainer(session: Session, enrolment: Enrolment) -> User:
    """Make a trainer who may assess nothing yet."""
    return make_member(session, _body(session, enrolment), Role.TRAINER)


def _grant(session: Session, enrolment: Enrolment, user: User, *blocks: str, **values: object) -> None:
    dates = {"starts_on": clock.today()} | values
    services.habilitate(
        session,
        _coordinator(session, enrolment),
        _chosen(session, enrolment),
        user_id=user.id,
        blocks=blocks,
        **dates,  # type: ignore[arg-type]
    )


def _blocks(session: Session, user: User, enrolment: Enrolment, on: date | None = None) -> frozenset[str]:
    return queries.habilitated_blocks(session, user.id, enrolment, on or clock.today())


def _draft(session: Session, enrolment: Enrolment, user: User) -> Assessment:
    kind = AssessmentKind.FORMATIVE
    return services.start(session, actor_of(session, user), enrolment, kind=kind, held_on=clock.today())


def _ratings(codes: frozenset[str], level: str = "acquired") -> dict[str, Rated]:
    return {code: Rated(level) for code in codes}


def test_a_trainer_without_a_habilitation_assesses_nothing(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    assert _blocks(session, trainer, enrolment) == frozenset()
    with pytest.raises(Forbidden, match="pas habilité"):
        _draft(session, enrolment, trainer)


def test_a_coordinator_habilitates_a_trainer_for_all_blocks(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    _grant(session, enrolment, trainer)
    session.commit()
    assert _blocks(session, trainer, enrolment) == {"1", "2", "3", "4"}
    chains = session.scalars(
        select(AuditEvent.organisation_id).where(AuditEvent.tag == "assessment:habilitation:granted")
    ).all()
    version = session.get_one(FrameworkVersion, enrolment.framework_version_id)
    assert set(chains) == {enrolment.training_body_id, version.certifying_body_id}


def test_a_registrar_of_the_certifying_body_habilitates_too(session: Session) -> None:
    enrolment = make_enrolment(session)
    chosen, trainer = _chosen(session, enrolment), _trainer(session, enrolment)
    certifying = session.get_one(Organisation, chosen.version.certifying_body_id)
    registrar = actor_of(session, make_member(session, certifying, Role.REGISTRAR))
    assert [(one.training_body, one.version) for one in queries.grantable(session, registrar)] == [
        (chosen.training_body, chosen.version)
    ]
    services.habilitate(session, registrar, chosen, user_id=trainer.id, blocks=["2"], starts_on=clock.today())
    assert _blocks(session, trainer, enrolment) == {"2"}


@pytest.mark.parametrize("role", [Role.TRAINER, Role.AUDITOR, Role.REFERENT])
def test_nobody_else_habilitates(session: Session, role: Role) -> None:
    enrolment = make_enrolment(session)
    actor = actor_of(session, make_member(session, _body(session, enrolment), role))
    trainer = _trainer(session, enrolment)
    assert queries.grantable(session, actor) == []
    with pytest.raises(Forbidden):
        services.habilitate(session, actor, _chosen(session, enrolment), user_id=trainer.id, starts_on=clock.today())


@pytest.mark.parametrize("change", [{"may_assess": False}, {"ends_on": date(2020, 1, 1)}])
def test_a_body_that_may_not_assess_itself_habilitates_nobody(session: Session, change: dict[str, object]) -> None:
    enrolment = make_enrolment(session)
    row = session.scalars(select(Habilitation)).one()
    for name, value in change.items():
        setattr(row, name, value)
    session.flush()
    with pytest.raises(Forbidden):
        _grant(session, enrolment, _trainer(session, enrolment))


def test_only_trainers_of_the_body_are_habilitated(session: Session) -> None:
    enrolment = make_enrolment(session)
    stranger = make_member(session, make_organisation(session), Role.TRAINER)
    with pytest.raises(Invalid) as refusal:
        _grant(session, enrolment, stranger)
    assert refusal.value.field == "person"


def test_who_teaches_in_a_course_of_a_platform_of_the_body_is_habilitated_too(session: Session) -> None:
    enrolment = make_enrolment(session)
    context = make_context(session, registration := make_registration(session, _body(session, enrolment)))
    teacher, learner = make_identity(session, registration), make_identity(session, registration)
    put_in_course(session, context, teacher, Role.TRAINER)
    put_in_course(session, context, learner)
    people = {person.id for person in queries.trainers_of(session, enrolment.training_body_id)}
    assert teacher.user_id in people
    assert learner.user_id not in people
    _grant(session, enrolment, session.get_one(User, teacher.user_id), "4")
    assert _blocks(session, session.get_one(User, teacher.user_id), enrolment) == {"4"}


def test_dates_and_blocks_that_make_no_sense_are_refused(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    with pytest.raises(Invalid) as refusal:
        _grant(session, enrolment, trainer, ends_on=clock.today() - timedelta(days=1))
    assert refusal.value.field == "ends_on"
    with pytest.raises(Invalid) as refusal:
        _grant(session, enrolment, trainer, "9")
    assert refusal.value.field == "blocks"


def test_the_same_block_is_not_granted_twice_on_one_day(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    ends = clock.today() + timedelta(days=30)
    _grant(session, enrolment, trainer, "1", ends_on=ends)
    with pytest.raises(Conflict):
        _grant(session, enrolment, trainer, "1", "2")
    _grant(session, enrolment, trainer, "2")
    _grant(session, enrolment, trainer, "1", starts_on=ends + timedelta(days=1))
    assert _blocks(session, trainer, enrolment) == {"1", "2"}


def test_a_habilitation_holds_from_its_first_day_to_its_last(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    first, last = clock.today(), clock.today() + timedelta(days=10)
    make_habilitated(session, trainer, enrolment, starts_on=first, ends_on=last)
    day = timedelta(days=1)
    assert not _blocks(session, trainer, enrolment, first - day)
    assert _blocks(session, trainer, enrolment, first)
    assert _blocks(session, trainer, enrolment, last)
    assert not _blocks(session, trainer, enrolment, last + day)


def test_a_habilitation_for_another_body_or_another_framework_says_nothing_here(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    trainer = _trainer(session, enrolment)
    make_habilitated(session, trainer, other)
    make_habilitated(session, trainer, enrolment, framework_code="autre")
    assert _blocks(session, trainer, enrolment) == frozenset()


def test_an_ended_habilitation_is_kept_and_never_changes_again(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer, coordinator = _trainer(session, enrolment), _coordinator(session, enrolment)
    (row,) = make_habilitated(session, trainer, enrolment)
    session.commit()
    found = queries.habilitation_for(session, coordinator, row.id)
    services.end_habilitation(session, coordinator, found)
    session.commit()
    assert _blocks(session, trainer, enrolment) == frozenset()
    assert _blocks(session, trainer, enrolment, clock.today() - timedelta(days=1))
    assert (
        session.scalars(
            select(AuditEvent.tag).where(AuditEvent.object_id == row.id, AuditEvent.tag.like("%ended"))
        ).all()
        == ["assessment:habilitation:ended"] * 2
    )
    with pytest.raises(Conflict):
        services.end_habilitation(session, coordinator, found)
    found.ended_at = None
    with pytest.raises(Sealed):
        session.flush()


def test_a_habilitation_of_another_body_is_not_found(session: Session) -> None:
    enrolment, other = make_enrolment(session), make_enrolment(session)
    (row,) = make_habilitated(session, _trainer(session, enrolment), enrolment)
    with pytest.raises(NotFound):
        queries.habilitation_for(session, _coordinator(session, other), row.id)
    with pytest.raises(NotFound):
        queries.habilitation_for(session, _coordinator(session, enrolment), uuid.uuid4())
    with pytest.raises(Forbidden):
        services.end_habilitation(session, _coordinator(session, other), row)


def test_a_grid_is_saved_and_signed_on_the_habilitated_blocks_only(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    make_habilitated(session, trainer, enrolment, "1")
    actor, draft = actor_of(session, trainer), _draft(session, enrolment, trainer)
    with pytest.raises(Forbidden, match="bloc 2"):
        services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.save(session, actor, draft, revision=1, comment="", ratings=_ratings(FIRST))
    assert queries.may_sign(session, actor, draft)
    signed = services.sign(session, actor, draft)
    assert {row.indicator for row in signed.ratings} == FIRST
    standing = queries.standings_of(session, [enrolment.id])[enrolment.id]
    assert set(standing.competencies) == {code for code in standing.competencies if code.startswith("1.")} != set()


def test_every_habilitated_indicator_needs_an_answer(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    make_habilitated(session, trainer, enrolment, "1", "3")
    actor, draft = actor_of(session, trainer), _draft(session, enrolment, trainer)
    services.save(session, actor, draft, revision=1, comment="", ratings=_ratings(FIRST))
    with pytest.raises(Invalid):
        services.sign(session, actor, draft)


def test_a_draft_whose_habilitation_has_ended_is_refused_and_nothing_is_lost(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    rows = make_habilitated(session, trainer, enrolment, "1", "2")
    actor, draft = actor_of(session, trainer), _draft(session, enrolment, trainer)
    both = frozenset(code for code in INDICATORS if code[0] in "12")
    services.save(session, actor, draft, revision=1, comment="Belle écoute", ratings=_ratings(both))
    services.end_habilitation(session, _coordinator(session, enrolment), rows[1])
    session.commit()
    assert not queries.may_sign(session, actor, draft)
    with pytest.raises(Forbidden, match="bloc 2"):
        services.sign(session, actor, draft)
    session.rollback()
    assert (draft.state, draft.comment) == (AssessmentState.DRAFT, "Belle écoute")
    assert set(session.scalars(select(Rating.indicator).where(Rating.assessment_id == draft.id))) == both
    services.save(session, actor, draft, revision=2, comment="", ratings=_ratings(FIRST, "partly_acquired"))
    services.leave_out(session, actor, draft)
    assert services.sign(session, actor, draft).state is AssessmentState.SIGNED


def test_a_draft_without_any_habilitation_left_is_neither_changed_nor_signed(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = _trainer(session, enrolment)
    (row,) = make_habilitated(session, trainer, enrolment)
    actor, draft = actor_of(session, trainer), _draft(session, enrolment, trainer)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    services.end_habilitation(session, _coordinator(session, enrolment), row)
    with pytest.raises(Forbidden):
        services.save(session, actor, draft, revision=2, comment="", ratings=_ratings(FIRST, "not_acquired"))
    with pytest.raises(Forbidden):
        services.sign(session, actor, draft)
    assert len(draft.ratings) == len(INDICATORS)


def test_a_correction_needs_the_habilitation_of_what_it_corrects(session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    signed = make_signed(session, enrolment, trainer)
    for row in session.scalars(select(AssessorHabilitation)).all():
        services.end_habilitation(session, _coordinator(session, enrolment), row)
    make_habilitated(session, trainer, enrolment, "1")
    with pytest.raises(Forbidden, match="bloc 2"):
        services.correct(session, actor_of(session, trainer), signed)


def test_a_self_assessment_is_whole_whatever_anybody_may_assess(session: Session) -> None:
    enrolment = make_enrolment(session)
    actor = actor_of(session, session.get_one(User, enrolment.user_id))
    draft = services.start_own(session, actor, enrolment)
    services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid())
    assert services.sign(session, actor, draft).state is AssessmentState.SIGNED


def test_the_list_of_habilitations_costs_the_same_whatever_its_length(session: Session) -> None:
    enrolment = make_enrolment(session)
    coordinator = _coordinator(session, enrolment)
    wanted = Wanted("/assessors")
    make_habilitated(session, _trainer(session, enrolment), enrolment, "1")
    counts = []
    queries.habilitations_page(session, coordinator, wanted)
    for _ in range(2):
        for _ in range(10):
            make_habilitated(session, _trainer(session, enrolment), enrolment, "1", "2")
        session.expire_all()
        with count_statements(session.get_bind().engine) as seen:  # type: ignore[union-attr]
            queries.habilitations_page(session, coordinator, wanted)
        counts.append(len(seen))
    assert counts[0] == counts[1]

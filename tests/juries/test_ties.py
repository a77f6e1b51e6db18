"""What the application holds that ties a member to a candidate, record by record."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments.models import Assessment, AssessmentState, RetainedLevel, VerificationDraw, VerificationItem
from certify.cohorts.models import Cohort, Enrolment, HalfDay, VaeStepKind
from certify.core import clock
from certify.core.access import Role
from certify.core.types import new_id
from certify.groups.models import Facilitator, PeerGroup
from certify.juries.ties import Cause, Tie, is_same_house, ties_of
from certify.logbook.models import Activity, EntryReview, EntryVersion, LogbookEntry, ReviewOutcome
from certify.organisations.models import Organisation, OrganisationKind
from certify.supervision.models import SupervisionKind, SupervisionPresence, SupervisionSession
from tests.factories.assessments import make_accepted_evidence
from tests.factories.following import make_half_day, make_step, mark
from tests.factories.juries import Prepared, add_candidate, make_jury, seat_member
from tests.factories.observations import make_answered
from tests.factories.people import make_member, make_organisation, make_user
from tests.services.statements import count_statements

Maker = Callable[[Session, Enrolment, User], object]
TODAY = clock.today()


def _signed(session: Session, enrolment: Enrolment, user: User, on: date = TODAY) -> Assessment:
    row = Assessment(
        enrolment_id=enrolment.id, framework_version_id=enrolment.framework_version_id, assessor_id=user.id,
        training_body_id=enrolment.training_body_id, held_on=on, state=AssessmentState.SIGNED, created_at=clock.now(),
        saved_at=clock.now(), signed_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _verified(session: Session, enrolment: Enrolment, user: User) -> object:
    assessment = _signed(session, enrolment, make_user(session))
    draw = VerificationDraw(
        cohort_id=enrolment.cohort_id, training_body_id=enrolment.training_body_id, percentage=100, seed="graine",
        population={}, drawn_at=clock.now(), drawn_by_id=user.id,
    )  # fmt: skip
    session.add(draw)
    session.flush()
    row = VerificationItem(
        draw_id=draw.id, assessment_id=assessment.id, verified_at=clock.now(), verified_by_id=user.id
    )
    session.add(row)
    return row


def _retained(session: Session, enrolment: Enrolment, user: User) -> object:
    row = RetainedLevel(
        enrolment_id=enrolment.id, framework_version_id=enrolment.framework_version_id, competency="1.1",
        level="acquired", comment="Vu en situation.", decided_at=clock.now(), decided_by_id=user.id,
    )  # fmt: skip
    session.add(row)
    return row


def _reviewed(session: Session, enrolment: Enrolment, user: User) -> object:
    entry = LogbookEntry(
        id=new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id,
        activity=next(iter(Activity)), title="Rencontre", created_at=clock.now(), saved_at=clock.now(),
    )  # fmt: skip
    session.add(entry)
    session.flush()
    version = EntryVersion(
        entry_id=entry.id, framework_version_id=enrolment.framework_version_id, number=1, content={},
        submitted_at=clock.now(), submitted_by_id=enrolment.user_id,
    )  # fmt: skip
    session.add(version)
    session.flush()
    row = EntryReview(
        entry_id=entry.id, version_id=version.id, reviewer_id=user.id, outcome=ReviewOutcome.ACCEPTED, at=clock.now()
    )
    session.add(row)
    return row


def _examined(session: Session, enrolment: Enrolment, user: User) -> object:
    return make_accepted_evidence(session, enrolment, ["1.1.1"], decided_by_id=user.id)


def _attended(session: Session, enrolment: Enrolment, user: User) -> object:
    half_day = make_half_day(session, session.get_one(Cohort, enrolment.cohort_id), TODAY)
    return mark(session, half_day, enrolment, by=user)


def _supervised(session: Session, enrolment: Enrolment, user: User, kind: SupervisionKind) -> object:
    held = SupervisionSession(
        training_body_id=enrolment.training_body_id, kind=kind, on=TODAY, half=HalfDay.MORNING, supervisor_id=user.id,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(held)
    session.flush()
    row = SupervisionPresence(session_id=held.id, enrolment_id=enrolment.id, recorded_at=clock.now())
    session.add(row)
    return row


def _analysed(session: Session, enrolment: Enrolment, user: User) -> object:
    return _supervised(session, enrolment, user, SupervisionKind.PRACTICE_ANALYSIS)


def _watched(session: Session, enrolment: Enrolment, user: User) -> object:
    return _supervised(session, enrolment, user, SupervisionKind.OBSERVATION)


def _answered(session: Session, enrolment: Enrolment, user: User) -> object:
    return make_answered(session, enrolment, referent_email=user.email.upper())


def _followed(session: Session, enrolment: Enrolment, user: User) -> object:
    body = session.get_one(Organisation, make_organisation(session, OrganisationKind.CERTIFYING_BODY).id)
    group = PeerGroup(
        training_body_id=enrolment.training_body_id, certifying_body_id=body.id, framework_code="demo",
        code="ROUBAIX-07", referent_id=user.id, opened_on=TODAY, created_at=clock.now(),
    )  # fmt: skip
    session.add(group)
    session.flush()
    row = Facilitator(group_id=group.id, enrolment_id=enrolment.id, starts_on=TODAY, recorded_at=clock.now())
    session.add(row)
    return row


def _accompanied(session: Session, enrolment: Enrolment, user: User) -> object:
    return make_step(session, enrolment, VaeStepKind.STEP_TAKEN, TODAY, by=user)


def _role(role: Role) -> Maker:
    def make(session: Session, enrolment: Enrolment, user: User) -> object:
        return make_member(session, session.get_one(Organisation, enrolment.training_body_id), role, user)

    return make


def _of_house(session: Session, enrolment: Enrolment, user: User) -> object:
    return make_member(session, session.get_one(Organisation, enrolment.house_id), Role.REFERENT, user)


RECORDS: tuple[tuple[Cause, str, Maker], ...] = (
    (Cause.ASSESSMENT, "assessed", _signed),
    (Cause.VERIFICATION, "assessed", _verified),
    (Cause.RETAINED, "assessed", _retained),
    (Cause.REVIEW, "trained", _reviewed),
    (Cause.EVIDENCE, "trained", _examined),
    (Cause.ATTENDANCE, "trained", _attended),
    (Cause.TRAINER, "trained", _role(Role.TRAINER)),
    (Cause.SUPERVISION, "supervised", _analysed),
    (Cause.GROUP, "supervised", _followed),
    (Cause.REFERENT, "supervised", _role(Role.REFERENT)),
    (Cause.OBSERVED_MEETING, "observed", _watched),
    (Cause.OBSERVATION, "observed", _answered),
    (Cause.VAE, "accompanied", _accompanied),
    (Cause.COORDINATOR, "accompanied", _role(Role.COORDINATOR)),
    (Cause.HOUSE, "same_house", _of_house),
)


def _seated(session: Session, made: Prepared, **values: object) -> User:
    user = make_user(session)
    seat_member(session, made.jury, user, **values)
    return user


def _ties(session: Session, made: Prepared, user: User) -> list[Tie]:
    session.flush()
    return [tie for tie in ties_of(session, made.jury.id) if tie.user_id == user.id]


def test_each_record_ties_the_member_who_made_it_to_the_candidate_and_nobody_else(session: Session) -> None:
    made = make_jury(session, 2)
    tied, other = (session.get_one(Enrolment, one.enrolment_id) for one in made.candidacies)
    tied.house_id = make_organisation(session, OrganisationKind.HOUSE).id
    for cause, conflict, make in RECORDS:
        user = _seated(session, made)
        make(session, tied, user)
        found = _ties(session, made, user)
        mine = [tie for tie in found if tie.enrolment_id == tied.id and tie.cause is cause]
        assert [(tie.conflict, tie.count) for tie in mine] == [(conflict, 1)], cause
        assert mine[0].about or mine[0].on == TODAY, cause
        if cause not in (Cause.TRAINER, Cause.REFERENT, Cause.COORDINATOR):
            assert not [tie for tie in found if tie.enrolment_id == other.id], cause


def test_a_record_of_somebody_else_or_struck_out_or_cancelled_ties_nobody(session: Session) -> None:
    made = make_jury(session, 1)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    user = _seated(session, made)
    step = make_step(session, enrolment, VaeStepKind.STEP_TAKEN, TODAY, by=user)
    make_step(session, enrolment, VaeStepKind.STEP_TAKEN, TODAY, strikes_id=step.id)
    _watched(session, enrolment, user)
    session.flush()
    for held in session.scalars(select(SupervisionSession)):
        held.cancelled_at = clock.now()
    _signed(session, enrolment, make_user(session))
    assert _ties(session, made, user) == []


def test_an_employer_named_as_the_house_of_a_candidate_ties_whatever_the_spelling(session: Session) -> None:
    made = make_jury(session, 1)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    house = make_organisation(session, OrganisationKind.HOUSE, name="Maison des Étoiles")
    enrolment.house_id = house.id
    user = _seated(session, made, employer="maison des  ETOILES")
    elsewhere = _seated(session, made, employer="Une autre Maison")
    assert [(tie.cause, tie.conflict, tie.about) for tie in _ties(session, made, user)] == [
        (Cause.EMPLOYER, "same_house", house.name)
    ]
    assert _ties(session, made, elsewhere) == []
    assert is_same_house("", "") is False


def test_ties_take_as_many_statements_whatever_the_number_of_members_and_candidates(session: Session) -> None:
    small, large = make_jury(session, 1), make_jury(session, 9)
    for candidacy in large.candidacies:
        enrolment = session.get_one(Enrolment, candidacy.enrolment_id)
        _signed(session, enrolment, make_user(session), TODAY - timedelta(days=3))
        _examined(session, enrolment, large.members[1])
    session.flush()
    counts = []
    for made in (small, large):
        with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
            ties = ties_of(session, made.jury.id)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert len(ties) == 9


def test_a_seat_has_no_tie_with_a_candidate_added_to_another_session(session: Session) -> None:
    made, elsewhere = make_jury(session, 1), make_jury(session, 0)
    user = _seated(session, made)
    candidacy = add_candidate(session, elsewhere)
    _signed(session, session.get_one(Enrolment, candidacy.enrolment_id), user)
    assert _ties(session, made, user) == []

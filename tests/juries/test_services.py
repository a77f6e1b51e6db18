import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Permission, Role
from certify.core.errors import Conflict, Forbidden, Invalid, NotFound
from certify.frameworks.models import FrameworkVersion
from certify.juries import candidates, dossiers, queries, services
from certify.juries.composition import composition_of
from certify.juries.models import JuryDecision, JurySeat, SessionState
from certify.juries.ties import ties_of
from certify.organisations.models import Membership, Organisation, OrganisationKind
from tests.factories.assessments import make_signed
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    add_candidate,
    closed,
    grant,
    make_closed_jury,
    make_jury,
    make_ready,
    opened,
    published,
    seat_member,
)
from tests.factories.people import actor_of, make_certifying_body, make_member, make_organisation, make_user

WHOLE = competencies.WholeOutcome
READ = Permission.JURY_READ


def test_a_session_is_prepared_with_its_reference(session: Session) -> None:
    made = make_jury(session, reference="2026-014")
    assert (made.jury.reference, made.jury.state) == ("2026-014", SessionState.CREATED)
    assert queries.next_reference(session, made.body.id, 2026) == "2026-015"


def test_a_reference_is_given_once_by_a_certifying_body(session: Session) -> None:
    made = make_jury(session, reference="2026-001")
    version = session.get_one(FrameworkVersion, made.jury.framework_version_id)
    with pytest.raises(Invalid, match="référence"):
        services.create_session(
            session, made.actor(session), made.body, version, reference="2026-001", held_on=clock.today(), place="Lille"
        )


def test_a_session_is_not_prepared_on_the_framework_of_another_body(session: Session) -> None:
    made = make_jury(session)
    version = session.get_one(FrameworkVersion, made.jury.framework_version_id)
    with pytest.raises(Invalid, match="organisme certificateur"):
        services.create_session(
            session, made.actor(session), make_certifying_body(session), version,
            reference="2026-900", held_on=clock.today(), place="Lille",
        )  # fmt: skip


def test_somebody_unknown_is_invited_to_sit_and_somebody_known_found(session: Session) -> None:
    made = make_jury(session)
    known = make_user(session, email="connue@exemple.test")
    for email in ("connue@exemple.test", "inconnue@exemple.test"):
        services.add_seat(
            session, made.actor(session), made.jury, email=email, given_name="Jury", family_name="9", quality="Élue"
        )
    seated = {user.email: user for user in session.scalars(select(User).join(JurySeat, JurySeat.user_id == User.id))}
    assert seated["connue@exemple.test"].id == known.id
    assert "inconnue@exemple.test" in seated
    assert not next(m for m in queries.members_of(session, made.jury) if m.user.id == known.id).seat.declared_at


def test_nobody_is_seated_twice(session: Session) -> None:
    made = make_jury(session)
    with pytest.raises(Conflict, match="siège déjà"):
        services.add_seat(
            session, made.actor(session), made.jury, email=made.members[1].email, given_name="Jury", family_name="2"
        )


def test_somebody_of_another_body_cannot_be_presented(session: Session) -> None:
    made = make_jury(session)
    stranger = make_enrolment(session)
    with pytest.raises(Conflict, match="présentées"):
        services.add_candidates(session, made.actor(session), made.jury, [stranger.id])


def test_somebody_presented_to_an_open_session_is_not_offered_to_another(session: Session) -> None:
    made = make_jury(session)
    other = make_jury(session, 0, cohort=made.cohort)
    offered = session.scalars(candidates.eligible(other.jury).with_only_columns(Enrolment.id))
    assert made.candidacies[0].enrolment_id not in set(offered)


def test_somebody_partly_certified_is_offered_again_and_somebody_certified_is_not(session: Session) -> None:
    made = make_jury(session, 2)
    opened(session, made)
    grant(session, made, made.candidacies[0])
    grant(session, made, made.candidacies[1], b4=NOT_ACQUIRED)
    services.close(session, made.actor(session, made.president), made.jury)
    published(session, made)
    again = make_jury(session, 0, cohort=made.cohort)
    offered = set(session.scalars(candidates.eligible(again.jury).with_only_columns(Enrolment.id)))
    assert offered == {made.candidacies[1].enrolment_id}


def test_a_block_acquired_before_stays_acquired(session: Session) -> None:
    made = make_jury(session)
    published(session, closed(session, made, b4=NOT_ACQUIRED))
    again = make_jury(session, 0, cohort=made.cohort)
    candidacy = add_candidate(session, again, session.get_one(Enrolment, made.candidacies[0].enrolment_id))
    file = dossiers.file_of(session, candidacy)
    assert file.already_acquired == {"1", "2", "3"}
    assert file.proposals["1"] is ACQUIRED


def test_a_member_declares_once(session: Session) -> None:
    made = make_jury(session)
    user = make_user(session)
    seat_member(session, made.jury, user, declared_at=None)
    first = services.declare(session, actor_of(session, user), made.jury).declared_at
    assert first is not None
    assert services.declare(session, actor_of(session, user), made.jury).declared_at == first


def test_somebody_who_does_not_sit_cannot_declare(session: Session) -> None:
    made = make_jury(session)
    with pytest.raises(Forbidden, match="membres"):
        services.declare(session, made.actor(session), made.jury)


def test_a_session_opens_when_all_may_sit(session: Session) -> None:
    made = opened(session, make_jury(session))
    assert made.jury.state is SessionState.DELIBERATING
    assert made.jury.opened_at is not None


def test_a_session_without_candidate_does_not_open(session: Session) -> None:
    made = make_jury(session, 0)
    with pytest.raises(Conflict, match="candidature"):
        opened(session, made)


def test_a_session_does_not_open_before_every_member_declared(session: Session) -> None:
    made = make_jury(session)
    seat_member(session, made.jury, make_user(session, family_name="Sans"), declared_at=None)
    with pytest.raises(Conflict, match="déclaré ses liens"):
        opened(session, made)


def test_a_juror_who_assessed_the_candidate_cannot_sit(session: Session) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    make_signed(session, enrolment, assessor=_trainer_now_gone(session, made, enrolment))
    with pytest.raises(Conflict, match="évalué"):
        opened(session, made)


def _trainer_now_gone(session: Session, made, enrolment: Enrolment) -> User:  # type: ignore[no-untyped-def]
    user = make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.TRAINER)
    seat_member(session, made.jury, user)
    return user


@pytest.mark.parametrize(
    ("role", "cause"), [(Role.TRAINER, "trainer"), (Role.REFERENT, "referent"), (Role.COORDINATOR, "coordinator")]
)
def test_staff_of_the_training_body_cannot_sit(session: Session, role: Role, cause: str) -> None:
    made = make_jury(session)
    training_body = session.get_one(Organisation, made.cohort.training_body_id)
    seat_member(session, made.jury, make_member(session, training_body, role))
    assert [tie.cause for tie in ties_of(session, made.jury.id)] == [cause]
    with pytest.raises(Conflict, match="ne peut pas siéger"):
        opened(session, made)


def test_somebody_of_the_same_house_and_the_candidate_themself_cannot_sit(session: Session) -> None:
    made = make_jury(session)
    enrolment = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    house = make_organisation(session, OrganisationKind.HOUSE)
    enrolment.house_id = house.id
    seat_member(session, made.jury, make_member(session, house, Role.REFERENT))
    seat_member(session, made.jury, session.get_one(User, enrolment.user_id))
    assert {tie.cause for tie in ties_of(session, made.jury.id)} == {"house", "self"}


def test_a_trainer_who_left_before_the_candidate_came_may_sit(session: Session) -> None:
    made = make_jury(session)
    training_body = session.get_one(Organisation, made.cohort.training_body_id)
    user = make_member(session, training_body, Role.TRAINER)
    seat_member(session, made.jury, user)
    row = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    row.ended_at = clock.now() - timedelta(days=400)
    session.flush()
    assert ties_of(session, made.jury.id) == []


def test_somebody_of_the_certifying_body_does_not_count_as_external(session: Session) -> None:
    made = make_jury(session)
    insiders = [
        seat_member(session, made.jury, make_member(session, made.body, Role.AUDITOR), is_external=True),
        seat_member(session, made.jury, make_user(session), is_external=True, employer=made.body.name.upper()),
    ]
    composition = composition_of(session, queries.jury_for(session, made.actor(session), made.jury.id, READ))
    internal = {one.seat.id for one in composition.members if not composition.is_external(one)}
    assert internal == {seat.id for seat in insiders}


def test_the_composition_does_not_change_once_open(session: Session) -> None:
    made = opened(session, make_jury(session))
    seat = made.jury.seats[0]
    for change in (
        lambda: services.remove_seat(session, made.actor(session), made.jury, seat.id),
        lambda: services.remove_candidate(session, made.actor(session), made.jury, made.candidacies[0].id),
        lambda: services.open_deliberation(session, made.actor(session), made.jury),
    ):
        with pytest.raises(Conflict, match="ne change plus"):
            change()
    seat.quality = "Autre"
    with pytest.raises(Conflict):
        session.flush()
    session.rollback()


def test_a_decision_keeps_its_proposals_and_reasons(session: Session) -> None:
    made = make_jury(session)
    make_ready(session, made.candidacies[0])
    opened(session, made)
    decision = grant(session, made, made.candidacies[0], b2=NOT_ACQUIRED)
    assert decision.number == 1
    assert decision.outcome == WHOLE.PARTLY_OBTAINED
    row = next(one for one in decision.blocks if one.block == "2")
    assert (row.outcome, row.proposed, bool(row.reason)) == ("not_acquired", "acquired", True)


def test_a_decision_without_its_reasons_is_refused(session: Session) -> None:
    made = opened(session, make_jury(session))
    with pytest.raises(Invalid, match="motif"):
        services.decide(
            session, made.actor(session, made.president), made.candidacies[0], expected=0,
            blocks=dict.fromkeys(BLOCKS, NOT_ACQUIRED), reasons={}, outcome=WHOLE.REFUSED, reason="Rien n’est acquis.",
        )  # fmt: skip


def test_a_decision_replaces_another_that_stays(session: Session) -> None:
    made = opened(session, make_jury(session))
    grant(session, made, made.candidacies[0])
    grant(session, made, made.candidacies[0], b1=NOT_ACQUIRED)
    history = dossiers.decisions_of(session, made.candidacies[0])
    assert [decision.number for decision, _author in history] == [2, 1]


def test_the_president_who_decides_from_an_older_page_is_told(session: Session) -> None:
    made = opened(session, make_jury(session))
    grant(session, made, made.candidacies[0])
    with pytest.raises(Conflict, match="Une autre décision"):
        services.decide(
            session, made.actor(session, made.president), made.candidacies[0], expected=0,
            blocks=dict.fromkeys(BLOCKS, ACQUIRED), reasons=dict.fromkeys(BLOCKS, "Vu."),
            outcome=WHOLE.OBTAINED, reason="",
        )  # fmt: skip
    assert len(list(session.scalars(select(JuryDecision)))) == 1


def test_nothing_is_decided_before_the_session_opens(session: Session) -> None:
    made = make_jury(session)
    with pytest.raises(Conflict, match="ne délibère pas"):
        grant(session, made, made.candidacies[0])


def test_a_session_closes_when_everybody_is_decided_on(session: Session) -> None:
    made = opened(session, make_jury(session, 2))
    grant(session, made, made.candidacies[0])
    with pytest.raises(Conflict, match="Il manque la décision"):
        services.close(session, made.actor(session, made.president), made.jury)
    grant(session, made, made.candidacies[1])
    services.close(session, made.actor(session, made.president), made.jury)
    assert made.jury.state is SessionState.CLOSED


def test_members_who_sat_must_make_a_jury_by_themselves_when_they_decide(session: Session) -> None:
    made = opened(session, make_jury(session, 2))
    grant(session, made, made.candidacies[0])
    alone = [seat.id for seat in made.jury.seats if seat.is_president]
    services.note_presence(session, made.actor(session, made.president), made.jury, present=alone)
    with pytest.raises(Conflict, match="Moins de deux personnes"):
        grant(session, made, made.candidacies[1])


def test_a_member_cannot_close(session: Session) -> None:
    made = opened(session, make_jury(session))
    grant(session, made, made.candidacies[0])
    with pytest.raises(Forbidden, match="présidence"):
        services.close(session, made.actor(session, made.members[1]), made.jury)


def test_the_minutes_say_everything_and_quote_their_own_digest(session: Session) -> None:
    made = make_closed_jury(session, 2, b3=NOT_ACQUIRED)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    facts = dict(minutes.facts)
    digest = facts.pop("digest")
    assert services.digest(facts) == digest
    assert (facts["reference"], len(facts["members"]), len(facts["candidates"])) == (made.jury.reference, 3, 2)
    assert facts["composition"]["members"] == 3
    assert [block["outcome"] for block in facts["candidates"][0]["blocks"]] == ["acquired"] * 2 + [
        "not_acquired",
        "acquired",
    ]


def test_a_closed_session_never_changes(session: Session) -> None:
    made = make_closed_jury(session)
    with pytest.raises(Conflict, match="ne délibère pas"):
        grant(session, made, made.candidacies[0])
    for change in (
        lambda: setattr(made.jury, "place", "Ailleurs"),
        lambda: setattr(session.scalars(select(JuryDecision)).first(), "reason", "Autre"),
        lambda: setattr(queries.minutes_of(session, made.jury.id), "facts", {}),
    ):
        session.commit()
        change()
        with pytest.raises(Conflict):
            session.flush()
        session.rollback()


def test_the_scope_of_a_session_is_its_body_and_its_members(session: Session) -> None:
    made, other = make_jury(session), make_jury(session, cohort=make_cohort(session))
    for user in (made.registrar, *made.members):
        assert queries.jury_for(session, actor_of(session, user), made.jury.id, Permission.JURY_READ).id == made.jury.id
        with pytest.raises(NotFound):
            queries.jury_for(session, actor_of(session, user), other.jury.id, Permission.JURY_READ)
    with pytest.raises(NotFound):
        queries.jury_for(session, made.actor(session), uuid.uuid4(), Permission.JURY_READ)

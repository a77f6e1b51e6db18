"""A jury that cannot be composed wrongly: per candidate, reserves, declarations, derogations, steps back."""

import uuid
from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import AccessRoute, Enrolment
from certify.core import clock
from certify.core.access import Permission, Role
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Invalid, NotFound
from certify.frameworks.models import FrameworkVersion
from certify.juries import candidates, queries, services
from certify.juries.composition import Composition, composition_of
from certify.juries.models import CompositionDerogation, JurySeat, JurySession, JuryStep, LinkDeclaration, SessionState
from certify.juries.rules import rules_of
from certify.juries.services.steps import go
from certify.organisations.models import Organisation
from competencies import JuryRules
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.files import make_rules
from tests.factories.juries import (
    Prepared,
    add_candidate,
    declared,
    grant,
    make_candidate,
    make_jury,
    make_published_jury,
    opened,
    seat_member,
)
from tests.factories.people import actor_of, make_member, make_organisation, make_user
from tests.services.statements import count_statements


def fresh(session: Session, made: Prepared) -> JurySession:
    session.flush()
    session.expire_all()
    return queries.jury_for(session, made.actor(session), made.jury.id, Permission.JURY_READ)


def seen(session: Session, made: Prepared) -> Composition:
    return composition_of(session, fresh(session, made))


def codes(composition: Composition) -> set[str]:
    return {one.violation.code for one in composition.findings}


def trainer_of(session: Session, made: Prepared) -> User:
    body = session.get_one(Organisation, made.cohort.training_body_id)
    return make_member(session, body, Role.TRAINER, make_user(session, given_name="Formatrice", family_name="A"))


def test_a_conflict_blocks_its_candidate_alone_and_names_the_records(session: Session) -> None:
    made = make_jury(session, 1)
    other = make_cohort(session, make_organisation(session), version=_version(session, made))
    add_candidate(session, made, make_enrolment(session, other, make_candidate(session)))
    tied = trainer_of(session, made)
    seat_member(session, made.jury, tied)
    composition = seen(session, made)
    assert composition.blocked == {made.candidacies[0].enrolment_id}
    (group,) = composition.groups
    assert (group.first.violation.code, group.first.member) == ("conflict_trained", "Formatrice A")
    assert [tie.cause for tie in group.first.ties] == ["trainer"]
    assert not composition.is_sound
    services.remove_candidate(session, made.actor(session), made.jury, made.candidacies[0].id)
    assert seen(session, made).is_sound


def _version(session: Session, made: Prepared) -> FrameworkVersion:
    return session.get_one(FrameworkVersion, made.jury.framework_version_id)


def test_whoever_belongs_to_a_training_body_is_internal_for_its_candidates_only(session: Session) -> None:
    made = make_jury(session, 1)
    for user in made.members[1:]:
        services.remove_seat(session, made.actor(session), made.jury, _seat(session, made, user).id)
    body = make_organisation(session, name="École des parents du Nord")
    other = make_cohort(session, body, version=_version(session, made))
    candidacy = add_candidate(session, made, make_enrolment(session, other, make_candidate(session)))
    for employer in ("Association Lilas", "ecole des parents du nord"):
        seat_member(session, made.jury, make_user(session), employer=employer)
    seat_member(session, made.jury, make_member(session, body, Role.AUDITOR))
    seat_member(session, made.jury, make_member(session, made.body, Role.AUDITOR))
    composition = seen(session, made)
    assert codes(composition) == {"too_few_externals"}
    assert composition.blocked == {candidacy.enrolment_id}


def _seat(session: Session, made: Prepared, user: User) -> JurySeat:
    query = select(JurySeat).where(JurySeat.session_id == made.jury.id, JurySeat.user_id == user.id)
    return session.scalars(query).one()


def test_a_candidate_by_vae_asks_for_a_qualified_member_and_shows_the_balance(session: Session) -> None:
    made = make_jury(session, 1)
    assert seen(session, made).balance is None
    session.get_one(Enrolment, made.candidacies[0].enrolment_id).access_route = AccessRoute.PRIOR_EXPERIENCE
    composition = seen(session, made)
    assert codes(composition) == {"too_few_qualified"}
    for user, gender in zip(made.members, ("F", "M", ""), strict=True):
        seat = _seat(session, made, user)
        services.change_seat(
            session, made.actor(session), made.jury, seat.id, quality="Puéricultrice", is_external=True,
            is_president=seat.is_president, is_reserve=False, is_qualified=True, gender=gender, employer="",
        )  # fmt: skip
    composition = seen(session, made)
    assert composition.is_sound
    balance = composition.balance
    assert balance is not None
    assert (balance.women, balance.men, balance.unsaid) == (1, 1, 1)


def test_a_reserve_counts_for_nothing_until_called_and_is_told_for_whom_they_could_not_sit(session: Session) -> None:
    made = make_jury(session, 1)
    seat_member(session, made.jury, trainer_of(session, made), is_reserve=True, declared_at=None)
    composition = seen(session, made)
    assert composition.is_sound
    assert [one.violation.code for one in composition.of_reserves] == ["conflict_trained"]
    assert composition.undeclared == ()
    with pytest.raises(Invalid, match="suppléante"):
        services.add_seat(
            session, made.actor(session), made.jury, email="deux@exemple.test", given_name="Jury", family_name="9",
            is_president=True, is_reserve=True,
        )  # fmt: skip


def test_a_declaration_names_every_candidate_and_somebody_added_later_asks_for_another(session: Session) -> None:
    made = declared(session, make_jury(session, 1))
    assert seen(session, made).is_ready
    add_candidate(session, made)
    assert len(seen(session, made).undeclared) == 3
    with pytest.raises(Conflict, match="déclaré ses liens"):
        services.open_deliberation(session, made.actor(session), fresh(session, made))
    declared(session, made)
    assert seen(session, made).is_ready
    rows = session.scalars(select(LinkDeclaration).order_by(LinkDeclaration.number)).all()
    assert [row.number for row in rows] == [1, 1, 1, 2, 2, 2]
    assert {len(row.facts["candidates"]) for row in rows if row.number == 2} == {2}
    assert all(len(row.digest) == 64 for row in rows)
    declared(session, made)
    assert len(session.scalars(select(LinkDeclaration)).all()) == 6


def test_a_declared_link_keeps_the_member_from_sitting_and_other_says_which(session: Session) -> None:
    made = declared(session, make_jury(session, 1))
    candidacy, actor = made.candidacies[0].id, actor_of(session, made.members[1])
    for links in ({candidacy: ("other", " ")}, {candidacy: ("unknown", "")}, {uuid.uuid4(): ("trained", "")}):
        with pytest.raises(Invalid):
            services.declare(session, actor, fresh(session, made), links=links)
    for link, code in (("employed", "conflict_employed"), ("other", "conflict_declared")):
        services.declare(session, actor, fresh(session, made), links={candidacy: (link, "Voisinage.")})
        composition = seen(session, made)
        assert codes(composition) == {code}
        assert composition.findings[0].ties[0].about == "Voisinage."
    services.declare(session, actor, fresh(session, made))
    assert seen(session, made).is_ready
    empty = make_jury(session, 0)
    with pytest.raises(Conflict, match="Aucune candidature"):
        services.declare(session, actor_of(session, empty.president), fresh(session, empty))


def test_a_derogation_needs_a_reason_a_rule_in_cause_and_lets_the_jury_sit_until_withdrawn(session: Session) -> None:
    made = make_jury(session, 1)
    tied = trainer_of(session, made)
    seat_member(session, made.jury, tied)
    enrolment_id = made.candidacies[0].enrolment_id
    about = {"violation": "conflict_trained", "user_id": tied.id, "enrolment_ids": [enrolment_id]}
    refused = (
        (about | {"reason": "  "}, Invalid),
        (about | {"reason": "Appelez le 06 12 34 56 78."}, Invalid),
        (about | {"violation": "conflict_assessed", "reason": "Aucun autre membre."}, Conflict),
        (about | {"enrolment_ids": [uuid.uuid4()], "reason": "Aucun autre membre."}, Conflict),
    )
    for values, kind in refused:
        with pytest.raises(kind):
            services.grant_derogation(session, made.actor(session), fresh(session, made), **values)
    (row,) = services.grant_derogation(
        session, made.actor(session), fresh(session, made), **about, reason="Aucun autre membre qualifié au nord."
    )
    assert seen(session, made).is_sound
    assert (row.candidacy_id, row.seat_id) == (made.candidacies[0].id, _seat(session, made, tied).id)
    services.withdraw_derogation(session, made.actor(session), fresh(session, made), row.id)
    assert codes(seen(session, made)) == {"conflict_trained"}
    with pytest.raises(NotFound):
        services.withdraw_derogation(session, made.actor(session), fresh(session, made), uuid.uuid4())
    session.commit()
    tags = [one.tag for one in session.scalars(select(AuditEvent)) if one.tag.startswith("jury:derogation")]
    assert tags == ["jury:derogation:granted", "jury:derogation:withdrawn"]


def test_some_rules_are_never_set_aside(session: Session) -> None:
    made = make_jury(session, 1)
    candidate = session.get_one(Enrolment, made.candidacies[0].enrolment_id)
    seat_member(session, made.jury, session.get_one(User, candidate.user_id))
    assert codes(seen(session, made)) == {"conflict_is_candidate"}
    with pytest.raises(Conflict, match="ne s’écarte pas"):
        services.grant_derogation(
            session, made.actor(session), fresh(session, made), violation="conflict_is_candidate",
            user_id=candidate.user_id, enrolment_ids=[candidate.id], reason="Personne d’autre.",
        )  # fmt: skip
    assert session.scalars(select(CompositionDerogation)).all() == []


def test_a_session_opened_without_being_convened_here_freezes_its_rules_and_writes_both_steps(session: Session) -> None:
    made = opened(session, make_jury(session, 1))
    jury = fresh(session, made)
    steps = session.scalars(select(JuryStep).where(JuryStep.session_id == jury.id).order_by(JuryStep.number)).all()
    assert [(one.from_state, one.to_state) for one in steps] == [
        (SessionState.CREATED, SessionState.CONVENED), (SessionState.CONVENED, SessionState.DELIBERATING)
    ]  # fmt: skip
    assert jury.rules == JuryRules().to_document()
    assert rules_of(session, jury) == JuryRules()


def test_a_session_goes_back_with_a_reason_and_what_was_decided_stays(session: Session) -> None:
    made = opened(session, make_jury(session, 2))
    grant(session, made, made.candidacies[0])
    for reason in ("", "Un appel au 06 12 34 56 78."):
        with pytest.raises(Invalid):
            services.suspend_deliberation(session, made.actor(session), fresh(session, made), reason=reason)
    services.suspend_deliberation(
        session, made.actor(session), fresh(session, made), reason="Un membre manque, la séance reprendra."
    )
    jury = fresh(session, made)
    assert (jury.state, jury.opened_at) == (SessionState.CONVENED, None)
    with pytest.raises(Conflict, match="reste à la session"):
        services.remove_candidate(session, made.actor(session), jury, made.candidacies[0].id)
    services.remove_candidate(session, made.actor(session), fresh(session, made), made.candidacies[1].id)
    with pytest.raises(Conflict, match="ne délibère pas"):
        services.suspend_deliberation(session, made.actor(session), fresh(session, made), reason="Encore.")
    services.open_deliberation(session, made.actor(session), fresh(session, made))
    with pytest.raises(Conflict, match="n’est pas possible"):
        go(session, made.actor(session), fresh(session, made), SessionState.PUBLISHED)
    last = session.scalars(select(JuryStep).order_by(JuryStep.number.desc()).limit(1)).one()
    assert (last.number, last.to_state) == (4, SessionState.DELIBERATING)


def test_needs_are_recorded_within_bounds_and_say_nothing_of_anybody(session: Session) -> None:
    made = make_jury(session, 1, starts_at=time(9), ends_at=time(12))
    actor, candidacy = made.actor(session), made.candidacies[0]
    named = {"passes_at": time(10), "extra_time_percent": 33, "arrangements": "Une pause au milieu."}
    for wrong in (
        {"extra_time_percent": 101},
        {"passes_at": time(8)},
        {"arrangements": "Appelez sa mère au 06 12 34 56 78."},
    ):
        with pytest.raises(Invalid):
            services.set_needs(session, actor, fresh(session, made), candidacy.id, **named | wrong)
    services.set_needs(session, actor, fresh(session, made), candidacy.id, **named)
    session.refresh(candidacy)
    assert (candidacy.passes_at, candidacy.extra_time_percent) == (time(10), 33)
    with pytest.raises(NotFound):
        services.set_needs(session, actor, fresh(session, made), uuid.uuid4(), **named)
    with pytest.raises(Invalid, match="après l’heure de début"):
        make_jury(session, 0, starts_at=time(12), ends_at=time(9))


def test_a_certification_that_expires_may_be_presented_again_whole_near_its_end(session: Session) -> None:
    made = make_published_jury(session)
    enrolment_id = made.candidacies[0].enrolment_id
    again = make_jury(session, 0, cohort=made.cohort)
    rules = JuryRules(validity_months=24, renewal_months_before=6)

    def offered(wanted: JuryRules) -> set[uuid.UUID]:
        query = candidates.eligible(again.jury, wanted).with_only_columns(Enrolment.id)
        return set(session.scalars(query))

    later = clock.now() + timedelta(days=30 * 19)
    with clock.at(later):
        assert enrolment_id in offered(rules)
        assert candidates.acquired_before(session, [enrolment_id], rules) == {}
        assert enrolment_id not in offered(JuryRules())
        assert len(candidates.acquired_before(session, [enrolment_id])[enrolment_id]) == 4
    assert enrolment_id not in offered(rules)


def test_checking_a_composition_takes_as_many_statements_for_two_candidates_as_for_twelve(session: Session) -> None:
    counts = []
    for size in (2, 12):
        made = make_jury(session, size)
        seat_member(session, made.jury, trainer_of(session, made))
        jury = fresh(session, made)
        with count_statements(session.get_bind()) as statements:  # type: ignore[arg-type]
            composition = composition_of(session, jury)
            assert len(composition.blocked) == size
        counts.append(len(statements))
    assert counts[0] == counts[1], statements


def test_the_rules_of_the_day_a_session_is_convened_stay_its_own(session: Session) -> None:
    made = make_jury(session, 1, held_on=clock.today() + timedelta(days=9), starts_at=time(9))
    services.convene(session, made.actor(session), fresh(session, made))
    other = make_jury(session, 1, cohort=made.cohort)
    make_rules(session, made.cohort, jury=JuryRules(fewest_members=5))
    assert seen(session, made).rules.fewest_members == 2
    assert seen(session, made).is_sound
    assert codes(seen(session, other)) == {"fewer_than_asked"}
    rows = services.grant_derogation(
        session, made.actor(session), fresh(session, other), violation="fewer_than_asked",
        reason="Deux membres se sont désistés la veille.",
    )  # fmt: skip
    assert [(row.candidacy_id, row.seat_id) for row in rows] == [(None, None)]
    assert seen(session, other).is_sound

"""Who decided, and on what: declared, frozen with the decision, and no more than an earlier jury still grants."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.access import Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.juries import candidates, dossiers, queries, services
from certify.juries.models import Candidacy, DecisionKind, JuryDecision, JurySeat, JurySession
from certify.juries.reading import reader_of
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    Prepared,
    add_candidate,
    closed,
    declared,
    grant,
    make_jury,
    make_published_jury,
    opened,
    published,
    seat_member,
)
from tests.factories.people import make_user
from tests.services.signing_in import SignIn
from tests.services.visiting import follow, read, submit, visit

WHOLE = competencies.WholeOutcome
KIND = DecisionKind


def fresh(session: Session, made: Prepared) -> JurySession:
    session.flush()
    session.expire_all()
    return queries.jury_for(session, made.actor(session), made.jury.id, Permission.JURY_READ)


def seat_of(session: Session, made: Prepared, user: User) -> JurySeat:
    query = select(JurySeat).where(JurySeat.session_id == made.jury.id, JurySeat.user_id == user.id)
    return session.scalars(query).one()


def call(session: Session, made: Prepared, *people: User) -> None:
    """Note that these people are there, and nobody else."""
    present = [seat_of(session, made, one).id for one in people]
    services.note_presence(session, made.actor(session, made.president), made.jury, present=present)


def refusal(session: Session, made: Prepared, user: User, candidacy: Candidacy) -> Any:
    actor = made.actor(session, user)
    return reader_of(session, queries.candidacy_for(session, actor, candidacy.id), actor).refusal


def with_reserve(session: Session, candidates_: int = 1) -> tuple[Prepared, User]:
    made = make_jury(session, candidates_)
    reserve = make_user(session, given_name="Jury", family_name="9")
    seat_member(session, made.jury, reserve, is_reserve=True, declared_at=None)
    return opened(session, made), reserve


def test_a_reserve_called_to_sit_declares_before_reading_voting_and_deciding(session: Session) -> None:
    made, reserve = with_reserve(session)
    candidacy = made.candidacies[0]
    call(session, made, made.president, reserve)
    assert "déclaration" in str(refusal(session, made, reserve, candidacy))
    with pytest.raises(Forbidden, match="déclaration"):
        services.vote(
            session, made.actor(session, reserve), candidacy, outcomes=dict.fromkeys(BLOCKS, ACQUIRED), comments={}
        )
    with pytest.raises(Conflict, match="déclaré ses liens"):
        grant(session, made, candidacy)
    services.declare(session, made.actor(session, reserve), fresh(session, made))
    assert refusal(session, made, reserve, candidacy) is None
    decision = grant(session, made, candidacy)
    assert decision.seats == {seat_of(session, made, one).id for one in (made.president, reserve)}
    with pytest.raises(Conflict, match="ne change plus"):
        services.declare(session, made.actor(session, reserve), fresh(session, made))


def test_a_reserve_decides_only_instead_of_a_member_who_is_absent_or_recused(session: Session) -> None:
    made, reserve = with_reserve(session, 2)
    first, second = made.candidacies
    services.declare(session, made.actor(session, reserve), fresh(session, made))
    call(session, made, *made.members, reserve)
    third = seat_of(session, made, made.members[2])
    services.recuse(session, made.actor(session, made.president), first, seat_id=third.id)
    held = {one.id: grant(session, made, one).seats for one in (first, second)}
    own = seat_of(session, made, reserve).id
    assert (own in (held[first.id] or ()), own in (held[second.id] or ())) == (True, False)
    with pytest.raises(Forbidden, match="Vous ne votez pas"):
        services.vote(session, made.actor(session, reserve), second, outcomes={"1": ACQUIRED}, comments={})


def test_a_member_does_not_read_the_file_of_somebody_added_since_they_declared(session: Session) -> None:
    made = make_jury(session)
    added = add_candidate(session, made)
    assert refusal(session, made, made.members[1], made.candidacies[0]) is None
    assert "déclaration" in str(refusal(session, made, made.members[1], added))
    declared(session, made)
    assert refusal(session, made, made.members[1], added) is None


def partly_then_whole(session: Session) -> tuple[Prepared, Candidacy, Prepared, Candidacy]:
    """Publish a session that grants blocks 1 to 3, then one that carries them and grants the fourth."""
    first = published(session, closed(session, make_jury(session), b4=NOT_ACQUIRED))
    person = session.get_one(Enrolment, first.candidacies[0].enrolment_id)
    second = make_jury(session, 0, cohort=first.cohort)
    candidacy = add_candidate(session, second, person)
    published(session, closed(session, second))
    return first, first.candidacies[0], second, candidacy


def withdraw(session: Session, made: Prepared, candidacy: Candidacy, expected: int = 1) -> JuryDecision:
    return services.withdraw(
        session, made.actor(session), candidacy, kind=KIND.FRAUD, expected=expected, decided_on=clock.today(),
        reason="Pièce falsifiée.",
    )  # fmt: skip


def test_a_session_grants_what_it_decides_not_what_it_carries(session: Session) -> None:
    _first, granting, second, carrying = partly_then_whole(session)
    held = candidates.acquired_before(session, [granting.enrolment_id])
    assert held == {granting.enrolment_id: frozenset(BLOCKS)}
    withdraw(session, second, carrying)
    assert candidates.acquired_before(session, [granting.enrolment_id])[granting.enrolment_id] == {"1", "2", "3"}


def test_a_withdrawal_waits_for_the_later_decision_that_counts_what_it_takes_back(session: Session) -> None:
    first, granting, second, carrying = partly_then_whole(session)
    with pytest.raises(Conflict, match=f"jury n° {second.jury.reference}"):
        withdraw(session, first, granting)
    withdraw(session, second, carrying)
    withdraw(session, first, granting)
    assert candidates.acquired_before(session, [granting.enrolment_id]) == {granting.enrolment_id: frozenset()}
    back = services.reinstate(
        session, second.actor(session), carrying, expected=2, decided_on=clock.today(), reason="Bloc 4 authentique."
    )
    outcomes = {row.block: row.outcome for row in back.blocks}
    assert (outcomes["1"], outcomes["4"], back.outcome) == ("not_acquired", "acquired", "partly_obtained")
    assert candidates.acquired_before(session, [granting.enrolment_id])[granting.enrolment_id] == {"4"}


def test_a_jury_under_way_decides_again_without_the_blocks_taken_back_meanwhile(session: Session) -> None:
    first = published(session, closed(session, make_jury(session), b4=NOT_ACQUIRED))
    second = make_jury(session, 0, cohort=first.cohort)
    candidacy = add_candidate(session, second, session.get_one(Enrolment, first.candidacies[0].enrolment_id))
    opened(session, second)
    grant(session, second, candidacy)
    withdraw(session, first, first.candidacies[0])
    with pytest.raises(Conflict, match="a été retiré"):
        services.close(session, second.actor(session, second.president), second.jury)
    assert [one.code for one in dossiers.file_of(session, candidacy).to_decide] == list(BLOCKS)
    grant(session, second, candidacy)
    services.close(session, second.actor(session, second.president), second.jury)
    published(session, second)
    assert candidates.acquired_before(session, [candidacy.enrolment_id])[candidacy.enrolment_id] == set(BLOCKS)


def test_the_minutes_name_those_who_decided_whoever_is_there_at_the_end(session: Session) -> None:
    made = opened(session, make_jury(session, 2))
    first, second = made.candidacies
    president, member, third = made.members
    call(session, made, president, member)
    grant(session, made, first)
    call(session, made, president, third)
    grant(session, made, second)
    minutes = services.close(session, made.actor(session, president), made.jury)
    seats = {one: str(seat_of(session, made, one).id) for one in made.members}
    by_candidate = {one["candidacy"]: set(one["decided_by"]) for one in minutes.facts["candidates"]}
    assert by_candidate == {
        str(first.id): {seats[president], seats[member]},
        str(second.id): {seats[president], seats[third]},
    }
    assert [one["is_present"] for one in minutes.facts["members"]] == [True] * 3
    assert minutes.facts["composition"]["members"] == 3


def test_the_seat_of_somebody_who_decided_stays_as_it_was_after_a_suspension(session: Session) -> None:
    made = opened(session, make_jury(session))
    grant(session, made, made.candidacies[0])
    services.suspend_deliberation(session, made.actor(session), fresh(session, made), reason="Séance interrompue.")
    seat = seat_of(session, made, made.members[1])
    with pytest.raises(Conflict, match="a pris part à une décision"):
        services.remove_seat(session, made.actor(session), fresh(session, made), seat.id)
    with pytest.raises(Conflict, match="a pris part à une décision"):
        services.change_seat(
            session, made.actor(session), fresh(session, made), seat.id, quality="", is_external=True,
            is_president=False, is_reserve=True, is_qualified=False, gender="", employer="",
        )  # fmt: skip
    newcomer = seat_member(session, made.jury, make_user(session, given_name="Jury", family_name="8"))
    opened(session, made)
    minutes = services.close(session, made.actor(session, made.president), fresh(session, made))
    told = {one["seat"]: one["is_present"] for one in minutes.facts["members"]}
    assert (told.pop(str(newcomer.id)), set(told.values())) == (False, {True})


def test_a_decision_is_taken_again_when_somebody_who_took_it_stands_aside_since(
    session: Session, sign_in: SignIn
) -> None:
    made = opened(session, make_jury(session))
    candidacy, third = made.candidacies[0], made.members[2]
    grant(session, made, candidacy)
    services.recuse(session, made.actor(session, third), candidacy, reason="Ancienne voisine.")
    with pytest.raises(Conflict, match="à reprendre"):
        services.close(session, made.actor(session, made.president), made.jury)
    session.commit()
    client = sign_in(made.president)
    assert "à décider de nouveau" in visit(client, f"/juries/{made.jury.id}/deliberation").get_text()
    assert "décidez de nouveau" in visit(client, f"/candidacies/{candidacy.id}").get_text()
    again = grant(session, made, candidacy)
    assert seat_of(session, made, third).id not in (again.seats or ())
    services.close(session, made.actor(session, made.president), fresh(session, made))


def test_a_session_does_not_open_before_its_day_and_its_decisions_keep_that_day(session: Session) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    made = make_jury(session, held_on=tomorrow)
    with pytest.raises(Conflict, match="changez d’abord sa date"):
        opened(session, made)
    with clock.at(clock.now() + timedelta(days=1)):
        opened(session, made)
        assert grant(session, made, made.candidacies[0]).decided_on == tomorrow


def test_a_session_whose_president_stands_aside_is_adjourned_without_the_file_and_closed(
    session: Session, sign_in: SignIn
) -> None:
    made = opened(session, make_jury(session, 2))
    first, second = made.candidacies
    grant(session, made, second)
    address, day = f"/candidacies/{first.id}", f"/juries/{made.jury.id}/deliberation"
    with pytest.raises(Conflict, match="peuvent décider"):
        services.adjourn(session, made.actor(session), first, expected=0, reason="Sans motif.")
    services.recuse(session, made.actor(session, made.president), first, reason="Ancienne collègue.")
    with pytest.raises(Forbidden):
        services.adjourn(session, made.actor(session, made.members[1]), first, expected=0, reason="Non.")
    with pytest.raises(Conflict, match="déjà décidé"):
        services.adjourn(session, made.actor(session), second, expected=1, reason="Non.")
    session.commit()
    client = sign_in(made.president)
    assert client.get(address).status_code == 403
    page = visit(client, day)
    assert page.find("a", href=f"{address}/adjourn")
    form = visit(client, f"{address}/adjourn")
    assert "Écrivez le motif" in read(submit(client, form, "main form"), status=422).get_text()
    page = follow(client, submit(client, form, "main form", reason="La présidence s’est retirée."))
    assert "ajourn" in page.get_text().lower()
    assert sign_in(made.members[1]).get(f"{address}/adjourn").status_code == 404
    minutes = services.close(session, made.actor(session, made.president), fresh(session, made))
    assert {one["outcome"] for one in minutes.facts["candidates"]} == {"adjourned", "obtained"}


def ballots(session: Session, made: Prepared, *outcomes: competencies.BlockOutcome) -> None:
    for user, outcome in zip(made.members, outcomes, strict=False):
        services.vote(
            session, made.actor(session, user), made.candidacies[0], outcomes=dict.fromkeys(BLOCKS, outcome),
            comments={},
        )  # fmt: skip


def decide(session: Session, made: Prepared, **reasons: str) -> JuryDecision:
    """Grant every block, with these reasons by block."""
    return services.decide(
        session, made.actor(session, made.president), made.candidacies[0], expected=0,
        blocks=dict.fromkeys(BLOCKS, ACQUIRED), reasons={code[1:]: text for code, text in reasons.items()},
        outcome=WHOLE.OBTAINED, reason="",
    )  # fmt: skip


def test_a_vote_begun_is_ended_or_opened_before_the_decision(session: Session) -> None:
    made = opened(session, make_jury(session))
    ballots(session, made, ACQUIRED, ACQUIRED)
    with pytest.raises(Conflict, match=f"il manque celui de {made.members[2].name}"):
        grant(session, made, made.candidacies[0])
    services.open_votes(session, made.actor(session, made.president), made.candidacies[0])
    grant(session, made, made.candidacies[0])


def test_a_decision_that_departs_from_the_vote_says_why(session: Session) -> None:
    made = opened(session, make_jury(session))
    ballots(session, made, NOT_ACQUIRED, NOT_ACQUIRED, ACQUIRED)
    with pytest.raises(Invalid, match="s’écarte du vote"):
        decide(session, made)
    assert (
        decide(session, made, **{f"b{code}": "Une pièce lue après le vote." for code in BLOCKS}).outcome == "obtained"
    )


def test_what_was_taken_back_is_reinstated_before_the_jury_decides_again(session: Session) -> None:
    made = make_published_jury(session)
    candidacy = made.candidacies[0]
    withdraw(session, made, candidacy)
    services.unpublish(session, made.actor(session), made.jury, reason="Erreur.")
    services.reopen(session, made.actor(session), made.jury, reason="À reprendre.")
    with pytest.raises(Conflict, match="rétablissez-la"):
        grant(session, made, candidacy)
    services.close(session, made.actor(session, made.president), made.jury)

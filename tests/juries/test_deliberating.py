"""Deliberating: presence, votes, decisions, and the minutes signed."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.audit import AuditEvent
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.juries import dossiers, queries, services, sitting, votes
from certify.juries.models import (
    DecisionKind,
    JurySeat,
    SessionState,
    SignatureMethod,
    Vote,
)
from certify.juries.reading import reader_of
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    Prepared,
    add_candidate,
    closed,
    grant,
    make_closed_jury,
    make_jury,
    opened,
    published,
)

PARTLY = competencies.BlockOutcome.PARTLY_ACQUIRED
WHOLE = competencies.WholeOutcome
KIND = DecisionKind


def _seat(session: Session, made: Prepared, user: User) -> JurySeat:
    query = select(JurySeat).where(JurySeat.session_id == made.jury.id, JurySeat.user_id == user.id)
    return session.scalars(query).one()


def _vote(session: Session, made: Prepared, user: User, outcome: competencies.BlockOutcome | None) -> list[Vote]:
    candidacy = made.candidacies[0]
    return services.vote(
        session, made.actor(session, user), candidacy, outcomes=dict.fromkeys(BLOCKS, outcome), comments={}
    )


def _ballot(session: Session, made: Prepared, user: User) -> votes.Ballot:
    held = sitting.sitting_of(session, made.jury)
    return votes.ballot_of(session, made.candidacies[0], held, BLOCKS, _seat(session, made, user))


def test_votes_stay_hidden_until_everybody_present_has_voted(session: Session) -> None:
    made = opened(session, make_jury(session))
    president, second, third = made.members
    _vote(session, made, president, NOT_ACQUIRED)
    _vote(session, made, second, ACQUIRED)
    seen = _ballot(session, made, second)
    assert (seen.is_open, dict(seen.given), dict(seen.counts)) == (False, {}, {})
    assert [one.user.id for one in seen.waiting] == [third.id]
    assert {row.outcome for row in seen.own.values()} == {"acquired"}
    _vote(session, made, third, None)
    seen = _ballot(session, made, second)
    assert seen.is_open
    count = seen.counts["1"]
    assert (count.outcome, count.is_tie, count.by_casting_vote) == (NOT_ACQUIRED, True, True)
    assert (count.acquired, count.not_acquired, count.abstentions) == (1, 1, 1)


def test_the_last_vote_counts_and_none_is_erased(session: Session) -> None:
    made = opened(session, make_jury(session))
    assert len(_vote(session, made, made.president, NOT_ACQUIRED)) == 4
    assert _vote(session, made, made.president, NOT_ACQUIRED) == []
    assert len(_vote(session, made, made.president, ACQUIRED)) == 4
    rows = session.scalars(select(Vote).where(Vote.block == "1").order_by(Vote.number)).all()
    assert [(row.number, row.outcome) for row in rows] == [(1, "not_acquired"), (2, "acquired")]
    assert {row.outcome for row in _ballot(session, made, made.president).own.values()} == {"acquired"}


def test_only_the_president_opens_votes_early_and_only_those_who_sit_vote(session: Session) -> None:
    made = opened(session, make_jury(session))
    candidacy, (president, second, third) = made.candidacies[0], made.members
    with pytest.raises(Conflict, match="Personne n’a encore voté"):
        services.open_votes(session, made.actor(session, president), candidacy)
    _vote(session, made, second, ACQUIRED)
    with pytest.raises(Forbidden, match="présidence"):
        services.open_votes(session, made.actor(session, second), candidacy)
    services.open_votes(session, made.actor(session, president), candidacy)
    assert _ballot(session, made, president).is_open
    here = [_seat(session, made, one).id for one in (president, second)]
    services.note_presence(session, made.actor(session, president), made.jury, present=here)
    with pytest.raises(Forbidden, match="Vous ne votez pas"):
        _vote(session, made, third, ACQUIRED)
    with pytest.raises(Forbidden, match="Vous ne votez pas"):
        _vote(session, made, made.registrar, ACQUIRED)


def test_a_recused_member_neither_reads_nor_votes_and_the_quorum_is_counted_without_them(session: Session) -> None:
    made = opened(session, make_jury(session, 2))
    first, other = made.candidacies
    president, second, third = made.members
    services.recuse(session, made.actor(session, third), first, reason="Je la connais par mon ancien service.")
    held = sitting.sitting_of(session, made.jury)
    assert [one.user.id for one in held.voters(first.id)] == [president.id, second.id]
    assert len(held.voters(other.id)) == 3
    for candidacy, refused in ((first, True), (other, False)):
        loaded = queries.candidacy_for(session, made.actor(session, third), candidacy.id)
        assert (reader_of(session, loaded, made.actor(session, third)).refusal is not None) is refused
    with pytest.raises(Forbidden, match="Vous ne votez pas"):
        _vote(session, made, third, ACQUIRED)
    services.recuse(session, made.actor(session, president), first, seat_id=_seat(session, made, second).id)
    with pytest.raises(Conflict, match="Moins de deux personnes"):
        grant(session, made, first)
    put_off = services.decide(
        session, made.actor(session, president), first, expected=0, blocks={}, reasons={},
        outcome=WHOLE.ADJOURNED, reason="Le quorum n’est pas atteint.",
    )  # fmt: skip
    assert (put_off.outcome, put_off.blocks) == ("adjourned", [])
    grant(session, made, other)
    with pytest.raises(Forbidden, match="présidence"):
        services.recuse(session, made.actor(session, second), other, seat_id=_seat(session, made, president).id)


def test_a_decision_keeps_the_count_of_the_votes_and_three_comments(session: Session) -> None:
    made = opened(session, make_jury(session))
    for user, outcome in zip(made.members, (ACQUIRED, ACQUIRED, PARTLY), strict=True):
        _vote(session, made, user, outcome)
    decision = services.decide(
        session, made.actor(session, made.president), made.candidacies[0], expected=0,
        blocks=dict.fromkeys(BLOCKS, ACQUIRED) | {"4": NOT_ACQUIRED}, reasons=dict.fromkeys(BLOCKS, "Vu en séance."),
        outcome=WHOLE.PARTLY_OBTAINED, reason="Le bloc 4 n’est pas prouvé.", comment_training_body="Revoir le bloc 4.",
        comment_internal="Décision prise à l’unanimité.", retake_from=clock.today() + timedelta(days=90),
    )  # fmt: skip
    assert {row.votes for row in decision.blocks} == {"2/1/0/0"}
    for user in (made.members[1], made.registrar):
        assert made.actor(session, user)
    services.close(session, made.actor(session, made.president), made.jury)
    facts = queries.minutes_of(session, made.jury.id).facts["candidates"][0]  # type: ignore[union-attr]
    assert (facts["remaining"], facts["reason"]) == (["4"], "Le bloc 4 n’est pas prouvé.")
    assert "unanimité" not in str(facts)
    assert "Revoir" not in str(facts)
    assert facts["retake_from"]


def test_what_identifies_a_family_is_refused_in_every_text_of_a_jury(session: Session) -> None:
    made = opened(session, make_jury(session))
    candidacy, naming = made.candidacies[0], "Appeler la mère au 06 12 34 56 78."
    for words in ({"reason": naming}, {"comment_training_body": naming}, {"comment_internal": naming}):
        with pytest.raises(Invalid, match="reconnaître"):
            services.decide(
                session, made.actor(session, made.president), candidacy, expected=0,
                blocks=dict.fromkeys(BLOCKS, ACQUIRED), reasons=dict.fromkeys(BLOCKS, "Vu."), outcome=WHOLE.OBTAINED,
                **{"reason": "Vu.", **words},
            )  # fmt: skip
    with pytest.raises(Invalid, match="reconnaître"):
        services.vote(
            session, made.actor(session, made.president), candidacy, outcomes={"1": ACQUIRED}, comments={"1": naming}
        )
    with pytest.raises(Invalid, match="reconnaître"):
        services.recuse(session, made.actor(session, made.president), candidacy, reason=naming)


def test_a_block_acquired_before_is_neither_voted_on_nor_decided_again(session: Session) -> None:
    made = published(session, closed(session, make_jury(session), b4=NOT_ACQUIRED))
    again = make_jury(session, 0, cohort=made.cohort)
    candidacy = add_candidate(session, again, session.get_one(Enrolment, made.candidacies[0].enrolment_id))
    opened(session, again)
    assert [block.code for block in dossiers.file_of(session, candidacy).to_decide] == ["4"]
    with pytest.raises(Invalid, match="déjà acquis"):
        services.vote(session, again.actor(session, again.president), candidacy, outcomes={"1": ACQUIRED}, comments={})
    decision = services.decide(
        session, again.actor(session, again.president), candidacy, expected=0, blocks={"4": ACQUIRED},
        reasons={"4": "Prouvé depuis."}, outcome=WHOLE.OBTAINED, reason="",
    )  # fmt: skip
    assert {row.block: row.outcome for row in decision.blocks} == dict.fromkeys(BLOCKS, "acquired")


def test_each_member_signs_the_digest_once_and_results_wait_for_the_last_signature(session: Session) -> None:
    made = make_closed_jury(session)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    registrar = made.actor(session)
    with pytest.raises(Conflict, match="Il manque la signature"):
        services.publish(session, registrar, made.jury)
    with pytest.raises(Forbidden, match="siégé"):
        services.sign(session, registrar, minutes, method=SignatureMethod.MAIL)
    for user in made.members[:2]:
        actor = made.actor(session, user)
        first = services.sign(session, actor, minutes, method=SignatureMethod.AUTHENTICATOR)
        assert services.sign(session, actor, minutes, method=SignatureMethod.MAIL).id == first.id
        assert first.digest == minutes.facts["digest"]
    absent = _seat(session, made, made.members[2])
    with pytest.raises(Forbidden, match="organisme certificateur"):
        services.state_missing(
            session, made.actor(session, made.president), minutes, seat_id=absent.id, reason="Hospitalisation."
        )
    with pytest.raises(Invalid, match="pourquoi"):
        services.state_missing(session, registrar, minutes, seat_id=absent.id, reason=" ")
    assert minutes.signed_at is None
    services.state_missing(session, registrar, minutes, seat_id=absent.id, reason="Empêchement de longue durée.")
    assert minutes.signed_at is not None
    with pytest.raises(Conflict, match="ne signez pas"):
        services.sign(session, made.actor(session, made.members[2]), minutes, method=SignatureMethod.MAIL)
    services.publish(session, registrar, made.jury)
    assert made.jury.state is SessionState.PUBLISHED
    assert made.jury.access_ends_on == clock.today() + timedelta(days=30)
    session.commit()
    tags = set(session.scalars(select(AuditEvent.tag)))
    assert {"jury:minutes:frozen", "jury:minutes:signed", "jury:minutes:signature-missing"} <= tags


def test_a_mailed_code_signs_once_within_ten_minutes_and_five_tries(session: Session) -> None:
    made = make_closed_jury(session)
    minutes = queries.minutes_of(session, made.jury.id)
    assert minutes is not None
    actor, seat = made.actor(session, made.president), _seat(session, made, made.president)
    code = services.new_code(session, actor, minutes)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert not services.try_code(session, minutes, seat.id, wrong)
    assert services.try_code(session, minutes, seat.id, f"{code[:3]} {code[3:]}")
    assert not services.try_code(session, minutes, seat.id, code)
    code = services.new_code(session, actor, minutes)
    assert [services.try_code(session, minutes, seat.id, wrong) for _ in range(5)] == [False] * 5
    assert not services.try_code(session, minutes, seat.id, code)
    code = services.new_code(session, actor, minutes)
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert not services.try_code(session, minutes, seat.id, code)
    assert code not in str([event.detail for event in session.scalars(select(AuditEvent))])

"""Contesting a published decision: until when, on what paper, and what an appeal that is upheld brings."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import null, select, update
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.errors import Conflict
from certify.core.sealing import KEEPS_SEALS
from certify.juries import queries, results, services
from certify.juries.models import Appeal, DecisionKind, JuryDecision, JuryExtract, JurySession
from competencies import JuryRules, WholeOutcome
from tests.factories.files import make_rules
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    Prepared,
    closed,
    make_jury,
    make_published_jury,
    published,
)
from tests.services.signing_in import SignIn
from tests.services.statements import count_statements
from tests.services.visiting import follow, read, submit, visit


def _holder(session: Session, made: Prepared) -> User:
    return session.get_one(User, session.get_one(Enrolment, made.candidacies[0].enrolment_id).user_id)


def _own(session: Session, made: Prepared) -> results.Result:
    return results.own_results(session, made.actor(session, _holder(session, made)))[0]


def _extracts(session: Session) -> list[JuryExtract]:
    return list(session.scalars(select(JuryExtract).order_by(JuryExtract.created_at, JuryExtract.id)))


def _withdrawn(session: Session, made: Prepared) -> JuryDecision:
    return services.withdraw(
        session, made.actor(session), made.candidacies[0], kind=DecisionKind.FRAUD, expected=1,
        decided_on=clock.today(), reason="Pièce falsifiée.",
    )  # fmt: skip


def _contested(session: Session) -> tuple[Prepared, Appeal]:
    made = make_published_jury(session, b4=NOT_ACQUIRED)
    actor = made.actor(session, _holder(session, made))
    return made, services.lodge(session, actor, made.candidacies[0], grounds="Une pièce oubliée.")


def test_the_time_to_contest_runs_from_the_day_the_candidate_is_told_not_from_the_day_written(
    session: Session,
) -> None:
    made = make_published_jury(session)
    held = made.jury.held_on
    with clock.at(clock.now() + timedelta(days=90)):
        services.withdraw(
            session, made.actor(session), made.candidacies[0], kind=DecisionKind.FRAUD, expected=1, decided_on=held,
            reason="Pièce falsifiée.",
        )  # fmt: skip
        told = _own(session, made)
        assert told.appeal_until == clock.today() + timedelta(days=60)
        assert told.may_appeal
        assert _extracts(session)[-1].facts["appeal_until"] == told.appeal_until.isoformat()


def test_results_published_again_another_day_give_another_extract_with_the_new_last_day(session: Session) -> None:
    made = make_published_jury(session)
    services.unpublish(session, made.actor(session), made.jury, reason="Erreur de transcription.")
    services.publish(session, made.actor(session), made.jury)
    assert len(_extracts(session)) == 1
    with clock.at(clock.now() + timedelta(days=10)):
        services.unpublish(session, made.actor(session), made.jury, reason="Encore une erreur.")
        services.publish(session, made.actor(session), made.jury)
        assert [one.number for one in _extracts(session)] == [1, 2]
        own = _own(session, made)
        last = own.extracts[own.decision.id]
        assert date.fromisoformat(last.facts["appeal_until"]) == own.appeal_until == clock.today() + timedelta(days=60)


@pytest.fixture
def without_appeal(session: Session) -> Prepared:
    """Publish a result of a certification that foresees no appeal."""
    made = make_jury(session)
    make_rules(session, made.cohort, jury=JuryRules(appeal_days=0))
    return published(session, closed(session, made))


def test_a_certification_without_appeal_gives_no_last_day(
    session: Session, without_appeal: Prepared, sign_in: SignIn, run_jobs: Callable[[], int]
) -> None:
    made, candidacy = without_appeal, without_appeal.candidacies[0]
    own = _own(session, made)
    assert own.appeal_until is None
    assert not own.may_appeal
    assert _extracts(session)[0].facts["appeal_until"] is None
    with pytest.raises(Conflict, match="ne prévoit pas de recours"):
        services.lodge(session, made.actor(session, _holder(session, made)), candidacy, grounds="Une pièce oubliée.")
    session.commit()
    run_jobs()
    session.expire_all()
    assert _extracts(session)[0].storage_key
    client = sign_in(_holder(session, made))
    page = visit(client, "/results")
    assert "contester" not in page.get_text()
    assert client.get(f"/results/{candidacy.id}/appeal").status_code == 404
    page = visit(sign_in(made.registrar), f"/candidacies/{candidacy.id}/after")
    assert "n’en prévoit pas" in page.get_text()


def test_a_letter_is_noted_even_when_the_certification_foresees_no_appeal(
    session: Session, without_appeal: Prepared
) -> None:
    made = without_appeal
    appeal = services.lodge(session, made.actor(session), made.candidacies[0], grounds="Lettre reçue.")
    assert appeal.recorded_by_id == made.registrar.id


@pytest.mark.engines("postgresql")
def test_an_appeal_answered_meanwhile_by_somebody_else_is_not_answered_again(session: Session) -> None:
    made, appeal = _contested(session)
    session.commit()
    actor = made.actor(session)
    assert appeal.answered_on is None
    with Session(session.get_bind()) as other:
        services.answer(
            other, actor, other.get_one(Appeal, appeal.id), is_upheld=False, words="Le jury confirme.",
            answered_on=clock.today(),
        )  # fmt: skip
        other.commit()
    with pytest.raises(Conflict, match="déjà reçu"):
        services.answer(session, actor, appeal, is_upheld=False, words="Autre réponse.", answered_on=clock.today())


def test_an_appeal_is_answered_only_while_results_are_published(session: Session) -> None:
    made, appeal = _contested(session)
    actor = made.actor(session)
    services.unpublish(session, actor, made.jury, reason="Erreur de transcription.")
    with pytest.raises(Conflict, match="pas publiés"):
        services.answer(session, actor, appeal, is_upheld=False, words="Le jury confirme.", answered_on=clock.today())


def test_an_appeal_against_a_withdrawal_brings_back_what_was_taken(session: Session, sign_in: SignIn) -> None:
    made = make_published_jury(session)
    first = queries.awards_of(session, made.jury)[0]
    _withdrawn(session, made)
    appeal = services.lodge(
        session, made.actor(session, _holder(session, made)), made.candidacies[0], grounds="La pièce est authentique."
    )
    session.commit()
    client = sign_in(made.registrar)
    page = visit(client, f"/appeals/{appeal.id}")
    assert page.find(attrs={"name": "outcome"}) is None
    refused = read(submit(client, page, "main form", verdict="upheld", answer=""), status=422)
    assert "Écrivez la réponse" in refused.get_text()
    page = follow(client, submit(client, page, "main form", verdict="upheld", answer="La pièce a été vérifiée."))
    session.expire_all()
    own = _own(session, made)
    assert (own.decision.kind, own.decision.restores_id) == (DecisionKind.REINSTATEMENT, first.id)
    assert own.decision.reason == "La pièce a été vérifiée."
    assert session.get_one(Appeal, appeal.id).decision_id == own.decision.id


def test_an_appeal_against_a_decision_withdrawn_since_waits_for_it_to_be_brought_back(session: Session) -> None:
    made, appeal = _contested(session)
    _withdrawn(session, made)
    with pytest.raises(Conflict, match="rétablissez-la"):
        services.answer(
            session, made.actor(session), appeal, is_upheld=True, words="Relu.", answered_on=clock.today(), expected=2,
            ruling=services.Ruling(dict.fromkeys(BLOCKS, ACQUIRED), WholeOutcome.OBTAINED, "Relu."),
        )  # fmt: skip


@pytest.mark.engines("sqlite")
def test_results_read_the_rules_of_a_session_once(session: Session) -> None:
    counts = []
    for size in (1, 4):
        made = make_published_jury(session, size)
        # As a session of before rules were frozen.
        without = update(JurySession).where(JurySession.id == made.jury.id).values(rules=null())
        session.execute(without, execution_options={KEEPS_SEALS: True})
        session.commit()
        jury = session.get_one(JurySession, made.jury.id)
        with count_statements(session.get_bind()) as statements:
            assert len(results.results_of(session, jury)) == size
        counts.append(len(statements))
        services.unpublish(session, made.actor(session), jury, reason="Erreur de transcription.")
        with count_statements(session.get_bind()) as statements:
            services.publish(session, made.actor(session), jury)
        counts.append(sum("programme_rules" in one for one in statements.sent))
    assert counts[:2] == counts[2:]

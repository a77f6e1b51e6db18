"""Who may be presented to a session: not before the day the jury named, nor to two sessions at once."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import clock
from certify.core.db import db, separate_session
from certify.core.errors import Conflict
from certify.juries import candidates, services
from certify.juries.models import Candidacy, DecisionKind, JurySession
from tests.factories.cohorts import make_enrolment
from tests.factories.juries import (
    ACQUIRED,
    BLOCKS,
    NOT_ACQUIRED,
    Prepared,
    make_candidate,
    make_jury,
    opened,
    published,
)
from tests.services.signing_in import SignIn
from tests.services.visiting import visit


def _to_retake(session: Session, days: int) -> tuple[Prepared, Enrolment]:
    """Publish a result that lets the candidate come back so many days later."""
    made = opened(session, make_jury(session))
    services.decide(
        session, made.actor(session, made.president), made.candidacies[0], expected=0,
        blocks=dict.fromkeys(BLOCKS, ACQUIRED) | {"4": NOT_ACQUIRED},
        reasons=dict.fromkeys(BLOCKS, "Motif écrit par le jury."), outcome=competencies.WholeOutcome.PARTLY_OBTAINED,
        reason="Il reste un bloc.", retake_from=clock.today() + timedelta(days=days),
    )  # fmt: skip
    services.close(session, made.actor(session, made.president), made.jury)
    return published(session, made), session.get_one(Enrolment, made.candidacies[0].enrolment_id)


def _offered(session: Session, jury: JurySession) -> set[object]:
    return set(session.scalars(candidates.eligible(jury).with_only_columns(Enrolment.id)))


def test_nobody_is_presented_before_the_day_their_jury_named(session: Session, sign_in: SignIn) -> None:
    made, person = _to_retake(session, 30)
    name = session.get_one(User, person.user_id).name
    early = make_jury(session, 0, cohort=made.cohort, held_on=clock.today() + timedelta(days=29))
    later = make_jury(session, 0, cohort=made.cohort, held_on=clock.today() + timedelta(days=30))
    assert person.id not in _offered(session, early.jury)
    assert person.id in _offered(session, later.jury)
    with pytest.raises(Conflict, match=f"{name} ne peut pas être représenté"):
        services.add_candidates(session, early.actor(session), early.jury, [person.id])
    session.commit()
    words = visit(sign_in(early.registrar), f"/juries/{early.jury.id}/candidates").get_text()
    assert name in words
    assert "à partir du" in words
    words = visit(sign_in(later.registrar), f"/juries/{later.jury.id}/candidates").get_text()
    assert name in words
    assert "à partir du" not in words
    assert services.add_candidates(session, later.actor(session), later.jury, [person.id])


def test_a_day_named_by_a_decision_that_was_replaced_holds_nobody_back(session: Session) -> None:
    made, person = _to_retake(session, 30)
    blocks = dict.fromkeys(BLOCKS, ACQUIRED) | {"4": NOT_ACQUIRED}
    ruling = services.Ruling(
        blocks, competencies.WholeOutcome.PARTLY_OBTAINED, "Relu.", dict.fromkeys(BLOCKS, "Motif écrit par le jury.")
    )
    services.decide_again(
        session, made.actor(session), made.candidacies[0], kind=DecisionKind.CORRECTION, expected=1,
        decided_on=clock.today(), ruling=ruling,
    )  # fmt: skip
    early = make_jury(session, 0, cohort=made.cohort)
    assert person.id in _offered(session, early.jury)


def test_two_registrars_do_not_present_the_same_person_to_two_sessions_at_once(app: Flask, session: Session) -> None:
    made = make_jury(session, 0)
    other = make_jury(session, 0, cohort=made.cohort)
    person = make_enrolment(session, made.cohort, make_candidate(session))
    actors, ids, person_id = (made.actor(session), other.actor(session)), (made.jury.id, other.jury.id), person.id
    session.commit()
    refused: list[Conflict] = []

    def present() -> None:
        with app.app_context():
            with separate_session() as own:
                try:
                    services.add_candidates(own, actors[1], own.get_one(JurySession, ids[1]), [person_id])
                    own.commit()
                except Conflict as conflict:
                    refused.append(conflict)
            db.session.remove()  # type: ignore[attr-defined]

    with separate_session() as own:
        services.add_candidates(own, actors[0], own.get_one(JurySession, ids[0]), [person_id])
        thread = Thread(target=present)
        thread.start()
        thread.join(1.5)
        own.commit()
    thread.join(30)
    session.rollback()
    assert len(refused) == 1
    assert session.scalars(select(Candidacy.session_id)).all() == [ids[0]]

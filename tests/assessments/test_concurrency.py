"""Several people, or several tabs, at the very same time."""

from collections.abc import Callable
from threading import Barrier, Thread
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.assessments import services
from certify.assessments.models import Assessment, AssessmentState, Rating, Standing
from certify.assessments.policies import Rated
from certify.cohorts.models import Enrolment
from certify.core.access import Actor
from certify.core.db import db
from certify.core.errors import Conflict
from tests.factories.assessments import make_draft, make_trainer, whole_grid
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of


def _at_once(app: Flask, works: list[Callable[[Session], object]]) -> list[object]:
    """Do several pieces of work, each in its own thread and transaction, and return what each gave or raised."""
    gate, results = Barrier(len(works)), [None] * len(works)

    def run(index: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[index] = works[index](db.session)
                db.session.commit()
            except Conflict as refusal:
                db.session.rollback()
                results[index] = refusal
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def _saver(actor: Actor, assessment_id: UUID, comment: str) -> Callable[[Session], object]:
    def save(session: Session) -> object:
        draft = session.get_one(Assessment, assessment_id)
        ratings = {"1.1.1": Rated("acquired", comment=comment)}
        return services.save(session, actor, draft, revision=1, comment=comment, ratings=ratings).revision

    return save


def test_of_two_saves_from_the_same_revision_one_wins_and_the_other_is_told(app: Flask, session: Session) -> None:
    draft = make_draft(session)
    actor, identity = actor_of(session, session.get_one(User, draft.assessor_id)), draft.id
    session.commit()
    results = _at_once(app, [_saver(actor, identity, "Un"), _saver(actor, identity, "Deux")])
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "int"]
    session.expire_all()
    kept = session.get_one(Assessment, identity)
    winner = "Un" if results[0] == 2 else "Deux"
    comments = session.scalars(select(Rating.comment).where(Rating.assessment_id == identity)).all()
    assert (kept.comment, kept.revision, comments) == (winner, 2, [winner])


def test_two_clicks_on_start_open_one_draft(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    trainer = make_trainer(session, enrolment)
    enrolment_id, trainer_id = enrolment.id, trainer.id
    session.commit()

    def start(session: Session) -> object:
        make_draft(session, session.get_one(Enrolment, enrolment_id), session.get_one(User, trainer_id))
        return True

    results = _at_once(app, [start, start])
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "bool"]
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Assessment)) == 1


def test_two_assessors_signing_at_once_are_both_in_the_standing(app: Flask, session: Session) -> None:
    enrolment = make_enrolment(session)
    drafts = []
    for level in ("acquired", "not_acquired"):
        trainer = make_trainer(session, enrolment)
        actor, draft = actor_of(session, trainer), make_draft(session, enrolment, trainer)
        services.save(session, actor, draft, revision=1, comment="", ratings=whole_grid(level))
        drafts.append((actor, draft.id))
    enrolment_id = enrolment.id
    session.commit()

    def signer(actor: Actor, assessment_id: UUID) -> Callable[[Session], object]:
        return lambda session: services.sign(session, actor, session.get_one(Assessment, assessment_id)).seal

    results = _at_once(app, [signer(actor, draft) for actor, draft in drafts])
    assert all(isinstance(result, str) for result in results)
    session.expire_all()
    assert set(session.scalars(select(Assessment.state))) == {AssessmentState.SIGNED}
    standing = session.get_one(Standing, enrolment_id)
    assert len(standing.disputed) == len(standing.competencies) == 16

"""What a course shows: its cohort's rows and no other, however they are asked for."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from certify.cohorts.models import Cohort, Enrolment, HalfDay, TrainingSession
from certify.core import clock
from certify.core.db import Base
from certify.logbook.models import LogbookEntry
from certify.lti import narrowing
from tests.factories.cohorts import make_cohort, make_enrolment
from tests.factories.logbook import make_entry


@pytest.fixture
def two(session: Session) -> tuple[Enrolment, Enrolment]:
    """Give an enrolment of the course's cohort and one of another, each with an entry."""
    shown, hidden = make_enrolment(session), make_enrolment(session)
    for enrolment in (shown, hidden):
        make_entry(session, enrolment)
    session.commit()
    narrowing.narrow(session, {shown.cohort_id})
    session.expire_all()
    return shown, hidden


def test_rows_of_another_cohort_are_not_there(session: Session, two: tuple[Enrolment, Enrolment]) -> None:
    shown, hidden = two
    with narrowing.lifted(session):
        shown_cohort, hidden_id, hidden_cohort = shown.cohort_id, hidden.id, hidden.cohort_id
    session.expunge_all()
    assert session.scalars(select(Cohort.id)).all() == [shown_cohort]
    assert session.get(Cohort, hidden_cohort) is None
    assert session.get(Enrolment, hidden_id) is None
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1
    assert session.scalar(select(func.count()).where(Enrolment.id == hidden_id)) == 0
    assert session.scalar(select(func.count(LogbookEntry.id))) == 1
    assert session.scalar(select(func.count(aliased(LogbookEntry).id))) == 1


def test_rows_of_another_cohort_are_not_found_through_a_join_nor_changed(
    session: Session, two: tuple[Enrolment, Enrolment]
) -> None:
    joined = select(func.count()).select_from(LogbookEntry).join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
    assert session.scalar(joined) == 1
    one = aliased(Enrolment)
    inner = select(one.id).scalar_subquery()
    assert session.scalar(select(func.count()).where(LogbookEntry.enrolment_id.in_(inner))) == 1
    done = session.execute(update(Enrolment).values(covered=3))
    assert done.rowcount == 1  # type: ignore[attr-defined]


def test_without_a_cohort_nothing_is_shown(session: Session) -> None:
    make_enrolment(session, make_cohort(session))
    session.commit()
    narrowing.narrow(session, set())
    assert session.scalars(select(Enrolment)).all() == []
    with narrowing.lifted(session):
        assert len(session.scalars(select(Enrolment)).all()) == 1
    assert session.scalars(select(Enrolment)).all() == []


def test_every_table_about_an_enrolment_is_narrowed(session: Session) -> None:
    narrowing.narrow(session, set())
    tables = [mapper for mapper in Base.registry.mappers if "enrolment_id" in mapper.columns]
    assert {"logbook_entry", "assessment", "evidence_item", "lti_score"} <= {str(one.local_table) for one in tables}
    for mapper in tables:
        assert session.execute(select(mapper.class_)).all() == []


def test_what_belongs_to_a_whole_cohort_is_narrowed_too(session: Session, two: tuple[Enrolment, Enrolment]) -> None:
    with narrowing.lifted(session):
        cohorts = [one.cohort_id for one in two]
    for cohort_id in cohorts:
        session.add(
            TrainingSession(
                cohort_id=cohort_id, on=clock.today(), half=HalfDay.MORNING, title="Accueil", created_at=clock.now()
            )
        )
    session.flush()
    assert session.scalars(select(TrainingSession.cohort_id)).all() == [cohorts[0]]

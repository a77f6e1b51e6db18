"""The registration an award counts for: one answer for the document and for the declaration."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates import queries
from certify.cohorts.models import AccessRoute, Enrolment, VaeStep, VaeStepKind
from certify.core import clock
from certify.core.types import new_id
from certify.frameworks.models import RegistrationState
from tests.factories.declarations import Declared, make_declared, make_recognition

TODAY = clock.today()
DAY = timedelta(days=1)


def _counting(session: Session, declared: Declared, decided_on: date = TODAY) -> str:
    enrolment = session.scalars(select(Enrolment).where(Enrolment.user_id == declared.holders[0])).one()
    found = queries.registration_of(session, declared.body.id, declared.framework, decided_on, enrolment)
    return found.reference if found else ""


def _registered(session: Session, declared: Declared, **values: Any) -> None:
    make_recognition(session, declared.body.id, declared.framework, **values)


def test_a_vae_counts_from_its_admission_and_not_from_its_entry(session: Session) -> None:
    declared = make_declared(
        session, is_registered=False, access_route=AccessRoute.PRIOR_EXPERIENCE, entered_on=TODAY - 90 * DAY
    )
    _registered(session, declared, ends_on=TODAY - 30 * DAY)
    assert _counting(session, declared) == ""
    enrolment = session.scalars(select(Enrolment).where(Enrolment.user_id == declared.holders[0])).one()
    step = {"enrolment_id": enrolment.id, "kind": VaeStepKind.ADMITTED, "recorded_at": clock.now()}
    session.add(VaeStep(id=new_id(), on=TODAY - 40 * DAY, **step))
    session.flush()
    assert _counting(session, declared) == "RNCP12345"


def test_a_registration_renewed_under_another_number_counts_for_its_own_days(session: Session) -> None:
    declared = make_declared(session, is_registered=False, entered_on=TODAY)
    _registered(session, declared, ends_on=TODAY - 10 * DAY)
    begins = TODAY - 5 * DAY
    _registered(session, declared, number=2, reference="RNCP54321", decided_on=begins, starts_on=begins)
    # Entry into training is today: the decision alone may rely on the former one.
    assert _counting(session, declared) == "RNCP54321"
    [enrolment] = session.scalars(select(Enrolment).where(Enrolment.user_id == declared.holders[0]))
    enrolment.entered_on = TODAY - 20 * DAY
    assert _counting(session, declared, TODAY - 15 * DAY) == "RNCP12345"


@pytest.mark.engines("sqlite")
def test_a_later_row_says_all_there_is_to_say_of_a_registration(session: Session) -> None:
    declared = make_declared(session, is_registered=False, entered_on=TODAY)
    _registered(session, declared)
    _registered(session, declared, number=2, ends_on=TODAY - DAY)
    assert _counting(session, declared) == ""
    _registered(session, declared, number=3, state=RegistrationState.NOT_REGISTERED, reference="")
    _registered(session, declared, number=4, starts_on=TODAY + DAY)
    assert _counting(session, declared) == ""
    assert queries.registrations_of(session, [declared.body.id]).bodies == {declared.body.id}


@pytest.mark.engines("sqlite")
def test_a_registration_not_yet_decided_counts_for_nothing(session: Session) -> None:
    declared = make_declared(session, is_registered=False)
    _registered(session, declared, decided_on=TODAY + DAY, starts_on=TODAY - 200 * DAY)
    assert _counting(session, declared) == ""
    with clock.at(clock.now() + DAY):
        assert _counting(session, declared) == "RNCP12345"

"""The verbs of enrolments."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts import policies, queries
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import Somebody
from certify.cohorts.roster import Person
from certify.cohorts.services.states import change_state
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.organisations.models import Organisation, OrganisationKind

INVITATION_WANTED = "cohorts.invitation_wanted"
_AT_ONCE = 500


class AlreadyEnrolled(Invalid, Conflict):
    """The person is in the cohort already, perhaps withdrawn from it."""


@dataclass(frozen=True)
class Enrolled:
    """What came of enrolling a whole list."""

    enrolled: int
    already: int


def enrol(
    session: Session,
    actor: Actor | None,
    cohort: Cohort,
    *,
    email: str,
    given_name: str,
    family_name: str,
    access_route: AccessRoute,
    entered_on: date,
    house_id: uuid.UUID | None = None,
) -> Enrolment:
    """Enrol somebody, known or new, and have an invitation sent; raise AlreadyEnrolled when they are in the cohort."""
    _check_entry(session, cohort, entered_on, house_id)
    user, _is_new = accounts.find_or_create_user(
        session, email=email.lower(), given_name=given_name, family_name=family_name
    )
    if session.scalar(select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, Enrolment.user_id == user.id)):
        raise AlreadyEnrolled(_l("Cette personne est déjà inscrite dans cette promotion."), "email")
    person = Person(given_name, family_name, email, access_route, entered_on, house_id)
    enrolment = _enrol(session, actor, cohort, user, person)
    session.flush()
    return enrolment


def enrol_all(session: Session, actor: Actor | None, cohort: Cohort, people: Iterable[Person]) -> Enrolled:
    """Enrol a whole list, all or nothing; those who are in the cohort already are left as they are."""
    people = list(people)
    here = queries.enrolled_people(session, cohort.id)
    users = queries.users_with(session, [person.email for person in people])
    enrolled = already = 0
    for person in people:
        user = users.get(person.email)
        if user is None:
            user = users[person.email] = accounts.create_user(
                session, email=person.email, given_name=person.given_name, family_name=person.family_name
            )
        if user.id in here:
            already += 1
            continue
        here.add(user.id)
        _enrol(session, actor, cohort, user, person)
        enrolled += 1
    audit.record(
        session, actor, "cohorts:roster:imported", cohort, organisation_id=cohort.training_body_id,
        enrolled=enrolled, already=already,
    )  # fmt: skip
    return Enrolled(enrolled, already)


def admit(
    session: Session, actor: Actor | None, cohort: Cohort, people: Iterable[Somebody], *, entered_on: date
) -> int:
    """Enrol people who come in by another door, at once and without a mail; who is in the cohort already stays as is.

    Return how many were enrolled. The number of statements grows by two for each five hundred people.
    """
    _check_entry(session, cohort, entered_on, None)
    here = queries.enrolled_people(session, cohort.id)
    new = {one.id: one for one in people if one.id not in here}
    rows = [_facts(cohort, one, EnrolmentState.ACTIVE, entered_on) for one in new.values()]
    for begin in range(0, len(rows), _AT_ONCE):
        part = rows[begin : begin + _AT_ONCE]
        session.execute(insert(Enrolment), part)
        # One event for many: a chain is written one link after the other.
        audit.record(
            session, actor, "cohorts:people:admitted", cohort, organisation_id=cohort.training_body_id,
            enrolled=len(part), enrolments=[row["id"] for row in part], entered_on=entered_on,
        )  # fmt: skip
    return len(rows)


def _enrol(session: Session, actor: Actor | None, cohort: Cohort, user: User, person: Person) -> Enrolment:
    state = EnrolmentState.ACTIVE if user.password else EnrolmentState.INVITED
    facts = _facts(cohort, user, state, person.entered_on)
    enrolment = Enrolment(**facts | {"access_route": person.access_route, "house_id": person.house_id})
    session.add(enrolment)
    audit.record(
        session, actor, "cohorts:enrolment:created", enrolment, organisation_id=enrolment.training_body_id,
        cohort_id=enrolment.cohort_id, access_route=enrolment.access_route, entered_on=enrolment.entered_on,
    )  # fmt: skip
    _want_invitation(session, actor, enrolment)
    return enrolment


def _facts(cohort: Cohort, person: Somebody, state: EnrolmentState, entered_on: date) -> dict[str, Any]:
    return {
        "id": new_id(), "cohort_id": cohort.id, "user_id": person.id, "state": state, "entered_on": entered_on,
        "framework_version_id": cohort.framework_version_id, "training_body_id": cohort.training_body_id,
        "access_route": AccessRoute.CONTINUING, "sort_name": queries.sort_name(person), "created_at": clock.now(),
        "covered": 0,
    }  # fmt: skip


def _want_invitation(session: Session, actor: Actor | None, enrolment: Enrolment) -> None:
    outbox.send(session, INVITATION_WANTED, enrolment_id=enrolment.id, actor_id=actor.user_id if actor else None)


def _check_entry(session: Session, cohort: Cohort, entered_on: date, house_id: uuid.UUID | None) -> None:
    if entered_on > cohort.ends_on:
        raise Invalid(_l("Cette date est après la fin de la promotion."), "entered_on")
    if house_id is not None:
        house = session.get(Organisation, house_id)
        if house is None or house.kind is not OrganisationKind.HOUSE:
            raise Invalid(_l("Cette maison n’est pas connue."), "house_id")


def amend_enrolment(
    session: Session,
    actor: Actor | None,
    enrolment: Enrolment,
    cohort: Cohort,
    *,
    state: EnrolmentState,
    access_route: AccessRoute,
    entered_on: date,
    house_id: uuid.UUID | None = None,
) -> Enrolment:
    """Change the facts of an enrolment: its state, access route, house and date of entry."""
    if entered_on != enrolment.entered_on or house_id != enrolment.house_id:
        _check_entry(session, cohort, entered_on, house_id)
    change_state(session, actor, enrolment, state=state)
    enrolment.access_route, enrolment.entered_on, enrolment.house_id = access_route, entered_on, house_id
    audit.record(
        session, actor, "cohorts:enrolment:amended", enrolment, organisation_id=enrolment.training_body_id,
        access_route=access_route, entered_on=entered_on, house_id=house_id,
    )  # fmt: skip
    return enrolment


def invite_again(session: Session, actor: Actor | None, enrolment: Enrolment) -> None:
    """Send the invitation once more, to somebody still expected."""
    if not policies.may_be_invited(enrolment.state):
        raise Conflict(
            _l("Cette inscription est close ou suspendue : changez d’abord son état, puis renvoyez l’invitation.")
        )
    audit.record(session, actor, "cohorts:invitation:sent-again", enrolment, organisation_id=enrolment.training_body_id)
    _want_invitation(session, actor, enrolment)


def follow_person(session: Session, user: User) -> None:
    """Keep the enrolments of somebody in the order of their name, and begin those that waited for their account."""
    for enrolment in session.scalars(select(Enrolment).where(Enrolment.user_id == user.id)):
        enrolment.sort_name = queries.sort_name(user)
        if enrolment.state is EnrolmentState.INVITED and user.password:
            change_state(session, None, enrolment, state=EnrolmentState.ACTIVE)

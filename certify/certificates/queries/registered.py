"""The registration an award counts for: what its certificate quotes, and what it is declared under.

An award counts when its certification was registered on the day of the decision, or on the day from which the holder
may rely on it: entry into training, or admission for a VAE (C. trav. L6113-5, L6113-9). Once decided, a registration
may take effect from an earlier day. Neither the day a document is printed nor a correction of it changes anything.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts import queries as cohorts
from certify.cohorts.models import AccessRoute, Enrolment, VaeStep
from certify.core import clock
from certify.frameworks.models import Recognition, RegistrationState


class Registrations:
    """The registrations of bodies as last recorded, by framework, the latest first.

    A later row on a registration says all there is to say of it; one that says that nothing is registered cancels those
    before it.
    """

    def __init__(self, rows: Iterable[Recognition]) -> None:
        every: dict[tuple[uuid.UUID, str], list[Recognition]] = defaultdict(list)
        for row in sorted(rows, key=lambda one: one.number, reverse=True):
            every[row.certifying_body_id, row.framework_code].append(row)
        self._rows = {key: standing for key, found in every.items() if (standing := _standing(found))}

    def counting(
        self, body_id: uuid.UUID, code: str, decided_on: date, enrolment: Enrolment, steps: Iterable[VaeStep]
    ) -> Recognition | None:
        """Return the registration an award counts for, if any."""
        days = [day for day in (decided_on, cohorts.rights_date(enrolment, steps)) if day is not None]
        rows = self._rows.get((body_id, code), [])
        return next((row for row in rows if any(_is_in_force(row, day) for day in days)), None)

    @property
    def bodies(self) -> set[uuid.UUID]:
        """The bodies that have something registered."""
        return {body_id for body_id, _code in self._rows}


def _standing(rows: Iterable[Recognition]) -> list[Recognition]:
    found: dict[str, Recognition] = {}
    for row in rows:
        if row.state is RegistrationState.NOT_REGISTERED:
            break
        found.setdefault(row.reference, row)
    return list(found.values())


def _is_in_force(row: Recognition, day: date) -> bool:
    begins = row.starts_on or row.decided_on
    if begins is None:
        return False
    is_decided = row.decided_on is None or row.decided_on <= clock.today()
    return is_decided and begins <= day and (row.ends_on is None or day <= row.ends_on)


def registrations_of(session: Session, body_ids: Collection[uuid.UUID]) -> Registrations:
    """Return what is recorded of the registrations of bodies, in one statement."""
    return Registrations(session.scalars(select(Recognition).where(Recognition.certifying_body_id.in_(body_ids))))


def registration_of(
    session: Session, body_id: uuid.UUID, code: str, decided_on: date, enrolment: Enrolment
) -> Recognition | None:
    """Return the registration one award counts for, if any."""
    is_vae = enrolment.access_route is AccessRoute.PRIOR_EXPERIENCE
    steps = cohorts.steps_of(session, [enrolment.id]).get(enrolment.id, []) if is_vae else []
    return registrations_of(session, [body_id]).counting(body_id, code, decided_on, enrolment, steps)

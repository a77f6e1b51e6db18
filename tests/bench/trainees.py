"""Cohorts of any size, written in a few statements."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.types import new_id
from certify.logbook.models import Activity, EntryState, LogbookEntry
from tests.factories.cohorts import make_cohort

_FRAMEWORK = competencies.demo()
_ENTRIES = 10
"""Logbook entries of each trainee."""


def fill_cohort(session: Session, size: int) -> Cohort:
    """Make a cohort of so many trainees, each assessed on most competencies, with a few disagreements."""
    cohort = make_cohort(session, name=f"Promotion de {size}")
    moment = clock.now()
    people = [
        {
            "id": new_id(),
            "email": f"stagiaire-{size}-{n}@exemple.test",
            "given_name": "Stagiaire",
            "family_name": f"{n:04d}",
            "locale": "fr",
            "active": True,
            "fs_uniquifier": new_id().hex,
            "created_at": moment,
            "confirmed_at": moment,
        }
        for n in range(size)
    ]
    enrolments = [
        {
            "id": new_id(),
            "cohort_id": cohort.id,
            "user_id": one["id"],
            "framework_version_id": cohort.framework_version_id,
            "training_body_id": cohort.training_body_id,
            "access_route": AccessRoute.CONTINUING,
            "state": EnrolmentState.ACTIVE,
            "sort_name": f"{n:04d} stagiaire",
            "entered_on": cohort.starts_on,
            "covered": n % 40,
            "created_at": moment,
        }
        for n, one in enumerate(people)
    ]
    session.execute(insert(User), people)
    session.execute(insert(Enrolment), enrolments)
    session.execute(insert(Standing), [_standing(n, row["id"]) for n, row in enumerate(enrolments)])
    session.execute(insert(LogbookEntry), [_entry(row, day) for row in enrolments for day in range(_ENTRIES)])
    session.commit()
    return cohort


def _standing(n: int, enrolment_id: Any) -> dict[str, Any]:
    codes = [one.code for one in _FRAMEWORK.competencies]
    levels = _FRAMEWORK.scale.codes
    assessed = {code: levels[(n + place) % len(levels)] for place, code in enumerate(codes) if (n + place) % 7}
    disputed = [code for place, code in enumerate(assessed) if (n + place) % 11 == 0][:2]
    return {"enrolment_id": enrolment_id, "competencies": assessed, "disputed": disputed, "assessed_at": clock.now()}


def _entry(enrolment: dict[str, Any], day: int) -> dict[str, Any]:
    moment = clock.now() - timedelta(days=3 * day + enrolment["covered"])
    return {
        "id": new_id(),
        "enrolment_id": enrolment["id"],
        "training_body_id": enrolment["training_body_id"],
        "activity": Activity.GROUP_MEETING,
        "title": f"Rencontre {day}",
        "happened_on": moment.date(),
        "minutes": 90,
        "place": "Crèche",
        "account": "Animation d’une rencontre de parents. " * 20,
        "reflection": "",
        "revision": 1,
        "state": EntryState.ACCEPTED,
        "created_at": moment,
        "saved_at": moment,
        "submitted_at": moment,
        "accepted_at": moment,
    }

"""The verbs of training half-days and of who came to them."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts import queries
from certify.cohorts.models import Attendance, Cohort, HalfDay, Presence, TrainingSession
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import day as day_in_words
from certify.core.types import new_id

LONGEST = 300
"""Minutes of the longest half-day."""
MOST_AT_ONCE = 120
"""Half-days planned by one form."""


class StaleSheet(Invalid, Conflict):
    """Somebody else has filled in the sheet since it was opened here."""


def plan(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    *,
    days: Iterable[date],
    halves: Iterable[HalfDay],
    title: str,
    minutes: int,
) -> list[TrainingSession]:
    """Add half-days of training to a cohort, all or none; one that was cancelled is held after all."""
    halves = list(halves)
    wanted = [(on, half) for on in sorted(set(days)) for half in HalfDay if half in halves]
    _check_wanted(cohort, wanted, minutes)
    # Two people planning the same days must see each other.
    session.scalars(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update()).one()
    on_days = TrainingSession.on.in_({on for on, _half in wanted})
    query = select(TrainingSession).where(TrainingSession.cohort_id == cohort.id, on_days)
    here = {(one.on, one.half): one for one in session.scalars(query)}
    taken = next((key for key in wanted if key in here and here[key].cancelled_at is None), None)
    if taken is not None:
        raise Invalid(_l("Le %(day)s, cette demi-journée est déjà au programme.", day=day_in_words(taken[0])), "days")
    planned = []
    for on, half in wanted:
        half_day = here.get((on, half))
        if half_day is None:
            half_day = TrainingSession(id=new_id(), cohort_id=cohort.id, on=on, half=half, created_at=clock.now())
            session.add(half_day)
        half_day.title, half_day.minutes, half_day.cancelled_at = title, minutes, None
        planned.append(half_day)
    session.flush()
    audit.record(
        session, actor, "cohorts:half-days:planned", cohort, organisation_id=cohort.training_body_id,
        half_days=[one.id for one in planned], title=title, minutes=minutes,
    )  # fmt: skip
    return planned


def cancel(session: Session, actor: Actor, cohort: Cohort, half_day: TrainingSession) -> TrainingSession:
    """Take a half-day off the programme; what was recorded of it stays and counts no more."""
    if half_day.cancelled_at is not None:
        raise Conflict(_l("Cette demi-journée est déjà annulée."))
    half_day.cancelled_at = clock.now()
    audit.record(session, actor, "cohorts:half-day:cancelled", half_day, organisation_id=cohort.training_body_id)
    return half_day


def record(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    half_day: TrainingSession,
    *,
    presences: Mapping[uuid.UUID, Presence],
    revision: int,
) -> int:
    """Say who came; only what differs from what is known is written, as new rows. Return how many.

    Raises StaleSheet when somebody else has filled in the sheet since `revision`.
    """
    session.refresh(half_day, with_for_update=True)
    if half_day.cancelled_at is not None:
        raise Conflict(_l("Cette demi-journée est annulée : sa feuille ne se remplit plus."))
    if half_day.on > clock.today():
        raise Invalid(_l("Cette demi-journée n’a pas encore eu lieu : sa feuille se remplit le jour même."))
    sheet = queries.sheet_of(session, half_day)
    if sheet.revision != revision:
        raise StaleSheet(
            _l("Cette feuille vient d’être remplie depuis un autre appareil. La voici à jour : corrigez-la si besoin.")
        )
    written = [
        Attendance(
            id=new_id(), session_id=half_day.id, enrolment_id=row.enrolment_id, presence=presences[row.enrolment_id],
            recorded_at=clock.now(), recorded_by_id=actor.user_id,
        )
        for row in sheet.rows
        if row.enrolment_id in presences and presences[row.enrolment_id] is not row.presence
    ]  # fmt: skip
    session.add_all(written)
    if written:
        audit.record(
            session, actor, "cohorts:attendance:recorded", half_day, organisation_id=cohort.training_body_id,
            rows=len(written), is_correction=sheet.is_recorded,
        )  # fmt: skip
    return len(written)


def _check_wanted(cohort: Cohort, wanted: list[tuple[date, HalfDay]], minutes: int) -> None:
    if not wanted:
        raise Invalid(_l("Donnez au moins un jour et une demi-journée."), "days")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(
            _l("%(count)s demi-journées à la fois, c’est trop : %(most)s au plus.", count=len(wanted),
               most=MOST_AT_ONCE),
            "days",
        )  # fmt: skip
    outside = next((on for on, _half in wanted if not cohort.starts_on <= on <= cohort.ends_on), None)
    if outside is not None:
        raise Invalid(_l("Le %(day)s est hors des dates de la promotion.", day=day_in_words(outside)), "days")
    if not 1 <= minutes <= LONGEST:
        raise Invalid(_l("Une demi-journée dure de 1 à %(most)s minutes.", most=LONGEST), "minutes")

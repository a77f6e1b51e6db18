"""What there is to remind people of this week: gathered for many of them in a number of statements that stays the same.

Counts, dates, and names of cohorts and of requirements: nothing that anybody wrote in an entry or an assessment.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import competencies
from certify.assessments.models import Assessment, AssessmentKind, AssessmentState
from certify.cohorts import queries as cohorts
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import clock
from certify.core.access import Role
from certify.eligibility.queries import File, files_of
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import programmes_of
from certify.logbook.models import EntryState, LogbookEntry
from certify.organisations.models import Membership
from certify.reports.cohort import is_late

STAFF = (Role.TRAINER, Role.COORDINATOR)
"""Roles whose week holds something about others."""


@dataclass(frozen=True)
class Line:
    """One thing to say: which kind, where it is done, and its figures."""

    kind: str
    path: str
    count: int = 0
    days: int = 0
    on: date | None = None
    cohort: str = ""
    names: tuple[competencies.Text, ...] = ()

    def wordings(self, locale: str) -> tuple[str, ...]:
        """Return its names in the language of a mail."""
        return tuple(name.to(locale) for name in self.names)

    def to_document(self) -> dict[str, Any]:
        """Return the line as JSON can hold it."""
        names = [{"fr": name.fr, "en": name.en} for name in self.names]
        return {**vars(self), "on": self.on and self.on.isoformat(), "names": names}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Line":
        """Read back what `to_document` gave."""
        on = document["on"] and date.fromisoformat(document["on"])
        return cls(**{**document, "on": on, "names": tuple(competencies.Text(**one) for one in document["names"])})


@dataclass(frozen=True)
class _Own:
    """An enrolment of somebody concerned, with its cohort."""

    enrolment: Enrolment
    cohort: Cohort


def digests_of(session: Session, people: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Line, ...]]:
    """Return what to remind each person of, those with nothing left out."""
    own = _own(session, people)
    bodies = _bodies(session, people)
    led = _cohorts(
        session, frozenset[uuid.UUID]().union(*(held for roles in bodies.values() for held in roles.values()))
    )
    followed = [one for rows in own.values() for one in rows]
    concerned = [*led, *(one.cohort for one in followed)]
    days = _reminder_days(session, [*concerned, *(one.enrolment for one in followed)])
    ending = _ending(session, concerned, days)
    told: defaultdict[uuid.UUID, list[Line]] = defaultdict(list)
    for source in (
        _to_trainees(session, followed, ending, days),
        _drafts(session, people),
        _waiting(session, bodies),
        _of_cohorts(session, bodies, led, ending),
    ):
        for person, line in source:
            told[person].append(line)
    return {person: tuple(lines) for person, lines in told.items()}


def _own(session: Session, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[_Own]]:
    query = (
        select(Enrolment, Cohort)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.user_id.in_(people), Enrolment.state == EnrolmentState.ACTIVE, Cohort.archived_at.is_(None))
        .order_by(Cohort.ends_on, Enrolment.id)
    )
    found: defaultdict[uuid.UUID, list[_Own]] = defaultdict(list)
    for enrolment, cohort in session.execute(query):
        found[enrolment.user_id].append(_Own(enrolment, cohort))
    return found


def _bodies(session: Session, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Mapping[Role, frozenset[uuid.UUID]]]:
    """Return the training bodies where each person trains, and where they coordinate."""
    query = select(Membership.user_id, Membership.role, Membership.organisation_id).where(
        Membership.user_id.in_(people), Membership.role.in_(STAFF), Membership.ended_at.is_(None)
    )
    found: defaultdict[uuid.UUID, dict[Role, frozenset[uuid.UUID]]] = defaultdict(dict)
    for person, role, body in session.execute(query):
        found[person][role] = found[person].get(role, frozenset()) | {body}
    return found


def _cohorts(session: Session, bodies: Collection[uuid.UUID]) -> list[Cohort]:
    """Return the cohorts of training bodies that are not over."""
    current = (Cohort.training_body_id.in_(bodies), Cohort.archived_at.is_(None), Cohort.ends_on >= clock.today())
    return list(session.scalars(select(Cohort).where(*current).order_by(Cohort.ends_on, Cohort.name, Cohort.id)))


def _reminder_days(session: Session, followers: Iterable[Cohort | Enrolment]) -> Mapping[uuid.UUID, int]:
    """Return how long before an end people are reminded, by framework version: the programme's rules say."""
    query = select(FrameworkVersion.id, FrameworkVersion.certifying_body_id, FrameworkVersion.code)
    versions = {one.framework_version_id for one in followers}
    pairs = {one: (body, code) for one, body, code in session.execute(query.where(FrameworkVersion.id.in_(versions)))}
    rules = programmes_of(session, pairs.values())
    return {version: rules[pair].reminder_days for version, pair in pairs.items()}


def _ending(
    session: Session, concerned: Iterable[Cohort], days: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, dict[uuid.UUID, File]]:
    """Return, for each cohort whose end is near, the files of its trainees: by cohort, then by enrolment."""
    rows = {one.id: one for one in concerned}
    today = clock.today()
    near: dict[uuid.UUID, dict[uuid.UUID, File]] = {
        one.id: {}
        for one in rows.values()
        if today <= one.ends_on <= today + timedelta(days=days[one.framework_version_id])
    }
    trainees = select(Enrolment).where(Enrolment.cohort_id.in_(near), Enrolment.state == EnrolmentState.ACTIVE)
    enrolments = list(session.scalars(trainees))
    files = files_of(session, enrolments)
    for enrolment in enrolments:
        near[enrolment.cohort_id][enrolment.id] = files[enrolment.id]
    return near


def _to_trainees(
    session: Session,
    rows: Collection[_Own],
    ending: Mapping[uuid.UUID, Mapping[uuid.UUID, File]],
    days: Mapping[uuid.UUID, int],
) -> Iterator[tuple[uuid.UUID, Line]]:
    for one in rows:
        file = ending.get(one.cohort.id, {}).get(one.enrolment.id)
        if file is not None and file.lacking:
            names = tuple(asked.label for asked in file.lacking)
            line = Line("end", "/file", len(names), on=one.cohort.ends_on, cohort=one.cohort.name, names=names)
            yield one.enrolment.user_id, line
    ids = {one.enrolment.id: one.enrolment.user_id for one in rows}
    returned = select(LogbookEntry.enrolment_id, func.count()).where(
        LogbookEntry.enrolment_id.in_(ids), LogbookEntry.state == EntryState.RETURNED
    )
    for enrolment_id, count in session.execute(returned.group_by(LogbookEntry.enrolment_id)):
        yield ids[enrolment_id], Line("returned", "/logbook", count)
    yield from _clocks(session, rows, days)


def _clocks(
    session: Session, rows: Collection[_Own], days: Mapping[uuid.UUID, int]
) -> Iterator[tuple[uuid.UUID, Line]]:
    """Yield the delays of a VAE that end soon by the programme's rules, or that were missed and still wait."""
    enrolments = {one.enrolment.id: one.enrolment for one in rows}
    for enrolment_id, steps in cohorts.steps_of(session, enrolments).items():
        due, enrolment = cohorts.file_of(steps).next_clock, enrolments[enrolment_id]
        soon = clock.today() + timedelta(days=days[enrolment.framework_version_id])
        if due is not None and due.due_on is not None and due.due_on <= soon:
            yield enrolment.user_id, Line("clock", "/file", on=due.due_on, names=(due.label,))


def _drafts(session: Session, people: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Line]]:
    is_own = Assessment.kind == AssessmentKind.SELF
    query = select(Assessment.assessor_id, is_own, func.count()).where(
        Assessment.assessor_id.in_(people), Assessment.state == AssessmentState.DRAFT
    )
    for person, own, count in session.execute(query.group_by(Assessment.assessor_id, is_own)):
        yield person, Line("own_drafts", "/self-assessment", count) if own else Line("drafts", "/assessments", count)


def _waiting(
    session: Session, bodies: Mapping[uuid.UUID, Mapping[Role, frozenset[uuid.UUID]]]
) -> Iterator[tuple[uuid.UUID, Line]]:
    """Yield the entries that wait for a trainer's answer, and for how long."""
    held = {person: roles[Role.TRAINER] for person, roles in bodies.items() if Role.TRAINER in roles}
    query = (
        select(LogbookEntry.training_body_id, func.count(), func.min(LogbookEntry.submitted_at))
        .where(
            LogbookEntry.training_body_id.in_(frozenset[uuid.UUID]().union(*held.values())),
            LogbookEntry.state == EntryState.SUBMITTED,
        )
        .group_by(LogbookEntry.training_body_id)
    )
    queues = {body: (count, oldest or clock.now()) for body, count, oldest in session.execute(query)}
    for person, where in held.items():
        found = [queues[body] for body in where if body in queues]
        if found:
            oldest = min(since for _count, since in found).astimezone(clock.PARIS).date()
            count = sum(waiting for waiting, _since in found)
            yield person, Line("waiting", "/reviews", count, (clock.today() - oldest).days)


def _of_cohorts(
    session: Session,
    bodies: Mapping[uuid.UUID, Mapping[Role, frozenset[uuid.UUID]]],
    led: Collection[Cohort],
    ending: Mapping[uuid.UUID, Mapping[uuid.UUID, File]],
) -> Iterator[tuple[uuid.UUID, Line]]:
    """Yield, by cohort, the files to complete before its end, and the trainees who handed in nothing lately."""
    query = select(Enrolment.cohort_id, func.count().label("late"))
    query = query.where(Enrolment.cohort_id.in_([one.id for one in led]), is_late())
    late = {row.cohort_id: row.late for row in session.execute(query.group_by(Enrolment.cohort_id))}
    for person, roles in bodies.items():
        where = frozenset[uuid.UUID]().union(*roles.values())
        for cohort in (one for one in led if one.training_body_id in where):
            lacking = sum(1 for file in ending.get(cohort.id, {}).values() if file.lacking)
            if lacking:
                path = f"/cohorts/{cohort.id}/files?situation=incomplete"
                yield person, Line("files", path, lacking, on=cohort.ends_on, cohort=cohort.name)
            if cohort.id in late:
                yield person, Line("late", f"/cohorts/{cohort.id}?situation=late", late[cohort.id], cohort=cohort.name)

"""Reads about validations of prior experience: steps, clocks, and the files of a training body by urgency."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from certify.accounts.models import User
from certify.cohorts import policies
from certify.cohorts.models import AccessRoute, Cohort, Enrolment, EnrolmentState, VaeStep, VaeStepKind
from certify.cohorts.queries.enrolments import folded
from certify.core import clock
from certify.core.access import Actor, Permission
from certify.core.errors import NotFound
from certify.frameworks.models import FrameworkVersion
from competencies.vae import Clock, ClockState, Filing, Step, StepKind, admitted_on, clocks

_URGENCY = {ClockState.LAPSED: 0, ClockState.LATE: 0, ClockState.RUNNING: 1}


@dataclass(frozen=True)
class VaeFile:
    """The VAE of one enrolment as it stands today."""

    steps: tuple[VaeStep, ...]
    clocks: tuple[Clock, ...]
    admitted_on: date | None
    """Day of the recevabilité, notified or by silence."""

    @property
    def next_clock(self) -> Clock | None:
        """Return the delay to watch: the earliest one that still runs or has been missed."""
        pending = [one for one in self.clocks if one.is_pending and one.due_on is not None]
        return min(pending, key=lambda one: one.due_on or date.max, default=None)

    @property
    def is_lapsed(self) -> bool:
        """Whether the last admission has lapsed."""
        last = next((one for one in reversed(self.clocks) if one.code == "idle" and one.started_on), None)
        return last is not None and last.state is ClockState.LAPSED


@dataclass(frozen=True)
class VaeLine:
    """One VAE of a list."""

    enrolment: Enrolment
    name: str
    cohort: str
    file: VaeFile

    @property
    def urgency(self) -> tuple[int, date, str]:
        """What sorts it: what is lapsed or due first, then by name."""
        due = self.file.next_clock
        if due is not None and due.due_on is not None:
            return _URGENCY[due.state], due.due_on, self.enrolment.sort_name
        return 0 if self.file.is_lapsed else 2, date.max, self.enrolment.sort_name


@dataclass(frozen=True)
class StepRow:
    """One step as recorded, with what struck it out if anything did."""

    step: VaeStep
    recorded_by: str
    struck_at: datetime | None
    struck_by: str


def vae_of(session: Session, enrolment: Enrolment) -> VaeFile | None:
    """Return the VAE of an enrolment as it stands, in one statement; nothing by another access route."""
    if not policies.is_vae(enrolment):
        return None
    return file_of(steps_of(session, [enrolment.id]).get(enrolment.id, ()))


def file_of(steps: Iterable[VaeStep]) -> VaeFile:
    """Return where some steps lead today."""
    kept = tuple(steps)
    dated, today = pure(kept), clock.today()
    return VaeFile(kept, clocks(dated, today), admitted_on(dated, today))


def pure(steps: Iterable[VaeStep]) -> list[Step]:
    """Return steps as the domain counts them."""
    return [Step(StepKind(one.kind.value), one.on) for one in steps]


def rights_date(enrolment: Enrolment, steps: Iterable[VaeStep]) -> date | None:
    """Return the day whose registration somebody may rely on (C. trav., art. L6113-9).

    The day of entry into training, or of admission for a VAE; nothing before that admission.
    """
    return admitted_on(pure(steps), clock.today()) if policies.is_vae(enrolment) else enrolment.entered_on


def steps_of(session: Session, enrolment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[VaeStep]]:
    """Return the steps in force of each enrolment, oldest first, in one statement."""
    found: dict[uuid.UUID, list[VaeStep]] = defaultdict(list)
    strike = aliased(VaeStep)
    query = (
        select(VaeStep)
        .outerjoin(strike, strike.strikes_id == VaeStep.id)
        .where(VaeStep.enrolment_id.in_(enrolment_ids), VaeStep.strikes_id.is_(None), strike.id.is_(None))
        .order_by(VaeStep.on, VaeStep.recorded_at, VaeStep.id)
    )
    for step in session.scalars(query):
        found[step.enrolment_id].append(step)
    return dict(found)


def step_rows(session: Session, enrolment: Enrolment) -> list[StepRow]:
    """Return every step of an enrolment, even struck out, as they were dated; one statement."""
    strike, recorder, striker = aliased(VaeStep), aliased(User), aliased(User)
    query = (
        select(VaeStep, recorder, strike.recorded_at, striker)
        .outerjoin(recorder, recorder.id == VaeStep.recorded_by_id)
        .outerjoin(strike, strike.strikes_id == VaeStep.id)
        .outerjoin(striker, striker.id == strike.recorded_by_id)
        .where(VaeStep.enrolment_id == enrolment.id, VaeStep.strikes_id.is_(None))
        .order_by(VaeStep.on, VaeStep.recorded_at, VaeStep.id)
    )
    return [
        StepRow(step, by.name if by else "", struck_at, striker_.name if striker_ else "")
        for step, by, struck_at, striker_ in session.execute(query)
    ]


def step_in_force(session: Session, enrolment: Enrolment, step_id: uuid.UUID) -> VaeStep:
    """Return a step of an enrolment that was not struck out; raise NotFound otherwise."""
    for step in steps_of(session, [enrolment.id]).get(enrolment.id, ()):
        if step.id == step_id:
            return step
    raise NotFound


def filings_of(session: Session, user_id: uuid.UUID) -> list[Filing]:
    """Return every feasibility file a person submitted, whatever the training body, in one statement."""
    strike = aliased(VaeStep)
    query = (
        select(VaeStep, Cohort.certifying_body_id, FrameworkVersion.code)
        .join(Enrolment, Enrolment.id == VaeStep.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(FrameworkVersion, FrameworkVersion.id == Enrolment.framework_version_id)
        .outerjoin(strike, strike.strikes_id == VaeStep.id)
        .where(
            Enrolment.user_id == user_id,
            VaeStep.kind == VaeStepKind.FEASIBILITY_FILED,
            VaeStep.strikes_id.is_(None),
            strike.id.is_(None),
        )
    )
    return [
        Filing(certification_key(body, code), step.on, bool(step.blocks)) for step, body, code in session.execute(query)
    ]


def certification_key(certifying_body_id: uuid.UUID, framework_code: str) -> str:
    """Return what tells one certification from another: all the versions of a framework are one."""
    return f"{certifying_body_id}:{framework_code}"


def vae_lines(session: Session, actor: Actor, *, words: str = "", cohort_id: uuid.UUID | None = None) -> list[VaeLine]:
    """Return the VAE files of the actor's training bodies, the most urgent first; two statements."""
    query = (
        select(Enrolment, User, Cohort.name)
        .join(User, User.id == Enrolment.user_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Enrolment.access_route == AccessRoute.PRIOR_EXPERIENCE,
            Enrolment.state != EnrolmentState.WITHDRAWN,
            Enrolment.training_body_id.in_(actor.organisations(Permission.COHORT_READ)),
        )
    )
    if cohort_id is not None:
        query = query.where(Enrolment.cohort_id == cohort_id)
    wanted = folded(words).split()
    rows = [row for row in session.execute(query).all() if all(word in row[0].sort_name for word in wanted)]
    steps = steps_of(session, [enrolment.id for enrolment, _person, _cohort in rows])
    lines = [
        VaeLine(enrolment, person.name, cohort, file_of(steps.get(enrolment.id, ())))
        for enrolment, person, cohort in rows
    ]
    return sorted(lines, key=lambda line: line.urgency)

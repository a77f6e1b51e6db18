"""Reads for the teacher's page of grades: each trainee, each column, what was sent and what was answered."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core.errors import NotFound
from certify.core.listing import Listing, Wanted, matches, paginate
from certify.core.outbox import OutboxMessage
from certify.frameworks.queries import framework_of
from certify.lti.marks import may_be_sent_again, offers_columns, parts_of
from certify.lti.models import Context, Identity, LineItem, LineItemState, LtiMembership, Score, ScoreState

COLUMNS_WANTED = "lti.columns_wanted"
COLUMNS_WANTED = "lti.columns_wanted"
_SOON = timedelta(minutes=1)
NONE = "none"
"""The filter that keeps what there is nothing to send of."""


@dataclass(frozen=True)
class Line:
    """One trainee in one column."""

    enrolment: Enrolment
    person: User
    column: LineItem
    score: Score | None
    identity_id: uuid.UUID | None
    assessed_at: datetime | None

    @property
    def code(self) -> str:
        """The code of what the platform answered, or of why it could not be asked; empty when all is well."""
        return self.score.answer.partition("\n")[0] if self.score else ""

    @property
    def said(self) -> str:
        """The platform's own words."""
        return self.score.answer.partition("\n")[2] if self.score else ""

    def is_under_way(self, now: datetime) -> bool:
        """Whether it is being posted now, for the first time or again."""
        score = self.score
        if score is None or score.state is not ScoreState.WAITING:
            return False
        return score.due_at is None or score.due_at <= now + _SOON

    def may_be_sent_again(self, now: datetime) -> bool:
        """Whether a button to send it again makes sense."""
        column_is_there = self.column.state is LineItemState.ACTIVE
        return self.score is not None and column_is_there and may_be_sent_again(self.score, now)


@dataclass(frozen=True)
class Making:
    """Columns asked for and not there yet; the fault is why the last try failed."""

    fault: str
    is_given_up: bool


@dataclass(frozen=True)
class Summary:
    """Where the grades of a course stand."""

    framework: competencies.Framework | None
    columns: Sequence[LineItem]
    """Those shown: the columns of the course, and those removed that nothing replaced."""
    counts: Mapping[ScoreState, int]
    making: Making | None
    offers_columns: bool
    """Whether the platform lets certify make columns here."""

    @property
    def sent(self) -> int:
        """Grades that the platform has."""
        return self.counts.get(ScoreState.SENT, 0)

    @property
    def waiting(self) -> int:
        """Grades on their way."""
        return self.counts.get(ScoreState.WAITING, 0)

    @property
    def refused(self) -> int:
        """Grades the platform will not take."""
        return self.counts.get(ScoreState.REFUSED, 0)

    @property
    def total(self) -> int:
        """Grades there are."""
        return self.sent + self.waiting + self.refused

    @property
    def removed(self) -> list[LineItem]:
        """Columns that were deleted in the platform and not made again."""
        return [column for column in self.columns if column.state is LineItemState.REMOVED]

    @property
    def lacks_columns(self) -> bool:
        """Whether a block, or the whole, has no column."""
        parts = parts_of(self.framework) if self.framework else ()
        return not set(parts) <= {one.part for one in self.columns if one.state is LineItemState.ACTIVE}


def summary(session: Session, context: Context) -> Summary:
    """Return where the grades of a course stand; a constant number of statements."""
    version = select(Cohort.framework_version_id).where(Cohort.id == context.cohort_id)
    version_id = session.scalar(version) if context.cohort_id else None
    framework = framework_of(session, version_id) if version_id else None
    columns = _shown(session, context, framework)
    query = (
        select(Score.state, func.count())
        .join(Enrolment, Enrolment.id == Score.enrolment_id)
        .where(Score.line_item_id.in_([one.id for one in columns]), Enrolment.cohort_id == context.cohort_id)
        .group_by(Score.state)
    )
    counts = {row[0]: row[1] for row in session.execute(query)} if columns else {}
    return Summary(framework, columns, counts, _making(session, context), offers_columns(context))


def _shown(session: Session, context: Context, framework: competencies.Framework | None) -> list[LineItem]:
    rows = list(session.scalars(select(LineItem).where(LineItem.context_id == context.id).order_by(LineItem.id)))
    active = {row.part for row in rows if row.state is LineItemState.ACTIVE}
    last = {row.part: row for row in rows}
    order = {part: n for n, part in enumerate(parts_of(framework))} if framework else {}
    kept = [
        row for row in rows
        if row.state is LineItemState.ACTIVE or (row.part not in active and last[row.part] is row)
    ]  # fmt: skip
    return sorted(kept, key=lambda row: (order.get(row.part, len(order)), row.part, row.created_at))


def _making(session: Session, context: Context) -> Making | None:
    query = select(OutboxMessage).where(OutboxMessage.topic == COLUMNS_WANTED, OutboxMessage.done_at.is_(None))
    for message in session.scalars(query.order_by(OutboxMessage.created_at.desc())):
        if message.payload.get("context_id") == str(context.id):
            return Making(message.last_error, message.failed_at is not None)
    return None


def lines(
    session: Session, context: Context, columns: Sequence[LineItem], wanted: Wanted, *, per_page: int
) -> tuple[Listing[Any], list[Line]]:
    """Return one page of the grades of a course, one line for each trainee and column: two statements."""
    order = case({column.id: n for n, column in enumerate(columns)}, value=LineItem.id) if columns else LineItem.id
    last = (order, Score.id)
    sorts: dict[str, Sequence[SQLColumnExpression[Any]]] = {
        "name": (Enrolment.sort_name, Enrolment.id, *last),
        "column": (order, Enrolment.sort_name, Score.id),
        "state": (_rank(), Enrolment.sort_name, *last),
        "sent": (Score.sent_at.is_(None), Score.sent_at, Enrolment.sort_name, *last),
    }
    query = _filtered(_lines(context, columns), wanted.filters or {})
    query = query.where(*matches(wanted.query, User.given_name, User.family_name, Enrolment.sort_name))
    found = paginate(
        session, query, wanted, sorts=sorts, default="name", tie=Enrolment.id, as_rows=True, per_page=per_page
    )
    return found, [Line(*row) for row in found.rows]


def _lines(context: Context, columns: Sequence[LineItem]) -> Select[*tuple[Any, ...]]:
    met = (
        select(Identity.id, Identity.user_id)
        .join(LtiMembership, LtiMembership.identity_id == Identity.id)
        .where(LtiMembership.context_id == context.id)
        .subquery()
    )
    return (
        select(Enrolment, User, LineItem, Score, met.c.id, Standing.assessed_at)
        .join(User, User.id == Enrolment.user_id)
        .join(LineItem, LineItem.id.in_([column.id for column in columns]))
        .outerjoin(met, met.c.user_id == Enrolment.user_id)
        .outerjoin(Score, and_(Score.line_item_id == LineItem.id, Score.identity_id == met.c.id))
        .outerjoin(Standing, Standing.enrolment_id == Enrolment.id)
        .where(
            Enrolment.cohort_id == context.cohort_id,
            or_(Enrolment.state != EnrolmentState.WITHDRAWN, Score.id.is_not(None)),
        )
    )


def _rank() -> SQLColumnExpression[Any]:
    order = (ScoreState.REFUSED, ScoreState.WAITING, ScoreState.SENT)
    return case(*((Score.state == state, n) for n, state in enumerate(order)), else_=len(order))


def _filtered(query: Select[*tuple[Any, ...]], filters: Mapping[str, str]) -> Select[*tuple[Any, ...]]:
    state, part = filters.get("state"), filters.get("part")
    if state == NONE:
        query = query.where(Score.id.is_(None))
    elif state in set(ScoreState):
        query = query.where(Score.state == ScoreState(state))
    return query.where(LineItem.part == part) if part else query


def score_of(session: Session, context: Context, score_id: uuid.UUID) -> Score:
    """Return one grade of a course; NotFound when it is another course's, or another cohort's."""
    query = (
        select(Score)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Enrolment, Enrolment.id == Score.enrolment_id)
        .where(Score.id == score_id, LineItem.context_id == context.id, Enrolment.cohort_id == context.cohort_id)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found

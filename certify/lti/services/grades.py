"""The verbs of grades: ask for columns, take one up, want grades, send again; `delivery` carries them.

A grade that waits has exactly one message that counts: the one that names its `due_at`. Any other finds nothing to do.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from certify.assessments.models import Standing
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, NotFound
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of
from certify.lti.marks import MAXIMUM, Mark, comment_of, label_of, mark_of, may_be_sent_again, offers_columns
from certify.lti.models import (
    Context,
    Deployment,
    Identity,
    LineItem,
    LineItemState,
    LtiMembership,
    Placement,
    Registration,
    ResourceLink,
    Score,
    ScoreState,
)
from certify.lti.protocol import names
from certify.lti.queries.grades import COLUMNS_WANTED

COURSE_WANTED, PERSON_WANTED, SCORE_WANTED = "lti.course_scores_wanted", "lti.person_scores_wanted", "lti.score_wanted"
_AT_ONCE = 200


@dataclass(frozen=True)
class _Owed:
    """A trainee of a course whose assessments say something, as the platform knows them."""

    enrolment: Enrolment
    standing: Standing
    identity_id: uuid.UUID
    context_id: uuid.UUID


def make_columns(session: Session, actor: Actor, context: Context) -> None:
    """Ask for one grade column per block and one for the whole; a job finds or makes them in the platform."""
    if context.cohort_id is None:
        raise Conflict(_l("Ce cours n’est relié à aucune promotion : choisissez-la d’abord."))
    if not offers_columns(context):
        raise Conflict(
            _l(
                "La plateforme n’ouvre pas son carnet de notes à certify dans ce cours. Demandez à la personne qui "
                "l’administre de permettre à l’outil de créer des colonnes, puis rouvrez le lien depuis le cours."
            )
        )
    audit.record(
        session, actor, "lti:columns:wanted", context,
        organisation_id=organisation_of(session, context), cohort=context.cohort_id,
    )  # fmt: skip
    outbox.send(session, COLUMNS_WANTED, context_id=context.id)


def organisation_of(session: Session, context: Context) -> uuid.UUID:
    """Return the organisation whose platform holds a course."""
    query = select(Registration.organisation_id).join(Deployment, Deployment.registration_id == Registration.id)
    return session.execute(query.where(Deployment.id == context.deployment_id)).scalar_one()


def adopt_column(
    session: Session, context: Context, link: ResourceLink, placement: Placement | None, line_item_url: str
) -> LineItem | None:
    """Take up the column that a platform made with a link placed by deep linking; its grades follow.

    Nothing happens for a link that asked for no column, nor when the platform lets nobody write grades.
    """
    if placement is None or not placement.part or not line_item_url or names.SCORE not in context.ags_scopes:
        return None
    query = select(LineItem).where(LineItem.context_id == context.id, LineItem.url == line_item_url)
    known = session.scalars(query).one_or_none()
    if known is not None and known.state is LineItemState.ACTIVE:
        return known
    if known is None:
        known = put_column(session, context, placement.part, line_item_url, _label(session, placement), link.id)
    known.state, known.link_id = LineItemState.ACTIVE, link.id
    want_course(session, context)
    return known


def _label(session: Session, placement: Placement) -> str:
    query = select(Cohort.framework_version_id).where(Cohort.id == placement.cohort_id)
    return label_of(framework_of(session, session.execute(query).scalar_one()), placement.part)


def put_column(
    session: Session, context: Context, part: str, url: str, label: str, link_id: uuid.UUID | None = None
) -> LineItem:
    """Note a column that exists in the platform."""
    row = LineItem(
        id=new_id(), context_id=context.id, link_id=link_id, part=part, url=url, label=label, maximum=MAXIMUM,
        state=LineItemState.ACTIVE, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    return row


def want_course(session: Session, context: Context) -> None:
    """Want the grades of everybody in a course: after a column was made, a cohort chosen, people known."""
    if context.cohort_id is not None:
        session.flush()
        outbox.send(session, COURSE_WANTED, context_id=context.id)


def want_person(session: Session, user_id: uuid.UUID) -> None:
    """Want the grades of somebody who was assessed before a platform, or one of its courses, knew them."""
    session.flush()
    query = select(Standing.enrolment_id).join(Enrolment, Enrolment.id == Standing.enrolment_id)
    for enrolment_id in session.scalars(query.where(Enrolment.user_id == user_id)):
        outbox.send(session, PERSON_WANTED, enrolment_id=enrolment_id)


def want_course_scores(session: Session, context_id: uuid.UUID, after: uuid.UUID | None = None) -> None:
    """Want the grades of some trainees of a course, a constant number of statements for each two hundred."""
    query = (
        select(Enrolment.id)
        .join(Context, Context.cohort_id == Enrolment.cohort_id)
        .where(Context.id == context_id)
        .order_by(Enrolment.id)
        .limit(_AT_ONCE)
    )
    ids = list(session.scalars(query if after is None else query.where(Enrolment.id > after)))
    if ids:
        _want(session, ids, Context.id == context_id)
    if len(ids) == _AT_ONCE:
        outbox.send(session, COURSE_WANTED, context_id=context_id, after=ids[-1])


def want_scores(session: Session, enrolment_id: uuid.UUID) -> None:
    """Want the grades of one trainee in every course that stands for their cohort."""
    _want(session, [enrolment_id])


def _want(session: Session, enrolment_ids: list[uuid.UUID], *conditions: ColumnElement[bool]) -> None:
    # Columns are locked before anything else is read, so that of two jobs the last one writes what is true last.
    columns = _columns(session, enrolment_ids, *conditions)
    if not columns:
        return
    owed = _owed(session, enrolment_ids, *conditions)
    rows = _scores(session, columns, {one.identity_id for one in owed})
    for one in owed:
        framework = framework_of(session, one.enrolment.framework_version_id)
        for column in columns.get(one.context_id, []):
            mark = mark_of(framework, one.standing.competencies, column.part)
            row = rows.get((column.id, one.identity_id))
            if mark is None:
                continue
            if row is not None:
                _newer(session, row, one, mark)
            elif mark.assessed:
                _first(session, column, one, mark)


def _owed(session: Session, enrolment_ids: list[uuid.UUID], *conditions: ColumnElement[bool]) -> list[_Owed]:
    theirs = and_(Identity.user_id == Enrolment.user_id, Identity.registration_id == Deployment.registration_id)
    here = and_(LtiMembership.context_id == Context.id, LtiMembership.identity_id == Identity.id)
    query = (
        select(Enrolment, Standing, Identity.id, Context.id)
        .join(Standing, Standing.enrolment_id == Enrolment.id)
        .join(Context, Context.cohort_id == Enrolment.cohort_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Identity, theirs)
        .join(LtiMembership, here)
        .where(Enrolment.id.in_(enrolment_ids), Enrolment.state != EnrolmentState.WITHDRAWN)
        .where(LtiMembership.active.is_(True), *conditions)
    )
    rows = session.execute(query.order_by(Enrolment.id, Identity.id).execution_options(populate_existing=True))
    return [_Owed(*row) for row in rows]


def _columns(
    session: Session, enrolment_ids: list[uuid.UUID], *conditions: ColumnElement[bool]
) -> Mapping[uuid.UUID, list[LineItem]]:
    """Return the columns to fill, by course."""
    courses = select(Context.id).join(Enrolment, Enrolment.cohort_id == Context.cohort_id)
    courses = courses.where(Enrolment.id.in_(enrolment_ids), *conditions)
    query = select(LineItem).where(LineItem.context_id.in_(courses), LineItem.state == LineItemState.ACTIVE)
    found: dict[uuid.UUID, list[LineItem]] = {}
    for column in session.scalars(query.order_by(LineItem.id).with_for_update()):
        found.setdefault(column.context_id, []).append(column)
    return found


def _scores(
    session: Session, columns: Mapping[uuid.UUID, list[LineItem]], identity_ids: Iterable[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], Score]:
    query = select(Score).where(
        Score.line_item_id.in_([column.id for found in columns.values() for column in found]),
        Score.identity_id.in_(list(identity_ids)),
    )
    rows = session.scalars(query.order_by(Score.id).with_for_update().execution_options(populate_existing=True))
    return {(row.line_item_id, row.identity_id): row for row in rows}


def _first(session: Session, column: LineItem, one: _Owed, mark: Mark) -> None:
    now = clock.now()
    row = Score(
        id=new_id(), line_item_id=column.id, identity_id=one.identity_id, enrolment_id=one.enrolment.id,
        value=mark.value, maximum=MAXIMUM, comment=comment_of(mark, one.standing.assessed_at), wanted_at=now,
        version=1, attempts=0, sent_version=0, answer="", state=ScoreState.WAITING,
    )  # fmt: skip
    session.add(row)
    dispatch(session, row, now)


def _newer(session: Session, row: Score, one: _Owed, mark: Mark) -> None:
    """Give a row its newest value; the same one again is not sent twice, unless it was refused."""
    row.enrolment_id = one.enrolment.id
    now = clock.now()
    if (row.value, row.maximum) != (mark.value, MAXIMUM):
        row.value, row.maximum, row.comment = mark.value, MAXIMUM, comment_of(mark, one.standing.assessed_at)
        row.version, row.wanted_at, row.attempts = row.version + 1, now, 0
    elif row.state is not ScoreState.REFUSED:
        return
    if row.state is not ScoreState.WAITING:
        dispatch(session, row, now)


def dispatch(session: Session, row: Score, due_at: datetime, *, later: bool = False) -> None:
    """Have a grade posted at a moment; the message sent here is from now on the only one that counts for it."""
    row.state, row.due_at = ScoreState.WAITING, due_at
    outbox.send(session, SCORE_WANTED, not_before=due_at if later else None, score_id=row.id, due=due_at.isoformat())


def send_again(session: Session, actor: Actor, context: Context, score: Score) -> bool:
    """Post a grade once more, at once; return False when it is already on its way."""
    column = session.get(LineItem, score.line_item_id)
    if column is None or column.context_id != context.id:
        raise NotFound
    if column.state is LineItemState.REMOVED:
        raise Conflict(_l("Cette colonne n’existe plus dans la plateforme : créez-la de nouveau, ses notes suivront."))
    row = _locked(session, Score.id == score.id)[0]
    if not may_be_sent_again(row, clock.now()):
        return False
    _again(session, row)
    _note(session, actor, context, 1)
    return True


def send_all_again(session: Session, actor: Actor, context: Context) -> int:
    """Post every refused grade of a course once more; return how many."""
    rows = _locked(
        session,
        Score.state == ScoreState.REFUSED,
        Score.line_item_id.in_(
            select(LineItem.id).where(LineItem.context_id == context.id, LineItem.state == LineItemState.ACTIVE)
        ),
    )
    for row in rows:
        _again(session, row)
    if rows:
        _note(session, actor, context, len(rows))
    return len(rows)


def _locked(session: Session, *conditions: ColumnElement[bool]) -> list[Score]:
    query = select(Score).where(*conditions).order_by(Score.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _again(session: Session, row: Score) -> None:
    row.attempts, row.wanted_at = 0, clock.now()
    dispatch(session, row, row.wanted_at)


def _note(session: Session, actor: Actor, context: Context, count: int) -> None:
    organisation_id = organisation_of(session, context)
    audit.record(session, actor, "lti:scores:sent-again", context, organisation_id=organisation_id, scores=count)


def resume(session: Session, registration_id: uuid.UUID, *conditions: Any) -> int:
    """Try at once every grade of a platform that waits for a later moment: it answers again, or is let in again."""
    now = clock.now()
    courses = select(Context.id).join(Deployment, Deployment.id == Context.deployment_id)
    columns = select(LineItem.id).where(
        LineItem.context_id.in_(courses.where(Deployment.registration_id == registration_id))
    )
    waiting = (Score.state == ScoreState.WAITING, Score.due_at > now, Score.line_item_id.in_(columns))
    rows = _locked(session, *waiting, *conditions)
    for row in rows:
        dispatch(session, row, now)
    return len(rows)

"""Grade columns in the platform: found, made, given their title; one per block and one for the whole.

LTI assignment and grade services 2.0 section 3.2. A column is known again by our resource and its tag.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.frameworks.queries import framework_of
from certify.lti.client import columns as client
from certify.lti.client.access import call
from certify.lti.client.columns import Column
from certify.lti.client.http import Unreachable
from certify.lti.marks import MAXIMUM, TAG, label_of, offers_columns, parts_of
from certify.lti.models import Context, Deployment, LineItem, LineItemState, Registration
from certify.lti.protocol.quirks import quirks_for
from certify.lti.services.grades import put_column, want_course
from certify.settings import Settings

_COLUMN = "application/vnd.ims.lis.v2.lineitem+json"


@dataclass(frozen=True)
class Placed:
    """A column that is in the platform now."""

    part: str
    url: str
    label: str


@dataclass(frozen=True)
class Found:
    """What looking at a course's columns led to."""

    cohort_id: uuid.UUID
    placed: Sequence[Placed]
    removed: Sequence[str]
    """Addresses of ours that the platform does not know any more."""


def resource_of(cohort_id: uuid.UUID) -> str:
    """Return what the columns of a cohort are known by in a platform."""
    return f"{TAG}{cohort_id}"


def find_or_make(session: Session, settings: Settings, context_id: uuid.UUID) -> Found | None:
    """Find the columns of a course in its platform and make those that lack; run again, it finds them all."""
    row = session.execute(
        select(Context, Registration, Cohort)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .join(Cohort, Cohort.id == Context.cohort_id)
        .where(Context.id == context_id)
    ).one_or_none()
    if row is None or not offers_columns(row[0]):
        return None
    context, registration, cohort = row
    framework = framework_of(session, cohort.framework_version_id)
    wanted = {part: label_of(framework, part) for part in parts_of(framework)}
    place = _Place(session, settings, registration, context, cohort.id)
    known = {column.part: column for column in _active(session, context_id) if column.part in wanted}
    removed = [column.url for column in known.values() if place.lost(column.url)]
    placed = [place.renamed(column, wanted[part]) for part, column in known.items() if column.url not in removed]
    lacking = [part for part in wanted if part not in {one.part for one in placed}]
    return Found(cohort.id, [*placed, *place.filled(lacking, wanted)], removed)


def _active(session: Session, context_id: uuid.UUID) -> Iterable[LineItem]:
    query = select(LineItem).where(LineItem.context_id == context_id, LineItem.state == LineItemState.ACTIVE)
    return session.scalars(query.order_by(LineItem.created_at.desc(), LineItem.id))


@dataclass(frozen=True)
class _Place:
    """One course of one platform, asked about its columns."""

    session: Session
    settings: Settings
    registration: Registration
    context: Context
    cohort_id: uuid.UUID

    def lost(self, url: str) -> bool:
        return is_gone(self.session, self.settings, self.registration, self.context, url)

    def renamed(self, column: LineItem, label: str) -> Placed:
        """Give a column its new title, if ours changed; one a teacher chose in the platform is left alone."""
        if (column.label, column.maximum) != (label, MAXIMUM):
            client.update_column(
                self.session, self.settings, self.registration, column.url,
                label=label, maximum=MAXIMUM, granted=self.context.ags_scopes,
            )  # fmt: skip
        return Placed(column.part, column.url, label)

    def filled(self, parts: Sequence[str], labels: dict[str, str]) -> list[Placed]:
        """Return the columns of some parts: those of the list that are ours, the others made."""
        if not parts:
            return []
        listed = client.find_columns(
            self.session, self.settings, self.registration, self.context.line_items_url,
            resource_id=resource_of(self.cohort_id), granted=self.context.ags_scopes,
        )  # fmt: skip
        found = {part: _ours(listed, part, labels[part]) or self._made(part, labels[part]) for part in parts}
        return [Placed(part, column.url, labels[part]) for part, column in found.items()]

    def _made(self, part: str, label: str) -> Column:
        return client.create_column(
            self.session, self.settings, self.registration, self.context.line_items_url, label=label, maximum=MAXIMUM,
            resource_id=resource_of(self.cohort_id), tag=TAG + part, granted=self.context.ags_scopes,
        )  # fmt: skip


def _ours(listed: Iterable[Column], part: str, label: str) -> Column | None:
    # Some platforms keep the resource of a column and forget its tag.
    fitting = [one for one in listed if one.tag == TAG + part or (not one.tag and one.label == label)]
    return min(fitting, key=lambda one: (not one.tag, bool(one.link_id)), default=None)


def is_gone(session: Session, settings: Settings, registration: Registration, context: Context, url: str) -> bool:
    """Whether the platform says that it has no such column (any more); no answer says nothing."""
    scopes = quirks_for(registration.product).column_scopes(context.ags_scopes, writing=False)
    try:
        answer = call(session, settings, registration, scopes, "GET", url, accept=_COLUMN)
    except Unreachable:
        return False
    return answer.status in (404, 410)


def keep(session: Session, context_id: uuid.UUID, found: Found | None) -> None:
    """Note the columns that are in the platform, and want the grades of everybody in them."""
    if found is None:
        return
    context = session.scalars(select(Context).where(Context.id == context_id).with_for_update()).one()
    rows = session.scalars(select(LineItem).where(LineItem.context_id == context_id).with_for_update())
    known = {row.url: row for row in rows}
    for url in found.removed:
        known[url].state = LineItemState.REMOVED
    for placed in found.placed:
        column = known.get(placed.url)
        if column is None:
            put_column(session, context, placed.part, placed.url, placed.label)
        else:
            column.state, column.label, column.maximum = LineItemState.ACTIVE, placed.label, MAXIMUM
    if context.cohort_id == found.cohort_id:
        want_course(session, context)

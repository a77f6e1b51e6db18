"""The ways from the versions a cohort works on to the later ones of the same framework."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Cohort, Enrolment
from certify.core.errors import NotFound
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import framework_of, steps_between, whole_mapping
from certify.revisions import policies
from competencies.carrying import Carried, Fate, check_mapping


@dataclass(frozen=True)
class Row:
    """What becomes of one indicator, or where a new one comes from nowhere."""

    code: str
    wording: competencies.Text
    to: tuple[competencies.Indicator, ...] = ()


@dataclass(frozen=True)
class Way:
    """From one version to a later one: what becomes of each indicator."""

    start: FrameworkVersion
    end: FrameworkVersion
    old: competencies.Framework
    new: competencies.Framework
    mapping: tuple[Carried, ...]

    @cached_property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """The codes that take the place of each indicator."""
        return {one.code: one.to for one in self.mapping}

    def _rows(self, *fates: Fate) -> list[Row]:
        return [
            Row(one.code, self.old.indicator(one.code).wording, tuple(map(self.new.indicator, one.to)))
            for one in self.mapping
            if one.fate in fates
        ]

    @cached_property
    def kept(self) -> list[Row]:
        """Indicators that stay under their code."""
        return [row for row in self._rows(Fate.KEPT) if row.to[0].code == row.code]

    @cached_property
    def renamed(self) -> list[Row]:
        """Indicators that stay under another code."""
        return [row for row in self._rows(Fate.KEPT) if row.to[0].code != row.code]

    @cached_property
    def split(self) -> list[Row]:
        """Indicators that become several."""
        return self._rows(Fate.SPLIT)

    @cached_property
    def merged(self) -> list[Row]:
        """Indicators that become one with others."""
        return self._rows(Fate.MERGED)

    @cached_property
    def dropped(self) -> list[Row]:
        """Indicators that nothing replaces."""
        return self._rows(Fate.DROPPED)

    @cached_property
    def added(self) -> list[Row]:
        """Indicators that come from none."""
        reached = {to for one in self.mapping for to in one.to}
        return [Row(one.code, one.wording) for one in self.new.indicators if one.code not in reached]

    @property
    def counts(self) -> dict[str, int]:
        """How many indicators there are of each kind."""
        kinds = ("kept", "renamed", "split", "merged", "dropped", "added")
        return {kind: len(getattr(self, kind)) for kind in kinds}


def later_versions(session: Session, cohort: Cohort) -> list[Way]:
    """Return the versions in force that come after the one of a cohort, the latest first, each with the way to it."""
    current = session.get_one(FrameworkVersion, cohort.framework_version_id)
    query = select(FrameworkVersion).where(
        FrameworkVersion.certifying_body_id == cohort.certifying_body_id,
        FrameworkVersion.code == current.code,
        FrameworkVersion.state == VersionState.ACTIVE,
        FrameworkVersion.id != current.id,
    )
    found = (
        way(session, current, version)
        for version in session.scalars(query.order_by(FrameworkVersion.created_at.desc(), FrameworkVersion.id))
    )
    return [one for one in found if one is not None]


def later_version(session: Session, cohort: Cohort, version_id: uuid.UUID) -> FrameworkVersion:
    """Return one of the versions that people of a cohort may go to; raise NotFound otherwise.

    Once everybody is there, it is the cohort's own.
    """
    version = session.get(FrameworkVersion, version_id)
    current = session.get_one(FrameworkVersion, cohort.framework_version_id)
    if version is None or version.state is not VersionState.ACTIVE:
        raise NotFound()
    if version.id != current.id and way(session, current, version) is None:
        raise NotFound()
    return version


def ways_to(session: Session, cohort: Cohort, version: FrameworkVersion) -> dict[uuid.UUID, Way]:
    """Return the way to a version from each one that people of a cohort are on, by version; some may have none."""
    starts = select(Enrolment.framework_version_id).where(
        Enrolment.cohort_id == cohort.id,
        Enrolment.state.in_(policies.MOVABLE),
        Enrolment.framework_version_id != version.id,
    )
    versions = session.scalars(select(FrameworkVersion).where(FrameworkVersion.id.in_(starts)))
    found = {start.id: way(session, start, version) for start in versions}
    return {start_id: one for start_id, one in found.items() if one is not None}


def way(session: Session, start: FrameworkVersion, end: FrameworkVersion) -> Way | None:
    """Return the way from one version to another; None when no line of whole mappings leads there."""
    if (start.certifying_body_id, start.code) != (end.certifying_body_id, end.code):
        return None
    steps = steps_between(session, start.id, end.id)
    if not steps:
        return None
    old, new = framework_of(session, start.id), framework_of(session, end.id)
    mapping = whole_mapping(steps)
    return Way(start, end, old, new, mapping) if _is_whole(old, new, mapping) else None


def _is_whole(old: competencies.Framework, new: competencies.Framework, mapping: Collection[Carried]) -> bool:
    return not check_mapping(old, new, mapping)

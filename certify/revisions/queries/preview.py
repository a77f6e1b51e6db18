"""What moving the people of a cohort to a later version would do, trainee by trainee."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.assessments import queries as assessments
from certify.cohorts.models import Cohort, Enrolment
from certify.evidence import queries as evidence
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of, programme_of_cohort
from certify.revisions import policies
from certify.revisions.queries.ways import Way, ways_to
from competencies.programme import Programme


@dataclass(frozen=True)
class LevelChange:
    """A competency whose proposed level would change; None where nothing is proposed, or the competency is not."""

    code: str
    title: competencies.Text
    before: competencies.Level | None
    after: competencies.Level | None


_NOTHING = competencies.Share(0, 0)


@dataclass(frozen=True)
class Trainee:
    """What a move would do to one trainee."""

    enrolment: Enrolment
    person: User
    way: Way | None
    """None when they are there already, or when no way leads there."""
    is_there: bool
    reason: Any = None
    """Why they cannot be moved today."""
    carried: int = 0
    """Pieces of accepted evidence with at least one indicator in the later version."""
    left: tuple[str, ...] = ()
    """Codes they proved and that nothing replaces."""
    stranded: int = 0
    """Pieces of accepted evidence left without any indicator."""
    before: competencies.Share = _NOTHING
    after: competencies.Share = _NOTHING
    missing: tuple[str, ...] = ()
    """Indicators to prove that did not exist before."""
    changes: tuple[LevelChange, ...] = ()

    @property
    def is_movable(self) -> bool:
        """Whether they can be moved."""
        return self.way is not None and self.reason is None

    @property
    def summary(self) -> dict[str, Any]:
        """What the log of moves keeps of it."""
        counts = self.way.counts if self.way else {}
        return counts | {
            "carried": self.carried, "stranded": self.stranded, "left": list(self.left),
            "covered_before": [self.before.covered, self.before.total],
            "covered_after": [self.after.covered, self.after.total],
            "changes": [one.code for one in self.changes],
        }  # fmt: skip


@dataclass(frozen=True)
class Preview:
    """What a move would do to a cohort."""

    version: FrameworkVersion
    ways: list[Way]
    trainees: list[Trainee]

    @property
    def movable(self) -> list[Trainee]:
        """Those who can be moved."""
        return [one for one in self.trainees if one.is_movable]

    @property
    def there(self) -> int:
        """How many are there already."""
        return sum(1 for one in self.trainees if one.is_there)


def preview(
    session: Session, cohort: Cohort, version: FrameworkVersion, only: Collection[uuid.UUID] | None = None
) -> Preview:
    """Return what moving a cohort, or some of its enrolments, would do, in a number of statements that none adds to."""
    ways = ways_to(session, cohort, version)
    query = (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(policies.MOVABLE))
        .order_by(Enrolment.sort_name, Enrolment.id)
    )
    if only is not None:
        query = query.where(Enrolment.id.in_(only))
    rows = list(session.execute(query))
    concerned = [enrolment.id for enrolment, _person in rows if enrolment.framework_version_id != version.id]
    facts = _Facts(session, version, concerned)
    trainees = [facts.trainee(enrolment, person, ways) for enrolment, person in rows]
    return Preview(version, sorted(ways.values(), key=lambda one: one.start.created_at, reverse=True), trainees)


class _Facts:
    """What is known of the trainees concerned, read once for all."""

    def __init__(self, session: Session, version: FrameworkVersion, ids: Collection[uuid.UUID]) -> None:
        self.version, self.new = version, framework_of(session, version.id)
        self.links = evidence.live_links(session, ids)
        self.standings = assessments.standings_of(session, ids)
        self.appraisals = assessments.appraisals_of(session, ids, onto=version.id)
        self.retained = assessments.retained_of(session, ids, onto=version.id)
        self.reasons = policies.reasons_against(session, ids, self.new)
        self.programme = programme_of_cohort(session, _On(version.id)) if ids else Programme()

    def trainee(self, enrolment: Enrolment, person: User, ways: dict[uuid.UUID, Way]) -> Trainee:
        """Return what the move would do to one of them."""
        is_there = enrolment.framework_version_id == self.version.id
        way = ways.get(enrolment.framework_version_id)
        if is_there or way is None:
            return Trainee(enrolment, person, None, is_there)
        links = self.links.get(enrolment.id, [])
        targets: dict[uuid.UUID, set[str]] = defaultdict(set)
        for item_id, code in links:
            targets[item_id].update(way.codes.get(code, ()))
        proved = {code for _item, code in links}
        reached = frozenset[str]().union(*targets.values())
        return Trainee(
            enrolment, person, way, is_there, self.reasons.get(enrolment.id),
            carried=sum(1 for codes in targets.values() if codes),
            stranded=sum(1 for codes in targets.values() if not codes),
            left=tuple(one.code for one in way.mapping if one.code in proved and not one.to),
            before=competencies.Share(len(proved), len(way.old.indicators)),
            after=competencies.Share(len(reached), len(self.new.indicators)),
            missing=tuple(row.code for row in way.added),
            changes=tuple(self._changes(enrolment.id, way)),
        )  # fmt: skip

    def _changes(self, enrolment_id: uuid.UUID, way: Way) -> Iterator[LevelChange]:
        row = self.standings.get(enrolment_id)
        held = row.competencies if row else {}
        found = competencies.standing(self.new, self.appraisals.get(enrolment_id, []), self.programme)
        found = competencies.retain(found, self.retained.get(enrolment_id, {}))
        for part in _parts(way.old, self.new):
            before = _translated(way, held.get(part.code))
            proposal = found.competencies.get(part.code)
            after = self.new.scale.level(proposal.level) if proposal and proposal.level else None
            if before != after:
                yield LevelChange(part.code, part.title, before, after)


@dataclass(frozen=True)
class _On:
    framework_version_id: uuid.UUID


def _parts(old: competencies.Framework, new: competencies.Framework) -> Iterable[competencies.Competency]:
    parts = {part.code: part for part in old.competencies}
    return (parts | {part.code: part for part in new.competencies}).values()


def _translated(way: Way, level: str | None) -> competencies.Level | None:
    if level is None or level not in way.old.scale.codes:
        return None
    return way.new.scale.level(way.old.scale.translate(level, way.new.scale))

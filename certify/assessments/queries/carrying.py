"""How what was rated on one version and one scale is read on the present version and the certification scale."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

import competencies
from certify.assessments.models import Assessment, AssessmentKind, Rating
from certify.assessments.policies import Rated
from certify.frameworks.queries import carried, framework_of


@dataclass(frozen=True)
class Carrying:
    """The way from one version to another: codes that follow one another, levels said on other scales."""

    old: competencies.Framework
    new: competencies.Framework
    codes: Mapping[str, tuple[str, ...]] | None
    """None between a version and itself."""

    def to(self, indicator: str) -> tuple[str, ...]:
        """Return the codes that take the place of an indicator; none when the new version dropped it."""
        return (indicator,) if self.codes is None else self.codes.get(indicator, ())

    def scale(self, indicator: str, kind: AssessmentKind) -> competencies.Scale:
        """Return the scale on which an indicator was rated."""
        return scale_for(self.old, indicator, kind)

    def level(self, indicator: str, level: str | None, kind: AssessmentKind) -> str | None:
        """Say a level on the certification scale of the new version."""
        return None if level is None else self.scale(indicator, kind).translate(level, self.new.scale)

    def given(self, indicator: str, level: str | None, kind: AssessmentKind) -> competencies.Level | None:
        """Return a level as it was given, with its words."""
        return None if level is None else self.scale(indicator, kind).level(level)


def scale_for(framework: competencies.Framework, code: str, kind: AssessmentKind) -> competencies.Scale:
    """Return the scale on which an indicator or a competency is rated in assessments of a kind."""
    return framework.scale_of(code, is_certifying=kind is AssessmentKind.EXAMINATION)


@dataclass
class Carrier:
    """Gives the way between versions, each looked up once."""

    session: Session
    _known: dict[tuple[uuid.UUID, uuid.UUID], Carrying] = field(default_factory=dict)

    def between(self, old_id: uuid.UUID, new_id: uuid.UUID) -> Carrying:
        """Return the way from one version to another."""
        found = self._known.get((old_id, new_id))
        if found is None:
            old, new = framework_of(self.session, old_id), framework_of(self.session, new_id)
            found = self._known[old_id, new_id] = Carrying(old, new, carried(self.session, old_id, new_id))
        return found


def carried_ratings(session: Session, assessment: Assessment, version_id: uuid.UUID) -> dict[str, Rated]:
    """Return what an assessment says, ready to be written in a draft of the same kind on another version.

    Where several indicators became one, the lowest level is kept and the comments follow one another.
    """
    way = Carrier(session).between(assessment.framework_version_id, version_id)
    found: dict[str, Rated] = {}
    for rating in assessment.ratings:
        for code in way.to(rating.indicator):
            rated = _rated_on(way, code, rating, assessment.kind)
            found[code] = _merged(scale_for(way.new, code, assessment.kind), found.get(code), rated)
    return found


def _rated_on(way: Carrying, code: str, rating: Rating, kind: AssessmentKind) -> Rated:
    old, new = way.scale(rating.indicator, kind), scale_for(way.new, code, kind)
    level = None if rating.level is None else old.translate(rating.level, new)
    return Rated(level, rating.is_observed, rating.comment, rating.confidence)


def _merged(scale: competencies.Scale, one: Rated | None, other: Rated) -> Rated:
    if one is None:
        return other
    first, second = sorted((one, other), key=lambda rated: scale.rank(rated.level) if rated.level else 10_000)
    comment = "\n".join(filter(None, (one.comment, other.comment)))
    sure = [rated.confidence for rated in (one, other) if rated.confidence is not None]
    return Rated(first.level, first.is_observed or second.is_observed, comment, min(sure, default=None))

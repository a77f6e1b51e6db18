"""How the share of each block that is acquired moved over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from competencies.appraisal import Appraisal, standing
from competencies.coverage import Share
from competencies.framework import Framework
from competencies.programme import USUAL, Programme


@dataclass(frozen=True, slots=True)
class Point:
    """How many indicators of each block were acquired at the end of a day, in the order of the framework."""

    on: date
    shares: Mapping[str, Share]


def trajectory(
    framework: Framework, appraisals: Iterable[Appraisal], programme: Programme = USUAL
) -> tuple[Point, ...]:
    """Give a point for each day on which something was seen, each from what was known at the end of that day."""
    said = sorted((row for row in appraisals if row.level is not None), key=lambda row: row.on)
    points = []
    for day in sorted({_day(row) for row in said}):
        known = standing(framework, [row for row in said if _day(row) <= day], programme)
        shares = {code: Share(block.acquired, block.total) for code, block in known.blocks.items()}
        points.append(Point(day, MappingProxyType(shares)))
    return tuple(points)


def _day(row: Appraisal) -> date:
    return row.on.date() if isinstance(row.on, datetime) else row.on

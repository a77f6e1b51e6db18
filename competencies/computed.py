"""What the records of practice prove by themselves: counts with the lines behind, proposed for indicators.

Words: a rule says what is counted, from how many on, and which indicators it illustrates; a line is one row of the
records that was counted. Nothing here decides: a count is proposed as evidence, and a trainer accepts it or not.
"""

import tomllib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from competencies.framework import Framework, Text


class Counted(StrEnum):
    """What can be counted in the records of one trainee."""

    MONTHS_RUN = "months_run"
    MEETINGS_HELD = "meetings_held"
    GROUPS_FORMED = "groups_formed"
    WRITTEN_IN_TIME = "written_in_time"
    PARTNERS_MET = "partners_met"
    WATCH_ENTRIES = "watch_entries"
    INDIVIDUAL_MEETINGS = "individual_meetings"
    REFERRALS = "referrals"
    RELAYS_FOLLOWED = "relays_followed"
    PRACTICE_HALF_DAYS = "practice_half_days"
    SUPPORT_ASKED = "support_asked"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the records that was counted, as somebody reads it."""

    key: str
    on: date
    label: str
    group: str = ""
    """Of what happened in a group: which one, by its key."""
    is_month: bool = False
    """Whether only the month of the day may be told."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is counted, from how many on it may be proposed, and what it illustrates."""

    code: str
    counted: Counted
    threshold: int
    indicators: tuple[str, ...]
    label: Text
    reason: Text
    is_published: bool
    """Whether the programme publishes the threshold; if not, it is a default of the software."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one framework, known by its code."""

    framework: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one rule finds in the records of a trainee."""

    rule: str
    label: Text
    reason: Text
    count: int
    threshold: int
    indicators: tuple[str, ...]
    """Those of the rule that the framework has, in its order."""
    unknown: tuple[str, ...]
    """Those of the rule that the framework does not have: they are left out, and the page says so."""
    lines: tuple[Line, ...]
    is_published: bool

    @property
    def is_reached(self) -> bool:
        """Whether the count is large enough to be proposed."""
        return self.count >= self.threshold

    @property
    def is_proposable(self) -> bool:
        """Whether there is something to propose, and an indicator to propose it for."""
        return self.is_reached and bool(self.indicators)


@cache
def usual_rules() -> Rules:
    """Give the rules that ship, for the facilitator framework."""
    text = resources.files("competencies").joinpath("data", "computed-evidence.toml").read_text(encoding="utf-8")
    return read_rules(tomllib.loads(text))


def read_rules(document: Mapping[str, Any]) -> Rules:
    """Read rules from their document; a count, a code or a threshold that makes no sense raises ValueError."""
    rules = tuple(_rule(one) for one in document["rules"])
    if len({rule.code for rule in rules}) < len(rules):
        raise ValueError("two rules have the same code")
    return Rules(str(document["framework"]), rules)


def _rule(one: Mapping[str, Any]) -> Rule:
    if int(one["threshold"]) < 1 or not one["indicators"]:
        raise ValueError(f"the rule {one['code']} asks for nothing, or illustrates nothing")
    return Rule(
        code=str(one["code"]),
        counted=Counted(one["counted"]),
        threshold=int(one["threshold"]),
        indicators=tuple(str(code) for code in one["indicators"]),
        label=Text(one["label"]["fr"], one["label"]["en"]),
        reason=Text(one["reason"]["fr"], one["reason"]["en"]),
        is_published=bool(one["published"]),
    )


def propose(
    framework: Framework, records: Mapping[Counted, Iterable[Line]], rules: Rules | None = None
) -> tuple[Proposal, ...]:
    """Return what each rule finds, in the order of the rules; a rule whose lines are missing finds nothing.

    The codes of the rules are those of one framework: in another they could mean something else, so none is kept.
    """
    chosen = rules or usual_rules()
    is_ours = framework.code == chosen.framework
    known = tuple(one.code for one in framework.indicators) if is_ours else ()
    return tuple(_find(rule, known, records.get(rule.counted, ())) for rule in chosen.rules)


def _find(rule: Rule, known: tuple[str, ...], lines: Iterable[Line]) -> Proposal:
    kept = {line.key: line for line in sorted(lines, key=lambda line: (line.on, line.key), reverse=True)}
    in_order = tuple(sorted(kept.values(), key=lambda line: (line.on, line.key)))
    return Proposal(
        rule=rule.code,
        label=rule.label,
        reason=rule.reason,
        count=len(in_order),
        threshold=rule.threshold,
        indicators=tuple(code for code in known if code in rule.indicators),
        unknown=tuple(code for code in rule.indicators if code not in known),
        lines=in_order,
        is_published=rule.is_published,
    )


def one_of_each(lines: Iterable[Line], kind: Callable[[Line], Hashable]) -> tuple[Line, ...]:
    """Return the first line of each kind, oldest first: partners met several times count once."""
    first: dict[Hashable, Line] = {}
    for line in sorted(lines, key=lambda line: (line.on, line.key)):
        first.setdefault(kind(line), line)
    return tuple(first.values())


def months_of_one_group(meetings: Iterable[Line]) -> tuple[Line, ...]:
    """Return a line for each month in which a group met, of the group that met in the most months."""
    by_group: dict[str, dict[tuple[int, int], Line]] = {}
    for line in sorted(meetings, key=lambda line: (line.on, line.key)):
        by_group.setdefault(line.group, {}).setdefault((line.on.year, line.on.month), line)
    longest: Mapping[tuple[int, int], Line] = max(by_group.values(), key=len, default={})
    return tuple(longest.values())

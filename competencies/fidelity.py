"""Whether a group of parents keeps to what a group of peers is: six rules, the figures, the lines behind, and a clock.

The rules are those the programme publishes: the same group of about ten parents with babies of about the same age,
twice a month, for at least eight months, accompanied by a facilitator. The day is given by the caller.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from competencies import fidelity_words as words
from competencies.fidelity_view import GroupRecord, View, add_months, month_number
from competencies.framework import Text
from competencies.thresholds import USUAL_THRESHOLDS, Thresholds

_WARNING_DAYS = 7
_DUE_MARGIN = 1


class Verdict(StrEnum):
    """What a rule says of a group, most favourable first."""

    MET = "met"
    UNKNOWN = "unknown"
    """Too early, or not recorded."""
    AT_RISK = "at_risk"
    """Still in hand: one more slip and it will not be met. Never said of a closed group."""
    NOT_MET = "not_met"

    @property
    def label(self) -> Text:
        """How it is called."""
        return words.VERDICTS[self.value]


_SEVERITY = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule says: the rule and where it comes from, the figures, and the lines they were counted on."""

    code: str
    verdict: Verdict
    text: Text
    """The rule."""
    source: Text
    told: Text
    """The figures in a sentence."""
    is_published: bool
    """Whether the programme publishes every figure of the rule."""
    defaults: tuple[str, ...]
    """The thresholds of the rule that are defaults of the software."""
    figures: Mapping[str, int] = field(hash=False)
    lines: tuple[str, ...]
    """Keys of the participants or of the meetings that explain the verdict."""

    @property
    def label(self) -> Text:
        """How the rule is called."""
        return words.LABELS[self.code]


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a group stands in time; two meetings held the same day count as one."""

    first_on: date | None
    last_on: date | None
    minimum_reached_on: date | None
    """When the minimal length is, or will be, reached: the group must meet on that day or later."""
    months_run: int
    """Whole months between the first and the last held meeting."""
    held: int
    expected: int
    late: int
    longest_gap_days: int
    """Closures left out, the time since the last held meeting included."""
    next_due_on: date | None
    """The day on which the next meeting keeps the rhythm; none for a closed group, or before the first."""
    gap_limit_on: date | None
    """The last day on which the next meeting keeps the gap within its limit."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Everything the rules say of one group on one day."""

    rules: tuple[RuleVerdict, ...]
    clock: Clock
    is_final: bool
    """Whether the group is closed: nothing will change any more."""

    @property
    def worst(self) -> Verdict:
        """The least favourable verdict."""
        return max((rule.verdict for rule in self.rules), key=_SEVERITY.__getitem__)

    def rule(self, code: str) -> RuleVerdict:
        """Give one rule by its code."""
        return next(rule for rule in self.rules if rule.code == code)


def assess_fidelity(
    record: GroupRecord,
    today: date,
    thresholds: Thresholds = USUAL_THRESHOLDS,
    closed_days: Collection[date] = (),
) -> Fidelity:
    """Judge a group on a day; what is dated later is not looked at.

    `closed_days` are those on which nobody could meet (closures, public holidays): they make nothing late.
    Sources: presentation of the Maisons des 1000 premiers jours (EPEPE); national day of 25 June 2025.
    """
    view = View(record, today, thresholds, closed_days)
    return Fidelity(tuple(judge(view) for judge in _RULES), _clock(view), view.is_closed)


def severity(verdict: Verdict) -> int:
    """Give a number that grows as a verdict is less favourable, for sorting."""
    return _SEVERITY[verdict]


def _same_parents(view: View) -> RuleVerdict:
    asked = view.thresholds
    founders, newcomers = view.founders(), view.newcomers()
    still = founders & view.members.keys()
    gone = founders - still
    figures = {"founders": len(founders), "still": len(still), "left": len(gone), "newcomers": len(newcomers)}
    figures["percent"] = 100 * len(still) // len(founders) if founders else 0
    wanted = asked.stability_percent * len(founders)
    if not view.is_settled or not (founders or newcomers):
        verdict = Verdict.UNKNOWN
    elif not founders or 100 * len(still) < wanted or len(newcomers) > asked.newcomers_max:
        verdict = Verdict.NOT_MET
    elif gone and 100 * (len(still) - 1) < wanted and not view.is_closed:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.MET
    return _ruled(view, "same_parents", verdict, figures, gone | newcomers)


def _size(view: View) -> RuleVerdict:
    asked, members = view.thresholds, len(view.members)
    figures = {"members": members, "held": len(view.held), "present_average": view.present_average()}
    is_filling = not view.is_closed and len(view.days) < asked.settling_meetings
    if not view.days or (is_filling and members < asked.size_min):
        verdict = Verdict.UNKNOWN
    elif not asked.size_min <= members <= asked.size_max:
        verdict = Verdict.NOT_MET
    elif members == asked.size_min and not view.is_closed:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.MET
    return _ruled(view, "size", verdict, figures, view.members)


def _age_spread(view: View) -> RuleVerdict:
    months = {key: month_number(stay.month) for key, stay in view.members.items()}
    due = frozenset(key for key, stay in view.members.items() if stay.is_due)
    spread = max(months.values()) - min(months.values()) if months else 0
    widest = spread
    if months:
        # A child who is due may come a month sooner or later.
        latest = max(month + _DUE_MARGIN * (key in due) for key, month in months.items())
        earliest = min(month - _DUE_MARGIN * (key in due) for key, month in months.items())
        widest = latest - earliest
    if len(months) < 2:
        verdict = Verdict.UNKNOWN
    elif spread > view.thresholds.spread_months:
        verdict = Verdict.NOT_MET
    elif widest > view.thresholds.spread_months and not view.is_closed:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.MET
    ends = {min(months.values()), max(months.values())} if months else set()
    lines = [key for key, month in months.items() if month in ends]
    figures = {"members": len(months), "spread": spread, "due": len(due)}
    return _ruled(view, "age_spread", verdict, figures, lines)


def _rhythm(view: View) -> RuleVerdict:
    asked = view.thresholds
    figures = {"held": len(view.days), "expected": view.expected, "late": view.late}
    figures |= {"longest_gap": view.longest_gap, "since_last": view.since_last}
    if not view.days:
        verdict = _not_yet_met(view)
    elif view.longest_gap > asked.longest_gap_days or view.late > asked.late_max:
        verdict = Verdict.NOT_MET
    elif view.is_closed:
        verdict = Verdict.MET if len(view.days) > 1 else Verdict.NOT_MET
    elif view.late or view.since_last > asked.longest_gap_days - _WARNING_DAYS:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.MET if len(view.days) > 1 else Verdict.UNKNOWN
    return _ruled(view, "rhythm", verdict, figures, view.around_longest_gap())


def _not_yet_met(view: View) -> Verdict:
    """Judge the rhythm of a group that has never met: it is expected soon after it opens."""
    if view.is_closed:
        return Verdict.NOT_MET
    waits_too_long = view.since_opening > view.thresholds.longest_gap_days
    return Verdict.AT_RISK if waits_too_long else Verdict.UNKNOWN


def _duration(view: View) -> RuleVerdict:
    figures = {"months_run": view.months_run, "held": len(view.days), "since_last": view.since_last}
    if view.days and view.days[-1] >= add_months(view.days[0], view.thresholds.months):
        verdict = Verdict.MET
    elif view.is_closed:
        verdict = Verdict.NOT_MET
    elif not view.days:
        verdict = Verdict.UNKNOWN
    elif view.end >= add_months(view.days[0], view.thresholds.months):
        # The time has passed, but nobody has met since: one meeting would do.
        verdict = Verdict.AT_RISK
    else:
        has_stalled = view.since_last > view.thresholds.longest_gap_days
        verdict = Verdict.AT_RISK if has_stalled else Verdict.UNKNOWN
    return _ruled(view, "duration", verdict, figures, view.ends())


def _facilitator(view: View) -> RuleVerdict:
    held = len(view.held)
    present = sum(meeting.facilitator_present is True for meeting in view.held)
    absent = sum(meeting.facilitator_present is False for meeting in view.held)
    wanted = view.thresholds.facilitator_percent
    figures = {"held": held, "present": present, "absent": absent, "unsaid": held - present - absent}
    if not held:
        verdict = Verdict.UNKNOWN
    elif 100 * (held - absent) < wanted * held:
        verdict = Verdict.NOT_MET
    elif 100 * present < wanted * held:
        verdict = Verdict.UNKNOWN
    elif absent and 100 * present < wanted * (held + 1) and not view.is_closed:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.MET
    lines = [meeting.key for meeting in view.held if meeting.facilitator_present is not True]
    return _ruled(view, "facilitator", verdict, figures, lines)


_RULES: tuple[Callable[[View], RuleVerdict], ...] = (
    _same_parents,
    _size,
    _age_spread,
    _rhythm,
    _duration,
    _facilitator,
)


def _ruled(view: View, code: str, verdict: Verdict, figures: Mapping[str, int], lines: Collection[str]) -> RuleVerdict:
    asked = view.thresholds
    defaults = tuple(name for name in words.THRESHOLDS_OF[code] if name not in asked.published)
    return RuleVerdict(
        code,
        verdict,
        words.rule(code, asked),
        words.SOURCES[code],
        words.told(code, figures),
        not defaults,
        defaults,
        MappingProxyType(dict(figures)),
        tuple(sorted(lines)),
    )


def _clock(view: View) -> Clock:
    first, last = (view.days[0], view.days[-1]) if view.days else (None, None)
    is_running = last is not None and not view.is_closed
    return Clock(
        first_on=first,
        last_on=last,
        minimum_reached_on=first and add_months(first, view.thresholds.months),
        months_run=view.months_run,
        held=len(view.days),
        expected=view.expected,
        late=view.late,
        longest_gap_days=view.longest_gap,
        next_due_on=view.after_last(view.usual_gap) if is_running else None,
        gap_limit_on=view.after_last(view.thresholds.longest_gap_days) if is_running else None,
    )

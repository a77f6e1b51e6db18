"""What is recorded of a group, and what the fidelity rules count on it: rosters, held days, gaps."""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from competencies.thresholds import Thresholds

HELD = "held"

# Twice a month is 24 times in a year of 365.25 days: in days times 4, so that everything stays whole.
_FOUR_YEARS = 1461
_MONTHS_IN_FOUR_YEARS = 48


@dataclass(frozen=True, slots=True)
class StayFact:
    """A participant belongs to the group from a day to another; the month is the child's, born or due."""

    participant: str
    month: date
    is_due: bool
    joined_on: date
    left_on: date | None = None
    """First day on which they no longer belonged to it."""


@dataclass(frozen=True, slots=True)
class MeetingFact:
    """One meeting; only those in the state « held » count."""

    key: str
    on: date
    state: str = HELD
    facilitator_present: bool | None = None
    present: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """Everything recorded of a group, in any order."""

    opened_on: date
    closed_on: date | None = None
    stays: tuple[StayFact, ...] = ()
    meetings: tuple[MeetingFact, ...] = ()


def add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def month_number(day: date) -> int:
    """Give a month as a number, so that months can be subtracted."""
    return day.year * 12 + day.month


def _in_order(stay: StayFact) -> tuple[date, date, bool]:
    # Two stays at once of one participant are a slip of whoever recorded them: always the same one counts.
    return stay.joined_on, stay.month, stay.is_due


class View:
    """A record as it stands on a day: until then, or until the group closed."""

    def __init__(
        self, record: GroupRecord, today: date, thresholds: Thresholds, closed_days: Collection[date] = ()
    ) -> None:
        self.thresholds = thresholds
        self.opened_on = record.opened_on
        self.closed_on = record.closed_on if record.closed_on is not None and record.closed_on <= today else None
        self.is_closed = self.closed_on is not None
        self.end = self.closed_on or today
        self.stays = tuple(
            stay
            for stay in record.stays
            if stay.joined_on <= self.end and (stay.left_on is None or stay.left_on > stay.joined_on)
        )
        held = (one for one in record.meetings if one.state == HELD and one.on <= self.end)
        self.held = sorted(held, key=lambda meeting: (meeting.on, meeting.key))
        self.days = sorted({meeting.on for meeting in self.held})
        self._closed = sorted(set(closed_days))

    @property
    def is_settled(self) -> bool:
        """Whether the group is made: who comes from now on comes late."""
        return len(self.days) >= (2 if self.is_closed else max(2, self.thresholds.settling_meetings))

    @cached_property
    def members(self) -> Mapping[str, StayFact]:
        """Who belongs to the group now, or belonged to it when it last met if it is closed."""
        day = self.days[-1] if self.is_closed and self.days else self.end
        found = {}
        for stay in sorted(self.stays, key=_in_order):
            # A group that closes lets everybody go: that is not leaving it.
            stayed_until_closing = self.closed_on and stay.left_on and stay.left_on >= self.closed_on
            if stay.joined_on <= day and (stay.left_on is None or stay.left_on > day or stayed_until_closing):
                found[stay.participant] = stay
        return found

    @cached_property
    def _settled_on(self) -> date:
        settling = self.thresholds.settling_meetings
        return self.days[settling - 1] if len(self.days) >= settling else self.end

    def founders(self) -> frozenset[str]:
        """Give those of the beginning: they came in by the time the group was made, and met at least once."""
        if not self.days:
            return frozenset()
        return frozenset(
            stay.participant
            for stay in self.stays
            if stay.joined_on <= self._settled_on and (stay.left_on is None or stay.left_on > self.days[0])
        )

    def newcomers(self) -> frozenset[str]:
        """Give those who came in once the group was made, whether they stayed or not."""
        if not self.days:
            return frozenset()
        late = frozenset(stay.participant for stay in self.stays if stay.joined_on > self._settled_on)
        return late - self.founders()

    def present_average(self) -> int:
        """Count the participants at a held meeting, on average, to the nearest; 0 when nobody took attendance."""
        counts = [len(meeting.present) for meeting in self.held if meeting.present]
        return (2 * sum(counts) + len(counts)) // (2 * len(counts)) if counts else 0

    @cached_property
    def gaps(self) -> tuple[tuple[int, date, date], ...]:
        """Days between held meetings, closures left out, each with its two ends."""
        return tuple((self.open_days(before, after), before, after) for before, after in pairwise(self.days))

    @cached_property
    def since_last(self) -> int:
        """Days since the group last met, closures left out."""
        return self.open_days(self.days[-1], self.end) if self.days else 0

    @property
    def since_opening(self) -> int:
        """Days since the group opened, closures left out; none before it opens."""
        return max(0, self.open_days(self.opened_on, self.end))

    @cached_property
    def longest_gap(self) -> int:
        """The longest time without a held meeting since the first."""
        return max(self.since_last, *(gap for gap, _, _ in self.gaps), 0)

    def around_longest_gap(self) -> tuple[str, ...]:
        """Give the meetings on both sides of the longest gap; the last one alone when it still runs."""
        longest = max(self.gaps, default=None, key=lambda gap: gap[0])
        ends = longest[1:] if longest and longest[0] >= self.since_last else tuple(self.days[-1:])
        return tuple(meeting.key for meeting in self.held if meeting.on in ends)

    def ends(self) -> tuple[str, ...]:
        """Give the first and the last held meetings."""
        return tuple(meeting.key for meeting in self.held if meeting.on in (self.days[0], self.days[-1]))

    @cached_property
    def expected(self) -> int:
        """How many meetings the rhythm asks for so far; one is late only once half an interval has passed.

        Without that half, a group that meets on the first and third Tuesday would be late in every long month.
        """
        if not self.days:
            return 0
        parts = self.open_days(self.days[0], self.end) * self.thresholds.meetings_per_month * _MONTHS_IN_FOUR_YEARS
        return max(1, (2 * parts + _FOUR_YEARS) // (2 * _FOUR_YEARS))

    @property
    def late(self) -> int:
        """How many meetings are missing from the rhythm."""
        return max(0, self.expected - len(self.days))

    @property
    def usual_gap(self) -> int:
        """Whole days between two meetings of the rhythm."""
        return _FOUR_YEARS // (self.thresholds.meetings_per_month * _MONTHS_IN_FOUR_YEARS)

    @cached_property
    def months_run(self) -> int:
        """Whole months between the first and the last held meeting."""
        if not self.days:
            return 0
        first, last = self.days[0], self.days[-1]
        months = month_number(last) - month_number(first)
        return months if add_months(first, months) <= last else months - 1

    def open_days(self, after: date, until: date) -> int:
        """Count the days after one, up to another, on which somebody could have met."""
        closed = bisect_right(self._closed, until) - bisect_right(self._closed, after)
        return (until - after).days - closed

    def after_last(self, days: int) -> date:
        """Give the day that comes so many open days after the last held meeting."""
        day = self.days[-1]
        while days:
            day += timedelta(days=1)
            at = bisect_right(self._closed, day)
            days -= not (at and self._closed[at - 1] == day)
        return day

"""Reads the groups judged by hand in fidelity_groups.toml."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from competencies import Fidelity, GroupRecord, MeetingFact, StayFact, Thresholds, Verdict, assess_fidelity

_SIGNS = {"+": Verdict.MET, "?": Verdict.UNKNOWN, "~": Verdict.AT_RISK, "-": Verdict.NOT_MET}
_OPENED = date(2026, 1, 5)
_PARENTS = [
    {"n": 5, "month": "2025-11", "from": date(2026, 1, 6)},
    {"n": 5, "month": "2025-12", "from": date(2026, 1, 6)},
]


@dataclass(frozen=True)
class GroupByHand:
    """One group, and what a person with a calendar found."""

    name: str
    record: GroupRecord
    today: date
    thresholds: Thresholds
    closed_days: frozenset[date]
    verdicts: tuple[Verdict, ...]
    figures: Mapping[str, int]
    clock: Mapping[str, date]

    def judged(self) -> Fidelity:
        """Ask the software."""
        return assess_fidelity(self.record, self.today, self.thresholds, self.closed_days)


def groups_by_hand() -> list[GroupByHand]:
    """Return every group of the table."""
    text = Path(__file__).with_name("fidelity_groups.toml").read_text(encoding="utf-8")
    return [_group(row) for row in tomllib.loads(text)["group"]]


def _group(row: Mapping[str, Any]) -> GroupByHand:
    record = GroupRecord(
        row.get("opened", _OPENED),
        row.get("closed"),
        tuple(_stays(row.get("parents", _PARENTS))),
        tuple(_meetings(row)),
    )
    return GroupByHand(
        row["name"],
        record,
        row["today"],
        Thresholds(**row.get("thresholds", {})),
        frozenset(day for first, last in row.get("closures", []) for day in _days(first, last)),
        tuple(_SIGNS[sign] for sign in row["verdicts"].split()),
        row.get("figures", {}),
        row.get("clock", {}),
    )


def _stays(rows: list[dict[str, Any]]) -> Iterator[StayFact]:
    for place, row in enumerate(rows):
        year, month = row["month"].split("-")
        born = date(int(year), int(month), 1)
        for number in range(row["n"]):
            key = f"parent {place}.{number}"
            yield StayFact(key, born, row.get("due", False), row["from"], row.get("to"))
            if "again" in row:
                yield StayFact(key, born, row.get("due", False), row["again"])


def _meetings(row: Mapping[str, Any]) -> Iterator[MeetingFact]:
    held = row.get("held")
    if held:
        series = [held["first"] + timedelta(days=held["every"] * number) for number in range(held["times"])]
        days = [day for day in series if day not in held.get("not", [])] + held.get("also", [])
        came = frozenset(f"came {number}" for number in range(8))
        for number, day in enumerate(days):
            said = None if day in held.get("unsaid", []) else day not in held.get("alone", [])
            yield MeetingFact(f"meeting {number}", day, "held", said, came)
    for state in ("cancelled", "moved", "planned"):
        for day in row.get(state, []):
            yield MeetingFact(f"{state} {day}", day, state)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)

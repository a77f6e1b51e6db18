"""What the demonstration's people wrote, read from `stories.toml`, and the stages its trainees have reached."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from typing import Any

from certify.logbook.models import Activity


@dataclass(frozen=True)
class Story:
    """One logbook entry, ready to be written."""

    activity: Activity
    title: str
    minutes: int
    place: str
    account: str
    reflection: str
    indicators: tuple[str, ...]
    values: Mapping[str, Any]
    """What is answered to the fields of the form of its activity."""
    ai_account: str


@dataclass(frozen=True)
class Stage:
    """How far a trainee has come."""

    key: str
    accepted: int = 0
    """Entries written, submitted and accepted."""
    submitted: int = 0
    returned: int = 0
    drafts: int = 0
    last_entry_days_ago: int = 3
    assessors: int = 0
    """Trainers who signed an assessment; two of them do not always agree."""
    agrees: bool = True
    self_assessment: str = ""
    """`signed` or `draft`, when the trainee filled the grid in about their own path."""
    weak_block: str = ""
    """A block in which no level is fully acquired."""
    session: str = ""
    """`past`: decided by the closed jury session; `next`: candidate of the one in deliberation."""


ALL = 13
STAGES = (
    Stage("just enrolled"),
    Stage("begins", drafts=1, last_entry_days_ago=2),
    Stage("in progress", accepted=3, submitted=1, last_entry_days_ago=4),
    Stage("entry returned", accepted=2, returned=1, last_entry_days_ago=6),
    Stage(
        "assessed, disputed",
        accepted=8,
        submitted=1,
        drafts=1,
        last_entry_days_ago=3,
        assessors=2,
        agrees=False,
        self_assessment="draft",
    ),
    Stage("late", accepted=3, last_entry_days_ago=41, assessors=1),
    Stage("late, nothing written", last_entry_days_ago=0),
    Stage("well on the way", accepted=9, submitted=2, last_entry_days_ago=1, assessors=2, self_assessment="signed"),
    Stage("ready", accepted=ALL, last_entry_days_ago=9, assessors=2),
    Stage("before the jury", accepted=ALL, last_entry_days_ago=12, assessors=2, session="next"),
    Stage("certified", accepted=ALL, last_entry_days_ago=45, assessors=2, session="past"),
    Stage("partly certified", accepted=ALL, last_entry_days_ago=50, assessors=2, weak_block="4", session="past"),
)


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads((package_files("certify.demo") / "stories.toml").read_text(encoding="utf-8"))


@cache
def stories() -> tuple[Story, ...]:
    """Return every entry, in an order that makes sense for one trainee; together they illustrate every indicator."""
    return tuple(
        Story(
            Activity(e["activity"]),
            e["title"],
            e["minutes"],
            e["place"],
            e["account"],
            e["reflection"],
            tuple(e["indicators"]),
            e["values"],
            e.get("ai_account", ""),
        )
        for e in _document()["entries"]
    )


def comment(kind: str, turn: int) -> str:
    """Return one of the comments of a kind (returned, accepted, observed, partial, missing, overall, own…), in turn."""
    texts: list[str] = _document()["comments"][kind]
    return texts[turn % len(texts)]


def jury(kind: str) -> str:
    """Return what the jury wrote (obtained, block_missing, whole_partial…)."""
    return str(_document()["jury"][kind])

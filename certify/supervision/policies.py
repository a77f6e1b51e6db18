"""Answers about a session from values alone: what may be done with it, and what was signed of it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from certify.cohorts.models import Presence
from certify.supervision.models import Side, SupervisionKind, SupervisionSession, SupervisionSignature

LONGEST = 300
"""Minutes of the longest half-day."""
SHORTEST = 15
MOST_EXPECTED = 30
"""Trainees of one session."""
NEEDS_A_GROUP = frozenset({SupervisionKind.OBSERVATION, SupervisionKind.DEBRIEF})


def is_due(held: SupervisionSession, today: date) -> bool:
    """Whether the session has come, and was not cancelled: it can be attended and signed."""
    return held.cancelled_at is None and held.on <= today


def facts_of(held: SupervisionSession, presence: Presence, supervisor: str, trainee: str) -> dict[str, Any]:
    """Return what a side vouches for, frozen with its signature."""
    return {
        "kind": held.kind.value, "on": held.on.isoformat(), "half": held.half.value, "minutes": held.minutes,
        "place": held.place, "theme": held.theme, "notes": held.notes, "presence": presence.value,
        "supervisor": supervisor, "trainee": trainee,
    }  # fmt: skip


def signed_now(
    held: SupervisionSession, signatures: Iterable[SupervisionSignature], side: Side
) -> SupervisionSignature | None:
    """Return a side's signature of the session as it stands, if there is one."""
    return next((one for one in signatures if one.side is side and one.revision == held.revision), None)


def signed_before(held: SupervisionSession, signatures: Iterable[SupervisionSignature]) -> list[SupervisionSignature]:
    """Return the signatures of what the session said before, newest first: they stay to be read."""
    older = [one for one in signatures if one.revision != held.revision]
    return sorted(older, key=lambda one: one.signed_at, reverse=True)

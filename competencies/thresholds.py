"""The figures from which a group is said to keep to what a group of peers is, and which of them are published."""

from collections.abc import Mapping
from dataclasses import dataclass

RANGES: Mapping[str, tuple[int, int]] = {
    "stability_percent": (1, 100),
    "newcomers_max": (0, 50),
    "settling_meetings": (1, 20),
    "size_min": (2, 50),
    "size_max": (2, 50),
    "spread_months": (0, 36),
    "meetings_per_month": (1, 8),
    "late_max": (0, 50),
    "longest_gap_days": (7, 366),
    "months": (1, 36),
    "facilitator_percent": (1, 100),
}
"""Each figure with the least and the most it may be, in the order of the rules."""


PUBLISHED = frozenset({"meetings_per_month", "months", "facilitator_percent"})
"""What the presentation of the programme publishes with a figure: « 2 fois par mois », « pendant au moins 8 mois »,
« accompagnées par un facilitateur ». Of the others (« une dizaine », « du même âge environ », « le même tout au long »)
it gives none."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is asked of a group; a figure outside `published` is a default of the software."""

    stability_percent: int = 80
    """The share of the parents of the beginning who are still there."""
    newcomers_max: int = 0
    """How many may come once the group is made."""
    settling_meetings: int = 2
    """The group is made at this meeting: who has come in by then belongs to the beginning."""
    size_min: int = 8
    size_max: int = 12
    spread_months: int = 3
    """Between the oldest and the youngest child."""
    meetings_per_month: int = 2
    late_max: int = 2
    """How many meetings may be missing from the rhythm."""
    longest_gap_days: int = 35
    """Between two held meetings, closures left out."""
    months: int = 8
    """Between the first and the last held meeting."""
    facilitator_percent: int = 100
    """The share of the held meetings where the facilitator was."""
    published: frozenset[str] = PUBLISHED
    """The figures that the programme publishes, or that somebody set for it."""

    def __post_init__(self) -> None:
        # A figure that is not the usual one was given by somebody.
        given = frozenset(
            name for name in RANGES if getattr(self, name) != Thresholds.__dataclass_fields__[name].default
        )
        object.__setattr__(self, "published", self.published | given)

    def to_document(self) -> dict[str, int]:
        """Give the figures that were given, as values that JSON can hold; the others keep their default."""
        changed = (name for name in RANGES if getattr(self, name) != getattr(USUAL_THRESHOLDS, name))
        return {name: getattr(self, name) for name in sorted({*changed, *(self.published - PUBLISHED)})}


USUAL_THRESHOLDS = Thresholds()
"""The figures when a programme has given none."""

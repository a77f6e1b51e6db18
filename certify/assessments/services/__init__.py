"""The verbs of assessments."""

from certify.assessments.services.grids import SIGNED, correct, discard, save, sign, start, start_own
from certify.assessments.services.standings import rebuild_standings, update_standing

__all__ = [
    "SIGNED",
    "correct",
    "discard",
    "rebuild_standings",
    "save",
    "sign",
    "start",
    "start_own",
    "update_standing",
]

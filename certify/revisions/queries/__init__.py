"""Reads about moves: the versions a cohort could go to, what a move would change, what was moved."""

from certify.revisions.queries.history import Moved, Waiting, moves_of, waiting_moves
from certify.revisions.queries.preview import LevelChange, Preview, Trainee, preview
from certify.revisions.queries.ways import Row, Way, later_version, later_versions, ways_to

__all__ = [
    "LevelChange",
    "Moved",
    "Preview",
    "Row",
    "Trainee",
    "Waiting",
    "Way",
    "later_version",
    "later_versions",
    "moves_of",
    "preview",
    "waiting_moves",
    "ways_to",
]

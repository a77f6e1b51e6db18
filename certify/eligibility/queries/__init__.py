"""Reads about what must be there before a jury: the files of trainees, what proves each indicator, a cohort's list."""

from certify.eligibility.queries.cohort import SITUATIONS, Line, lines_of
from certify.eligibility.queries.coverage import CoverageTable, coverage_of
from certify.eligibility.queries.files import (
    Documents,
    File,
    Waiver,
    derogations_of,
    documents_of,
    file_of,
    files_of,
    standing_derogations,
)

__all__ = [
    "SITUATIONS",
    "CoverageTable",
    "Documents",
    "File",
    "Line",
    "Waiver",
    "coverage_of",
    "derogations_of",
    "documents_of",
    "file_of",
    "files_of",
    "lines_of",
    "standing_derogations",
]

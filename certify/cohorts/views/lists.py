"""How the lists of this room answer: a page of fifty, or everything as CSV."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import Response, request

from certify.core import listing

T = TypeVar("T")
_EVERYTHING = 100_000


def is_csv() -> bool:
    """Whether the address asks for the whole list as CSV."""
    return request.args.get("format") == "csv"


def page_size() -> int:
    """Return how many rows the answer holds."""
    return _EVERYTHING if is_csv() else listing.PER_PAGE


def csv_answer(name: str, rows: Iterable[T], columns: Mapping[str, Callable[[T], Any]]) -> Response:
    """Answer with a file of rows."""
    headers = {"Content-Disposition": f"attachment; filename={name}.csv"}
    return Response(listing.to_csv(rows, columns), mimetype="text/csv", headers=headers)

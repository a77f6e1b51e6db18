"""The list of those to declare: searched, narrowed, sorted, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from certify.core.listing import Listing, Wanted
from certify.declarations.queries.holders import Holder

SITUATIONS: Mapping[str, Callable[[Holder], bool]] = {
    "ready": lambda one: not one.missing,
    "incomplete": lambda one: bool(one.missing),
    "late": lambda one: one.urgency == "late",
    "rejected": lambda one: bool(one.rejection),
}
_SORTS: Mapping[str, Callable[[Holder], Any]] = {
    "due": lambda one: (one.due_on, one.name),
    "name": lambda one: (one.name, one.certificate),
}


def narrowed(holders: Sequence[Holder], wanted: Wanted) -> list[Holder]:
    """Return those that the address asks for."""
    words = wanted.query.casefold().split()
    fits = SITUATIONS.get((wanted.filters or {}).get("situation", ""))
    return [one for one in holders if (fits is None or fits(one)) and _has(one, words)]


def _has(holder: Holder, words: Sequence[str]) -> bool:
    text = f"{holder.name} {holder.certificate}".casefold()
    return all(word in text for word in words)


def listed(holders: Sequence[Holder], wanted: Wanted, per_page: int) -> Listing[Holder]:
    """Return a page of them, the nearest deadline first unless asked otherwise."""
    sort, total = wanted.sort if wanted.sort in _SORTS else "due", len(holders)
    ordered = sorted(holders, key=_SORTS[sort], reverse=wanted.direction == "desc")
    page = min(wanted.page, max(1, -(-total // per_page)))
    rows = ordered[(page - 1) * per_page : page * per_page]
    return Listing(rows, total, wanted, sort, wanted.direction, page, per_page)

"""Lists of the application: search, sort, pages and CSV, all in the address, the same for every room."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
PER_PAGE = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Wanted:
    """What the address asks of a list."""

    path: str
    query: str = ""
    sort: str = ""
    direction: str = "asc"
    page: int = 1
    filters: Mapping[str, str] | None = None
    """Other parameters kept in every link (state=…, cohort=…)."""

    @classmethod
    def from_args(cls, path: str, args: Mapping[str, str], *, filters: Sequence[str] = ()) -> "Wanted":
        """Read the parameters of an address; whatever makes no sense counts as absent."""
        # PostgreSQL compares nothing with a NUL.
        args = {name: value.replace("\0", "") for name, value in args.items()}
        page = args.get("page", "1")
        kept = {name: args[name][:100] for name in filters if args.get(name)}
        direction = "desc" if args.get("direction") == "desc" else "asc"
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        return cls(path, args.get("q", "").strip()[:100], args.get("sort", ""), direction, max(1, number), kept)


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page of a list, with the addresses of its neighbours."""

    rows: Sequence[T]
    total: int
    wanted: Wanted
    sort: str
    direction: str
    page: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1."""
        return min(self.total, (self.page - 1) * self.per_page + 1)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.total, self.page * self.per_page)

    @property
    def query(self) -> str:
        """The words searched for."""
        return self.wanted.query

    @property
    def filters(self) -> Mapping[str, str]:
        """The filters in force."""
        return self.wanted.filters or {}

    def _url(self, **changes: Any) -> str:
        values: dict[str, Any] = {
            "q": self.query,
            "sort": self.sort,
            "direction": self.direction,
            **self.filters,
            **changes,
        }
        return (
            f"{self.wanted.path}?{urlencode({key: value for key, value in values.items() if value not in ('', None)})}"
        )

    def url_for_page(self, page: int) -> str:
        """Return the address of another page of the same list."""
        return self._url(page=page)

    def url_for_sort(self, key: str) -> str:
        """Return the address of the same list sorted by a column, or the other way round if it already is."""
        return self._url(sort=key, direction="desc" if key == self.sort and self.direction == "asc" else "asc")

    @property
    def url_for_csv(self) -> str:
        """Return the address of the whole list as CSV."""
        return self._url(format="csv")


def paginate(
    session: Session,
    query: Select[*tuple[Any, ...]],
    wanted: Wanted,
    *,
    sorts: Mapping[str, Sequence[SQLColumnExpression[Any]]],
    default: str,
    tie: SQLColumnExpression[Any],
    per_page: int = PER_PAGE,
    as_rows: bool = False,
) -> Listing[Any]:
    """Return one page of a query: two statements whatever its size.

    `sorts` maps a column's key to the expressions it sorts by; `tie` makes the order total. `as_rows` keeps whole rows
    where the query selects several things, otherwise the first of each row is returned.
    """
    sort = wanted.sort if wanted.sort in sorts else default
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page = min(wanted.page, max(1, -(-total // per_page)))
    ordered = query.order_by(None).order_by(
        *(e.desc() if wanted.direction == "desc" else e.asc() for e in sorts[sort]), tie
    )
    result = session.execute(ordered.limit(per_page).offset((page - 1) * per_page))
    rows: Sequence[Any] = result.all() if as_rows else result.unique().scalars().all()
    return Listing(rows, total, wanted, sort, wanted.direction, page, per_page)


def matches(words: str, *columns: SQLColumnExpression[Any]) -> Iterable[ColumnElement[bool]]:
    """Yield one condition per word searched for: it stands in one of the columns, whatever its case."""
    for word in words.split()[:6]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").lower() + "%"
        condition: ColumnElement[bool] = func.lower(columns[0]).like(pattern, escape="\\")
        for column in columns[1:]:
            condition = condition | func.lower(column).like(pattern, escape="\\")
        yield condition


def to_csv(rows: Iterable[T], columns: Mapping[str, Callable[[T], Any]]) -> str:
    """Write rows as CSV for a French spreadsheet: semicolons, BOM, and no cell that would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(list(columns))
    for row in rows:
        writer.writerow([_harmless(read(row)) for read in columns.values()])
    return "\ufeff" + out.getvalue()


def _harmless(value: Any) -> Any:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) and not isinstance(value, int | float) else text

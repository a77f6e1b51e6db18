"""The files of a whole cohort, one line per trainee: filtered, sorted, paged."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Cohort, Enrolment, EnrolmentState
from certify.cohorts.queries import folded
from certify.core import listing
from certify.core.listing import Listing, Wanted
from certify.eligibility.queries.files import File, files_of

SITUATIONS = ("ready", "blocked", "incomplete", "waived")
_KEPT: dict[str, Callable[[File], bool]] = {
    "ready": lambda file: file.is_ready,
    "blocked": lambda file: not file.is_eligible,
    "incomplete": lambda file: not file.is_ready,
    "waived": lambda file: bool(file.waived),
}


@dataclass(frozen=True)
class Line:
    """One trainee and their file."""

    enrolment: Enrolment
    name: str
    file: File

    @property
    def enrolment_id(self) -> uuid.UUID:
        """The enrolment."""
        return self.enrolment.id


def lines_of(session: Session, cohort: Cohort, wanted: Wanted, *, per_page: int = listing.PER_PAGE) -> Listing[Line]:
    """Return one page of the files of a cohort.

    By name, only the files shown are read; a filter or a sort on the state of files reads them all, in as many
    statements.
    """
    query = _trainees(cohort, wanted)
    situation = (wanted.filters or {}).get("situation", "")
    if situation not in _KEPT and wanted.sort != "lacking":
        found = listing.paginate(
            session, query, wanted, sorts={"name": (Enrolment.sort_name,)}, default="name", tie=Enrolment.id,
            per_page=per_page, as_rows=True,
        )  # fmt: skip
        return replace(found, rows=_lines(session, found.rows))
    everybody = _lines(session, session.execute(query.order_by(Enrolment.sort_name, Enrolment.id)).all())
    kept = [line for line in everybody if situation not in _KEPT or _KEPT[situation](line.file)]
    is_down = wanted.direction == "desc"
    if wanted.sort == "lacking":
        kept.sort(key=lambda line: len(line.file.lacking), reverse=is_down)
    elif is_down:
        kept.reverse()
    sort = "lacking" if wanted.sort == "lacking" else "name"
    page = min(wanted.page, max(1, -(-len(kept) // per_page)))
    shown = kept[(page - 1) * per_page : page * per_page]
    return Listing(shown, len(kept), wanted, sort, wanted.direction, page, per_page)


def _trainees(cohort: Cohort, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    words = listing.matches(folded(wanted.query), Enrolment.sort_name, User.email)
    return (
        select(Enrolment, User)
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN, *words)
    )


def _lines(session: Session, rows: Sequence[Any]) -> list[Line]:
    files = files_of(session, [enrolment for enrolment, _user in rows])
    return [Line(enrolment, user.name, files[enrolment.id]) for enrolment, user in rows]

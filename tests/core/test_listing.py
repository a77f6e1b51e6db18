"""Lists: addresses, pages, search, and CSV no spreadsheet will run."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.core.listing import Wanted, matches, paginate, to_csv
from tests.factories.people import make_user

SORTS = {"name": (User.family_name, User.given_name)}


def wanted(**args: str) -> Wanted:
    return Wanted.from_args("/people", args)


def test_one_page_has_at_most_fifty_rows_and_knows_the_rest(session: Session) -> None:
    for number in range(120):
        make_user(session, family_name=f"Stagiaire {number:03d}")
    query = select(User).where(User.family_name.like("Stagiaire%"))
    page = paginate(session, query, wanted(page="3"), sorts=SORTS, default="name", tie=User.id)
    assert (page.total, page.pages, page.first, page.last, len(page.rows)) == (120, 3, 101, 120, 20)
    assert page.rows[0].family_name == "Stagiaire 100"


def test_a_page_beyond_the_last_is_the_last(session: Session) -> None:
    make_user(session, family_name="Seul")
    page = paginate(
        session,
        select(User).where(User.family_name == "Seul"),
        wanted(page="99"),
        sorts=SORTS,
        default="name",
        tie=User.id,
    )
    assert (page.page, len(page.rows)) == (1, 1)


def test_search_takes_signs_literally_and_ignores_case(session: Session) -> None:
    make_user(session, family_name="100 %_Martin")
    make_user(session, family_name="100 xyMartin")
    found = session.scalars(select(User).where(*matches("100 %_MARTIN", User.family_name, User.email))).all()
    assert [user.family_name for user in found] == ["100 %_Martin"]


def test_sorting_the_same_column_again_turns_it_round() -> None:
    from certify.core.listing import Listing

    listing: Listing[object] = Listing([], 0, wanted(sort="name"), "name", "asc", 1)
    assert "direction=desc" in listing.url_for_sort("name")
    assert "direction=asc" in listing.url_for_sort("other")


@given(st.dictionaries(st.sampled_from(["page", "sort", "direction", "q"]), st.text()))
def test_any_parameters_make_a_list(args: dict[str, str]) -> None:
    asked = Wanted.from_args("/people", args)
    assert asked.page >= 1
    assert asked.direction in ("asc", "desc")


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\0"))))
def test_no_cell_starts_a_formula(values: list[str]) -> None:
    written = to_csv(values, {"Valeur": lambda value: value})
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff")), delimiter=";"))
    assert [row[0].removeprefix("'") if row else "" for row in rows[1:]] == [
        value.removeprefix("'") for value in values
    ]
    assert all(not row[0].startswith(("=", "+", "-", "@")) for row in rows[1:] if row)

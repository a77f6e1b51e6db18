"""What a civil status must say for its holder to be recognised, and what is told of one that does not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.civil_status import FRANCE, CivilStatus, Sex, tidy
from competencies.countries import countries

TODAY = date(2026, 11, 22)
RIGHT = CivilStatus(("Prénom", "Second"), "Essai", Sex.FEMALE, 1992, 11, 3, birth_commune_code="59350")
BY_POSTCODE = replace(RIGHT, birth_commune_code="", birth_postal_code="59000", birth_commune="Lille 2e")
ABROAD = replace(RIGHT, birth_commune_code="", birth_country="99109", birth_commune="Berlin")

CASES: list[tuple[str, CivilStatus, set[str]]] = [
    ("an official commune code is enough in France", RIGHT, set()),
    ("so are a postal code and a commune", BY_POSTCODE, set()),
    ("a town is enough abroad", ABROAD, set()),
    ("the month may be unknown", replace(RIGHT, birth_month=None, birth_day=None), set()),
    ("the day may be unknown", replace(RIGHT, birth_day=None), set()),
    ("Corsica has letters", replace(RIGHT, birth_commune_code="2A004"), set()),
    ("so had Algeria before 1962", replace(RIGHT, birth_commune_code="92001"), set()),
    ("accents, apostrophes and hyphens are names", replace(RIGHT, birth_name="O’Brien-d’Été Łukasz Nguyễn"), set()),
    ("sixty letters fit", replace(RIGHT, birth_name="A" * 60), set()),
    ("sixty-one do not", replace(RIGHT, birth_name="A" * 61), {"birth_name"}),
    ("no given name", replace(RIGHT, given_names=()), {"given_names"}),
    ("eleven given names", replace(RIGHT, given_names=("Un",) * 11), {"given_names"}),
    ("no name at birth", replace(RIGHT, birth_name=""), {"birth_name"}),
    ("digits in a name", replace(RIGHT, usage_name="Essai 2"), {"usage_name"}),
    ("another alphabet", replace(RIGHT, birth_name="محمد"), {"birth_name"}),
    ("a control character", replace(RIGHT, birth_name="Es\x07sai"), {"birth_name"}),
    ("signs only", replace(RIGHT, birth_name="--"), {"birth_name"}),
    ("no sex", replace(RIGHT, sex=None), {"sex"}),
    ("no year", replace(RIGHT, birth_year=None), {"birth_year"}),
    ("a year too long ago", replace(RIGHT, birth_year=1899), {"birth_year"}),
    ("a birth to come", replace(RIGHT, birth_year=2026, birth_month=12, birth_day=None), {"birth_year"}),
    ("a day without its month", replace(RIGHT, birth_month=None), {"birth_month"}),
    ("the thirteenth month", replace(RIGHT, birth_month=13), {"birth_month"}),
    ("31 February", replace(RIGHT, birth_month=2, birth_day=31), {"birth_day"}),
    ("29 February of a common year", replace(RIGHT, birth_year=1993, birth_month=2, birth_day=29), {"birth_day"}),
    ("a year of thirteen digits", replace(RIGHT, birth_year=10**12), {"birth_year", "birth_day"}),
    ("a day of thirteen digits", replace(RIGHT, birth_day=10**12), {"birth_day"}),
    ("a commune in the digits of another script", replace(RIGHT, birth_commune_code="5\u0669350"),
     {"birth_commune_code"}),
    ("a postal code in the digits of another script", replace(BY_POSTCODE, birth_postal_code="\u0665\u0669000"),
     {"birth_postal_code"}),
    ("no country", replace(RIGHT, birth_country=""), {"birth_country"}),
    ("a country nobody knows", replace(ABROAD, birth_country="99999"), {"birth_country"}),
    ("no place in France", replace(RIGHT, birth_commune_code=""), {"birth_commune_code"}),
    ("a place said twice", replace(BY_POSTCODE, birth_commune_code="59350"), {"birth_commune_code"}),
    ("four characters", replace(RIGHT, birth_commune_code="2A04"), {"birth_commune_code"}),
    ("a country's code as a commune", replace(RIGHT, birth_commune_code="99109"), {"birth_commune_code"}),
    ("a postal code alone", replace(BY_POSTCODE, birth_commune=""), {"birth_commune"}),
    ("a commune alone", replace(BY_POSTCODE, birth_postal_code=""), {"birth_postal_code"}),
    ("no town abroad", replace(ABROAD, birth_commune=""), {"birth_commune"}),
    ("a French code abroad", replace(ABROAD, birth_commune_code="59350"), {"birth_commune_code"}),
    ("a postal code abroad", replace(ABROAD, birth_postal_code="59000"), {"birth_postal_code"}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_fault_is_told_on_its_field(status: CivilStatus, expected: set[str]) -> None:
    faults = status.faults(TODAY)
    assert {fault.field for fault in faults} == expected
    assert all(fault.message.fr and fault.message.en for fault in faults)


_LETTERS = st.text(alphabet="AbcÉéèçŁłễ’- ", min_size=1, max_size=40).map(tidy)


@given(
    given_names=st.lists(_LETTERS, min_size=0, max_size=12).map(tuple), birth_name=_LETTERS, usage_name=_LETTERS,
    sex=st.sampled_from([*Sex, None]), birth_year=st.none() | st.integers(1800, 2100),
    birth_month=st.none() | st.integers(-1, 14), birth_day=st.none() | st.integers(-1, 40),
    birth_country=st.sampled_from(["", FRANCE, "99109", "99999"]),
    birth_commune_code=st.sampled_from(["", "59350", "x"]),
    birth_postal_code=st.sampled_from(["", "59000"]), birth_commune=_LETTERS | st.just(""),
)  # fmt: skip
def test_a_civil_status_is_read_back_as_it_was_kept(**values: Any) -> None:
    status = CivilStatus(**values)
    assert CivilStatus.from_document(status.to_document()) == status
    assert isinstance(status.faults(TODAY), tuple)


def test_names_are_compared_with_single_spaces_and_composed_letters() -> None:
    assert tidy("  E\u0301lise   Marie ") == "Élise Marie"


def test_countries_are_those_of_the_official_list_france_first() -> None:
    known = countries()
    assert next(iter(known.items())) == (FRANCE, "France")
    assert (known["99109"], known["99350"], known["99352"]) == ("Allemagne", "Maroc", "Algérie")
    assert len(known) > 180
    assert all(len(code) == 5 and code.startswith("99") and name for code, name in known.items())

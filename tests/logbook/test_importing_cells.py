"""What the cells of a logbook kept in a spreadsheet say."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.logbook.importing import cells
from certify.logbook.importing.cells import Unit

JUNE = date(2026, 6, 12)


@pytest.mark.parametrize(
    "text",
    [
        "12/06/2026", "12/06/26", "12-06-2026", "12.06.2026", "2026-06-12", "12/6/2026", "12 juin 2026",
        "vendredi 12 juin 2026", "2026-06-12 00:00:00", "2026-06-12T14:30:00Z", "12/06/2026 14h30", "12/06/2026 9:05",
        " 12/06/2026 ", "12\u00a0juin\u00a02026", "46185",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert cells.day(text) == JUNE


@pytest.mark.parametrize(("text", "day"), [("1er mars 2026", date(2026, 3, 1)), ("3 févr. 2026", date(2026, 2, 3))])
def test_months_are_read_in_words(text: str, day: date) -> None:
    assert cells.day(text) == day


@pytest.mark.parametrize(
    "text", ["31/02/2026", "demain", "12", "2026", "juin 2026", "12 mai juin 2026", "1e5", "99999"]
)
def test_what_is_no_day_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"n’est pas une date|n’existe pas"):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "unit", "minutes"),
    [
        ("1 h 30", Unit.MINUTES, 90), ("1h30", Unit.MINUTES, 90), ("1:30", Unit.MINUTES, 90),
        ("01:30:00", Unit.HOURS, 90),
        ("90 min", Unit.HOURS, 90), ("90 mn", Unit.MINUTES, 90), ("90 minutes", Unit.HOURS, 90),
        ("90", Unit.MINUTES, 90),
        ("1,5", Unit.MINUTES, 90), ("1.5", Unit.HOURS, 90), ("1,5 h", Unit.MINUTES, 90), ("2", Unit.HOURS, 120),
        ("2 heures", Unit.MINUTES, 120), ("0,25", Unit.HOURS, 15), ("3\u202fh", Unit.MINUTES, 180),
        ("24", Unit.HOURS, 1440),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read_however_it_is_written(text: str, unit: Unit, minutes: int) -> None:
    assert cells.minutes(text, unit) == minutes


@pytest.mark.parametrize("text", ["longtemps", "-1", "0", "1 h 75", "25 h", "1500", "=1+1", "NaN", "1e3", "∞"])
def test_what_is_no_length_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"durée|heures"):
        cells.minutes(text, Unit.MINUTES)


@pytest.mark.parametrize(
    ("heading", "texts", "unit"),
    [
        ("Durée (min)", ["2"], Unit.MINUTES),
        ("Nb d’heures", ["90"], Unit.HOURS),
        ("Durée", ["2", "3", "1,5"], Unit.HOURS),
        ("Durée", ["90", "2"], Unit.MINUTES),
        ("Durée", ["1 h 30"], Unit.MINUTES),
    ],
)
def test_the_unit_of_bare_numbers_is_guessed(heading: str, texts: list[str], unit: Unit) -> None:
    assert cells.unit_of(heading, texts) is unit


def test_numbers_and_answers_are_read_as_the_french_write_them() -> None:
    assert (cells.number("3,5"), cells.number("1 200"), cells.number("-2")) == (3.5, 1200, -2)
    assert [cells.yes_or_no(text) for text in ("Oui", "x", "NON", "0")] == [True, True, False, False]
    for text in ("peut-être", ""):
        with pytest.raises(ValueError, match="ni oui ni non"):
            cells.yes_or_no(text)
    with pytest.raises(ValueError, match="nombre"):
        cells.number("douze")


def outcome(read: Callable[[str], object], text: str) -> object:
    """Return what was read, or the words of the refusal."""
    try:
        return read(text)
    except ValueError as error:
        return str(error.args[0])


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_words(text: str) -> None:
    for read in (cells.day, cells.number, cells.yes_or_no, lambda text: cells.minutes(text, Unit.HOURS)):
        assert outcome(read, text) not in (None, "")


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_comes_back_from_every_writing(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for text in (f"{day:%d/%m/%Y}", day.isoformat(), f"{day:%d.%m.%Y}", str(serial)):
        assert cells.day(text) == day
    if day.year >= 2000:
        assert cells.day(f"{day:%d/%m/%y}") == day


@given(st.integers(1, 24 * 60))
def test_every_length_comes_back_from_every_writing(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    for text in (f"{hours} h {rest:02d}", f"{hours}:{rest:02d}", f"{minutes} min", f"{minutes}"):
        assert cells.minutes(text, Unit.MINUTES) == minutes

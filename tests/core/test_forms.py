"""Dates as people type them; text without what no person types."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from certify.core.forms import parse_day, strip


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day_is_read_in_both_ways(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(day.strftime("%d/%m/%Y")) == day


@pytest.mark.parametrize("text", ["31/02/2026", "2026-02-31", "29.02.2025"])
def test_a_day_that_does_not_exist_is_named(app: Flask, text: str) -> None:
    with app.app_context(), pytest.raises(ValueError, match="n’existe pas") as caught:
        parse_day(text)
    assert text in str(caught.value)


@given(st.text())
def test_any_text_is_a_day_or_a_clear_message(app: Flask, text: str) -> None:
    with app.app_context():
        try:
            answer: object = parse_day(text)
        except ValueError as error:
            answer = str(error.args[0])
    assert answer


@given(st.text())
def test_stripped_text_has_no_control_character(text: str) -> None:
    assert not any(ord(character) < 32 and character not in "\n\t" for character in strip(text))


def test_emoji_and_right_to_left_names_stay_as_typed() -> None:
    assert strip("  ليلى 👩‍🍼 Éloïse ") == "ليلى 👩‍🍼 Éloïse"

from contextlib import suppress

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from certify.core.durations import LONGEST, parse_minutes, show_minutes
from certify.core.i18n import force_locale


@pytest.fixture(autouse=True)
def french() -> object:
    from flask_babel import Babel

    app = Flask("durations")
    Babel(app, default_locale="fr")
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90", 90),
        ("90 min", 90),
        ("45 minutes", 45),
        ("1h30", 90),
        ("1 h 30", 90),
        ("1\u00a0h\u202f30", 90),
        ("1:30", 90),
        ("1 H 05", 65),
        ("2h", 120),
        ("2 heures", 120),
        ("1 h 30 min", 90),
        ("1,5 h", 90),
        ("0 h 45", 45),
        ("24 h", LONGEST),
    ],
)
def test_a_length_is_read_as_people_write_it(typed: str, minutes: int) -> None:
    assert parse_minutes(typed) == minutes


@pytest.mark.parametrize("typed", ["", "une heure", "1h75", "-5", "25 h", "0", "1.5.2", "9" * 30, "h30", "१०"])
def test_what_is_not_a_length_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(ValueError, match=r"durée"):
        parse_minutes(typed)


@given(st.text(max_size=40))
def test_any_text_is_a_length_of_a_day_at_most_or_a_readable_refusal(typed: str) -> None:
    minutes = 1
    with suppress(ValueError):
        minutes = parse_minutes(typed)
    assert 0 < minutes <= LONGEST


@given(st.integers(1, LONGEST), st.sampled_from(["fr", "en"]))
def test_a_length_shown_is_read_back(minutes: int, locale: str) -> None:
    with force_locale(locale):
        assert parse_minutes(show_minutes(minutes)) == minutes


def test_no_length_shows_nothing() -> None:
    assert show_minutes(None) == ""

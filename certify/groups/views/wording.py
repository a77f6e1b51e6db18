"""Days and months in the words of a calendar."""

from datetime import date, datetime

from babel.dates import format_date

from certify.core.clock import PARIS
from certify.core.i18n import current_locale


def weekday(value: date | datetime) -> str:
    """Write a day with its name: « jeudi 12 novembre 2026 »."""
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    if current_locale() == "fr":
        first = "1er" if value.day == 1 else str(value.day)
        return f"{format_date(value, 'EEEE', locale='fr')} {first} {format_date(value, 'MMMM y', locale='fr')}"
    return format_date(value, "EEEE d MMMM y", locale="en_GB")


def month_name(value: date) -> str:
    """Write a month: « Novembre 2026 »."""
    locale = "fr" if current_locale() == "fr" else "en_GB"
    return format_date(value, "LLLL y", locale=locale).capitalize()


def weekday_names() -> list[tuple[str, str]]:
    """Return the days of the week from Monday: (short, whole)."""
    locale = "fr" if current_locale() == "fr" else "en_GB"
    monday = date(2026, 6, 1)
    days = [monday.replace(day=n) for n in range(1, 8)]
    return [(format_date(day, "EEE", locale=locale), format_date(day, "EEEE", locale=locale)) for day in days]

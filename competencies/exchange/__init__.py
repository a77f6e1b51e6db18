"""Frameworks in and out: our TOML, Moodle's CSV, 1EdTech CASE, Mahara's matrix, Canvas's outcomes CSV.

Each format has the same three verbs: `write(framework, locale)` gives a text, `read(text)` gives a `Reading` (a
framework, or its faults each with its place), `losses(framework, locale)` says what the format cannot hold. Nothing is
ever half read. Standard library only, no clock: the date, address and author that CASE asks for are given as `Origin`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from competencies.exchange import canvas_csv, case, mahara, moodle_csv, toml
from competencies.exchange.case import Origin
from competencies.exchange.losses import Loss
from competencies.exchange.outline import Reading
from competencies.framework import Framework

__all__ = [
    "FORMATS",
    "Format",
    "Loss",
    "Origin",
    "Reading",
    "canvas_csv",
    "case",
    "mahara",
    "moodle_csv",
    "toml",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A format under the name commands give it, with its verbs and what a download needs."""

    name: str
    label: str
    suffix: str
    media_type: str
    write: Callable[[Framework, str, Origin], str]
    read: Callable[[str], Reading]
    losses: Callable[[Framework, str], list[Loss]]


def _anywhere(write: Callable[[Framework, str], str]) -> Callable[[Framework, str, Origin], str]:
    """Let a format that does not say who publishes be written like one that does."""
    return lambda framework, locale, _: write(framework, locale)


_ALL = (
    Format("toml", "TOML", ".toml", "application/toml", _anywhere(toml.write), toml.read, toml.losses),
    Format(
        "moodle-csv",
        "Moodle (CSV)",
        ".csv",
        "text/csv",
        _anywhere(moodle_csv.write),
        moodle_csv.read,
        moodle_csv.losses,
    ),
    Format("case", "1EdTech CASE 1.1", ".json", "application/json", case.write, case.read, case.losses),
    Format(
        "mahara", "Mahara (.matrix)", ".matrix", "application/json", _anywhere(mahara.write), mahara.read, mahara.losses
    ),
    Format(
        "canvas-csv",
        "Canvas (CSV)",
        ".csv",
        "text/csv",
        _anywhere(canvas_csv.write),
        canvas_csv.read,
        canvas_csv.losses,
    ),
)

FORMATS: Mapping[str, Format] = MappingProxyType({one.name: one for one in _ALL})

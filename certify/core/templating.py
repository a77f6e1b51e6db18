"""What every template may use: dates and numbers of the reader's language, icons, addressed static files."""

import hashlib
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, has_request_context, request, url_for
from markupsafe import Markup, escape

from certify.core.clock import PARIS
from certify.core.durations import show_minutes
from certify.core.i18n import current_locale
from certify.core.receipts import new_receipt

_STATIC = Path(__file__).resolve().parent.parent / "static"
_NARROW = "\u202f"


def init_app(app: Flask) -> None:
    """Give templates their filters and functions."""
    for name, function in (
        ("day", day),
        ("month", month),
        ("moment", moment),
        ("time_of_day", time_of_day),
        ("number", number),
        ("filesize", filesize),
        ("duration", show_minutes),
        ("multiline", multiline),
    ):
        app.add_template_filter(function, name)
    for name, helper in (
        ("asset", asset),
        ("own_address", own_address),
        ("icon", icon),
        ("receipt_token", new_receipt),
    ):
        app.add_template_global(helper, name)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def day(value: date | datetime | None) -> str:
    """Write a day: « 12 juin 2026 »."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    if current_locale() == "fr":
        first = "1er " if value.day == 1 else f"{value.day} "
        return first + format_date(value, "MMMM y", locale="fr")
    return format_date(value, "d MMMM y", locale="en_GB")


def month(value: date | None) -> str:
    """Write a month: « juin 2026 »."""
    if value is None:
        return ""
    return format_date(value, "MMMM y", locale="fr" if current_locale() == "fr" else "en_GB")


def time_of_day(value: datetime | time | None) -> str:
    """Write a time, in Paris: « 14 h 02 »; one without a day is already of Paris."""
    if value is None:
        return ""
    local = value.astimezone(PARIS) if isinstance(value, datetime) else value
    return f"{local.hour}\u00a0h\u00a0{local.minute:02d}" if current_locale() == "fr" else f"{local:%H:%M}"


def moment(value: datetime | None) -> str:
    """Write a moment: « 12 juin 2026 à 14 h 02 »."""
    if value is None:
        return ""
    joint = " à " if current_locale() == "fr" else " at "
    return f"{day(value)}{joint}{time_of_day(value)}"


def number(value: float | int | None, digits: int = 1) -> str:
    """Write a number with the reader's separators, at most `digits` decimals."""
    if value is None:
        return ""
    return format_decimal(round(value, digits), locale=current_locale(), decimal_quantization=False)


def filesize(value: int) -> str:
    """Write a number of bytes: « 1,4 Mo »."""
    french = current_locale() == "fr"
    units = ("o", "ko", "Mo", "Go") if french else ("B", "kB", "MB", "GB")
    size, unit, digits = float(value), 0, 0
    while round(size, digits) >= 1000 and unit < 3:
        size, unit = size / 1000, unit + 1
        digits = 1 if unit > 1 else 0
    return f"{number(size, digits)}\u00a0{units[unit]}"


def multiline(value: str | None) -> Markup:
    """Show typed text with its paragraphs and line breaks; everything in it is escaped."""
    paragraphs = [part.strip() for part in (value or "").replace("\r\n", "\n").split("\n\n") if part.strip()]
    lines = (Markup("<br>").join(escape(line) for line in part.split("\n")) for part in paragraphs)
    return Markup("").join(Markup("<p data-user-text>{}</p>").format(line) for line in lines)


@lru_cache(maxsize=256)
def _digest(path: str) -> str:
    return hashlib.sha256((_STATIC / path).read_bytes()).hexdigest()[:12]


def asset(path: str) -> str:
    """Return the address of a static file, changing with its content so that browsers may keep it for ever."""
    address = url_for("static", filename=path, v=_digest(path))
    outer_root: str | None = request.environ.get("certify.outer_root") if has_request_context() else None
    # Pages under a launch share the files of all the others, so that browsers keep one copy.
    return address if outer_root is None else outer_root + address.removeprefix(request.script_root)


def own_address(with_query: bool = False) -> str:
    """Return the address of the page being shown, without the site."""
    return request.script_root + (request.full_path.rstrip("?") if with_query else request.path)


@lru_cache(maxsize=256)
def _icon_source(name: str) -> str:
    source = (_STATIC / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return source[source.index("<svg") :].replace("<svg", '<svg focusable="false"', 1).strip()


def icon(name: str, label: str | None = None) -> Markup:
    """Return an icon as inline SVG: hidden from screen readers, unless it has a label of its own."""
    source = _icon_source(name)
    spoken: Any = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup(source.replace("<svg", f"<svg{spoken}", 1))  # nosec B704

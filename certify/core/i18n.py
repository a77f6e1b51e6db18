"""Languages: French wording in the source, English by a switch, French typography set by one function."""

import re
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_domain, get_locale
from flask_babel.speaklater import LazyString

LOCALES = ("fr", "en")
_NARROW = "\u202f"
_SPACE_BEFORE = re.compile(r"[ \u00a0](?=[;!?»])|[ \u00a0](?=:(?:\s|$|<))")
_SPACE_AFTER = re.compile(r"(?<=«)[ \u00a0]")


def init_app(app: Flask) -> None:
    """Connect the catalogue and its functions for pages."""
    Babel(app, default_locale="fr", default_timezone="Europe/Paris", locale_selector=choose_locale)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # New style: the template engine itself fills in the values, escaping them.
    app.jinja_env.install_gettext_callables(_wording, _counted_wording, newstyle=True)  # type: ignore[attr-defined]


def choose_locale() -> str:
    """Return the language of this visitor: their choice, then their account's, then their browser's, then French."""
    if not has_request_context():
        return "fr"
    chosen = session.get("locale") or getattr(g, "account_locale", None)
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES, "fr")


def current_locale() -> str:
    """Return "fr" or "en"."""
    locale = get_locale()
    return locale.language if locale is not None and locale.language in LOCALES else "fr"


def typeset(text: str) -> str:
    """Put French narrow no-break spaces where the source wording has plain ones."""
    return _SPACE_AFTER.sub(_NARROW, _SPACE_BEFORE.sub(_NARROW, text))


def _wording(message: str) -> str:
    return _typeset_here(str(get_domain().get_translations().ugettext(message)))


def _counted_wording(singular: str, plural: str, number: int) -> str:
    # French, the language of the source, counts zero as one.
    if current_locale() == "fr":
        return typeset(singular if abs(number) < 2 else plural)
    return _typeset_here(str(get_domain().get_translations().ungettext(singular, plural, number)))


def _typeset_here(text: str) -> str:
    return typeset(text) if current_locale() == "fr" else text


def gettext(message: str, **values: Any) -> str:
    """Return the wording in the visitor's language, typeset; what people typed is filled in untouched."""
    text = _wording(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """Return the singular or the plural wording, typeset; `%(num)s` is the number."""
    return _counted_wording(singular, plural, number) % {"num": number, **values}


def lazy(message: str, **values: Any) -> LazyString:
    """Return a wording translated only when it is shown."""
    return LazyString(gettext, message, **values)


__all__ = [
    "LOCALES",
    "choose_locale",
    "current_locale",
    "force_locale",
    "gettext",
    "init_app",
    "lazy",
    "ngettext",
    "typeset",
]

"""French typography is set by one function, and never touches what people typed."""

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from certify.core import i18n


def test_french_signs_get_narrow_spaces() -> None:
    assert i18n.typeset("Prêt ? Oui : « bien » !") == "Prêt\u202f? Oui\u202f: «\u202fbien\u202f»\u202f!"


def test_an_address_or_a_time_keeps_its_colon() -> None:
    assert i18n.typeset("https://exemple.test:8000 à 14:02") == "https://exemple.test:8000 à 14:02"


@given(st.text())
def test_typesetting_twice_changes_nothing_more(text: str) -> None:
    once = i18n.typeset(text)
    assert i18n.typeset(once) == once


@given(st.text())
def test_typesetting_changes_spaces_only(text: str) -> None:
    flat = {ord("\u202f"): " ", ord("\u00a0"): " "}
    assert i18n.typeset(text).translate(flat) == text.translate(flat)


def test_what_people_typed_is_filled_in_untouched(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert i18n.gettext("Bonjour %(name)s !", name="a ? b") == "Bonjour a ? b\u202f!"


def test_templates_escape_what_people_typed(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        made = app.jinja_env.from_string("{{ _('Bonjour %(name)s', name=name) }}").render(name="<b>")
        assert made == "Bonjour &lt;b&gt;"

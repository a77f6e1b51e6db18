"""The components, rendered alone."""

from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.components.showroom import EntryForm, make_showroom, render
from tests.services.page_checks import faults_of


@pytest.fixture
def showroom() -> Flask:
    return make_showroom()


def fragment(app: Flask, source: str, **values: Any) -> BeautifulSoup:
    return BeautifulSoup(render(app, source, **values), "html.parser")


def refused_form(app: Flask) -> EntryForm:
    with app.test_request_context("/", method="POST", data={"title": ""}, headers={"Accept-Language": "fr"}):
        form = EntryForm(meta={"csrf": False})
        form.validate()
        return form


@pytest.mark.parametrize("address", ["/", "/entry", "/entry?keep=1", "/grid", "/kept"])
def test_every_page_of_the_showroom_is_well_formed_and_labelled(showroom: Flask, address: str) -> None:
    markup = showroom.test_client().get(address, headers={"Accept-Language": "fr"}).text
    assert faults_of(markup, BeautifulSoup(markup, "html.parser")) == []


def test_a_refused_field_is_tied_to_its_hint_and_its_error(showroom: Flask) -> None:
    page = fragment(
        showroom, "{% from 'components/field.html' import field %}{{ field(form.title) }}", form=refused_form(showroom)
    )
    control = page.find("input")
    assert control is not None
    assert control["aria-invalid"] == "true"
    described = [page.find(id=identifier) for identifier in str(control["aria-describedby"]).split()]
    assert [tag.get_text(strip=True) for tag in described if tag] == ["Quelques mots.", "Donnez un titre."]


def test_a_required_field_says_so_in_words(showroom: Flask) -> None:
    page = fragment(
        showroom,
        "{% from 'components/field.html' import field %}{{ field(form.title) }}{{ field(form.day) }}",
        form=refused_form(showroom),
    )
    assert [tag.get_text() for tag in page.select(".required, .optional")] == ["obligatoire", "facultatif"]


def test_a_long_text_is_counted_but_never_cut_by_the_browser(showroom: Flask) -> None:
    page = fragment(
        showroom, "{% from 'components/field.html' import field %}{{ field(form.text) }}", form=refused_form(showroom)
    )
    area = page.find("textarea")
    assert area is not None
    assert not area.has_attr("maxlength")
    assert page.select_one("[data-counter=text]")["data-limit"] == "300"  # type: ignore[index]


def test_choices_are_a_group_with_a_legend(showroom: Flask) -> None:
    page = fragment(
        showroom,
        "{% from 'components/field.html' import field %}{{ field(form.concerns) }}{{ field(form.indicators) }}",
        form=refused_form(showroom),
    )
    legends = [legend.find(string=True) for legend in page.select("fieldset > legend")]
    assert legends == ["Concerne", "Indicateurs"]
    assert len(page.select("fieldset label input[type=checkbox]")) == 8


def test_the_summary_of_errors_leads_to_each_field(showroom: Flask) -> None:
    source = "{% from 'components/error_summary.html' import error_summary %}{{ error_summary(form) }}"
    page = fragment(showroom, source, form=refused_form(showroom))
    assert [(a["href"], a.get_text()) for a in page.find_all("a")] == [
        ("#title", "Titre\u202f: Donnez un titre."),
        ("#text", "Récit\u202f: Racontez."),
    ]


def test_a_form_without_errors_has_no_summary(showroom: Flask) -> None:
    with showroom.test_request_context("/"):
        form = EntryForm()
    assert (
        render(
            showroom,
            "{% from 'components/error_summary.html' import error_summary %}{{ error_summary(form) }}",
            form=form,
        ).strip()
        == ""
    )


@dataclass(frozen=True)
class Pages:
    page: int
    pages: int
    total: int = 812
    first: int = 101
    last: int = 150
    sort: str = "name"
    direction: str = "desc"

    def url_for_page(self, page: int) -> str:
        return f"?page={page}"

    def url_for_sort(self, key: str) -> str:
        return f"?sort={key}"


def test_a_long_list_shows_its_ends_and_the_neighbours_of_the_page(showroom: Flask) -> None:
    source = "{% from 'components/pagination.html' import pagination %}{{ pagination(listing) }}"
    page = fragment(showroom, source, listing=Pages(page=9, pages=17))
    assert [item.get_text(strip=True) for item in page.find_all("li")] == [
        "Précédente",
        "1",
        "…",
        "8",
        "9",
        "10",
        "…",
        "17",
        "Suivante",
    ]
    assert page.select_one("[aria-current=page]").get_text() == "9"  # type: ignore[union-attr]


def test_a_list_of_one_page_shows_its_count_alone(showroom: Flask) -> None:
    page = fragment(
        showroom,
        "{% from 'components/pagination.html' import pagination %}{{ pagination(listing) }}",
        listing=Pages(page=1, pages=1),
    )
    assert page.get_text(strip=True) == "101 à 150 sur 812"
    assert page.find("li") is None


def test_the_sorted_column_says_its_direction(showroom: Flask) -> None:
    source = (
        "<table><tr>{% from 'components/sort_header.html' import sort_header %}"
        "{{ sort_header(listing, 'name', 'Nom') }}{{ sort_header(listing, 'day', 'Jour') }}</tr></table>"
    )
    heads = fragment(showroom, source, listing=Pages(page=1, pages=1)).find_all("th")
    assert [head.get("aria-sort") for head in heads] == ["descending", None]


def test_facts_without_a_value_are_left_out(showroom: Flask) -> None:
    page = fragment(
        showroom,
        "{% from 'components/facts.html' import facts %}{{ facts([('Nom', 'A'), ('Date', none), ('Lieu', '')]) }}",
    )
    assert [tag.get_text() for tag in page.find_all(["dt", "dd"])] == ["Nom", "A"]


@pytest.mark.parametrize(("code", "letter", "words"), [("acquired", "a", "acquis"), (None, "x", "non évalué")])
def test_a_level_is_a_sign_a_tint_and_a_word(showroom: Flask, code: str | None, letter: str, words: str) -> None:
    source = "{% from 'components/level.html' import level %}{{ level(code, 'acquis' if code else none) }}"
    tag = fragment(showroom, source, code=code).span
    assert tag is not None
    assert letter in tag["class"]
    assert words in tag.get_text()


def test_a_disputed_level_says_so_in_words(showroom: Flask) -> None:
    source = "{% from 'components/level.html' import level %}{{ level('acquired', 'acquis', disputed=true) }}"
    assert "évaluateurs en désaccord" in fragment(showroom, source).get_text()


def test_a_form_that_could_not_be_taken_is_shown_and_can_be_sent_again(showroom: Flask) -> None:
    page = BeautifulSoup(showroom.test_client().get("/kept", headers={"Accept-Language": "fr"}).text, "html.parser")
    again = [
        (tag["name"], tag.get("value"))
        for tag in page.select("form[action='/entry'] input[type=hidden]")
        if tag["name"] != "csrf_token"
    ]
    assert again == [
        ("title", "Rencontre 7"),
        ("text", "Un récit.\nSur deux lignes."),
        ("revision", "3"),
        ("level", "a"),
        ("level", "b"),
    ]
    assert page.select_one("textarea[readonly]").get_text() == "Un récit.\nSur deux lignes."  # type: ignore[union-attr]
    assert page.select_one("a[target=_blank][href='/login']") is not None


def test_a_conflict_is_sent_again_on_top_of_the_current_revision(showroom: Flask) -> None:
    source = "{% include 'errors/kept.html' %}"
    page = fragment(
        showroom,
        source,
        title="Modifié",
        message="…",
        kept=[("text", "A"), ("revision", "3")],
        action="/entry",
        status=409,
        revision=5,
    )
    assert page.select_one("input[type=hidden][name=revision]")["value"] == "5"  # type: ignore[index]


def test_a_form_refused_for_what_it_says_is_not_offered_again_as_it_is(showroom: Flask) -> None:
    page = fragment(
        showroom,
        "{% include 'errors/kept.html' %}",
        title="Refusé",
        message="…",
        kept=[("text", "A")],
        action="/entry",
        status=422,
    )
    assert "Renvoyer" not in [button.get_text(strip=True) for button in page.select("form[action='/entry'] button")]

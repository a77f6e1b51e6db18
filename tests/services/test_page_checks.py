"""The checks of pages find what they are for, and leave good pages alone."""

import pytest
from bs4 import BeautifulSoup

from tests.services.page_checks import faults_of

GOOD = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Bonjour · certify</title></head>'
    "<body><main><h1>Bonjour</h1>{}</main></body></html>"
)
FAULTY = {
    '<p id="a"></p><p id="a"></p>': "is used 2 times",
    "<h1>Encore</h1>": "2 h1",
    "<div><span>ouvert</div>": "HTML, line 1",
    "<table><tr><p>perdu</p></tr></table>": "HTML, line 1",
    '<input name="a">': "no label",
    '<label for="b">B</label><input id="a" name="a">': "which does not exist",
    '<select name="a"><option>1</option></select>': "no label",
    '<img src="/a.png">': "no alternative text",
    '<form method="post"><input type="hidden" name="csrf_token" value="1"></form>': "not where it goes",
    '<form method="post" action="/a"></form>': "no csrf_token",
    '<p style="color: red">Rouge</p>': "inline style",
    '<p onclick="a()">Rouge</p>': "inline onclick",
    '<a href="javascript:a()">Rouge</a>': "inline script",
    "<script>a()</script>": "inline script",
    "<p>None</p>": "raw « None »",
    "<p>{{ nom }}</p>": "raw « {{ »",
    "<p>Lu par %(name)s</p>": "raw « %(name) »",
    "<p>Vie &amp;amp; travail</p>": "raw « &amp; »",
    "<p>Vraiment ?</p>": "plain space before",
    "<p>Vraiment?</p>": "no space before",
    "<p>Nom : Exemple</p>": "plain space before",
    "<p>Nom: Exemple</p>": "no space before",
    "<p>Nom<strong> :</strong> Exemple</p>": "plain space before",
    "<p>Lire « le guide\u202f»</p>": "after «",
    "<p>Lire «\u202fle guide »</p>": "plain space before",
    "<p>L'entretien</p>": "straight apostrophe",
    "<p>Suite...</p>": "three full stops",
    '<p><a href="/" title="Lire : tout">Lire</a></p>': "plain space before",
}
INNOCENT = [
    '<label for="a">Nom</label><input id="a" name="a">',
    '<label>Nom <input name="a"></label>',
    '<input name="a" aria-label="Nom">',
    '<p id="n">Nom</p><input name="a" aria-labelledby="n">',
    '<form method="post" action="/a"><input type="hidden" name="csrf_token" value="1"><button>Envoyer</button></form>',
    '<form method="get"><label>Chercher <input name="q" type="search"></label></form>',
    '<script type="application/json">{"a": 1}</script><script src="/a.js" defer></script>',
    "<p>Vraiment\u202f? Oui\u202f! Nom\u202f: Exemple ; rien".replace(" ;", "\u202f;") + "</p>",
    "<p>Lire «\u202fle guide\u202f», puis (peut-être\u202f?) recommencer.</p>",
    "<p>Rendez-vous à 14\u00a0h\u00a002, ou 14:02.</p>",
    "<p>L’entretien d’aujourd’hui</p>",
    "<p data-user-text>Quoi? J'ai dit: non !</p>",
    "<p>Commentaire\u202f: <span data-user-text>Ah bon ?</span></p>",
    "<pre>a: {{ b }}</pre><p>Taper <code>certify: non ?</code></p>",
    '<label>Texte <textarea name="a">Quoi ?</textarea></label>',
    '<button type="button" lang="en">What is it? No...</button>',
    '<ul class="liste"><li>Un</li><li>Deux</li></ul><details><summary>Plus</summary><p>Suite…</p></details>',
    "<p>&amp; &lt;b&gt; https://exemple.test/a?b=c;d</p>",
]


def _faults(content: str) -> list[str]:
    markup = GOOD.format(content)
    return faults_of(markup, BeautifulSoup(markup, "html5lib"))


@pytest.mark.parametrize(("content", "fault"), FAULTY.items())
def test_a_faulty_page_is_found_out(content: str, fault: str) -> None:
    assert any(fault in found for found in _faults(content)), _faults(content)


@pytest.mark.parametrize("content", INNOCENT)
def test_a_good_page_is_left_alone(content: str) -> None:
    assert _faults(content) == []


def test_the_title_starts_with_the_heading() -> None:
    markup = GOOD.format("").replace("<title>Bonjour", "<title>Bonsoir")

    assert any("does not start with" in fault for fault in faults_of(markup, BeautifulSoup(markup, "html5lib")))


def test_an_english_page_may_say_none_and_keeps_its_own_typography() -> None:
    markup = GOOD.format("<p>None yet: what's next? Wait!</p>").replace('lang="fr"', 'lang="en"')

    assert faults_of(markup, BeautifulSoup(markup, "html5lib")) == []

"""Reading a framework from TOML or JSON: readable faults, nothing else ever raised, lossless round trip."""

import copy
import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import Framework, FrameworkFaults, demo, demo_text, digest, from_document, parse, to_document

SMALL = """
code = "small"
version = "1"
title = {fr = "Petit", en = "Small"}
notice = {fr = "Essai", en = "Trial"}
scale = {code = "s", threshold = "yes", levels = [
  {code = "no", rank = 0, sign = "○", label = {fr = "non", en = "no"}},
  {code = "yes", rank = 1, sign = "●", label = {fr = "oui", en = "yes"}}]}
[[blocks]]
code = "A"
number = 1
title = {fr = "Bloc", en = "Block"}
short_title = {fr = "B", en = "B"}
[[blocks.competencies]]
code = "A.1"
title = {fr = "Compétence", en = "Competency"}
[[blocks.competencies.indicators]]
code = "A.1.1"
wording = {fr = "Fait", en = "Does"}
descriptors = {no = {fr = "Rien", en = "Nothing"}, yes = {fr = "Tout", en = "Everything"}}
"""

Document = dict[str, Any]


def small() -> Document:
    return tomllib.loads(SMALL)


def block(document: Document) -> Document:
    found: Document = document["blocks"][0]
    return found


def competency(document: Document) -> Document:
    found: Document = block(document)["competencies"][0]
    return found


def indicator(document: Document) -> Document:
    found: Document = competency(document)["indicators"][0]
    return found


def faults_of(document: object) -> str:
    with pytest.raises(FrameworkFaults) as refusal:
        from_document(document)
    return str(refusal.value)


def read_or_refusal(read: Callable[[], Framework]) -> Framework | FrameworkFaults:
    try:
        return read()
    except FrameworkFaults as refusal:
        return refusal


def test_a_small_framework_is_read() -> None:
    framework = parse(SMALL)
    assert framework.indicator("A.1.1").descriptors["yes"].fr == "Tout"
    assert framework.scale.threshold == "yes"


FAULTS: list[tuple[str, Callable[[Document], object], str]] = [
    ("missing wording", lambda d: indicator(d).pop("wording"), "indicateur A.1.1 : la clé « wording » manque"),
    (
        "missing english",
        lambda d: indicator(d)["wording"].pop("en"),
        "indicateur A.1.1 › wording : la clé « en » manque",
    ),
    ("empty wording", lambda d: indicator(d)["wording"].update(fr=""), "wording › fr : le texte est vide"),
    ("blank wording", lambda d: indicator(d)["wording"].update(fr=" \n"), "wording › fr : le texte ne contient que"),
    ("control character", lambda d: indicator(d)["wording"].update(fr="a\x00"), "un caractère de contrôle"),
    ("lone surrogate", lambda d: indicator(d)["wording"].update(fr="a\ud800"), "un caractère de contrôle"),
    (
        "missing descriptor",
        lambda d: indicator(d)["descriptors"].pop("no"),
        "A.1.1 › descriptors : la clé « no » manque",
    ),
    ("foreign descriptor", lambda d: indicator(d)["descriptors"].update(so={}), "la clé « so » est inconnue"),
    ("unknown key", lambda d: block(d).update(colour="red"), "bloc A : la clé « colour » est inconnue"),
    ("unknown root key", lambda d: d.update(author="x"), "référentiel : la clé « author » est inconnue"),
    ("empty block", lambda d: block(d).update(competencies=[]), "bloc A › competencies : la liste est vide"),
    (
        "empty competency",
        lambda d: competency(d).update(indicators=[]),
        "compétence A.1 › indicators : la liste est vide",
    ),
    ("no block", lambda d: d.update(blocks=[]), "blocks : la liste est vide"),
    ("block twice", lambda d: d["blocks"].append(block(d)), "le code « A » est en double"),
    ("number twice", lambda d: d["blocks"].append({**block(d), "code": "B"}), "le numéro de bloc « 1 » est en double"),
    ("indicator twice", lambda d: competency(d)["indicators"].append(indicator(d)), "le code « A.1.1 » est en double"),
    ("stray competency", lambda d: competency(d).update(code="B.1"), "« B.1 » doit commencer par « A. »"),
    ("stray indicator", lambda d: indicator(d).update(code="A.2.1"), "« A.2.1 » doit commencer par « A.1. »"),
    ("odd code", lambda d: block(d).update(code="é !"), "« é ! » n’est pas un code"),
    ("long code", lambda d: block(d).update(code="A" * 99), "n’est pas un code"),
    ("number as text", lambda d: block(d).update(number="1"), "number : un nombre entier est attendu"),
    ("number as truth", lambda d: block(d).update(number=True), "number : un nombre entier est attendu"),
    ("number too great", lambda d: block(d).update(number=10**5000), "le nombre est trop grand"),
    ("text as table", lambda d: block(d).update(title="Bloc"), "title : une table est attendue"),
    ("list as text", lambda d: d.update(blocks="A"), "blocks : une liste est attendue"),
    ("row as text", lambda d: d["blocks"].append("A"), "bloc n° 2 : une table est attendue"),
    ("scale missing", lambda d: d.pop("scale"), "référentiel : la clé « scale » manque"),
    ("one level", lambda d: d["scale"]["levels"].pop(), "une échelle a au moins deux niveaux"),
    ("no level", lambda d: d["scale"].update(levels=[]), "échelle › levels : la liste est vide"),
    ("level twice", lambda d: d["scale"]["levels"][1].update(code="no"), "le code de niveau « no » est en double"),
    ("ranks equal", lambda d: d["scale"]["levels"][1].update(rank=0), "les rangs doivent croître"),
    ("unknown threshold", lambda d: d["scale"].update(threshold="most"), "le seuil « most » n’est pas un niveau"),
    (
        "lowest threshold",
        lambda d: d["scale"].update(threshold="no"),
        "le seuil ne peut pas être le niveau le plus bas",
    ),
]


@pytest.mark.parametrize(("spoil", "expected"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_told_with_its_place_and_what_is_expected(
    spoil: Callable[[Document], object], expected: str
) -> None:
    document = small()
    spoil(document)
    assert expected in faults_of(document)


def test_all_faults_are_told_at_once_and_counted() -> None:
    document = small()
    del document["version"]
    block(document)["title"]["fr"] = ""
    indicator(document)["descriptors"].pop("yes")
    told = faults_of(document)
    assert told.startswith("Référentiel refusé, 3 défauts :")
    assert len(told.splitlines()) == 4


def test_a_single_fault_is_announced_in_the_singular() -> None:
    document = small()
    del document["version"]
    assert faults_of(document).startswith("Référentiel refusé, 1 défaut :")


def test_a_block_without_code_is_named_by_its_position() -> None:
    document = small()
    del block(document)["code"]
    assert "bloc n° 1 : la clé « code » manque" in faults_of(document)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("code = \n", "ligne 1, colonne 8"),
        ('code = "a"\ncode = "b"\n', "ligne 2, colonne 11"),
        ("a = [1, 2", "fin du fichier"),
        ("a = " + "[" * 5000, "fichier"),
        ("a = " + "9" * 6000, "fichier"),
    ],
)
def test_text_that_is_not_toml_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(FrameworkFaults) as refusal:
        parse(text)
    assert refusal.value.faults[0].where.startswith(place)


@pytest.mark.parametrize("value", [None, 3, "text", [], [1], {}, {"blocks": {}}, {1: 2}, {"scale": []}])
def test_a_document_of_another_shape_is_refused(value: object) -> None:
    assert "Référentiel refusé" in faults_of(value)


def test_what_is_written_is_read_back_equal_through_json() -> None:
    kept = json.loads(json.dumps(to_document(demo())))
    assert from_document(kept) == demo()
    assert digest(from_document(kept)) == digest(demo())


def test_the_digest_follows_the_content_and_not_the_layout_of_the_file() -> None:
    spaced = "# un commentaire\n" + SMALL.replace('code = "small"', 'code   =   "small"')
    assert digest(parse(spaced)) == digest(parse(SMALL))
    assert digest(parse(SMALL.replace("Rien", "Presque rien"))) != digest(parse(SMALL))
    assert len(digest(parse(SMALL))) == 64


def paths(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [here, *(path for key, child in children for path in paths(child, (*here, key)))]


PATHS = [path for path in paths(small()) if path]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(path=st.sampled_from(PATHS), value=ANYTHING, removes=st.booleans())
def test_a_spoilt_document_is_read_or_refused_and_never_breaks(
    path: tuple[Any, ...], value: object, removes: bool
) -> None:
    document = copy.deepcopy(small())
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    if removes:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    outcome = read_or_refusal(lambda: from_document(document))
    if isinstance(outcome, FrameworkFaults):
        assert outcome.faults
        assert str(outcome)
    else:
        assert from_document(json.loads(json.dumps(to_document(outcome)))) == outcome
        assert len(digest(outcome)) == 64


@given(start=st.integers(0, len(SMALL)), length=st.integers(0, 40), inserted=st.text(max_size=12))
def test_a_spoilt_file_is_read_or_refused_and_never_breaks(start: int, length: int, inserted: str) -> None:
    outcome = read_or_refusal(lambda: parse(SMALL[:start] + inserted + SMALL[start + length :]))
    if isinstance(outcome, FrameworkFaults):
        assert all(fault.where and fault.message for fault in outcome.faults)
    else:
        assert from_document(to_document(outcome)) == outcome


@given(text=st.text())
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(FrameworkFaults) as refusal:
        parse(text)
    assert refusal.value.faults


def test_the_demonstration_text_is_what_the_demonstration_framework_is_read_from() -> None:
    assert parse(demo_text()) == demo()

"""Files from elsewhere: what is wrong is said with its place, what is missing is supplied and told, nothing crashes."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies import demo
from competencies.exchange import FORMATS, Origin, Reading, canvas_csv, case, mahara, moodle_csv, toml

Rows = list[list[str]]
Document = dict[str, Any]
SMALL = replace(demo(), blocks=demo().blocks[:1])
ORIGIN = Origin("https://certify.example.org", "2026-06-12T14:02:00+02:00", "Organisme certificateur A")
WRITTEN = {name: one.write(SMALL, "fr", ORIGIN) for name, one in FORMATS.items()}


def faults(reading: Reading) -> str:
    assert reading.framework is None
    return "\n".join(str(fault) for fault in reading.faults)


def table(text: str, change: Callable[[Rows], object]) -> str:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    change(rows)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def document(text: str, change: Callable[[Document], object]) -> str:
    values = json.loads(text)
    change(values)
    return json.dumps(values, indent=1)


def put(line: int, column: int, value: str) -> Callable[[Rows], object]:
    def change(rows: Rows) -> None:
        rows[line - 1][column - 1] = value

    return change


MOODLE = [
    (put(1, 3, "Description"), "ligne 1, colonne 3 (« Short name ») : « Short name » est attendu ici"),
    (lambda rows: rows[0].pop(), "ligne 1, colonne 14 (« Taxonomy ») : 14 colonnes sont attendues, 13 lues"),
    (put(2, 13, ""), "ligne 1, colonne 13 (« Is framework ») : une seule ligne « 1 », celle du référentiel"),
    (put(2, 6, "acquis"), "ligne 2, colonne 6 (« Scale values ») : les niveaux sont attendus"),
    (put(2, 7, "{"), "ligne 2, colonne 7 (« Scale configuration ») : un JSON est attendu"),
    (put(2, 7, '[{"scaleid":"1"}]'), "ligne 2, colonne 7 (« Scale configuration »)"),
    (put(4, 2, ""), "ligne 4, colonne 2 (« ID number ») : une valeur est attendue ; Moodle passe cette ligne"),
    (put(4, 3, " "), "ligne 4, colonne 3 (« Short name ») : une valeur est attendue"),
    (put(5, 1, "nulle part"), "ligne 5, colonne 1 (« Parent ID number ») : « nulle part » n’est l’identifiant"),
    (put(5, 2, "facilitator:1.1"), "ligne 5, colonne 2 (« ID number ») : « facilitator:1.1 » est déjà à la ligne 4"),
    (put(3, 1, "facilitator:1.1"), "ligne 3, colonne 1 (« Parent ID number ») : la ligne dépend d’elle-même"),
    (put(6, 1, "facilitator:1.1.1"), "ligne 6 : un quatrième étage est de trop"),
    (put(5, 2, "facilitator:é"), "ligne 5, bloc 1 › compétence 1.1 › indicateur é › code : « é » n’est pas un code"),
]


@pytest.mark.parametrize(("change", "expected"), MOODLE)
def test_moodle_faults_give_line_and_column(change: Callable[[Rows], object], expected: str) -> None:
    assert expected in faults(moodle_csv.read(table(WRITTEN["moodle-csv"], change)))


CANVAS = [
    (put(1, 1, "guid"), "ligne 1, colonne 1 (« guid ») : la colonne « vendor_guid » est attendue"),
    (put(3, 9, ""), "ligne 3, colonne 9 (« parent_guids ») : un seul groupe sans parent"),
    (
        put(4, 9, "ailleurs"),
        "ligne 4, colonne 9 (« parent_guids ») : « ailleurs » est attendu sur une ligne placée plus",
    ),
    (put(4, 2, "thing"), "ligne 4, colonne 2 (« object_type ») : « group » ou « outcome » est attendu"),
    (put(4, 1, "a b"), "ligne 4, colonne 1 (« vendor_guid ») : un identifiant sans espace est attendu"),
    (put(4, 1, "facilitator/2026/1"), "« facilitator/2026/1 » est déjà à la ligne 3"),
    (put(4, 3, ""), "ligne 4, colonne 3 (« title ») : un titre est attendu"),
    (put(5, 11, "beaucoup"), "ligne 5, colonne 11 (« ratings ») : des points entiers et des libellés sont attendus"),
    (put(5, 11, "0"), "ligne 5, colonne 11 (« ratings ») : des points qui décroissent"),
    (put(6, 12, "maîtrisé"), "ligne 6, colonne 11 (« ratings ») : la même échelle est attendue"),
]


@pytest.mark.parametrize(("change", "expected"), CANVAS)
def test_canvas_faults_give_line_and_column(change: Callable[[Rows], object], expected: str) -> None:
    assert expected in faults(canvas_csv.read(table(WRITTEN["canvas-csv"], change)))


CASE: list[tuple[Callable[[Document], object], str]] = [
    (lambda d: d.pop("CFDocument"), "(CFDocument) : « CFDocument » est attendu et manque"),
    (lambda d: d["CFDocument"].pop("title"), "(CFDocument › title) : « title » est attendu et manque"),
    (lambda d: d["CFItems"][1].update(fullStatement=3), "(CFItems › n° 2 › fullStatement) : un texte est attendu ici"),
    (lambda d: d.update(CFItems={}), "(CFItems) : une liste est attendue ici"),
    (lambda d: d["CFItems"].append(d["CFItems"][0]), "un identifiant différent de ceux des autres éléments"),
    (lambda d: d["CFAssociations"].pop(), "chaque élément est attendu sous le document"),
    (lambda d: d["CFAssociations"].append(d["CFAssociations"][0]), "un seul parent est attendu"),
    (lambda d: d["CFAssociations"][0]["originNodeURI"].update(identifier="x"), "les deux bouts de l’association"),
    (lambda d: d["CFDocument"]["extensions"]["scale"].update(threshold="so"), "le seuil « so » n’est pas un niveau"),
    (lambda d: (d.pop("CFRubrics"), d["CFDocument"].pop("extensions")), "une grille d’au moins deux niveaux"),
]


@pytest.mark.parametrize(("change", "expected"), CASE)
def test_case_faults_give_line_column_and_path(change: Callable[[Document], object], expected: str) -> None:
    said = faults(case.read(document(WRITTEN["case"], change)))
    assert expected in said
    assert said.startswith("ligne ")


MAHARA: list[tuple[Callable[[Document], object], str]] = [
    (lambda d: d.clear(), "(framework) : « framework » est attendu et manque"),
    (lambda d: d["framework"].pop("name"), "« name » est attendu et manque"),
    (lambda d: d["framework"]["evidencestatuses"].pop(), "quatre statuts sont attendus ; completed manque(nt)"),
    (lambda d: d["framework"]["standards"][0].update(standardid="1"), "un nombre entier est attendu ici"),
    (lambda d: d["framework"]["standards"].append(d["framework"]["standards"][0]), "différent de ceux des autres"),
    (lambda d: d["framework"]["standardelements"][0].update(standardid=9), "d’un élément de « standards »"),
    (lambda d: d["framework"]["standardelements"][1].update(parentelementid="9"), "d’un élément placé plus haut"),
    (lambda d: d["framework"]["standardelements"][1].update(elementid="1.1"), "un identifiant différent"),
]


@pytest.mark.parametrize(("change", "expected"), MAHARA)
def test_mahara_faults_give_line_column_and_path(change: Callable[[Document], object], expected: str) -> None:
    assert expected in faults(mahara.read(document(WRITTEN["mahara"], change)))


def test_the_line_and_column_of_a_json_fault_are_those_of_the_value() -> None:
    text = '{"framework": {\n  "name": 3,\n  "standards": [], "empty": [[], {}],\n  "selfassess": "]"\n}}'
    assert "ligne 2, colonne 11 (framework › name) : un texte est attendu ici" in faults(mahara.read(text))


@pytest.mark.parametrize("name", ["case", "mahara"])
def test_a_text_that_is_not_json_is_refused_with_its_place(name: str) -> None:
    assert faults(FORMATS[name].read('{"a": 1,\n }')).startswith("ligne 2, colonne 2 : le texte n’est pas du JSON")
    assert "trop imbriquée" in faults(FORMATS[name].read("[" * 200_000))


@pytest.mark.parametrize("name", ["moodle-csv", "canvas-csv"])
def test_a_text_that_is_not_csv_is_refused_with_its_place(name: str) -> None:
    assert (
        faults(FORMATS[name].read(""))
        == "ligne 1, colonne 1 : le fichier est vide ; une ligne d’en-têtes est attendue."
    )
    assert faults(FORMATS[name].read('a,b\nc,"d')).startswith("ligne 2, colonne 1 : la ligne n’est pas lisible")


def test_our_toml_is_refused_with_line_and_column() -> None:
    assert faults(toml.read('code = "a"\ncode = = 1')).startswith("ligne 2, colonne ")


def test_a_french_spreadsheet_with_semicolons_and_translated_headings_is_read() -> None:
    rows = list(csv.reader(io.StringIO(WRITTEN["moodle-csv"], newline="")))
    rows[0] = ["Numéro d’identification du parent", *rows[0][1:]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    reading = moodle_csv.read("\ufeff" + out.getvalue())
    assert reading == moodle_csv.read(WRITTEN["moodle-csv"])


FOREIGN_MOODLE = """Parent ID number,ID number,Short name,Description,Description format,Scale values,\
Scale configuration,Rule type (optional),Rule outcome (optional),Rule config (optional),\
Cross-referenced competency ID numbers,Exported ID (optional),Is framework,Taxonomy
,Petite enfance,Accueil,,1,"Pas encore,Compétent","[{""scaleid"":""2""},{""id"":2,""scaledefault"":1,\
""proficient"":1}]",,,,,,1,"competency,competency,competency,competency"
,A,Accueillir,<p>Ouvrir <b>la porte</b></p>,1,,,,,null,,1,,
A,A.1,Saluer,Dire bonjour,1,"Non,Oui","[{""scaleid"":""3""},{""id"":2,""proficient"":1}]",\
local_other\\rule_of_its_own,1,null,A,2,,
"""


def test_a_file_of_another_moodle_is_read_and_what_was_supplied_is_told() -> None:
    reading = moodle_csv.read(FOREIGN_MOODLE)
    framework = reading.framework
    assert framework is not None
    assert (framework.code, framework.version) == ("petite-enfance", "1")
    assert framework.blocks[0].short_title.fr == "Ouvrir la porte"
    assert framework.scale.threshold == "competent"
    assert framework.scale_of("A.1").codes == ("non", "oui")
    assert framework.indicator("A.1.1").descriptors["oui"].fr == "Oui"
    assert reading.notes == (
        "La règle d’achèvement d’une compétence n’est pas reprise (1).",
        "Les renvois d’une compétence à d’autres ne sont pas repris (1).",
        "La mention du référentiel manque : son titre la remplace (1).",
        "Une compétence sans indicateur en reçoit un, qui porte sa formulation (1).",
        "Un descripteur de niveau manque : le libellé du niveau le remplace (2).",
    )


def test_a_case_package_without_our_extensions_is_read_from_its_own_fields() -> None:
    def strip(package: Document) -> None:
        for part in (package["CFDocument"], *package["CFItems"]):
            part.pop("extensions", None)
        package["CFAssociations"].reverse()
        package["CFAssociations"].append({"associationType": "isRelatedTo"})

    reading = case.read(document(WRITTEN["case"], strip))
    assert reading.framework is not None
    assert [block.title.fr for block in reading.framework.blocks] == [block.title.fr for block in SMALL.blocks]
    assert [part.code for part in reading.framework.indicators] == [part.code for part in SMALL.indicators]
    assert reading.framework.scale.threshold == "acquis"
    assert "Le format ne dit pas le seuil : le niveau le plus haut le devient." in reading.notes
    assert "Une association « isRelatedTo » n’est pas reprise." in reading.notes


def test_a_matrix_of_another_site_takes_its_codes_from_its_numbers() -> None:
    def rename(matrix: Document) -> None:
        for part in ("standards", "standardelements"):
            for row in matrix["framework"][part]:
                row.update(shortname="Un nom", description="")
        matrix["framework"]["description"] = "Un cadre"

    framework = mahara.read(document(WRITTEN["mahara"], rename)).framework
    assert framework is not None
    assert framework.code == "facilitateur-rice-des-maisons-des"
    assert [block.code for block in framework.blocks] == ["1"]
    assert framework.competencies[0].code == "1.1"
    assert framework.notice.fr == "Un cadre"


@pytest.mark.parametrize("name", list(FORMATS))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0), length=st.integers(0, 40), put_in=st.text(alphabet='a1",;:{}[]<>\n\x00\ud800é-', max_size=6))
def test_a_damaged_file_gives_a_framework_or_faults_and_never_half_of_one(
    name: str, at: int, length: int, put_in: str
) -> None:
    text = WRITTEN[name]
    start = at % len(text)
    reading = FORMATS[name].read(text[:start] + put_in + text[start + length :])
    assert (reading.framework is None) == bool(reading.faults)


JUNK: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 2.5, 1e400, "", " ", "é x", [], [[]], {}, {"identifier": 3}, 10**30]
)


def swap(value: Any, path: st.DataObject, junk: object) -> None:
    """Replace one value, drawn anywhere in a document, by another that has no reason to be there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = path.draw(st.sampled_from(keys))
        if not value[key] or not isinstance(value[key], dict | list) or path.draw(st.integers(0, 4)) == 0:
            value[key] = junk
            return
        value = value[key]


@pytest.mark.parametrize("name", ["case", "mahara"])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.data(), junk=JUNK)
def test_json_that_holds_the_wrong_kinds_of_values_never_crashes_a_reader(
    name: str, path: st.DataObject, junk: object
) -> None:
    reading = FORMATS[name].read(document(WRITTEN[name], lambda values: swap(values, path, junk)))
    assert (reading.framework is None) == bool(reading.faults)
    assert all(fault.where.startswith("ligne ") for fault in reading.faults)


@pytest.mark.parametrize("name", ["moodle-csv", "canvas-csv"])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    line=st.integers(1, 9),
    column=st.integers(1, 14),
    junk=st.sampled_from(["", " ", "1", "-1", "é", "[[]]", '[{"id":[],"proficient":1}]', "a,a", "x" * 300, "a b", "²"]),
)
def test_a_table_with_a_wrong_cell_never_crashes_a_reader(name: str, line: int, column: int, junk: str) -> None:
    reading = FORMATS[name].read(table(WRITTEN[name], put(line, column, junk)))
    assert (reading.framework is None) == bool(reading.faults)
    assert all(fault.where.startswith("ligne ") for fault in reading.faults)

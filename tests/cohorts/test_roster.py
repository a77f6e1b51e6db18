"""Reading a list of people, whatever a spreadsheet made of it."""

import csv
import io
import uuid
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from certify.cohorts import roster
from certify.cohorts.models import AccessRoute
from certify.cohorts.roster import Person, Roster, Setting
from certify.core.errors import Invalid

STARTS, ENDS = date(2026, 1, 12), date(2026, 12, 18)
HOUSE = uuid.UUID(int=7)
SETTING = Setting(STARTS, ENDS, enrolled=frozenset({"deja@exemple.fr"}), houses={"maison des colibris": HOUSE})
HEAD = "prénom;nom;e-mail;voie d’accès;date d’entrée;maison\n"


def _read(text: str, encoding: str = "utf-8") -> Roster:
    return roster.read(text.encode(encoding), SETTING)


def _one_fault(line: str) -> tuple[int, str, str]:
    found = _read(HEAD + line)
    assert not found.people
    (fault,) = found.faults
    return fault.line, fault.column, fault.value


def test_a_whole_line_makes_a_person() -> None:
    found = _read(HEAD + "Stagiaire;Zéro Trois;S03@Exemple.fr;VAE;12/06/2026;Maison des Colibris\n")
    day = date(2026, 6, 12)
    assert found.people == (
        Person("Stagiaire", "Zéro Trois", "s03@exemple.fr", AccessRoute.PRIOR_EXPERIENCE, day, HOUSE),
    )
    assert not found.faults


def test_empty_cells_take_the_values_of_the_cohort() -> None:
    (person,) = _read(HEAD + "Stagiaire;03;s03@exemple.fr;;;\n").people
    assert (person.access_route, person.entered_on, person.house_id) == (AccessRoute.CONTINUING, STARTS, None)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Latin-1"),
        ("utf-16", "UTF-16"),
    ],
)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_encoding_and_separator_of_a_spreadsheet_is_understood(codec: str, name: str, separator: str) -> None:
    text = separator.join(["Prénom", "Nom", "Courriel"]) + "\r\n" + separator.join(["Élodie", "Façade", "s@exemple.fr"])
    if codec == "latin-1":
        # A byte that Windows-1252 leaves undefined, as old exports carry.
        text += separator + "\x81"
    found = _read(text, codec)
    assert (found.encoding, found.separator) == (name, separator)
    assert (found.people[0].given_name, found.people[0].family_name) == ("Élodie", "Façade")


@pytest.mark.parametrize(
    "head",
    [
        "NOM;PRENOM;MAIL", "Nom de famille;Prénoms;Adresse e-mail", "last name;first name;email",
        '"nom";"prénom";"e-mail"', "prénom ; nom ; courriel", "E-MAIL;Nom;Prénom",
    ],
)  # fmt: skip
def test_column_titles_are_understood_as_people_write_them(head: str) -> None:
    separator = ";"
    values = {"prenom": "Stagiaire", "nom": "Trois", "mail": "s03@exemple.fr"}
    order = []
    for title in head.lower().replace('"', "").split(separator):
        if "mail" in title or "courriel" in title:
            order.append(values["mail"])
        else:
            order.append(values["prenom"] if "pr" in title or "first" in title else values["nom"])
    (person,) = _read(head + "\n" + separator.join(order)).people
    assert (person.given_name, person.family_name, person.email) == ("Stagiaire", "Trois", "s03@exemple.fr")


@pytest.mark.parametrize("written", ["va e", "VAE", "vae", "Validation des acquis de l'expérience"])
def test_access_routes_are_read_as_codes_or_in_full(written: str) -> None:
    (person,) = _read(HEAD + f"Stagiaire;03;s03@exemple.fr;{written};;\n").people
    assert person.access_route is AccessRoute.PRIOR_EXPERIENCE


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (";03;s03@exemple.fr;;;", "prénom", ""),
        ("Stagiaire;;s03@exemple.fr;;;", "nom", ""),
        ("Stagiaire;03;;;;", "e-mail", ""),
        ("Stagiaire;03;pas une adresse;;;", "e-mail", "pas une adresse"),
        ("Stagiaire;03;a@b@c.fr;;;", "e-mail", "a@b@c.fr"),
        ("Stagiaire;03;s03@exemple.fr;FX;;", "voie d’accès", "FX"),
        ("Stagiaire;03;s03@exemple.fr;;31/02/2026;", "date d’entrée", "31/02/2026"),
        ("Stagiaire;03;s03@exemple.fr;;hier;", "date d’entrée", "hier"),
        ("Stagiaire;03;s03@exemple.fr;;01/02/2030;", "date d’entrée", "01/02/2030"),
        ("Stagiaire;03;s03@exemple.fr;;;Maison inconnue", "maison", "Maison inconnue"),
        ("x" * 81 + ";03;s03@exemple.fr;;;", "prénom", "x" * 60),
        ("Stagiaire;03;" + "a" * 250 + "@exemple.fr;;;", "e-mail", "a" * 60),
    ],
)
def test_each_fault_names_its_line_its_column_and_its_value(line: str, column: str, value: str) -> None:
    assert _one_fault(line) == (2, column, value)


def test_a_line_with_several_faults_tells_them_all() -> None:
    found = _read(HEAD + "\n;;x;ZZ;31/02/2026;\n")
    assert [fault.line for fault in found.faults] == [3] * 5
    assert found.faulty_lines == 1


def test_an_address_given_twice_is_a_fault_of_the_second_line() -> None:
    found = _read(HEAD + "Stagiaire;03;s03@exemple.fr;;;\nStagiaire;04;S03@EXEMPLE.FR;;;\n")
    assert len(found.people) == 1
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, "e-mail")]


def test_people_already_enrolled_are_left_aside() -> None:
    found = _read(HEAD + "Stagiaire;03;deja@exemple.fr;;;\nStagiaire;04;s04@exemple.fr;;;\n")
    assert found.already == ("deja@exemple.fr",)
    assert [person.email for person in found.people] == ["s04@exemple.fr"]


def test_emoji_and_right_to_left_names_are_kept_and_marks_that_turn_the_writing_round_are_not() -> None:
    found = _read(
        HEAD + "زينب;القاسمي;r@exemple.fr;;;\n🦊 Renée;O’Brien-d’Été;e@exemple.fr;;;\n\u202eabc;Nom;b@exemple.fr;;;\n"
    )
    assert [(one.given_name, one.family_name) for one in found.people] == [
        ("زينب", "القاسمي"), ("🦊 Renée", "O’Brien-d’Été"), ("abc", "Nom"),
    ]  # fmt: skip


def test_blank_lines_unknown_columns_and_the_line_of_excel_are_passed_over() -> None:
    found = _read("sep=,\n\nprénom,nom,téléphone,e-mail\n\nStagiaire,03,0102030405,s03@exemple.fr\n,,,\n")
    assert [person.email for person in found.people] == ["s03@exemple.fr"]
    assert found.ignored == ("téléphone",)


def test_lines_are_counted_as_the_spreadsheet_counts_them() -> None:
    found = _read('sep=;\nprénom;nom;e-mail\n"Sta\ngiaire";03;s03@exemple.fr\nStagiaire;04;faux\n')
    assert [fault.line for fault in found.faults] == [5]
    assert found.people[0].given_name == "Sta giaire"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xef\xbb\xbf", b"\n\n", "prénom;nom;e-mail\n".encode(), b"nom;nom;nom\nx;y;z\n", b"a;b;c\n1;2;3\n",
        "prénom;nom;e-mail;mail\na;b;c@d.fr;e@f.fr\n".encode(), b"PK\x03\x04rest of a workbook", b"nom\x00;x",
        b"x" * (roster.MAX_BYTES + 1),
        ("prénom;nom;e-mail\n" + "Stagiaire;03;s03@exemple.fr\n" * (roster.MAX_ROWS + 1)).encode(),
        ('prénom;nom;e-mail\n"' + "x" * 200_000).encode(),
    ],
    ids=["nothing", "a mark alone", "blank lines", "titles alone", "one title thrice", "unknown titles", "two e-mails",
         "workbook", "not text", "too heavy", "too long", "open quote"],
)  # fmt: skip
def test_what_is_no_list_at_all_is_refused_beside_the_file(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        roster.read(data, SETTING)
    assert refusal.value.field == "file"


def test_two_thousand_people_are_read() -> None:
    lines = "".join(f"Stagiaire;{n};s{n}@exemple.fr;;;\n" for n in range(roster.MAX_ROWS))
    assert len(_read(HEAD + lines).people) == roster.MAX_ROWS


def test_the_model_file_is_read_without_a_fault() -> None:
    found = roster.read(roster.model().encode(), SETTING)
    assert (len(found.people), found.faults, found.ignored) == (1, (), ())


@given(st.binary(max_size=400))
@example("prénom;nom;e-mail\n;;\n".encode("utf-16"))
@example(b'nom;prenom;mail\n"\r";";;\x85')
def test_any_bytes_give_faults_or_a_refusal_and_nothing_else(data: bytes) -> None:
    for content in (data, HEAD.encode() + data, HEAD.encode("cp1252") + data):
        with suppress(Invalid):
            found = roster.read(content, SETTING)
            assert found.people or found.faults or found.already


_letters = st.characters(categories=("L", "N", "So"), include_characters=" -’;,\"'")
_words = (
    st.text(_letters, min_size=1, max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and not text.startswith(("'", "=", "+", "-", "@")))
)
_people = st.builds(
    Person,
    given_name=_words,
    family_name=_words,
    email=st.integers(0, 10**6).map("s{}@exemple.fr".format),
    access_route=st.sampled_from(AccessRoute),
    entered_on=st.dates(date(2000, 1, 1), ENDS),
    house_id=st.sampled_from([None, HOUSE]),
)


@given(
    people=st.lists(_people, min_size=1, max_size=8, unique_by=lambda one: one.email),
    separator=st.sampled_from(";,\t"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_out_comes_back_in(people: list[Person], separator: str, codec: str, ending: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=ending)
    writer.writerow(roster.COLUMNS.values())
    for one in people:
        day = one.entered_on.strftime("%d/%m/%Y")
        house = "Maison des colibris" if one.house_id else ""
        writer.writerow([one.given_name, one.family_name, one.email, one.access_route.value, day, house])
    assert list(roster.read(out.getvalue().encode(codec), SETTING).people) == people

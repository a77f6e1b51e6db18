"""Deposit files: the schema's own verdict on each known case when it is at hand, our rules on every one."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from certify.core.errors import Invalid
from certify.declarations import policies, reading, writing
from certify.declarations.passages import Award, Certification, Header, Passage, SchemaVersion
from tests.factories.declarations import NUMBER, STATUS

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "cpf" / "cpf-1.1.2.xsd"
TODAY = date(2026, 11, 22)
SUMMER = datetime(2026, 7, 1, 22, 30, 15, 123456, tzinfo=UTC)
HEADER = Header("flux-1", SUMMER, "ABCD1234", "MCFCER000001", False, SchemaVersion.V112)
AWARD = Award(Certification("RNCP", "RNCP12345"), date(2026, 1, 3), None, "VAE", "VAE_CLASSIQUE")
PASSAGE = Passage("ligne-1", AWARD, STATUS)
ABROAD = replace(STATUS, birth_commune_code="", birth_country="99109", birth_commune="Berlin")
BY_POSTCODE = replace(STATUS, birth_commune_code="", birth_postal_code="59000", birth_commune="Lille")
MANY = [PASSAGE, *(replace(PASSAGE, technical_id=f"ligne-{n}") for n in range(2, 4))]


def written(*passages: Passage, header: Header = HEADER) -> str:
    return b"".join(writing.pieces(header, passages or [PASSAGE])).decode()


def swapped(old: str, new: str = "") -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def element(name: str, value: str) -> str:
    return f"<cpf:{name}>{value}</cpf:{name}>"


def nil(name: str) -> str:
    return f'<cpf:{name} xsi:nil="true"></cpf:{name}>'


CODE = element("codeInseeNaissance", element("codeInsee", "59350"))
POSTCODE = element("codePostalNaissance", element("codePostal", "59000"))
SEX, NAME, MONTH, DAY = (
    element("sexe", "F"), element("nomNaissance", "Essai"),
    element("moisNaissance", "11"), element("jourNaissance", "03"),
)  # fmt: skip
ROUTE, ACCESS = element("voieAccessVAE", "VAE_CLASSIQUE"), element("modaliteAcces", "VAE")
COUNTRY = element("codePaysNaissance", "100")
CLIENT = element("idClient", "ABCD1234")
TECHNICAL = element("idTechnique", "ligne-1")
SECOND = element("prenom2", "Second")


def _by_file(text: str, number: str) -> str:
    before, rest = text.split("<cpf:titulaire>")
    file = element("idDossier", number) + element("nomTitulaire", "Essai") + element("prenom1Titulaire", "Prénom")
    return before + element("dossierFormation", file) + rest.split("</cpf:titulaire>")[1]


# The name of the case, what changes in a right file, whether the schema 1.1.2 takes it, the fields our rules refuse.
CASES: list[tuple[str, Callable[[str], str], bool, set[str]]] = [
    ("a right file", lambda text: text, True, set()),
    ("no score", swapped(nil("scoring")), False, set()),
    ("no mention", swapped(nil("mentionValidee")), False, set()),
    ("no end of validity", swapped(nil("dateFinValidite")), False, set()),
    ("no name in use", swapped(nil("nomUsage")), False, set()),
    ("an unknown day of birth", swapped(DAY, nil("jourNaissance")), True, set()),
    ("an unknown month of birth", lambda text: swapped(MONTH + DAY, nil("moisNaissance") + nil("jourNaissance"))(text),
     True, set()),
    ("an unknown access", swapped(ACCESS + ROUTE, nil("modaliteAcces")), True, set()),
    ("an empty sex", swapped(SEX, element("sexe", "")), False, {"sex"}),
    ("no sex", swapped(SEX), False, {"sex"}),
    ("no name at birth", swapped(NAME, nil("nomNaissance")), False, {"birth_name"}),
    ("a name of 61 letters", swapped(NAME, element("nomNaissance", "A" * 61)), False, {"birth_name"}),
    ("a client of seven characters", swapped(CLIENT, element("idClient", "ABCD123")), False, set()),
    ("a commune of Corsica", swapped("59350", "2A004"), True, set()),
    ("a country as a commune", swapped("59350", "99109"), True, {"birth_commune"}),
    ("a commune of four characters", swapped("59350", "5935"), False, {"birth_commune_code"}),
    ("two places of birth", swapped(CODE, CODE + POSTCODE), False, {"birth_commune_code"}),
    ("no place of birth", swapped(CODE), False, {"birth_commune_code"}),
    ("no element for the place", swapped(element("codeCommuneNaissance", CODE)), False, {"birth_commune_code"}),
    ("an unknown postal code", swapped(CODE, element("codePostalNaissance", nil("codePostal"))), True,
     {"birth_commune_code"}),
    ("an empty postal code", swapped(CODE, element("codePostalNaissance", element("codePostal", ""))), False,
     {"birth_commune_code"}),
    ("an empty commune", swapped(COUNTRY, element("libelleCommuneNaissance", "") + COUNTRY), False, set()),
    ("a country of three digits", swapped("59350", "99109"), True, {"birth_commune"}),
    ("a country of five digits", swapped(COUNTRY, element("codePaysNaissance", "99109")), False, {"birth_country"}),
    ("the name of a type as an element", swapped("voieAccessVAE>VAE_CLASSIQUE</cpf:voieAccessVAE", "voieAccesVAE>"
     "VAE_CLASSIQUE</cpf:voieAccesVAE"), False, {"voieAccessVAE"}),
    ("an old value of access", swapped(ACCESS + ROUTE, element("modaliteAcces", "EQUIVALENCE_(DIPLOME_ETRANGER)")),
     False, {"modaliteAcces"}),
    ("a foreign diploma", swapped(ACCESS + ROUTE, element("modaliteAcces", "EQUIVALENCE_DIPLOME_ETRANGER")), True,
     set()),
    ("a VAE without its route", swapped(ROUTE), True, {"voieAccessVAE"}),
    ("31 February", lambda text: swapped(MONTH + DAY, element("moisNaissance", "02") + element("jourNaissance", "31"))(
        text), True, {"birth_day"}),
    ("free text as a code", swapped(element("code", "RNCP12345"), element("code", "notre titre")), True, {"code"}),
    ("a type nobody knows", swapped(element("type", "RNCP"), element("type", "Autre")), True, {"code"}),
    ("an end of validity that does not exist",
     swapped(nil("dateFinValidite"), element("dateFinValidite", "2031-02-31")), False, {"dateFinValidite"}),
    ("a beginning that does not exist", swapped("2026-01-03", "2026-02-31"), False, {"dateDebutValidite"}),
    ("an exam on a day that does not exist",
     swapped(element("donneeCertifiee", "true"), element("donneeCertifiee", "true")
             + element("dateDebutExamen", "2025-11-31") + element("dateFinExamen", "2025-12-01")),
     False, {"dateDebutExamen"}),
    ("an enrolment on a day that does not exist", swapped(ROUTE, ROUTE + element("dateInscription", "2025-02-29")),
     False, {"dateInscription"}),
    ("a holder named by a training file", lambda text: _by_file(text, "1234567890123"), True, set()),
    ("a training file without its number", lambda text: _by_file(text, ""), False, {"dossierFormation"}),
    ("a moment in universal time", swapped("2026-07-02T00:30:15+02:00", "2026-07-01T22:30:15Z"), False, set()),
    ("a moment with milliseconds", swapped("00:30:15+02:00", "00:30:15.123+02:00"), False, set()),
    ("a moment at +00:00", swapped("+02:00", "+00:00"), True, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "is_taken", "refused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_known_case_is_judged_by_the_schema_and_by_our_rules(
    change: Callable[[str], str], is_taken: bool, refused: set[str]
) -> None:
    content = change(written()).encode()
    [passage] = reading.passages_in(io.BytesIO(content))
    faults = list(policies.faults_of(passage, TODAY))
    assert {fault.field for fault in faults} == refused
    if SCHEMA.is_file():
        places = reading.schema_faults(io.BytesIO(content), SCHEMA)
        assert (not places) is is_taken, places
        assert not [one for one in places if "Essai" in one.element or "AAAA" in one.element]


def test_the_same_line_twice_passes_the_schema_and_not_our_rules() -> None:
    content = written(PASSAGE, PASSAGE).encode()
    assert policies.twice(list(reading.passages_in(io.BytesIO(content)))) == ["ligne-1"]
    if SCHEMA.is_file():
        assert reading.schema_faults(io.BytesIO(content), SCHEMA) == []
        place = reading.schema_faults(
            io.BytesIO(written(*MANY).replace(element("sexe", "F"), element("sexe", "Q"), 1).encode()), SCHEMA
        )
        assert (place[0].line, place[0].element) == (3, "sexe")


def test_lines_that_come_before_their_register_and_number_are_read_alike() -> None:
    two = [PASSAGE, replace(PASSAGE, technical_id="ligne-0", award=replace(
        AWARD, certification=Certification("RS", "RS1234")))]  # fmt: skip
    content = written(*two)
    for register, number in (("RNCP", "RNCP12345"), ("RS", "RS1234")):
        head = element("type", register) + element("code", number) + element("natureDeposant", "CERTIFICATEUR")
        before, after = content.split(head)
        lines, rest = after.split("</cpf:certification>", 1)
        content = f"{before}{lines}{head}</cpf:certification>{rest}"
    assert list(reading.passages_in(io.BytesIO(content.encode()))) == two
    if SCHEMA.is_file():
        assert reading.schema_faults(io.BytesIO(content.encode()), SCHEMA) == []


def test_the_file_of_a_third_party_says_who_deposits_and_for_whom() -> None:
    content = written(header=replace(HEADER, is_trusted_third_party=True, third_party_for="WXYZ5678"))
    assert content.count(CLIENT) == 1
    assert element("idClient", "WXYZ5678") + element("idContrat", "MCFCER000001") in content
    assert written().count(CLIENT) == 2


def test_a_file_is_the_same_bytes_each_time_and_reads_back_as_it_was_written() -> None:
    other = replace(
        AWARD, certification=Certification("RS", "RS1234"), valid_until=date(2031, 1, 3), access="CANDIDAT_LIBRE"
    )
    named = replace(STATUS, birth_name="O’Brien-d’Été", usage_name="Łukasz Nguyễn", given_names=("Un", "Deux", "Trois"))
    lines = [
        PASSAGE, replace(PASSAGE, technical_id="ligne-2", holder=ABROAD),
        replace(PASSAGE, technical_id="ligne-3", holder=BY_POSTCODE),
        replace(PASSAGE, technical_id="ligne-4", holder=replace(named, birth_month=None, birth_day=None)),
        Passage("ligne-0", replace(other, vae_route=""), named),
    ]  # fmt: skip
    lines = sorted(lines, key=writing.order)
    content = written(*lines)
    assert content == written(*lines)
    assert list(reading.passages_in(io.BytesIO(content.encode()))) == lines
    assert element("horodatage", "2026-07-02T00:30:15+02:00") in content
    assert content.count("<cpf:certification>") == 2
    assert element("codeInsee", "99109") + "</cpf:codeInseeNaissance>" in content
    assert element("codePaysNaissance", "109") + element("libellePaysNaissance", "Allemagne") in content
    assert "action" not in content
    if SCHEMA.is_file():
        assert reading.schema_faults(io.BytesIO(content.encode()), SCHEMA) == []


def test_the_newer_schema_has_an_action_and_names_holders_by_their_number() -> None:
    numbered = replace(PASSAGE, award=replace(AWARD, has_number=True), number=NUMBER)
    newer = written(
        PASSAGE, replace(numbered, technical_id="ligne-2"), header=replace(HEADER, version=SchemaVersion.V115)
    )
    assert element("horodatage", "2026-07-02T00:30:15+02:00") + element("action", "CREATION") in newer
    national = element("nir", NUMBER[:13]) + element("nomNaissance", "Essai")
    assert element("identificationTitulaire", element("identifiantNational", national)) in newer
    assert newer.count("<cpf:titulaire>") == 1
    assert NUMBER not in newer
    assert [list(policies.faults_of(one, TODAY)) for one in reading.passages_in(io.BytesIO(newer.encode()))] == [[], []]
    assert NUMBER[:13] not in written(numbered)
    assert NUMBER not in repr(numbered)
    missing = replace(numbered, number="")
    assert [fault.field for fault in policies.faults_of(missing, TODAY)] == ["nir"]
    if SCHEMA.is_file():
        assert {one.element for one in reading.schema_faults(io.BytesIO(newer.encode()), SCHEMA)} >= {"action"}


BOMB = '<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    ["", "du texte", "<flux/>", "<autre>", BOMB + written().partition("?>")[2], written()[:-20]],
    ids=["nothing", "text", "no namespace", "cut", "entities", "cut at the end"],
)
def test_what_is_not_a_deposit_file_is_refused(content: str) -> None:
    with pytest.raises(Invalid):
        list(reading.passages_in(io.BytesIO(content.encode())))


def test_a_schema_that_cannot_be_read_is_said_and_never_guessed(tmp_path: Path) -> None:
    broken = tmp_path / "schema.xsd"
    broken.write_text("<rien>")
    for path in (broken, tmp_path / "absent.xsd"):
        with pytest.raises(Invalid):
            reading.schema_faults(io.BytesIO(written().encode()), path)

"""Processing reports: every form seen is read, whatever could harm is refused."""

import pytest

from certify.core.errors import Invalid, TooLarge
from certify.declarations import receipts
from tests.factories.declarations import NUMBER

HEAD = '<rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema"><idFlux>f</idFlux><idTraitement>67598</idTraitement>'
KO = (
    "<PassagesKO><passage><idTechnique>b</idTechnique>"
    "<messageErreur>Plusieurs titulaires ont été identifiés</messageErreur></passage></PassagesKO>"
)


def _read(body: str) -> receipts.Report:
    return receipts.read(f"{HEAD}{body}</rapport>".encode())


def test_accepted_and_rejected_lines_are_read_in_every_form_seen() -> None:
    forms = (
        "<PassagesOK><idTechnique>a</idTechnique><idTechnique>c</idTechnique></PassagesOK>" + KO,
        "<passagesOK><passage><idTechnique>a</idTechnique></passage><passage><idTechnique>c</idTechnique></passage>"
        "</passagesOK>" + KO.replace("Passages", "passages"),
        KO + "<PASSAGESOK><IDTECHNIQUE> a </IDTECHNIQUE>\n<idTechnique>c</idTechnique></PASSAGESOK>",
    )
    for form in forms:
        report = _read(form)
        assert (report.flow_id, report.treatment_id) == ("f", "67598")
        assert report.accepted == ["a", "c"]
        assert [(one.technical_id, one.message) for one in report.rejected] == [
            ("b", "Plusieurs titulaires ont été identifiés")
        ]


def test_one_line_none_and_ten_thousand_are_read_alike() -> None:
    assert _read("<PassagesOK><idTechnique>a</idTechnique></PassagesOK>").accepted == ["a"]
    assert _read("<PassagesKO/><PassagesOK/>").technical_ids == []
    assert _read("").technical_ids == []
    many = "".join(f"<idTechnique>{n}</idTechnique>" for n in range(10_000))
    assert len(_read(f"<PassagesOK>{many}</PassagesOK>").accepted) == 10_000


def test_a_line_that_is_there_already_counts_as_delivered() -> None:
    said = "Le passage certification avec le bcr émetteur X et l'id technique partenaire Y  Existe  déjà en base"
    [one] = _read(KO.replace("Plusieurs titulaires ont été identifiés", said)).rejected
    assert one.is_already_there
    assert not receipts.Rejection("b", "Aucun titulaire ne correspond aux critères obligatoires").is_already_there


def test_a_file_refused_as_a_whole_says_why() -> None:
    report = receipts.read(
        b"<rapport><nomFichier>d.xml</nomFichier><erreurs><erreur><type>XSD</type><message>balise inconnue</message>"
        b"<ligne>1</ligne><colonne>18</colonne></erreur></erreurs></rapport>"
    )
    assert (report.file_name, report.flow_id, report.errors) == ("d.xml", "", ["XSD (1) balise inconnue"])


def test_a_number_quoted_by_a_message_is_not_kept() -> None:
    forms = (NUMBER, NUMBER[:13], "2 92 11 59 350 123 36", "1 80 01 2A 123 456", "2-92-11-59-350-123-36",
             "2\u00a092\u202f11\u00a059\u2011350\u00a0123 36")  # fmt: skip
    for form in forms:
        [one] = _read(KO.replace("Plusieurs titulaires", f"NIR {form} inconnu, plusieurs titulaires")).rejected
        assert "•••" in one.message
        assert "292" not in one.message
        assert "456" not in one.message
    assert receipts.without_numbers("dossier 123456789") == "dossier 123456789"


BOMB = "".join(
    f'<!ENTITY {name} "{f"&{below};" * 10 if below else "ha" * 10}">'
    for below, name in zip([None, *"abcdefgh"], "abcdefghi", strict=True)
)
HARMFUL = {
    "an entity bomb": f"<!DOCTYPE rapport [{BOMB}]>{HEAD}<PassagesOK><idTechnique>&i;</idTechnique></PassagesOK>"
    "</rapport>",
    "a file of the server": f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<idFlux>&x;</idFlux></rapport>',
    "a document type elsewhere": f'<!DOCTYPE rapport SYSTEM "http://127.0.0.1:9/r.dtd">{HEAD}</rapport>',
    "something else": "<autre/>",
    "a report inside something": f"<enveloppe>{HEAD}</rapport></enveloppe>",
    "a cut file": HEAD,
    "text": "ligne;état",
    "nothing": "",
    "a well": HEAD + "<a>" * 50 + "</a>" * 50 + "</rapport>",
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL)
def test_what_is_not_a_report_or_could_harm_is_refused(content: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(Invalid):
            receipts.read(content.encode(encoding))


def test_a_report_heavier_than_any_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "MOST_BYTES", 100)
    with pytest.raises(TooLarge):
        _read("<a/>" * 100)

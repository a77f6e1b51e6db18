"""Anonymity: what identifies a parent or a child is found, and ordinary field notes are left alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import UnknownCode, advice, find_identifying

IDENTIFYING = [
    ("Elle m’a écrit depuis lea.martin@example.org hier", "email", "lea.martin@example.org"),
    ("contact : PAPA+bebe_59@mail.example.fr.", "email", "PAPA+bebe_59@mail.example.fr"),
    ("mail : zoé-prénom@exemple.fr", "email", "zoé-prénom@exemple.fr"),
    ("joindre au parent (at) exemple.fr", "email", "parent (at) exemple.fr"),
    ("joindre parent arobase exemple.fr", "email", "parent arobase exemple.fr"),
    ("écrire à parent @ exemple.fr merci", "email", "parent @ exemple.fr"),
    ("<parent@exemple.fr>", "email", "parent@exemple.fr"),
    ("Rappeler au 06 12 34 56 78 demain", "phone", "06 12 34 56 78"),
    ("tel 0612345678", "phone", "0612345678"),
    ("03.20.12.34.56", "phone", "03.20.12.34.56"),
    ("03-20-12-34-56", "phone", "03-20-12-34-56"),
    ("06/12/34/56/78", "phone", "06/12/34/56/78"),
    ("06 - 12 - 34 - 56 - 78", "phone", "06 - 12 - 34 - 56 - 78"),
    ("06\u00a012\u00a034\u00a056\u00a078", "phone", "06\u00a012\u00a034\u00a056\u00a078"),
    ("son numéro est le +33 6 12 34 56 78", "phone", "+33 6 12 34 56 78"),
    ("+33612345678", "phone", "+33612345678"),
    ("+33 (0)6 12 34 56 78", "phone", "+33 (0)6 12 34 56 78"),
    ("0033 6 12 34 56 78", "phone", "0033 6 12 34 56 78"),
    ("06 123 456 78", "phone", "06 123 456 78"),
    ("06 1234 5678", "phone", "06 1234 5678"),
    ("06 12.34.56.78", "phone", "06 12.34.56.78"),
    ("06.12 34 56 78", "phone", "06.12 34 56 78"),
    ("06  12  34  56  78", "phone", "06  12  34  56  78"),
    ("numéro belge +32 470 12 34 56", "phone", "+32 470 12 34 56"),
    ("NIR 2 84 03 62 041 012 34", "nir", "2 84 03 62 041 012 34"),
    ("284036204101234", "nir", "284036204101234"),
    ("sécu 2840362041012", "nir", "2840362041012"),
    ("1.84.03.2A.041.012.34", "nir", "1.84.03.2A.041.012.34"),
    ("1 84 03 2b 041 012", "nir", "1 84 03 2b 041 012"),
    ("son bébé, née le 12/03/2024, dort mal", "birth_date", "née le 12/03/2024"),
    ("né le 3 mai 2024", "birth_date", "né le 3 mai 2024"),
    ("né(e) le 12/03/2024", "birth_date", "né(e) le 12/03/2024"),
    ("né·e le 1er août 2025", "birth_date", "né·e le 1er août 2025"),
    ("jumeaux nés le 12.03.24", "birth_date", "nés le 12.03.24"),
    ("NÉE LE 12 MARS 2024", "birth_date", "NÉE LE 12 MARS 2024"),
    ("nee le 12-03-2024", "birth_date", "nee le 12-03-2024"),
    ("ne\u0301e le 12 mars 2024", "birth_date", "ne\u0301e le 12 mars 2024"),
    ("née le mardi 12 mars 2024", "birth_date", "née le mardi 12 mars 2024"),
    ("née à Lens le 12 mars 2024", "birth_date", "née à Lens le 12 mars 2024"),
    ("née à la maternité de Lens le 12 mars", "birth_date", "née à la maternité de Lens le 12 mars"),
    ("Date de naissance : 12/03/2024", "birth_date", "Date de naissance : 12/03/2024"),
    ("naissance le 2024-03-12", "birth_date", "naissance le 2024-03-12"),
    ("DDN 12/03/2024", "birth_date", "DDN 12/03/2024"),
    ("accouchement prévu le 12 déc. 2026", "birth_date", "accouchement prévu le 12 déc. 2026"),
    ("Le 12 mars 2024 est née sa fille", "birth_date", "12 mars 2024 est née"),
    ("M. X est venu", "name", "M. X"),
    ("M. Durand est venu", "name", "M. Durand"),
    ("J’ai vu Mme DURAND", "name", "Mme DURAND"),
    ("Mme\u00a0Durand-Petit", "name", "Mme\u00a0Durand-Petit"),
    ("Mme. D’Artois", "name", "Mme. D’Artois"),
    ("Mlle Zoé", "name", "Mlle Zoé"),
    ("mme Durand", "name", "mme Durand"),
    ("Madame Élise", "name", "Madame Élise"),
    ("monsieur Durand", "name", "monsieur Durand"),
    ("M Durand", "name", "M Durand"),
    ("Mr Durand", "name", "Mr Durand"),
    ("M. de La Tour", "name", "M. de La Tour"),
    ("Mme d’Artois", "name", "Mme d’Artois"),
    ("Mme el Amrani", "name", "Mme el Amrani"),
    ("Mme Durand Petit", "name", "Mme Durand Petit"),
    ("M. Le Gall", "name", "M. Le Gall"),
    ("Madame Monsieur Durand", "name", "Monsieur Durand"),
    ("M. et Mme Durand", "name", "Mme Durand"),
]

INNOCENT = [
    "Rencontre du 12 mars 2026, salle de motricité.",
    "Le 12/03/2026, dix parents présents.",
    "Prochaine rencontre le 05.06.2026 10 parents attendus",
    "Du 05/06/2026 au 07/08/2026, quatre rencontres.",
    "Bébés nés en mars 2026, tous accueillis.",
    "Bébés nés en 2025, rencontre le 12 mars 2026.",
    "Parents nés à l’étranger accueillis le 12 mars 2026.",
    "Les bébés sont nés entre janvier et mars 2026.",
    "Une idée est née au COPIL : la présenter le 12 mars 2026.",
    "Le bébé est né il y a 3 mois.",
    "Naissance prévue en juin 2026.",
    "Accouchement raconté par une mère, écoute du groupe.",
    "Bébé de 4 mois, 6 kg 200, en pleine forme.",
    "Mme la directrice nous ouvre la salle.",
    "M. le maire a soutenu le projet.",
    "Monsieur le Maire et Madame la Présidente du département",
    "Monsieur Le Maire, Madame La Présidente",
    "06.12.2026 10 parents, 06 12 2026 10 parents",
    "Madame, Monsieur, vous êtes invités.",
    "Bonjour Madame. Merci de votre visite.",
    "Madame\nMerci de votre accueil",
    "Une dame de la PMI est venue avec un monsieur du CCAS.",
    "Le groupe M. Les parents arrivent à 14 h.",
    "Tapis de 2 m. Les bébés sont au sol.",
    "Salle à 500 m. Le bus s’arrête devant.",
    "Taille M pour les gigoteuses, M ou L.",
    "Monsieur Tout le monde peut venir.",
    "La MAM. Le RPE. La PMI. Le LAEP.",
    "J’ai rappelé le 119, le 15 et le 17.",
    "Numéro gratuit 3919 affiché dans la salle.",
    "Début à 14 h 30, fin à 16 h 02.",
    "De 09:30 à 11:00, puis 14:00-15:30",
    "SIRET 213 300 635 00017 du lieu d’ancrage",
    "SIRET 21330063500017",
    "SIREN 213 300 635",
    "ISBN 9782100801234",
    "Budget de 12 500,00 € pour 2026, soit 1 250 € par mois.",
    "Code postal 59120, place 12 bis.",
    "Indicateurs 1.1.1, 1.1.2 et 2.3.1 travaillés.",
    "Groupe G-07, pseudonyme P3, mois 2026-03.",
    "Suivez-nous : @maison1000jours",
    "Horaire @ confirmer avec la crèche",
    "La Maison des 1000 premiers jours, 2 fois par mois pendant 8 mois.",
    "Température 20,5 °C, 45 % d’humidité.",
    "Version 1.84.03 du cahier",
    "Salle 0612, bâtiment 34.",
    "https://www.example.org/parents/2026/03/12/rencontre",
    "Article L226-2-1 du CASF, information préoccupante.",
    "Effectifs : 10 11 12 9 10 11 8 12 10 11",
    "Mmes et MM. les élus du territoire",
    "Me présenter, puis laisser la parole.",
    "",
]


@pytest.mark.parametrize(("text", "kind", "excerpt"), IDENTIFYING)
def test_what_identifies_someone_is_found_where_it_is(text: str, kind: str, excerpt: str) -> None:
    found = [(finding.kind, finding.excerpt) for finding in find_identifying(text)]
    assert found == [(kind, excerpt)]


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_field_notes_are_left_alone(text: str) -> None:
    assert find_identifying(text) == ()


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(IDENTIFYING) >= 30
    assert len(INNOCENT) >= 30
    assert {kind for _, kind, _ in IDENTIFYING} == {"email", "phone", "nir", "birth_date", "name"}


def test_several_findings_come_in_reading_order() -> None:
    text = "Mme Durand, née le 12 mars 1990, 06 12 34 56 78, durand@exemple.fr"
    assert [finding.kind for finding in find_identifying(text)] == ["name", "birth_date", "phone", "email"]


@pytest.mark.parametrize("kind", ["email", "phone", "nir", "birth_date", "name"])
def test_each_kind_comes_with_advice_on_what_to_write_instead(kind: str) -> None:
    assert advice(kind).fr.endswith(".")
    assert advice(kind).en.endswith(".")
    assert re.search(r"Retirez|Écrivez", advice(kind).fr)


def test_advice_on_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownCode):
        advice("shoe_size")


FRAGMENTS = st.sampled_from(
    [
        *(text for text, _, _ in IDENTIFYING),
        *INNOCENT,
        "0",
        "1",
        "06",
        " ",
        "\n",
        ".",
        "@",
        "M.",
        "Mme",
        "née le ",
        "12/03/",
    ]
)


@given(text=st.text() | st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_searched_and_every_finding_lies_inside_it(text: str) -> None:
    end = 0
    for finding in find_identifying(text):
        assert end <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.excerpt
        assert advice(finding.kind).fr
        end = finding.end


@given(text=st.sampled_from(IDENTIFYING), before=st.sampled_from(INNOCENT), after=st.sampled_from(INNOCENT))
def test_innocent_sentences_around_hide_nothing(text: tuple[str, str, str], before: str, after: str) -> None:
    found = find_identifying(f"{before}\n\n{text[0]}\n\n{after}")
    assert text[1] in [finding.kind for finding in found]


@pytest.mark.parametrize(
    "unit",
    ["a", "a.", "1", "1 ", "0", "06", "06 ", "Mme ", "M. ", "né", "née le ", "née à la maternité ", "@", "a@", "a@b.",
     "+33 ", "12/", "12 ", "x ", "É", "-", "2A"],
)  # fmt: skip
def test_a_hostile_text_of_a_hundred_thousand_characters_is_searched_quickly(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    assert all(finding.end <= len(text) for finding in find_identifying(text))
    assert time.process_time() - started < 3

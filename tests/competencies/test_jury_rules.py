"""What a certification asks of its juries: kept as JSON, refused with a place, each rule named and sourced."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import (
    CONFLICTS,
    SETTABLE_CONFLICTS,
    USUAL_JURY_RULES,
    JuryRules,
    Programme,
    ProgrammeFaults,
    jury_words,
)
from competencies.jury_rules import RANGES

RULES = st.builds(
    JuryRules,
    **{name: st.integers(least, most) for name, (least, most) in RANGES.items()},
    blocking=st.frozensets(st.sampled_from(SETTABLE_CONFLICTS)),
    is_balance_shown=st.booleans(),
).filter(lambda rules: not rules.contradictions())


@given(rules=RULES)
def test_rules_kept_as_json_are_read_back_the_same(rules: JuryRules) -> None:
    kept = json.loads(json.dumps(rules.to_document()))
    assert JuryRules.from_document(kept) == rules
    assert set(kept) == {one.name for one in fields(JuryRules)}
    programme = Programme(jury=rules, hours=140)
    assert Programme.from_document(json.loads(json.dumps(programme.to_document()))) == programme


@given(rules=RULES)
def test_what_a_programme_says_of_juries_changes_nothing_else_in_it(rules: JuryRules) -> None:
    plain = Programme(hours=140).to_document()
    written = Programme(hours=140, jury=rules).to_document()
    assert {key: value for key, value in written.items() if key != "jury"} == plain
    assert ("jury" in written) == (rules != USUAL_JURY_RULES)


def test_rules_that_nobody_gave_are_those_of_the_law_and_of_custom() -> None:
    assert JuryRules.from_document({}) == USUAL_JURY_RULES == Programme().jury
    usual = USUAL_JURY_RULES
    assert (usual.fewest_members, usual.external_percent, usual.quorum, usual.vae_qualified) == (2, 50, 2, 1)
    assert (usual.access_days, usual.appeal_days, usual.validity_months) == (30, 60, 0)
    assert usual.blocking == set(CONFLICTS) - {"is_candidate", "declared"}
    assert usual.is_balance_shown
    assert not usual.contradictions()


def test_every_rule_has_a_name_a_source_and_a_range_that_holds_its_default() -> None:
    names = [one.name for one in fields(JuryRules)]
    assert sorted(jury_words.RULES) == sorted(jury_words.SOURCES) == sorted(names)
    assert set(names) - set(RANGES) == {"blocking", "is_balance_shown"}
    assert all(least <= getattr(USUAL_JURY_RULES, name) <= most for name, (least, most) in RANGES.items())
    # Below two people, or without anybody qualified for a VAE, no setting may go.
    assert [RANGES[name][0] for name in ("fewest_members", "quorum", "vae_qualified")] == [2, 2, 1]
    assert "D6412-6" in jury_words.SOURCES["vae_qualified"].fr
    assert "Usage" in jury_words.SOURCES["external_percent"].fr


@pytest.mark.parametrize(
    ("document", "where", "message"),
    [
        ([], "", "une table est attendue ici."),
        ({"members": 3}, "", "la clé « members » est inconnue."),
        ({"fewest_members": 1}, " › fewest_members", "le nombre doit aller de 2 à 20."),
        ({"external_percent": "50"}, " › external_percent", "un nombre entier est attendu ici."),
        ({"external_percent": 101}, " › external_percent", "le nombre doit aller de 0 à 100."),
        ({"vae_qualified": 0}, " › vae_qualified", "le nombre doit aller de 1 à 20."),
        ({"is_balance_shown": 1}, " › is_balance_shown", "vrai ou faux est attendu ici."),
        ({"blocking": "trained"}, " › blocking", "une liste est attendue ici."),
        ({"blocking": ["trained", "trained"]}, " › blocking", "le code « trained » est en double."),
        ({"blocking": ["married"]}, " › blocking › n° 1", "le lien « married » est inconnu."),
        ({"blocking": ["is_candidate"]}, " › blocking › n° 1", "le lien « is_candidate » est inconnu."),
        ({"blocking": ["declared"]}, " › blocking › n° 1", "le lien « declared » est inconnu."),
        (
            {"quorum": 3},
            " › quorum",
            "le quorum ne peut pas dépasser le nombre de membres demandé ; relevez l’un ou baissez l’autre.",
        ),
        (
            {"validity_months": 6},
            " › renewal_months_before",
            "le renouvellement s’ouvrirait avant la délivrance ; demandez moins de mois que n’en dure la validité.",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_their_place(document: object, where: str, message: str) -> None:
    with pytest.raises(ProgrammeFaults) as refused:
        JuryRules.from_document(document)
    told = [(fault.where, fault.message) for fault in refused.value.faults]
    assert told == [(f"règles du programme › jury{where}", message)]
    with pytest.raises(ProgrammeFaults) as within:
        Programme.from_document({"jury": document})
    assert within.value.faults == refused.value.faults


def test_a_certification_without_end_may_open_its_renewal_whenever_it_likes() -> None:
    assert JuryRules.from_document({"renewal_months_before": 36}).contradictions() == ()
    assert JuryRules.from_document({"validity_months": 7}).validity_months == 7
    assert [rule for rule, _message in JuryRules(validity_months=1).contradictions()] == ["renewal_months_before"]

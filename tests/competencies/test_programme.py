"""The rules of a programme: kept as JSON, read back the same, refused with a place when they make no sense."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies import (
    Aggregation,
    DomainFault,
    Fault,
    JuryRules,
    Programme,
    ProgrammeFaults,
    RequiredDocument,
    Text,
    Thresholds,
)
from competencies.thresholds import PUBLISHED, RANGES

_WORDS = st.text(alphabet="abé ’«œ漢", min_size=1, max_size=20).filter(str.strip)
_CODES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,10}[a-z0-9]", fullmatch=True)
_THRESHOLDS = st.builds(
    lambda given, figures: Thresholds(**{name: figures[name] for name in given}, published=PUBLISHED | given),
    st.frozensets(st.sampled_from(sorted(set(RANGES) - {"size_max"}))),
    st.fixed_dictionaries(
        {name: st.integers(least, 12 if name == "size_min" else most) for name, (least, most) in RANGES.items()}
    ),
)
_PROGRAMMES = st.builds(
    Programme,
    aggregation=st.sampled_from(Aggregation),
    times=st.integers(1, 20),
    agreement_minimum=st.integers(2, 1000),
    sampling_percentage=st.integers(0, 100),
    hours=st.integers(0, 5000),
    meetings=st.integers(0, 500),
    observations=st.integers(0, 100),
    self_assessments=st.integers(0, 100),
    attendance=st.integers(0, 100),
    evidence_per_indicator=st.integers(0, 50),
    documents=st.lists(
        st.builds(RequiredDocument, _CODES, st.builds(Text, _WORDS, _WORDS)), max_size=4, unique_by=lambda one: one.code
    ).map(tuple),
    blocking=st.frozensets(_CODES, max_size=4),
    freshness=st.dictionaries(_CODES, st.integers(1, 240), max_size=3),
    reminder_days=st.integers(0, 365),
    fidelity=st.just(Thresholds()) | _THRESHOLDS,
    jury=st.just(JuryRules())
    | st.builds(JuryRules, fewest_members=st.integers(2, 20), access_days=st.integers(0, 365)),
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | _CODES
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
_KEYS = st.sampled_from([*sorted(Programme().to_document()), "fidelity", "jury"])


@given(_PROGRAMMES)
def test_rules_kept_as_json_are_read_back_the_same(programme: Programme) -> None:
    kept = json.loads(json.dumps(programme.to_document()))
    assert Programme.from_document(kept) == programme


def faults_of(document: object) -> tuple[Fault, ...]:
    """Read rules, and give back what was found wrong."""
    try:
        Programme.from_document(document)
    except ProgrammeFaults as refused:
        return refused.faults
    return ()


@given(_JSON | st.dictionaries(_KEYS, _JSON))
def test_any_json_is_either_rules_or_faults_that_say_where(document: object) -> None:
    faults = faults_of(document)
    assert all(fault.where and fault.message for fault in faults)
    if not faults:
        programme = Programme.from_document(document)
        assert Programme.from_document(programme.to_document()) == programme


@given(_PROGRAMMES, _KEYS, _JSON)
def test_good_rules_with_one_bad_value_are_refused_there_and_nowhere_else(
    programme: Programme, key: str, value: object
) -> None:
    assert all(f"› {key}" in fault.where for fault in faults_of(programme.to_document() | {key: value}))


def test_a_key_left_out_keeps_its_default() -> None:
    assert Programme.from_document({}) == Programme()
    assert Programme.from_document({"hours": 140}).hours == 140
    assert Programme().aggregation is Aggregation.CAUTIOUS


@pytest.mark.parametrize(
    ("document", "where", "message"),
    [
        ([], "règles du programme", "une table est attendue ici."),
        ({"hour": 1}, "règles du programme", "la clé « hour » est inconnue."),
        ({"hours": True}, "règles du programme › hours", "un nombre entier est attendu ici."),
        ({"attendance": 101}, "règles du programme › attendance", "le nombre doit aller de 0 à 100."),
        ({"times": 0}, "règles du programme › times", "le nombre doit aller de 1 à 20."),
        ({"blocking": ["hours", "hours"]}, "règles du programme › blocking", "le code « hours » est en double."),
        ({"documents": 3}, "règles du programme › documents", "une liste est attendue ici."),
        ({"fidelity": {"months": 0}}, "règles du programme › fidelity › months", "le nombre doit aller de 1 à 36."),
        ({"fidelity": {"month": 8}}, "règles du programme › fidelity", "la clé « month » est inconnue."),
        (
            {"fidelity": {"size_min": 13}},
            "règles du programme › fidelity › size_max",
            "le nombre ne peut pas être plus petit que size_min.",
        ),
        ({"freshness": {"b1": 0}}, "règles du programme › freshness › b1", "le nombre doit aller de 1 à 240."),
        (
            {"documents": [{"code": "cv", "label": {"fr": " ", "en": "CV"}}]},
            "règles du programme › documents › n° 1 › label › fr",
            "le texte est vide ; écrivez sa formulation.",
        ),
    ],
)
def test_a_fault_says_its_place_and_what_is_expected(document: object, where: str, message: str) -> None:
    with pytest.raises(ProgrammeFaults) as refused:
        Programme.from_document(document)
    assert [(fault.where, fault.message) for fault in refused.value.faults] == [(where, message)]


def test_every_fault_is_told_at_once_and_in_french() -> None:
    with pytest.raises(DomainFault) as refused:
        Programme.from_document({"aggregation": "mean", "hours": -1, "meetings": "six"})
    assert str(refused.value).startswith("Règles refusées, 3 défauts :")
    assert "règles possibles : cautious, latest, highest, times, majority." in str(refused.value)


def test_rules_once_made_do_not_change() -> None:
    months = {"C1": 24}
    programme = Programme(freshness=months)
    months["C1"] = 1
    assert programme.freshness == {"C1": 24}
    assert hash(programme) == hash(Programme(freshness={"C1": 24}))


def test_rules_that_say_nothing_of_groups_are_written_as_they_always_were() -> None:
    assert "fidelity" not in Programme(hours=140).to_document()
    assert Programme(fidelity=Thresholds(months=9)).to_document()["fidelity"] == {"months": 9}


def test_rules_that_say_nothing_of_juries_are_written_as_they_always_were() -> None:
    assert "jury" not in Programme(hours=140).to_document()
    assert Programme.from_document({"jury": {"external_percent": 66}}).jury == JuryRules(external_percent=66)


def test_a_figure_that_a_programme_gives_is_published_even_when_it_is_the_usual_one() -> None:
    programme = Programme.from_document({"fidelity": {"size_min": 8}})
    assert programme.fidelity.published == {"meetings_per_month", "months", "facilitator_percent", "size_min"}
    assert programme.to_document()["fidelity"] == {"size_min": 8}
    assert programme != Programme()

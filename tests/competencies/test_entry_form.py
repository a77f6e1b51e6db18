from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import competencies
from competencies.entry_form import ALWAYS_ASKED, STANDARD

ACTIVITIES = ("group_meeting", "partner_meeting", "watch", "individual_meeting", "practice_analysis", "training_day")
KINDS = [kind.value for kind in competencies.entry_form.ADDED_KINDS]
OPTIONS = [{"code": "a", "label": {"fr": "Un", "en": "One"}}, {"code": "b", "label": {"fr": "Deux", "en": ""}}]


def document(*added: dict[str, Any]) -> dict[str, Any]:
    fields = [{"code": code, "label": {"fr": code, "en": code}} for code in ALWAYS_ASKED]
    return {"fields": [*fields, *added]}


def asked(kind: str, **more: Any) -> dict[str, Any]:
    return {"code": "extra", "kind": kind, "label": {"fr": "En plus", "en": "Extra"}} | more


def form_asking(kind: str, **more: Any) -> competencies.EntryForm:
    options = {"options": OPTIONS} if kind in ("choice", "choices") else {}
    return competencies.EntryForm.from_document(document(asked(kind, **options, **more)))


def faults_of(wanted: object) -> str:
    with pytest.raises(competencies.EntryFormFaults) as refusal:
        competencies.EntryForm.from_document(wanted)
    return str(refusal.value)


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_every_activity_ships_the_form_of_before_and_a_better_one(activity: str) -> None:
    forms = competencies.shipped_forms()[activity]
    assert len(forms) == 2
    assert tuple(field.code for field in forms[0].fields) == tuple(STANDARD)
    assert (forms[0].declares_ai, forms[1].declares_ai) == (False, True)
    assert len(forms[1].fields) <= 14
    assert forms[1].added != ()


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_a_form_reads_back_from_its_document(activity: str) -> None:
    for form in competencies.shipped_forms()[activity]:
        assert competencies.EntryForm.from_document(form.to_document()) == form


def test_a_watch_asks_for_its_source_its_date_and_what_changed() -> None:
    form = competencies.shipped_form("watch")
    kinds = {field.code: field.kind.value for field in form.added}
    assert (kinds["source_address"], kinds["source_date"], kinds["changed"]) == ("address", "date", "long_text")
    assert [field.code for field in form.missing({})] == ["source", "changed"]


def test_an_activity_or_a_number_nobody_knows_is_refused() -> None:
    for activity, number in (("picnic", None), ("watch", 9), ("watch", 0)):
        with pytest.raises(competencies.UnknownCode):
            competencies.shipped_form(activity, number)


@pytest.mark.parametrize("code", ALWAYS_ASKED)
def test_title_date_duration_and_indicators_always_stay_and_are_required(code: str) -> None:
    whole = document()
    assert all(field.is_required for field in competencies.EntryForm.from_document(whole).fields)
    whole["fields"] = [field for field in whole["fields"] if field["code"] != code]
    assert code in faults_of(whole)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "une table est attendue"),
        ({"fields": "title"}, "une liste est attendue"),
        (document(asked("magic")), "nature est inconnue"),
        (document(asked("files")), "nature est inconnue"),
        (document(asked("number", code="Énorme")), "sans accent"),
        (document(asked("number", label={"fr": " ", "en": ""})), "donnez un intitulé"),
        (document(asked("number", label={"fr": "", "en": "Number"})), "le texte français est vide"),
        (document(asked("number", label={"fr": "x" * 121, "en": ""})), "120 caractères"),
        (document(asked("number", help={"fr": 3})), "un texte en français"),
        (document(asked("number", required="oui")), "vrai ou faux"),
        (document(asked("number", colour="red")), "« colour » est inconnue"),
        (document(asked("number", starting_text={"fr": "12", "en": ""})), "seul un champ de texte"),
        (document(asked("number", options=OPTIONS)), "seul un champ à choix"),
        (document(asked("choice", options=OPTIONS[:1])), "au moins deux réponses"),
        (document(asked("choice", options=[OPTIONS[0], OPTIONS[0]])), "même code"),
        (document(asked("choice", options=[OPTIONS[0], {"code": "b"}])), "écrivez la réponse"),
        (document(asked("date"), asked("date")), "en double"),
        (document("oui"), "une table est attendue"),  # type: ignore[arg-type]
        (document({"code": "account", "kind": "date", "label": {"fr": "Récit"}}), "garde sa nature"),
        ({**document(), "declares_ai": 1}, "vrai ou faux"),
        (document(*[asked("date", code=f"d{turn}") for turn in range(40)]), "40 éléments"),
    ],
)  # fmt: skip
def test_a_form_that_makes_no_sense_says_why(wrong: object, said: str) -> None:
    assert said in faults_of(wrong)


def test_every_fault_is_said_at_once_with_its_place() -> None:
    said = faults_of(document(asked("magic"), asked("choice", code="other", options=[])))
    assert said.startswith("Formulaire refusé, 2 défauts")
    assert "champ n° 5" in said
    assert "champ n° 6 › réponses" in said


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("short_text", ["Le sommeil"], ["x" * 301, 12]),
        ("long_text", ["Un récit\nsur deux lignes"], ["x" * 20_001, ["a"]]),
        ("number", [0, -3, 3.5], ["3", True, float("nan"), float("inf"), 10**13]),
        ("date", ["2026-06-12"], ["12/06/2026", "1026-06-12", 12]),
        ("yes_no", [True, False], ["oui", 1]),
        ("duration", [1, 1440], [0, 1441, 90.5, True]),
        ("address", ["https://exemple.fr/page?x=1", "http://exemple.fr"],
         ["exemple.fr", "javascript:alert(1)", "https://", "https://a b.fr", "https://[", 3]),
        ("choice", ["a"], ["z", ["a"]]),
        ("choices", [["a"], ["b", "a"]], [["z"], "a", [1]]),
    ],
)  # fmt: skip
def test_an_answer_is_of_the_nature_of_its_field(kind: str, right: list[Any], wrong: list[Any]) -> None:
    form = form_asking(kind)
    assert [form.check({"extra": value}) for value in right] == [()] * len(right)
    for value in wrong:
        (fault,) = form.check({"extra": value})
        assert fault.field == "extra"
        assert fault.message.to("fr")
        assert fault.message.to("en")


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.none() | st.booleans() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=4), max_size=3),
    )
)
def test_whatever_comes_in_is_checked_without_failing(values: dict[str, Any]) -> None:
    for kind in KINDS:
        form = form_asking(kind)
        answers = values | ({"extra": next(iter(values.values()))} if values else {})
        assert set(form.typed(answers)) <= {"extra"}
        assert all(fault.field == "extra" for fault in form.check(answers))


def test_answers_left_empty_are_not_kept_and_those_required_are_named() -> None:
    form = form_asking("choices", required=True)
    assert form.typed({"extra": [], "unknown": "x"}) == {}
    assert [field.code for field in form.missing({"extra": []})] == ["extra"]
    assert form.missing({"extra": ["a"]}) == ()
    assert form.typed({"extra": ["a", "a", "b"]}) == {"extra": ["a", "b"]}


def test_a_no_is_an_answer() -> None:
    form = form_asking("yes_no", required=True)
    assert form.typed({"extra": False}) == {"extra": False}
    assert form.missing({"extra": False}) == ()


def test_only_what_is_written_freely_is_read_by_the_guard() -> None:
    form = competencies.EntryForm.from_document(
        document(asked("long_text"), asked("number", code="many"), asked("choice", code="kind", options=OPTIONS))
    )
    texts = list(form.texts({"extra": " Un texte ", "many": 3, "kind": "a"}))
    assert [(code, text) for code, _label, text in texts] == [("extra", "Un texte")]


def test_a_form_says_what_its_fields_begin_with() -> None:
    form = form_asking("long_text", starting_text={"fr": "Avant : Après :", "en": "Before: After:"})
    assert form.starting_values("en") == {"extra": "Before: After:"}
    assert "Avant" in form.starting_values("fr")["extra"]


def test_an_answer_no_longer_offered_is_shown_by_its_code() -> None:
    field = form_asking("choice").field("extra")
    assert field is not None
    assert (field.label_of("a").en, field.label_of("gone").fr) == ("One", "gone")
    assert field.options[1].label.en == "Deux"

"""What comes in from a browser about the rules of a programme."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import FieldList, FormField, HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import NumberRange, Optional, ValidationError

import competencies
from certify.core.forms import BaseForm, ChecklistField, SelectChoice, at_most
from certify.core.i18n import lazy as _l
from certify.frameworks import fidelity_forms, jury_forms
from certify.frameworks.fidelity_forms import FidelityForm
from certify.frameworks.jury_forms import JuryForm
from certify.frameworks.rows import RowForm, filled_rows
from competencies import eligibility
from competencies.programme import Aggregation, Programme, RequiredDocument

AGGREGATIONS: Mapping[Aggregation, tuple[Any, Any, Any]] = {
    Aggregation.CAUTIOUS: (
        _l("Prudente"),
        _l("Le plus bas de ce que chaque évaluateur·rice a dit en dernier."),
        _l("Trois personnes disent en dernier « acquis », « acquis » et « partiellement acquis » : "
           "« partiellement acquis » est proposé."),
    ),
    Aggregation.LATEST: (
        _l("La dernière"),
        _l("Ce qui a été dit en dernier, par n’importe qui."),
        _l("« Acquis » le 3 mars, puis « partiellement acquis » le 9 avril : « partiellement acquis » est proposé."),
    ),
    Aggregation.HIGHEST: (
        _l("La plus haute"),
        _l("Le niveau le plus haut jamais observé, même une seule fois."),
        _l("« Acquis » le 3 mars, puis « partiellement acquis » le 9 avril : « acquis » est proposé."),
    ),
    Aggregation.TIMES: (
        _l("Plusieurs fois"),
        _l("Le niveau le plus haut atteint autant de fois que vous le demandez."),
        _l("Deux fois demandées, « acquis » vu une fois et « partiellement acquis » deux fois : "
           "« partiellement acquis » est proposé."),
    ),
    Aggregation.MAJORITY: (
        _l("La majorité"),
        _l("Le niveau que le plus d’évaluateur·rices ont donné en dernier ; à égalité, le plus bas."),
        _l("Deux personnes disent « acquis », une « non acquis » : « acquis » est proposé."),
    ),
}  # fmt: skip
"""Name, explanation and example of each way to bring levels together."""

_RANGES = {
    "times": (1, 20), "agreement_minimum": (2, 1000), "sampling_percentage": (0, 100), "hours": (0, 5000),
    "meetings": (0, 500), "observations": (0, 100), "self_assessments": (0, 100), "attendance": (0, 100),
    "evidence_per_indicator": (0, 50), "reminder_days": (0, 365),
}  # fmt: skip
ASSESSING = ("times", "agreement_minimum", "sampling_percentage")
ASKED = ("hours", "meetings", "observations", "self_assessments", "attendance", "evidence_per_indicator")
_MONTHS = (1, 240)
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")


def _whole_number(label: Any, name: str, hint: Any = "") -> IntegerField:
    return IntegerField(label, [Optional(), _between(*_RANGES[name])], description=hint)


def _between(least: int, most: int) -> NumberRange:
    message = _l("Écrivez un nombre de %(least)s à %(most)s.", least=least, most=most)
    return NumberRange(least, most, message)


class DocumentForm(RowForm):
    """One document to have in a file."""

    code = StringField(_l("Code"), [at_most(40)])
    fr = StringField(_l("Intitulé en français"), [at_most(300)])
    en = StringField(_l("Intitulé en anglais"), [at_most(300)])

    def validate_code(self, field: StringField) -> None:
        """Ask for a code that can be quoted, once something is written in the row."""
        if (self.fr.data or self.en.data or field.data) and not _CODE.fullmatch(field.data or ""):
            raise ValidationError(_l("Écrivez un code en lettres sans accent, chiffres et tirets : memoire."))

    def validate_fr(self, field: StringField) -> None:
        """Ask for the name of a document that has a code."""
        if (self.code.data or self.en.data) and not field.data:
            raise ValidationError(_l("Donnez l’intitulé du document."))


class MonthsForm(RowForm):
    """For how many months the evidence of a block stays recent."""

    block = HiddenField()
    months = IntegerField(_l("Mois"), [Optional(), _between(*_MONTHS)])


class ProgrammeForm(BaseForm):
    """The rules of a programme; what is left empty keeps the default of the software."""

    known = HiddenField()
    aggregation = RadioField(_l("Règle"), [Optional()], validate_choice=True)
    times = _whole_number(_l("Nombre de fois"), "times", _l("Pour la règle « Plusieurs fois » seulement."))
    agreement_minimum = _whole_number(
        _l("Comparaisons avant d’afficher un accord"), "agreement_minimum",
        _l("En dessous, l’accord entre évaluateur·rices n’est pas dit en chiffres."),
    )  # fmt: skip
    sampling_percentage = _whole_number(
        _l("Part relue par vérification interne (en pourcentage)"), "sampling_percentage",
        _l("De chaque évaluateur·rice, arrondie à l’évaluation supérieure."),
    )  # fmt: skip
    hours = _whole_number(_l("Heures au cahier de suivi"), "hours")
    meetings = _whole_number(_l("Rencontres de groupe"), "meetings")
    observations = _whole_number(_l("Observations en situation"), "observations")
    self_assessments = _whole_number(_l("Auto-évaluations signées"), "self_assessments")
    attendance = _whole_number(_l("Assiduité (en pourcentage)"), "attendance", _l("Part des demi-journées prévues."))
    evidence_per_indicator = _whole_number(_l("Preuves par indicateur"), "evidence_per_indicator")
    documents = FieldList(FormField(DocumentForm), label=_l("Documents demandés"))
    blocking = ChecklistField(_l("Conditions sans lesquelles on ne passe pas devant le jury"))
    freshness = FieldList(FormField(MonthsForm), label=_l("Fraîcheur des preuves"))
    reminder_days = _whole_number(
        _l("Jours avant une échéance"), "reminder_days", _l("Quand un rappel part avant une date attendue.")
    )
    jury = FormField(JuryForm, label=_l("Jurys"))
    fidelity = FormField(FidelityForm, label=_l("Fidélité des groupes"))

    @classmethod
    def showing(cls, content: Mapping[str, Any], number: int, framework: competencies.Framework) -> "ProgrammeForm":
        """Return the form filled in with what a programme says today."""
        documents = [{"code": one["code"], **one["label"]} for one in content.get("documents", [])]
        months = content.get("freshness", {})
        return cls(
            formdata=None,
            data={
                **{name: content.get(name) for name in _RANGES},
                "known": str(number),
                "aggregation": content.get("aggregation", ""),
                "documents": documents,
                "blocking": content.get("blocking", []),
                "jury": jury_forms.shown(content),
                "fidelity": fidelity_forms.shown(content),
                "freshness": [{"block": block.code, "months": months.get(block.code)} for block in framework.blocks],
            },
        )

    def offer(self, locale: str) -> "ProgrammeForm":
        """Offer the ways to bring levels together, and every requirement that the documents typed make."""
        self.jury.form.offer()
        self.aggregation.choices = [
            SelectChoice("", _l("Aucune règle fournie")),
            *(SelectChoice(one.value, words[0]) for one, words in AGGREGATIONS.items()),
        ]
        known = [row for row in filled_rows(self.documents) if row["code"] and row["fr"]]
        asked = Programme(documents=tuple(_document(row) for row in known))
        names = dict(eligibility.codes(asked))
        # A condition on a document just taken away stays on the page until the rules are saved.
        self.blocking.choices = [SelectChoice(code, text.to(locale)) for code, text in names.items()]
        self.blocking.data = [code for code in self.blocking.data or [] if code in names]
        return self

    @property
    def known_number(self) -> int:
        """Number of the rules that the person read."""
        typed = self.known.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def content(self, before: Mapping[str, Any], framework: competencies.Framework) -> dict[str, Any]:
        """Return what the programme says: only what somebody filled in.

        Months of a block that this version does not have stay as they were.
        """
        said: dict[str, Any] = {name: self[name].data for name in _RANGES if self[name].data is not None}
        if self.aggregation.data:
            said["aggregation"] = self.aggregation.data
        documents = [_document_row(row) for row in filled_rows(self.documents)]
        blocks = {block.code for block in framework.blocks}
        freshness = {code: months for code, months in before.get("freshness", {}).items() if code not in blocks}
        freshness |= {
            row["block"]: row["months"] for row in self.freshness.data if row["block"] in blocks and row["months"]
        }
        tables = {
            "documents": documents,
            "blocking": sorted(self.blocking.data or []),
            "freshness": freshness,
            "jury": self.jury.form.given(),
            "fidelity": self.fidelity.form.given(),
        }
        return said | {name: value for name, value in tables.items() if value}


def _document_row(row: Mapping[str, Any]) -> dict[str, Any]:
    french = row["fr"] or ""
    return {"code": row["code"] or "", "label": {"fr": french, "en": row["en"] or french}}


def _document(row: Mapping[str, Any]) -> RequiredDocument:
    french = row["fr"] or ""
    return RequiredDocument(row["code"], competencies.Text(french, row["en"] or french))

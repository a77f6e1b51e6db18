"""What comes in about a logbook kept elsewhere: the file, what its columns are, what to do with its rows."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField

import competencies
from certify.core.forms import BaseForm, SelectChoice, required
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.logbook.importing.cells import Unit
from certify.logbook.importing.columns import ADDED, SEVERAL, Columns, distinct, guess_activity
from certify.logbook.models import Activity, AiUse, LogbookImport

MOST_VALUES = 40
"""More different values than that are no activities."""
PARTS: Mapping[str, Any] = {
    "happened_on": _l("Date"),
    "minutes": _l("Durée"),
    "activity": _l("Activité"),
    "title": _l("Titre"),
    "place": _l("Lieu"),
    "account": _l("Récit"),
    "reflection": _l("Ce que j’en retiens"),
    "indicators": _l("Indicateurs (codes)"),
}
_ACTIVITIES = [SelectChoice(activity.value, activity.label) for activity in Activity]


class DepositForm(BaseForm):
    """The file."""

    file = FileField(
        _l("Fichier du cahier"),
        description=_l("CSV ou XLSX, 2 Mo et 1 000 lignes au plus. La première ligne donne les titres des colonnes."),
    )

    @property
    def content(self) -> bytes:
        """The bytes of the file, empty when none was chosen."""
        return bytes(self.file.data.stream.read()) if self.file.data else b""

    @property
    def filename(self) -> str:
        """The name of the file."""
        return str(self.file.data.filename or "") if self.file.data else ""


class ColumnsForm(BaseForm):
    """What each column is; made for one file by `columns_form`."""

    activity = SelectField(
        _l("Activité des lignes qui ne la donnent pas"),
        choices=[SelectChoice("", _l("Aucune : chaque ligne doit la donner")), *_ACTIVITIES],
    )
    unit = SelectField(
        _l("Durées écrites sans unité"),
        choices=[SelectChoice(Unit.MINUTES.value, _l("En minutes")), SelectChoice(Unit.HOURS.value, _l("En heures"))],
        description=_l("« 1 h 30 » et « 90 min » se comprennent seuls ; « 1,5 » est toujours en heures."),
    )
    ai_use = SelectField(
        _l("Usage d’une IA pour écrire ces fiches"),
        choices=[
            SelectChoice("", _l("Je le dirai fiche par fiche")),
            *(SelectChoice(use.value, use.label) for use in AiUse),
        ],
    )
    width: int = 0
    meanings: Mapping[str, str] = {}
    """What is written in the column of activities, folded, each as it was first written."""

    def columns(self) -> Columns:
        """Return what was chosen."""
        fields = {n: self[f"column-{n}"].data for n in range(self.width) if self[f"column-{n}"].data}
        activities = {
            text: Activity(self[value_name(text)].data) for text in self.meanings if self[value_name(text)].data
        }
        return Columns(
            fields, Activity(self.activity.data) if self.activity.data else None, activities, Unit(self.unit.data),
            AiUse(self.ai_use.data) if self.ai_use.data else None,
        )  # fmt: skip

    def twice(self) -> str:
        """Return the name of a part that two columns would fill, if any."""
        chosen = [self[f"column-{n}"].data for n in range(self.width)]
        return next((name for name in chosen if name and name not in SEVERAL and chosen.count(name) > 1), "")

    @property
    def unknown_values(self) -> list[str]:
        """The values of the column of activities that nobody has said the meaning of."""
        return [shown for text, shown in self.meanings.items() if not self[value_name(text)].data]


def value_name(text: str) -> str:
    """Return the name of the field that says which activity a value is."""
    return f"value-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def columns_form(
    made: LogbookImport, added: Mapping[str, competencies.FormField], proposed: Columns, column: int | None
) -> ColumnsForm:
    """Return the form of one file, showing what is proposed; `column` is the one that holds activities."""
    locale = current_locale()
    own = [SelectChoice(f"{ADDED}{code}", one.label.to(locale)) for code, one in added.items()]
    choices = [
        SelectChoice("", _l("Ne pas importer")), *(SelectChoice(part, words) for part, words in PARTS.items()), *own
    ]  # fmt: skip
    values = distinct([cells for _line, cells in made.rows], column) if column is not None else {}
    values = values if len(values) <= MOST_VALUES else {}
    known = {choice.value for choice in choices}
    fields: dict[str, Any] = {"width": len(made.headings), "meanings": values}
    data: dict[str, Any] = {
        "activity": proposed.activity.value if proposed.activity else "",
        "unit": proposed.unit.value,
        "ai_use": proposed.ai_use.value if proposed.ai_use else "",
    }
    for n, heading in enumerate(made.headings):
        fields[f"column-{n}"] = SelectField(heading, choices=choices)
        part = proposed.fields.get(n, "")
        data[f"column-{n}"] = part if part in known else ""
    for text, shown in values.items():
        fields[value_name(text)] = SelectField(shown, choices=[SelectChoice("", _l("Choisir…")), *_ACTIVITIES])
        guessed = proposed.activities.get(text) or guess_activity(text)
        data[value_name(text)] = guessed.value if guessed else ""
    kind: type[ColumnsForm] = type("ColumnsForm", (ColumnsForm,), fields)
    return kind(data=data)


class SubmitAllForm(BaseForm):
    """The author vouches for everything that came from a file."""

    has_checked = BooleanField(
        _l("J’ai vérifié qu’aucune famille n’est reconnaissable dans ces fiches"),
        [required(_l("Cochez cette case après avoir relu les fiches."))],
    )

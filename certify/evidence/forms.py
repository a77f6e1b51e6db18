"""What comes in about evidence."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Optional

import competencies
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, text_area
from certify.core.i18n import lazy as _l
from certify.evidence.models import EvidenceItem, EvidenceKind

FACES_CHECKED = _l("J’ai regardé l’image en entier : aucun visage, aucun nom ne s’y voit.")
"""What is vouched for before a picture or a video is handed in."""


class DescribeForm(BaseForm):
    """What is said of a file: its title, its name, the indicators it illustrates."""

    title = StringField(_l("Titre de la preuve"), [filled(_l("Donnez un titre à la preuve.")), at_most(160)])
    filename = StringField(
        _l("Nom du fichier"),
        [filled(_l("Donnez un nom au fichier.")), at_most(120)],
        description=_l("Sans nom de personne : c’est ce que votre formateur·rice lira."),
    )
    indicators = ChecklistField(
        _l("Indicateurs illustrés par ce fichier"),
        validate_choice=False,
        description=_l("Si vous n’en cochez aucun, le fichier illustre ceux de la fiche."),
    )

    def offer(self, framework: competencies.Framework) -> "DescribeForm":
        """Offer the indicators of a framework."""
        self.indicators.choices = [SelectChoice(indicator.code, indicator.code) for indicator in framework.indicators]
        return self


class PriorForm(BaseForm):
    """Something acquired before the training, with or without a file. Everything is optional until it is submitted."""

    title = StringField(
        _l("Titre"), [filled(_l("Donnez un titre à cet acquis.")), at_most(160)],
        description=_l("Par exemple : trois ans d’animation d’un lieu d’accueil enfants-parents"),
    )  # fmt: skip
    obtained_on = DateField(
        _l("Acquis depuis le"), [Optional()], description=_l("Le jour où l’expérience s’est terminée, même à peu près.")
    )
    account = text_area(
        _l("Ce que j’ai fait, et ce que j’en ai appris"),
        description=_l("Les faits, votre part, ce que cela montre. Aucun nom, aucune date de naissance."),
        rows=8,
    )
    indicators = ChecklistField(_l("Indicateurs que cet acquis illustre"), validate_choice=False)
    file = FileField(_l("Fichier"), [Optional()])
    faces_checked = BooleanField(FACES_CHECKED)

    def offer(self, framework: competencies.Framework) -> "PriorForm":
        """Offer the indicators of a framework."""
        self.indicators.choices = [SelectChoice(indicator.code, indicator.code) for indicator in framework.indicators]
        return self

    def said(self) -> dict[str, Any]:
        """Return what the verbs take."""
        upload = self.file.data if self.file.data and self.file.data.filename else None
        return {
            "title": self.title.data or "",
            "obtained_on": self.obtained_on.data,
            "account": self.account.data or "",
            "indicators": self.indicators.data or (),
            "stream": upload.stream if upload else None,
            "filename": upload.filename if upload else "",
        }


class AnswerForm(BaseForm):
    """A trainer's answer to a piece handed in by itself."""

    number = HiddenField()
    """The version that was read."""

    outcome = HiddenField()
    answer = text_area(
        _l("Réponse"),
        description=_l("Obligatoire pour renvoyer, facultative pour accepter. Le ou la stagiaire la lira."),
        rows=5,
        max_length=5000,
    )


class NewFileForm(BaseForm):
    """A file for the portfolio."""

    file = FileField(_l("Fichier"), [FileRequired(_l("Choisissez un fichier."))])
    title = StringField(
        _l("Titre"), [Optional(), at_most(160)],
        description=_l("Ce que l’on y voit. Sans titre, le nom du fichier en tient lieu."),
    )  # fmt: skip


class NewLinkForm(BaseForm):
    """An address for the portfolio."""

    url = StringField(
        _l("Adresse de la page"), [filled(_l("Donnez l’adresse de la page.")), at_most(500)],
        description=_l("Elle commence par https:// et s’ouvre sans mot de passe."),
    )  # fmt: skip
    title = StringField(_l("Titre"), [filled(_l("Donnez un titre à la preuve.")), at_most(160)])


class NewTextForm(BaseForm):
    """A text for the portfolio."""

    title = StringField(_l("Titre"), [filled(_l("Donnez un titre à la preuve.")), at_most(160)])
    account = text_area(
        _l("Texte"),
        filled(_l("Écrivez le texte de cette preuve.")),
        description=_l("Les faits, votre part, ce que cela montre. Aucun nom, aucune date de naissance."),
        rows=10,
    )


class PieceForm(BaseForm):
    """What is said of a piece of the portfolio; everything is optional until it is handed in."""

    title = StringField(_l("Titre"), [filled(_l("Donnez un titre à la preuve.")), at_most(160)])
    url = StringField(_l("Adresse de la page"), [at_most(500)])
    filename = StringField(
        _l("Nom du fichier"), [at_most(120)],
        description=_l("Sans nom de personne : c’est ce que votre formateur·rice lira."),
    )  # fmt: skip
    account = text_area(_l("Texte"), rows=8)
    indicators = ChecklistField(_l("Indicateurs que cette preuve illustre"), validate_choice=False)
    file = FileField(_l("Autre fichier"), [Optional()])
    faces_checked = BooleanField(FACES_CHECKED)

    def reflections(self) -> dict[str, str]:
        """Return, by indicator chosen, what is made of it."""
        fields = {code: self._fields.get(f"reflection-{code}") for code in self.indicators.data or ()}
        return {code: (field.data or "") if field is not None else "" for code, field in fields.items()}

    def said(self) -> dict[str, Any]:
        """Return what the verb takes."""
        upload = self.file.data if "file" in self and self.file.data and self.file.data.filename else None
        return {
            "title": self.title.data or "",
            "account": self.account.data or "",
            "url": self.url.data or "" if "url" in self else "",
            "filename": self.filename.data or "" if "filename" in self else "",
            "reflections": self.reflections(),
            "stream": upload.stream if upload else None,
            "stream_name": upload.filename if upload else "",
        }


def piece_form(item: EvidenceItem, framework: competencies.Framework) -> PieceForm:
    """Make the form of one piece: the fields of its kind, and a reflection for each indicator it illustrates."""
    reflections = {link.indicator: link.reflection for link in item.links}
    fields: dict[str, Any] = {
        f"reflection-{code}": text_area(
            _l("Ce que cette preuve montre pour %(code)s", code=code), Optional(), rows=3, max_length=5000
        )
        for code in reflections
    }
    said = {f"reflection-{code}": text for code, text in reflections.items()} | {
        "title": item.title, "url": item.url, "filename": item.filename, "account": item.account,
        "indicators": list(reflections),
    }  # fmt: skip
    form: PieceForm = type("OnePieceForm", (PieceForm,), fields)(data=said)
    form.indicators.choices = [SelectChoice(one.code, one.code) for one in framework.indicators]
    if item.kind is not EvidenceKind.LINK:
        del form.url
    if item.kind is not EvidenceKind.FILE:
        del form.filename, form.file, form.faces_checked
    else:
        form.account.label.text = _l("Ce qu’il faut savoir pour comprendre ce fichier")
    if item.kind is EvidenceKind.LINK:
        form.account.label.text = _l("Ce que l’on trouve à cette adresse")
    return form

"""What comes in about evidence."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import HiddenField, StringField
from wtforms.validators import Optional

import competencies
from certify.core.forms import BaseForm, ChecklistField, DateField, SelectChoice, at_most, filled, text_area
from certify.core.i18n import lazy as _l


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
    """A trainer's answer to a piece of prior learning."""

    outcome = HiddenField()
    answer = text_area(
        _l("Réponse"),
        description=_l("Obligatoire pour renvoyer, facultative pour accepter. Le ou la stagiaire la lira."),
        rows=5,
        max_length=5000,
    )

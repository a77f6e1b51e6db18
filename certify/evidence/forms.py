"""What comes in about evidence."""

from wtforms import StringField

import competencies
from certify.core.forms import BaseForm, ChecklistField, SelectChoice, at_most, filled
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

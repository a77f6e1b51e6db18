"""What comes in from a browser about the juries of a certification: what it asks of them."""

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString
from wtforms import BooleanField, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from certify.core.forms import ChecklistField, SelectChoice
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.frameworks.rows import RowForm
from competencies import CONFLICTS, SETTABLE_CONFLICTS, JuryRules, Text, jury_words
from competencies.jury_rules import RANGES


def rule_name(name: str) -> str:
    """Return how a rule is called, in the language of the page."""
    return jury_words.RULES[name].to(current_locale())


def _figure(name: str) -> IntegerField:
    least, most = RANGES[name]
    message = _l("Écrivez un nombre de %(least)s à %(most)s.", least=least, most=most)
    return IntegerField(LazyString(rule_name, name), [Optional(), NumberRange(least, most, message)])


class JuryForm(RowForm):
    """What the certification asks of its juries; what is left empty keeps the default of the software.

    Links are ticked to let them pass: a page sent without them forbids all.
    """

    fewest_members = _figure("fewest_members")
    external_percent = _figure("external_percent")
    quorum = _figure("quorum")
    vae_qualified = _figure("vae_qualified")
    access_days = _figure("access_days")
    appeal_days = _figure("appeal_days")
    validity_months = _figure("validity_months")
    renewal_months_before = _figure("renewal_months_before")
    let_pass = ChecklistField(_l("Liens qui n’empêchent pas de siéger, hors VAE"))
    is_balance_hidden = BooleanField(_l("Ne pas montrer l’équilibre entre femmes et hommes d’un jury de VAE"))

    def validate_quorum(self, field: IntegerField) -> None:
        """Refuse a quorum that the fewest members could never make."""
        self._refuse_if_contradicted("quorum", field)

    def validate_renewal_months_before(self, field: IntegerField) -> None:
        """Refuse a renewal before the award."""
        self._refuse_if_contradicted("renewal_months_before", field)

    def validate_validity_months(self, field: IntegerField) -> None:
        """Refuse a validity that the usual renewal would precede, when nobody wrote another one."""
        if self.renewal_months_before.data is None:
            self._refuse_if_contradicted("renewal_months_before", field)

    def _refuse_if_contradicted(self, rule: str, field: IntegerField) -> None:
        figures = {name: self[name].data for name in RANGES if self[name].data is not None}
        message: Text | None = dict(JuryRules(**figures).contradictions()).get(rule)
        if message is not None and field.data is not None:
            words = message.to(current_locale())
            raise ValidationError(f"{words[0].upper()}{words[1:]}")

    def offer(self) -> None:
        """Offer the links that may be let pass."""
        locale = current_locale()
        self.let_pass.choices = [SelectChoice(code, CONFLICTS[code].to(locale)) for code in SETTABLE_CONFLICTS]

    def given(self) -> dict[str, Any]:
        """Return the rules that somebody set."""
        said: dict[str, Any] = {name: self[name].data for name in RANGES if self[name].data is not None}
        if self.let_pass.data:
            said["blocking"] = sorted(set(SETTABLE_CONFLICTS) - set(self.let_pass.data))
        if self.is_balance_hidden.data:
            said["is_balance_shown"] = False
        return said


def shown(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields are filled in with."""
    given = content.get("jury", {})
    return {
        **{name: given.get(name) for name in RANGES},
        "let_pass": [code for code in SETTABLE_CONFLICTS if code not in given.get("blocking", SETTABLE_CONFLICTS)],
        "is_balance_hidden": not given.get("is_balance_shown", True),
    }

"""What comes in from a browser about coded actions: choices and days, never a text."""

import uuid
from collections.abc import Iterable
from typing import Any

from wtforms import RadioField, SelectField

from certify.core.forms import BaseForm, DateField, SelectChoice, required
from certify.core.i18n import lazy as _l
from certify.fragility.models import ActionKind, Channel, FollowUpKind
from certify.groups.models import PeerGroup


def _one_of(kind: Any) -> Any:
    return lambda value: kind(value) if value in set(kind) else None


def _group(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def _day() -> DateField:
    return DateField(_l("Jour"), [required(_l("Donnez un jour."))])


class ActionForm(BaseForm):
    """One action taken."""

    kind = RadioField(
        _l("Ce que vous avez fait"),
        [required(_l("Choisissez une action."))],
        choices=[SelectChoice(one.value, one.label) for one in ActionKind],
        coerce=_one_of(ActionKind),
    )
    on = _day()
    group_id = SelectField(
        _l("Groupe"), coerce=_group, description=_l("Facultatif. Jamais un pseudonyme : seulement le groupe.")
    )

    def offer(self, groups: Iterable[PeerGroup]) -> "ActionForm":
        """Offer the groups of the facilitator, or none."""
        self.group_id.choices = [
            SelectChoice("", _l("Aucun groupe")),
            *(SelectChoice(str(group.id), group.code) for group in groups),
        ]
        return self


class FollowUpForm(BaseForm):
    """What came of an action."""

    kind = RadioField(
        _l("Ce qu’il en est"),
        [required(_l("Choisissez une suite."))],
        choices=[SelectChoice(one.value, one.label) for one in FollowUpKind],
        coerce=_one_of(FollowUpKind),
    )
    on = _day()


class ProcedureForm(BaseForm):
    """A protection procedure was started."""

    channel = RadioField(
        _l("Par quelle voie"),
        [required(_l("Choisissez une voie."))],
        choices=[SelectChoice(one.value, one.label) for one in Channel],
        coerce=_one_of(Channel),
    )
    started_on = _day()

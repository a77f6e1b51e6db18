"""What the audit chain says, in words a person reads; a tag nobody put into words is shown as it is."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from certify.assessments.models import AssessmentKind
from certify.certificates.policies import KIND_LABELS
from certify.cohorts.forms import ROUTES, STATES
from certify.core.access import Role
from certify.core.i18n import gettext
from certify.core.templating import day
from certify.juries.forms import WHOLE_OUTCOMES
from certify.logbook.models import Activity
from certify.organisations.mails import role_name
from certify.pages.audit_tags import TAGS, _
from certify.reports.models import ExportKind

_DETAILS = {
    "export": _("fichier"),
    "role": _("rôle"),
    "kind": _("sorte"),
    "number": _("numéro"),
    "reference": _("référence"),
    "requirement": _("condition"),
    "document": _("pièce"),
    "received_on": _("reçue le"),
    "reason": _("motif"),
    "state": _("état"),
    "before": _("de"),
    "after": _("vers"),
    "count": _("nombre"),
    "enrolled": _("inscrit·e·s"),
    "already": _("déjà inscrit·e·s"),
    "members": _("membres"),
    "candidates": _("candidatures"),
    "is_president": _("préside le jury"),
    "outcome": _("résultat"),
    "version": _("version"),
    "predecessor": _("version précédente"),
    "revision": _("enregistrement"),
    "code": _("code"),
    "topic": _("sujet"),
    "indicators": _("indicateurs"),
    "evidence": _("preuves"),
    "activity": _("activité"),
    "access_route": _("voie d’accès"),
    "entered_on": _("entrée"),
    "starts_on": _("début"),
    "ends_on": _("fin"),
    "size": _("octets"),
    "media_type": _("type"),
    "digest": _("empreinte"),
    "sha256": _("empreinte"),
    "seal": _("empreinte"),
    "via": _("par"),
    "changed": _("modifié"),
    "at_once": _("sans préavis"),
    "expires_on": _("jusqu’au"),
    "carried": _("preuves reprises"),
    "stranded": _("preuves sans indicateur"),
    "enrolments": _("inscriptions"),
    "rows": _("lignes"),
    "days": _("jours"),
    "side": _("côté"),
    "is_correction": _("correction"),
    "is_together": _("sur un même appareil"),
    "method": _("moyen"),
    "rule": _("règle"),
    "violation": _("règle"),
    "subject": _("certificat du sceau"),
    "month": _("mois"),
    "template": _("modèle"),
    "edition": _("édition"),
    "replaces": _("remplace"),
    "delivered": _("enregistrées"),
    "rejected": _("rejetées"),
}
_VALUES: Mapping[str, Mapping[str, Any]] = {
    "outcome": {key.value: words for key, words in WHOLE_OUTCOMES.items()},
    "activity": {one.value: one.label for one in Activity},
    "access_route": {key.value: words for key, words in ROUTES.items()},
    "before": {key.value: words for key, words in STATES.items()},
    "after": {key.value: words for key, words in STATES.items()},
    "kind": {one.value: one.label for one in AssessmentKind} | KIND_LABELS,
    "export": {one.value: one.label for one in ExportKind},
}
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_IDENTIFIER = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def told(tag: str) -> str:
    """Return what a tag means."""
    return gettext(TAGS[tag]) if tag in TAGS else tag


def details(detail: Mapping[str, Any], *, in_full: bool = False) -> list[tuple[str, str]]:
    """Return the facts of an event as pairs, without bare identifiers and empty facts, which tell a reader nothing.

    Unless `in_full`, fingerprints are shortened to what can be compared by eye.
    """
    shown = {name: value for name, value in detail.items() if value not in (None, "", []) and not _is_identifier(value)}
    return [
        (gettext(_DETAILS[name]) if name in _DETAILS else name, _fact(name, value, in_full))
        for name, value in shown.items()
    ]


def _fact(name: str, value: Any, in_full: bool) -> str:
    if name == "role" and value in set(Role):
        return role_name(Role(value))
    if isinstance(value, str) and value in _VALUES.get(name, {}):
        return str(_VALUES[name][value])
    return day(date.fromisoformat(value)) if name.endswith("_on") else _value(value, in_full)


def _value(value: Any, in_full: bool) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_value(one, in_full)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(one, in_full) for one in value)
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    text = str(value)
    return f"{text[:12]}…" if _DIGEST.match(text) and not in_full else text


def _is_identifier(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_identifier(one) for one in value)
    return isinstance(value, str) and bool(_IDENTIFIER.match(value))

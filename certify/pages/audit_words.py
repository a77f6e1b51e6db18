"""What the audit chain says, in words a person reads; a tag nobody put into words is shown as it is."""

import re
from collections.abc import Mapping
from typing import Any

from certify.core.access import Role
from certify.core.i18n import gettext
from certify.organisations.mails import role_name


def _(text: str) -> str:
    """Mark a wording for the catalogue; it is translated when it is shown."""
    return text


_TAGS = {
    "account:user:created": _("Compte créé"),
    "account:invitation:sent": _("Invitation envoyée"),
    "account:invitation:accepted": _("Invitation acceptée"),
    "account:invitation:withdrawn": _("Invitation retirée"),
    "account:name:changed": _("Nom modifié par la personne"),
    "administration:job:retried": _("Tâche relancée"),
    "assessment:grid:started": _("Évaluation commencée"),
    "assessment:grid:discarded": _("Évaluation abandonnée"),
    "assessment:grid:saved": _("Évaluation enregistrée"),
    "assessment:grid:signed": _("Évaluation signée"),
    "certificates:certificate:issued": _("Certificat délivré"),
    "certificates:certificate:revoked": _("Certificat révoqué"),
    "certificate:register:issued": _("Certificat délivré"),
    "certificate:register:revoked": _("Certificat révoqué"),
    "cohorts:cohort:created": _("Promotion créée"),
    "cohorts:cohort:amended": _("Promotion modifiée"),
    "cohorts:enrolment:created": _("Stagiaire inscrit·e"),
    "cohorts:enrolment:amended": _("Inscription modifiée"),
    "cohorts:enrolment:state-changed": _("État de l’inscription modifié"),
    "cohorts:invitation:sent-again": _("Invitation renvoyée"),
    "cohorts:roster:imported": _("Liste de stagiaires importée"),
    "evidence:item:attached": _("Preuve jointe"),
    "evidence:item:described": _("Preuve décrite"),
    "evidence:item:removed": _("Preuve retirée"),
    "evidence:file:read": _("Fichier de preuve ouvert"),
    "frameworks:version:adopted": _("Référentiel adopté"),
    "jury:session:created": _("Session de jury créée"),
    "jury:session:opened": _("Délibération ouverte"),
    "jury:session:closed": _("Délibération close"),
    "jury:seat:added": _("Membre de jury désigné·e"),
    "jury:seat:removed": _("Membre de jury retiré·e"),
    "jury:seat:declared": _("Déclaration de liens remise"),
    "jury:candidacy:added": _("Candidat·e présenté·e au jury"),
    "jury:candidacy:removed": _("Candidat·e retiré·e du jury"),
    "jury:candidacy:read": _("Dossier de candidat·e ouvert"),
    "jury:decision:taken": _("Décision de jury prise"),
    "logbook:entry:started": _("Fiche commencée"),
    "logbook:entry:resumed": _("Fiche reprise"),
    "logbook:entry:submitted": _("Fiche soumise"),
    "logbook:entry:returned": _("Fiche renvoyée à compléter"),
    "logbook:entry:accepted": _("Fiche acceptée"),
    "logbook:entry:discarded": _("Brouillon de fiche abandonné"),
    "organisation:record:created": _("Organisme créé"),
    "organisation:membership:started": _("Rôle donné"),
    "organisation:membership:ended": _("Rôle retiré"),
    "organisation:habilitation:granted": _("Habilitation accordée"),
}
_DETAILS = {
    "role": _("rôle"),
    "kind": _("sorte"),
    "number": _("numéro"),
    "reason": _("motif"),
    "state": _("état"),
    "from": _("de"),
    "to": _("vers"),
    "count": _("nombre"),
    "outcome": _("résultat"),
    "whole": _("décision globale"),
    "blocks": _("blocs"),
    "version": _("version"),
    "code": _("code"),
    "revision": _("révision"),
    "topic": _("sujet"),
    "created": _("créés"),
    "indicators": _("indicateurs"),
}
_IDENTIFIER = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def told(tag: str) -> str:
    """Return what a tag means."""
    return gettext(_TAGS[tag]) if tag in _TAGS else tag


def details(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts of an event as pairs; bare identifiers mean nothing to a reader and are left out."""
    shown = {name: value for name, value in detail.items() if not _is_identifier(value)}
    return [
        (gettext(_DETAILS[name]) if name in _DETAILS else name, _fact(name, value)) for name, value in shown.items()
    ]


def _fact(name: str, value: Any) -> str:
    return role_name(Role(value)) if name == "role" and value in set(Role) else _value(value)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_value(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return "–" if value is None else str(value)


def _is_identifier(value: Any) -> bool:
    return isinstance(value, str) and bool(_IDENTIFIER.match(value))

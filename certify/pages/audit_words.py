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


def _(text: str) -> str:
    """Mark a wording for the catalogue; it is translated when it is shown."""
    return text


_TAGS = {
    "account:user:created": _("Compte créé"),
    "account:invitation:sent": _("Invitation envoyée"),
    "account:invitation:accepted": _("Invitation acceptée"),
    "account:invitation:withdrawn": _("Invitation retirée"),
    "account:name:changed": _("Nom modifié par la personne"),
    "account:password:set": _("Mot de passe choisi"),
    "account:password:changed": _("Mot de passe changé"),
    "account:password:reset": _("Mot de passe réinitialisé"),
    "account:second-factor:set": _("Double authentification mise en place"),
    "account:second-factor:removed": _("Double authentification retirée"),
    "account:session:opened": _("Connexion"),
    "account:session:ended": _("Appareil déconnecté"),
    "account:sessions:ended": _("Tous les appareils déconnectés"),
    "administration:job:retried": _("Tâche relancée"),
    "assessment:grid:started": _("Évaluation commencée"),
    "assessment:grid:discarded": _("Évaluation abandonnée"),
    "assessment:grid:signed": _("Évaluation signée"),
    "certificate:record:issued": _("Certificat délivré"),
    "certificate:record:revoked": _("Certificat révoqué"),
    "certificate:record:reinstated": _("Certificat rétabli"),
    "cohorts:cohort:created": _("Promotion créée"),
    "cohorts:cohort:amended": _("Promotion modifiée"),
    "cohorts:enrolment:created": _("Stagiaire inscrit·e"),
    "cohorts:enrolment:amended": _("Inscription modifiée"),
    "cohorts:enrolment:state-changed": _("État de l’inscription modifié"),
    "cohorts:invitation:sent-again": _("Invitation renvoyée"),
    "cohorts:people:admitted": _("Stagiaires inscrit·es depuis une plateforme"),
    "cohorts:roster:imported": _("Liste de stagiaires importée"),
    "demo:cohort:copied": _("Promotion de démonstration copiée"),
    "evidence:item:attached": _("Preuve jointe"),
    "evidence:item:described": _("Preuve décrite"),
    "evidence:item:removed": _("Preuve retirée"),
    "evidence:item:submitted": _("Preuve soumise"),
    "evidence:item:returned": _("Preuve renvoyée"),
    "evidence:item:accepted": _("Preuve acceptée"),
    "evidence:item:read": _("Fichier de preuve ouvert"),
    "frameworks:version:adopted": _("Référentiel adopté"),
    "jury:session:created": _("Session de jury créée"),
    "jury:session:opened": _("Délibération ouverte"),
    "jury:session:closed": _("Délibération close"),
    "jury:seat:added": _("Membre de jury désigné·e"),
    "jury:seat:removed": _("Membre de jury retiré·e"),
    "jury:seat:declared": _("Déclaration de liens remise"),
    "jury:candidacy:added": _("Candidat·e présenté·e au jury"),
    "jury:candidacy:removed": _("Candidat·e retiré·e du jury"),
    "jury:file:read": _("Dossier de candidat·e ouvert"),
    "jury:evidence:read": _("Fichier de preuve ouvert"),
    "jury:decision:taken": _("Décision de jury prise"),
    "logbook:entry:started": _("Fiche commencée"),
    "logbook:entry:resumed": _("Fiche reprise"),
    "logbook:entry:submitted": _("Fiche soumise"),
    "logbook:entry:returned": _("Fiche renvoyée à compléter"),
    "logbook:entry:accepted": _("Fiche acceptée"),
    "logbook:entry:discarded": _("Brouillon de fiche abandonné"),
    "lti:invitation:sent": _("Plateforme invitée"),
    "lti:invitation:withdrawn": _("Invitation de plateforme retirée"),
    "lti:registration:created": _("Plateforme raccordée"),
    "lti:registration:renewed": _("Raccordement de plateforme renouvelé"),
    "lti:registration:changed": _("Réglages de plateforme modifiés"),
    "lti:registration:enabled": _("Plateforme remise en service"),
    "lti:registration:disabled": _("Plateforme suspendue"),
    "lti:deployment:approved": _("Déploiement de plateforme approuvé"),
    "lti:deployment:refused": _("Déploiement de plateforme refusé"),
    "lti:key:created": _("Clé de signature créée"),
    "lti:course:linked": _("Cours relié à une promotion"),
    "lti:links:placed": _("Liens placés dans un cours"),
    "lti:person:joined": _("Compte rattaché à une plateforme par la personne"),
    "lti:person:merged": _("Personne d’une plateforme rattachée à un compte"),
    "lti:columns:wanted": _("Colonnes de notes demandées"),
    "lti:people:met": _("Personnes connues par une plateforme"),
    "lti:person:met": _("Personne connue par une plateforme"),
    "lti:roster:wanted": _("Liste d’un cours demandée"),
    "lti:roster:applied": _("Liste d’un cours appliquée"),
    "lti:scores:sent-again": _("Notes renvoyées à la plateforme"),
    "lti:key:rotated": _("Clé de signature changée"),
    "organisation:record:created": _("Organisme créé"),
    "organisation:membership:started": _("Rôle donné"),
    "organisation:membership:ended": _("Rôle retiré"),
    "organisation:habilitation:granted": _("Habilitation accordée"),
}
_DETAILS = {
    "role": _("rôle"),
    "kind": _("sorte"),
    "number": _("numéro"),
    "reference": _("référence"),
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
}
_VALUES: Mapping[str, Mapping[str, Any]] = {
    "outcome": {key.value: words for key, words in WHOLE_OUTCOMES.items()},
    "activity": {one.value: one.label for one in Activity},
    "access_route": {key.value: words for key, words in ROUTES.items()},
    "before": {key.value: words for key, words in STATES.items()},
    "after": {key.value: words for key, words in STATES.items()},
    "kind": {one.value: one.label for one in AssessmentKind} | KIND_LABELS,
}
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_IDENTIFIER = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def told(tag: str) -> str:
    """Return what a tag means."""
    return gettext(_TAGS[tag]) if tag in _TAGS else tag


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

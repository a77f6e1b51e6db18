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
from certify.reports.models import ExportKind


def _(text: str) -> str:
    """Mark a wording for the catalogue; it is translated when it is shown."""
    return text


_TAGS = {
    "account:invitation:accepted": _("Invitation acceptée"),
    "account:invitation:sent": _("Invitation envoyée"),
    "account:invitation:withdrawn": _("Invitation retirée"),
    "account:name:changed": _("Nom modifié par la personne"),
    "account:password:changed": _("Mot de passe changé"),
    "account:password:reset": _("Mot de passe réinitialisé"),
    "account:password:set": _("Mot de passe choisi"),
    "account:second-factor:removed": _("Double authentification retirée"),
    "account:second-factor:set": _("Double authentification mise en place"),
    "account:session:ended": _("Appareil déconnecté"),
    "account:session:opened": _("Connexion"),
    "account:sessions:ended": _("Tous les appareils déconnectés"),
    "account:user:created": _("Compte créé"),
    "administration:job:retried": _("Tâche relancée"),
    "assessment:grid:discarded": _("Évaluation abandonnée"),
    "assessment:grid:signed": _("Évaluation signée"),
    "assessment:grid:started": _("Évaluation commencée"),
    "assessment:habilitation:ended": _("Habilitation à évaluer terminée"),
    "assessment:habilitation:granted": _("Habilitation à évaluer accordée"),
    "assessment:level:retained": _("Niveau retenu"),
    "assessment:sample:drawn": _("Échantillon à vérifier tiré"),
    "assessment:sample:verified": _("Évaluation vérifiée"),
    "certificate:record:issued": _("Certificat délivré"),
    "certificate:record:reinstated": _("Certificat rétabli"),
    "certificate:record:revoked": _("Certificat révoqué"),
    "cohorts:attendance:recorded": _("Présences notées"),
    "cohorts:cohort:amended": _("Promotion modifiée"),
    "cohorts:cohort:created": _("Promotion créée"),
    "cohorts:enrolment:amended": _("Inscription modifiée"),
    "cohorts:enrolment:created": _("Stagiaire inscrit·e"),
    "cohorts:enrolment:state-changed": _("État de l’inscription modifié"),
    "cohorts:half-day:cancelled": _("Demi-journée annulée"),
    "cohorts:half-days:planned": _("Demi-journées ajoutées"),
    "cohorts:invitation:sent-again": _("Invitation renvoyée"),
    "cohorts:pause:closed": _("Formation reprise"),
    "cohorts:pause:opened": _("Formation suspendue"),
    "cohorts:people:admitted": _("Stagiaires inscrit·es depuis une plateforme"),
    "cohorts:roster:imported": _("Liste de stagiaires importée"),
    "cohorts:vae-step:recorded": _("Étape de VAE enregistrée"),
    "cohorts:vae-step:struck-out": _("Étape de VAE barrée"),
    "demo:cohort:copied": _("Promotion de démonstration copiée"),
    "eligibility:derogation:granted": _("Dérogation accordée"),
    "eligibility:derogation:withdrawn": _("Dérogation retirée"),
    "eligibility:document:received": _("Pièce du dossier reçue"),
    "eligibility:document:struck-out": _("Pièce du dossier rayée"),
    "evidence:item:accepted": _("Preuve acceptée"),
    "evidence:item:attached": _("Preuve jointe"),
    "evidence:item:described": _("Preuve décrite"),
    "evidence:item:read": _("Fichier de preuve ouvert"),
    "evidence:item:removed": _("Preuve retirée"),
    "evidence:item:returned": _("Preuve renvoyée"),
    "evidence:item:submitted": _("Preuve soumise"),
    "evidence:prior:amended": _("Acquis antérieur modifié"),
    "evidence:prior:declared": _("Acquis antérieur déclaré"),
    "evidence:prior:submitted": _("Acquis antérieur soumis"),
    "frameworks:programme:set": _("Règles du programme fixées"),
    "frameworks:recognition:recorded": _("Reconnaissance du référentiel enregistrée"),
    "frameworks:version:activated": _("Référentiel mis en vigueur"),
    "frameworks:version:adopted": _("Référentiel adopté"),
    "frameworks:version:archived": _("Référentiel archivé"),
    "frameworks:version:discarded": _("Brouillon de référentiel supprimé"),
    "frameworks:version:drafted": _("Brouillon de référentiel commencé"),
    "frameworks:version:imported": _("Référentiel importé comme brouillon"),
    "frameworks:version:mapped": _("Correspondance entre deux versions enregistrée"),
    "frameworks:version:published": _("Référentiel rendu public"),
    "frameworks:version:withdrawn": _("Référentiel retiré du public"),
    "frameworks:version:written": _("Brouillon de référentiel enregistré"),
    "jury:candidacy:added": _("Candidat·e présenté·e au jury"),
    "jury:candidacy:removed": _("Candidat·e retiré·e du jury"),
    "jury:decision:taken": _("Décision de jury prise"),
    "jury:evidence:read": _("Fichier de preuve ouvert"),
    "jury:file:read": _("Dossier de candidat·e ouvert"),
    "jury:seat:added": _("Membre de jury désigné·e"),
    "jury:seat:declared": _("Déclaration de liens remise"),
    "jury:seat:removed": _("Membre de jury retiré·e"),
    "jury:session:closed": _("Délibération close"),
    "jury:session:created": _("Session de jury créée"),
    "jury:session:opened": _("Délibération ouverte"),
    "logbook:entry:accepted": _("Fiche acceptée"),
    "logbook:entry:discarded": _("Brouillon de fiche abandonné"),
    "logbook:entry:resumed": _("Fiche reprise"),
    "logbook:entry:returned": _("Fiche renvoyée à compléter"),
    "logbook:entry:started": _("Fiche commencée"),
    "logbook:entry:submitted": _("Fiche soumise"),
    "lti:columns:wanted": _("Colonnes de notes demandées"),
    "lti:course:linked": _("Cours relié à une promotion"),
    "lti:deployment:approved": _("Déploiement de plateforme approuvé"),
    "lti:deployment:refused": _("Déploiement de plateforme refusé"),
    "lti:invitation:sent": _("Plateforme invitée"),
    "lti:invitation:withdrawn": _("Invitation de plateforme retirée"),
    "lti:key:created": _("Clé de signature créée"),
    "lti:key:rotated": _("Clé de signature changée"),
    "lti:links:placed": _("Liens placés dans un cours"),
    "lti:people:met": _("Personnes connues par une plateforme"),
    "lti:person:joined": _("Compte rattaché à une plateforme par la personne"),
    "lti:person:merged": _("Personne d’une plateforme rattachée à un compte"),
    "lti:person:met": _("Personne connue par une plateforme"),
    "lti:registration:changed": _("Réglages de plateforme modifiés"),
    "lti:registration:created": _("Plateforme raccordée"),
    "lti:registration:disabled": _("Plateforme suspendue"),
    "lti:registration:enabled": _("Plateforme remise en service"),
    "lti:registration:renewed": _("Raccordement de plateforme renouvelé"),
    "lti:roster:applied": _("Liste d’un cours appliquée"),
    "lti:roster:wanted": _("Liste d’un cours demandée"),
    "lti:scores:sent-again": _("Notes renvoyées à la plateforme"),
    "organisation:habilitation:granted": _("Habilitation accordée"),
    "organisation:membership:ended": _("Rôle retiré"),
    "organisation:membership:started": _("Rôle donné"),
    "organisation:record:created": _("Organisme créé"),
    "reminders:mail:declined": _("Rappels par courriel refusés"),
    "reminders:mail:wanted": _("Rappels par courriel demandés"),
    "reports:export:expired": _("Fichier retiré au bout de sept jours"),
    "reports:export:fetched": _("Fichier téléchargé"),
    "reports:export:requested": _("Fichier demandé"),
    "revisions:cohort:move-asked": _("Passage d’une promotion à une autre version demandé"),
    "revisions:cohort:moved": _("Promotion passée à une autre version"),
    "anonymity:names:declared": _("Prénoms à ne pas écrire déclarés"),
    "anonymity:names:withdrawn": _("Prénoms à ne pas écrire retirés"),
    "anonymity:passage:flagged": _("Passage masqué"),
    "anonymity:passage:restored": _("Passage montré de nouveau"),
    "evidence:item:taken_back": _("Preuve reprise par son auteur·rice"),
    "evidence:piece:accepted": _("Preuve acceptée"),
    "evidence:piece:added": _("Preuve gardée"),
    "evidence:piece:amended": _("Preuve modifiée"),
    "evidence:piece:reopened": _("Preuve remise en lecture"),
    "evidence:piece:replaced": _("Preuve remplacée"),
    "evidence:piece:returned": _("Preuve renvoyée"),
    "evidence:piece:submitted": _("Preuve soumise"),
    "evidence:upload:begun": _("Envoi d’un gros fichier commencé"),
    "evidence:upload:settled": _("Envoi d’un gros fichier terminé"),
    "evidence:upload:whole": _("Gros fichier reçu en entier"),
    "field:conflict:opened": _("Deux versions d’un même texte gardées"),
    "field:conflict:resolved": _("Choix entre deux versions"),
    "fragility:action:recorded": _("Action auprès des familles notée"),
    "fragility:action:struck-out": _("Action auprès des familles barrée"),
    "fragility:follow-up:recorded": _("Suite d’une action notée"),
    "fragility:procedure:noted": _("Procédure de protection déclenchée"),
    "fragility:procedure:struck-out": _("Procédure de protection barrée"),
    "groups:attendance:taken": _("Présences notées à une rencontre"),
    "groups:calendar:made": _("Adresse d’agenda faite"),
    "groups:calendar:renewed": _("Adresse d’agenda changée"),
    "groups:calendar:revoked": _("Adresse d’agenda supprimée"),
    "groups:closure:added": _("Fermeture ajoutée"),
    "groups:closure:removed": _("Fermeture retirée"),
    "groups:facilitator:added": _("Accompagnement d’un groupe commencé"),
    "groups:facilitator:ended": _("Accompagnement d’un groupe terminé"),
    "groups:family:closed": _("Famille sortie de la liste d’attente"),
    "groups:family:waiting": _("Famille mise sur la liste d’attente"),
    "groups:group:amended": _("Groupe modifié"),
    "groups:group:closed": _("Groupe clos"),
    "groups:group:composed": _("Groupe composé depuis la liste d’attente"),
    "groups:group:opened": _("Groupe ouvert"),
    "groups:group:reopened": _("Groupe rouvert"),
    "groups:meeting:amended": _("Rencontre modifiée"),
    "groups:meeting:cancelled": _("Rencontre annulée"),
    "groups:meeting:held": _("Rencontre déclarée tenue"),
    "groups:meeting:moved": _("Rencontre reportée"),
    "groups:meeting:planned": _("Rencontre prévue"),
    "groups:meeting:restored": _("Rencontre prévue de nouveau"),
    "groups:member:amended": _("Mois d’un participant corrigé"),
    "groups:member:came-back": _("Retour dans un groupe"),
    "groups:member:joined": _("Entrée dans un groupe"),
    "groups:member:left": _("Départ d’un groupe"),
    "groups:room:checked": _("État d’une salle noté"),
    "groups:series:planned": _("Série de rencontres prévue"),
    "groups:stay:struck": _("Entrée dans un groupe rayée"),
    "logbook:entry:amended": _("Fiche reprise avant la réponse"),
    "logbook:entry:read": _("Fiche d’un·e stagiaire lue"),
    "logbook:entry:form_taken": _("Nouveau formulaire pris pour une fiche"),
    "logbook:form:published": _("Formulaire du cahier modifié"),
    "logbook:form:restored": _("Formulaire du cahier remis à celui livré"),
    "logbook:import:abandoned": _("Import d’un cahier abandonné"),
    "logbook:import:deposited": _("Cahier à importer déposé"),
    "logbook:import:done": _("Cahier importé"),
    "logbook:template:kept": _("Modèle de fiche gardé"),
    "logbook:template:renamed": _("Modèle de fiche renommé"),
    "logbook:template:retired": _("Modèle de fiche retiré"),
    "observations:answer:contested": _("Observation contestée"),
    "observations:answer:countersigned": _("Observation contresignée"),
    "observations:answer:signed": _("Observation signée"),
    "observations:request:declined": _("Demande d’observation refusée"),
    "observations:request:made": _("Observation demandée"),
    "observations:request:resent": _("Demande d’observation renvoyée"),
    "observations:request:revoked": _("Demande d’observation annulée"),
    "retention:period:decided": _("Durée de conservation décidée"),
    "retention:purge:asked": _("Purge demandée"),
    "supervision:notes:read": _("Notes de supervision lues"),
    "supervision:notes:written": _("Notes de supervision écrites"),
    "supervision:presence:recorded": _("Présences notées à une séance de supervision"),
    "supervision:session:amended": _("Séance de supervision modifiée"),
    "supervision:session:cancelled": _("Séance de supervision annulée"),
    "supervision:session:planned": _("Séance de supervision prévue"),
    "supervision:session:signed": _("Séance de supervision signée"),
    "revisions:enrolment:moved": _("Stagiaire passé·e à une autre version"),
}
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

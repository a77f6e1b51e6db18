"""The classes of data that have an end: what they are, how long they are kept unless it was decided otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from certify.accounts.models import FailedSignIn, Invitation, UserSession
from certify.anonymity.models import DeclaredName
from certify.cohorts.models import Enrolment
from certify.core.clock import PARIS
from certify.core.db import Base
from certify.core.i18n import lazy as _l
from certify.core.mail import MailMessage
from certify.core.outbox import OutboxMessage
from certify.core.receipts import FormReceipt
from certify.field.models import FieldOperation, Outcome
from certify.groups.models import WaitingFamily
from certify.identities.models import CivilIdentity, RegistrationNumber
from certify.juries.queries import Appeal, Candidacy, JurySession, SessionState, Vote
from certify.logbook.models import EntryState, ImportState, LogbookEntry, LogbookImport
from certify.lti.models.launches import Launch, Verdict
from certify.observations.models import ObservationRequest

_YEAR = 365


@dataclass(frozen=True)
class DataClass:
    """Rows of one table that are removed, or emptied of what they say, once they are old enough."""

    code: str
    label: Any
    purpose: Any
    """Why it is kept at all, hence why not longer."""
    table: type[Base]
    is_due: Callable[[datetime], ColumnElement[bool]]
    """Which rows are older than a moment, and still hold something."""
    days: int
    least: int = 1
    """The fewest days that may be chosen."""
    emptied: Mapping[str, Any] = field(default_factory=dict)
    """Columns set to these values, the row being kept; none when the row itself goes."""
    stamped: str = ""
    """Column that keeps the moment when the row was emptied, if any."""
    is_automatic: bool = True
    """Whether it is done every day, without anybody asking."""


@dataclass(frozen=True)
class Kept:
    """What is never removed by age, and why."""

    label: Any
    reason: Any


def _over(before: datetime) -> ColumnElement[bool]:
    return exists().where(
        Enrolment.id == DeclaredName.enrolment_id, Enrolment.ended_on < before.astimezone(PARIS).date()
    )


def _left_long_ago(before: datetime) -> ColumnElement[bool]:
    day = before.astimezone(PARIS).date()
    theirs = exists().where(Enrolment.user_id == CivilIdentity.user_id)
    return and_(
        func.length(CivilIdentity.content) > 0,
        ~theirs.where(or_(Enrolment.ended_on.is_(None), Enrolment.ended_on >= day)),
        # Somebody without any enrolment left when their identity was written at the latest.
        or_(theirs, CivilIdentity.recorded_at < before),
    )


def _deliberated(before: datetime) -> ColumnElement[bool]:
    """Select the notes of sessions published long ago, on which no appeal waits."""
    published = exists().where(
        Candidacy.id == Vote.candidacy_id,
        JurySession.id == Candidacy.session_id,
        JurySession.published_at < before,
        JurySession.state == SessionState.PUBLISHED,
    )
    awaited = exists().where(Appeal.candidacy_id == Vote.candidacy_id, Appeal.answered_on.is_(None))
    return and_(Vote.at < before, Vote.comment != "", published, ~awaited)


def _closed_request(before: datetime) -> ColumnElement[bool]:
    request = ObservationRequest
    closings = (request.answered_at, request.revoked_at, request.declined_at, request.expires_at)
    return and_(request.referent_email != "", or_(*(closing < before for closing in closings)))


def _unread_draft(before: datetime) -> ColumnElement[bool]:
    entry = LogbookEntry
    texts = (entry.title, entry.place, entry.account, entry.reflection, entry.private_note)
    return and_(entry.state == EntryState.DISCARDED, entry.saved_at < before, or_(*(text != "" for text in texts)))


CLASSES: tuple[DataClass, ...] = (
    DataClass(
        "form_receipts",
        _l("Reçus de formulaires"),
        _l("Ils évitent qu’un formulaire envoyé deux fois agisse deux fois."),
        FormReceipt,
        lambda before: FormReceipt.at < before,
        days=30,
    ),
    DataClass(
        "jobs",
        _l("Tâches faites"),
        _l("Elles disent ce que l’application a fait après coup ; celles qui ont échoué restent."),
        OutboxMessage,
        lambda before: OutboxMessage.done_at < before,
        days=90,
        least=7,
    ),
    DataClass(
        "mails",
        _l("Courriels écrits"),
        _l("Ils permettent de dire si un courriel est parti, et ce qu’il disait."),
        MailMessage,
        lambda before: and_(MailMessage.created_at < before, MailMessage.sent_at.is_not(None)),
        days=_YEAR,
        least=7,
    ),
    DataClass(
        "sign_ins",
        _l("Connexions"),
        _l("Elles permettent à chacun·e de voir et de fermer ses connexions."),
        UserSession,
        lambda before: UserSession.last_seen_at < before,
        days=_YEAR,
        least=30,
    ),
    DataClass(
        "failed_sign_ins",
        _l("Essais de connexion manqués"),
        _l("Ils ralentissent qui essaie des mots de passe ; aucune adresse n’y est lisible."),
        FailedSignIn,
        lambda before: FailedSignIn.at < before,
        days=30,
    ),
    DataClass(
        "invitations",
        _l("Invitations passées"),
        _l("Elles disent qui a été invité, et quand."),
        Invitation,
        lambda before: and_(Invitation.created_at < before, Invitation.expires_at < before),
        days=_YEAR,
        least=30,
    ),
    DataClass(
        "launches",
        _l("Ouvertures depuis une plateforme"),
        _l("Elles prouvent ce qui a été accepté ou refusé, et pourquoi."),
        Launch,
        lambda before: and_(Launch.at < before, Launch.verdict != Verdict.PENDING),
        days=_YEAR,
        least=30,
    ),
    DataClass(
        "field_operations",
        _l("Envois des téléphones"),
        _l("Ils évitent qu’une fiche écrite sans réseau soit enregistrée deux fois ; un conflit ouvert reste."),
        FieldOperation,
        lambda before: and_(
            FieldOperation.received_at < before,
            or_(FieldOperation.outcome != Outcome.CONFLICT, FieldOperation.resolved_at.is_not(None)),
        ),
        days=180,
        least=60,
    ),
    DataClass(
        "imports",
        _l("Lignes de cahiers importés et laissés en plan"),
        _l("Elles attendent que leur auteur·rice les vérifie."),
        LogbookImport,
        lambda before: and_(LogbookImport.state == ImportState.DEPOSITED, LogbookImport.created_at < before),
        days=30,
        emptied={"rows": [], "state": ImportState.ABANDONED},
    ),
    DataClass(
        "observation_contacts",
        _l("Adresses des référent·es à qui une observation a été demandée"),
        _l("Elles servent à envoyer la demande et sa copie ; la réponse, elle, reste."),
        ObservationRequest,
        _closed_request,
        days=180,
        least=30,
        emptied={"referent_email": "", "token_digest": None, "draft": {}},
    ),
    DataClass(
        "waiting_families",
        _l("Familles qui n’attendent plus de groupe"),
        _l("Un numéro et un mois : ils servent à composer les groupes."),
        WaitingFamily,
        lambda before: WaitingFamily.closed_on < before.astimezone(PARIS).date(),
        days=_YEAR,
        least=30,
    ),
    DataClass(
        "declared_names",
        _l("Prénoms déclarés (empreintes)"),
        _l("Ils servent à refuser un prénom dans un texte tant que la formation dure."),
        DeclaredName,
        _over,
        days=180,
        least=1,
    ),
    DataClass(
        "registration_numbers",
        _l("Numéros de sécurité sociale non transmis"),
        _l("Ils attendent la déclaration de la certification ; une fois transmis, ils partent d’eux-mêmes plus tôt."),
        RegistrationNumber,
        lambda before: and_(RegistrationNumber.recorded_at < before, RegistrationNumber.content.is_not(None)),
        days=2 * _YEAR,
        least=90,
        emptied={"content": None},
        stamped="purged_at",
    ),
    DataClass(
        "civil_identities",
        _l("Identités d’état civil"),
        _l("Elles servent à corriger un certificat ou une déclaration ; le certificat, lui, garde le nom imprimé."),
        CivilIdentity,
        _left_long_ago,
        days=5 * _YEAR,
        least=_YEAR,
        emptied={"content": b""},
        is_automatic=False,
    ),
    DataClass(
        "deliberation_notes",
        _l("Notes des membres d’un jury"),
        _l("Écrites pour délibérer ; la décision et ses motifs sont au procès-verbal."),
        Vote,
        _deliberated,
        days=_YEAR,
        least=90,
        emptied={"comment": ""},
    ),
    DataClass(
        "discarded_drafts",
        _l("Brouillons mis de côté"),
        _l("Leur auteur·rice peut les reprendre ; personne d’autre ne les a lus."),
        LogbookEntry,
        _unread_draft,
        days=2 * _YEAR,
        least=_YEAR,
        emptied={"title": "", "place": "", "account": "", "reflection": "", "private_note": "", "search_text": ""}
        | {"values": {}},
        is_automatic=False,
    ),
)
"""Every class with an end; the order is that of the page."""

KEPT: tuple[Kept, ...] = (
    Kept(
        _l("Décisions de jury, procès-verbaux, recours, certificats, registre"),
        _l("Un certificat doit pouvoir être vérifié des décennies après : le registre ne s’efface pas."),
    ),
    Kept(
        _l("Journal d’audit"),
        _l("Chaque ligne est liée à la précédente : en retirer une romprait la preuve. Aucun texte saisi n’y est."),
    ),
    Kept(
        _l("Fiches soumises, preuves, évaluations signées"),
        _l("Elles fondent une décision. L’effacement du dossier d’une personne se fait à sa demande."),
    ),
    Kept(
        _l("Groupes, rencontres, présences"),
        _l("Un code, des pseudonymes tirés au sort, des mois : personne n’y est reconnaissable."),
    ),
)
"""What has no end, said on the same page."""


def class_of(code: str) -> DataClass | None:
    """Return a class by its code."""
    return next((one for one in CLASSES if one.code == code), None)


def due_rows(one: DataClass, before: datetime) -> Any:
    """Select the keys of the rows of a class that are due."""
    return select(*one.table.__mapper__.primary_key).where(one.is_due(before))

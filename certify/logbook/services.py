"""What can be done with a logbook entry."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import moment
from certify.core.types import new_id
from certify.evidence import services as evidence
from certify.evidence.queries import EvidenceItem
from certify.logbook import policies, queries
from certify.logbook.models import (
    Activity,
    EntryContent,
    EntryReview,
    EntryState,
    EntryVersion,
    LogbookEntry,
    ReviewOutcome,
)


class StaleEntry(Conflict):
    """The entry was saved from somewhere else since it was opened here."""


class AlreadyAnswered(Conflict):
    """Another trainer has answered this version."""


def start(
    session: Session, actor: Actor, enrolment: Enrolment, *, activity: Activity, indicators: Iterable[str] = ()
) -> LogbookEntry:
    """Begin an entry, dated today, that only its author sees."""
    if enrolment.state not in (EnrolmentState.INVITED, EnrolmentState.ACTIVE):
        raise Conflict(
            _l("Votre inscription n’est plus active : le cahier se lit encore, mais on n’y ajoute plus de fiche.")
        )
    moment_now = clock.now()
    entry = LogbookEntry(
        id=new_id(),
        enrolment_id=enrolment.id,
        training_body_id=enrolment.training_body_id,
        activity=activity,
        happened_on=clock.today(),
        title="",
        place="",
        account="",
        reflection="",
        state=EntryState.DRAFT,
        revision=1,
        created_at=moment_now,
        saved_at=moment_now,
    )
    session.add(entry)
    session.flush()
    evidence.link_entry(session, actor, enrolment, entry.id, title="", indicators=indicators)
    audit.record(
        session, actor, "logbook:entry:started", entry, organisation_id=entry.training_body_id, activity=activity
    )
    return entry


def save(session: Session, actor: Actor, entry: LogbookEntry, *, revision: int, content: EntryContent) -> LogbookEntry:
    """Keep what the author has written so far; saving the same words again changes nothing.

    `content.files` is ignored: files come and go by their own verbs. Raises StaleEntry when the entry was saved
    elsewhere since `revision`, so that neither text overwrites the other.
    """
    _lock(session, entry)
    _require_editable(entry)
    if not queries.differs(session, entry, content):
        return entry
    if entry.revision != revision:
        raise StaleEntry(
            _l(
                "Cette fiche a été enregistrée depuis un autre onglet ou un autre appareil le %(at)s.",
                at=moment(entry.saved_at),
            )
        )
    entry.activity, entry.title, entry.place = content.activity, content.title, content.place
    entry.happened_on, entry.minutes = content.happened_on, content.minutes
    entry.account, entry.reflection = content.account, content.reflection
    entry.revision += 1
    entry.saved_at = clock.now()
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    evidence.link_entry(session, actor, enrolment, entry.id, title=entry.title, indicators=content.indicators)
    return entry


def attach(
    session: Session,
    actor: Actor,
    entry: LogbookEntry,
    *,
    stream: BinaryIO,
    filename: str,
    title: str,
    indicators: Iterable[str] = (),
) -> EvidenceItem:
    """Attach a file to an entry being written."""
    _lock(session, entry)
    _require_editable(entry)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    return evidence.attach_file(
        session, actor, enrolment, entry.id, stream=stream, filename=filename, title=title, indicators=indicators
    )


def submit(session: Session, actor: Actor, entry: LogbookEntry, *, revision: int) -> EntryVersion:
    """Hand an entry over to the trainers: what it says now becomes a version nobody can change.

    Raises Invalid when something is missing or lets somebody be recognised, StaleEntry when it is not the text that
    its author read again.
    """
    _lock(session, entry)
    _require_editable(entry)
    if entry.revision != revision:
        raise StaleEntry(_l("Cette fiche a changé depuis que vous l’avez relue. Relisez-la, puis soumettez-la."))
    _require_submittable(queries.content_of(session, entry))
    evidence.follow_entry(session, actor, entry.id, "submitted")
    session.flush()
    content = queries.content_of(session, entry)
    version = EntryVersion(
        id=new_id(),
        entry_id=entry.id,
        framework_version_id=session.get_one(Enrolment, entry.enrolment_id).framework_version_id,
        number=queries.last_number(session, entry.id) + 1,
        content=content.to_document(),
        submitted_at=clock.now(),
        submitted_by_id=actor.user_id,
    )
    session.add(version)
    entry.state, entry.submitted_at = EntryState.SUBMITTED, version.submitted_at
    audit.record(
        session,
        actor,
        "logbook:entry:submitted",
        entry,
        organisation_id=entry.training_body_id,
        number=version.number,
        evidence=[fact.sha256 for fact in content.files],
    )
    return version


def discard(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Put a draft away; nothing of it is lost, and nobody but its author ever saw it."""
    _lock(session, entry)
    if entry.state is not EntryState.DRAFT:
        raise Conflict(_l("Seul un brouillon se met de côté : une fiche soumise garde toutes ses versions."))
    entry.state, entry.saved_at = EntryState.DISCARDED, clock.now()
    audit.record(session, actor, "logbook:entry:discarded", entry, organisation_id=entry.training_body_id)
    return entry


def resume(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Take up again a draft that was put away."""
    _lock(session, entry)
    if entry.state is not EntryState.DISCARDED:
        raise Conflict(_l("Cette fiche n’est pas mise de côté."))
    entry.state, entry.saved_at = EntryState.DRAFT, clock.now()
    audit.record(session, actor, "logbook:entry:resumed", entry, organisation_id=entry.training_body_id)
    return entry


def review(
    session: Session, actor: Actor, entry: LogbookEntry, *, number: int, outcome: ReviewOutcome, comment: str = ""
) -> EntryReview:
    """Answer version `number` of an entry, once: return it with a comment, or accept it with its evidence.

    Raises AlreadyAnswered, naming who and when, for the second trainer; the trainee is told by a mail.
    """
    _lock(session, entry)
    version = _version_to_answer(session, entry, number)
    author_id = session.get_one(Enrolment, entry.enrolment_id).user_id
    if not policies.may_review(actor, entry, author_id):
        raise Forbidden(_l("Vous ne pouvez pas répondre à cette fiche."))
    _require_answerable(outcome, comment)
    answer = EntryReview(
        id=new_id(),
        entry_id=entry.id,
        version_id=version.id,
        reviewer_id=actor.user_id,
        outcome=outcome,
        comment=comment,
        at=clock.now(),
    )
    session.add(answer)
    entry.state = EntryState(outcome.value)
    if outcome is ReviewOutcome.ACCEPTED:
        entry.accepted_at = answer.at
    evidence.follow_entry(session, actor, entry.id, outcome.value)
    audit.record(
        session, actor, f"logbook:entry:{outcome.value}", entry, organisation_id=entry.training_body_id, number=number
    )
    outbox.send(session, "logbook.reviewed", review_id=answer.id)
    return answer


def _lock(session: Session, entry: LogbookEntry) -> None:
    """Make everybody else who changes this entry wait, and read it as they left it."""
    session.refresh(entry, with_for_update=True)


def _require_editable(entry: LogbookEntry) -> None:
    messages: dict[EntryState, Any] = {
        EntryState.SUBMITTED: _l("Cette fiche a été soumise : vous pourrez la compléter si elle vous est renvoyée."),
        EntryState.ACCEPTED: _l("Cette fiche a été acceptée : elle ne change plus."),
        EntryState.DISCARDED: _l("Cette fiche est mise de côté : reprenez-la avant d’y écrire."),
    }
    if not policies.is_editable(entry):
        raise Conflict(messages[entry.state])


def _require_submittable(content: EntryContent) -> None:
    missing = policies.what_is_missing(content, clock.today())
    if missing:
        raise Invalid(missing[0].message, missing[0].field)
    identifying = policies.what_identifies(content)
    if identifying:
        raise Invalid(_identifies(identifying[0].excerpt, identifying[0].advice), identifying[0].field)


def _require_answerable(outcome: ReviewOutcome, comment: str) -> None:
    if outcome is ReviewOutcome.RETURNED and not comment.strip():
        raise Invalid(_l("Dites ce qu’il faut compléter : la fiche est renvoyée avec votre commentaire."), "comment")
    findings = competencies.find_identifying(comment)
    if findings:
        raise Invalid(_identifies(findings[0].excerpt, competencies.advice(findings[0].kind)), "comment")


def _identifies(excerpt: str, advice: competencies.Text) -> Any:
    return _l(
        "« %(excerpt)s » permet de reconnaître quelqu’un. %(advice)s",
        excerpt=excerpt,
        advice=queries.in_current_language(advice),
    )


def _version_to_answer(session: Session, entry: LogbookEntry, number: int) -> EntryVersion:
    version = session.scalars(
        select(EntryVersion).where(EntryVersion.entry_id == entry.id, EntryVersion.number == number)
    ).one_or_none()
    if version is None:
        raise Conflict(_l("Cette version de la fiche n’existe pas. Rouvrez la fiche."), resend=False)
    given = session.execute(
        select(EntryReview, User)
        .join(User, User.id == EntryReview.reviewer_id)
        .where(EntryReview.version_id == version.id)
    ).one_or_none()
    if given is not None:
        raise AlreadyAnswered(_answered(*given), resend=False)
    if entry.state is not EntryState.SUBMITTED or queries.last_number(session, entry.id) != number:
        raise Conflict(_l("Cette fiche n’attend pas de réponse. Rouvrez-la pour voir où elle en est."), resend=False)
    return version


def _answered(given: EntryReview, reviewer: User) -> Any:
    values = {"name": reviewer.name, "at": moment(given.at)}
    if given.outcome is ReviewOutcome.ACCEPTED:
        return _l("%(name)s a déjà accepté cette fiche le %(at)s. Votre réponse n’a pas été enregistrée.", **values)
    return _l("%(name)s a déjà renvoyé cette fiche le %(at)s. Votre réponse n’a pas été enregistrée.", **values)

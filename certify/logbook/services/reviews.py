"""What a trainer answers to an entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity import services as anonymity
from certify.cohorts.models import Enrolment
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.templating import moment
from certify.core.types import new_id
from certify.evidence import services as evidence
from certify.logbook import policies, queries
from certify.logbook.models import EntryContent, EntryReview, EntryState, EntryVersion, LogbookEntry, ReviewOutcome
from certify.logbook.services.locking import lock

LONGEST_COMMENT = 2000


class AlreadyAnswered(Conflict):
    """Another trainer has answered this version."""


def review(
    session: Session,
    actor: Actor,
    entry: LogbookEntry,
    *,
    number: int,
    outcome: ReviewOutcome,
    comment: str = "",
    comments: Mapping[str, str] | None = None,
) -> EntryReview:
    """Answer version `number` of an entry, once: return it with comments, or accept it with its evidence.

    `comments` says something of single fields of its form, by their codes; `comment` of the whole.
    Raises AlreadyAnswered, naming who and when, for the second trainer; the trainee is told by a mail.
    """
    lock(session, entry)
    version = _version_to_answer(session, entry, number)
    _require_reviewer(session, actor, entry)
    said = _comments_kept(version, comments or {})
    _require_answerable(session, outcome, comment, said)
    answer = EntryReview(
        id=new_id(),
        entry_id=entry.id,
        version_id=version.id,
        reviewer_id=actor.user_id,
        outcome=outcome,
        comment=comment,
        comments=said,
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


def _require_reviewer(session: Session, actor: Actor, entry: LogbookEntry) -> None:
    author_id = session.get_one(Enrolment, entry.enrolment_id).user_id
    if not policies.may_review(actor, entry, author_id):
        raise Forbidden(_l("Vous ne pouvez pas répondre à cette fiche."))


def _comments_kept(version: EntryVersion, comments: Mapping[str, str]) -> dict[str, str]:
    form = policies.form_of_content(EntryContent.from_document(version.content))
    said = {field.code: comments.get(field.code, "").strip() for field in form.fields}
    return {code: text for code, text in said.items() if text}


def _require_answerable(session: Session, outcome: ReviewOutcome, comment: str, comments: Mapping[str, str]) -> None:
    if outcome is ReviewOutcome.RETURNED and not (comment.strip() or comments):
        raise Invalid(_l("Dites ce qu’il faut compléter : la fiche est renvoyée avec votre commentaire."), "comment")
    for code, text in comments.items():
        if len(text) > LONGEST_COMMENT:
            raise Invalid(
                _l("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST_COMMENT), f"comment_{code}"
            )
    texts = [(f"comment_{code}", _l("Commentaire"), text) for code, text in comments.items()]
    anonymity.require_anonymous(session, None, [("comment", _l("Commentaire"), comment), *texts])


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

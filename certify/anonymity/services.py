"""Verbs of the guard: refuse what identifies somebody, declare first names, flag what got through."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

import competencies
from certify.anonymity import policies, queries
from certify.anonymity.models import DeclaredName, TextFlag
from certify.anonymity.policies import Passage, Subject, Texts
from certify.cohorts.models import Enrolment
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Invalid, NotFound
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.types import new_id

FLAGGED = "anonymity.flagged"
"""Topic of the message sent when passages of something were flagged: `flag_id`, of the first of them."""
_MOST_NAMES = 200
_LONGEST_NAME = 40


def require_anonymous(session: Session, enrolment_id: uuid.UUID | None, texts: Texts) -> None:
    """Refuse texts that would let somebody be recognised, with the first such passage and what to write instead."""
    for found in queries.findings(session, enrolment_id, texts):
        raise Invalid(
            _l(
                "« %(excerpt)s » permet de reconnaître quelqu’un. %(advice)s",
                excerpt=found.excerpt,
                advice=found.advice.to(current_locale()),
            ),
            found.field,
        )


def declare_names(session: Session, actor: Actor, enrolment: Enrolment, *, names: Iterable[str]) -> int:
    """Keep the digests of first names of participants, so that they are refused; return how many were new."""
    wanted = _digests(enrolment, names)
    known = queries.declared_digests(session, enrolment.id)
    if len(known | wanted) > _MOST_NAMES:
        raise Invalid(_l("%(most)s prénoms au plus : retirez ceux d’un groupe terminé.", most=_MOST_NAMES), "names")
    moment = clock.now()
    for digest in sorted(wanted - known):
        session.add(DeclaredName(id=new_id(), enrolment_id=enrolment.id, digest=digest, declared_at=moment))
    _trace_names(session, actor, enrolment, "declared", len(wanted - known))
    return len(wanted - known)


def withdraw_names(session: Session, actor: Actor, enrolment: Enrolment, *, names: Iterable[str] | None) -> int:
    """Forget some declared first names, or all of them; return how many were known."""
    known = queries.declared_digests(session, enrolment.id)
    gone = known if names is None else known & _digests(enrolment, names)
    session.execute(
        delete(DeclaredName).where(DeclaredName.enrolment_id == enrolment.id, DeclaredName.digest.in_(gone))
    )
    _trace_names(session, actor, enrolment, "withdrawn", len(gone))
    return len(gone)


def flag(session: Session, actor: Actor, subject: Subject, *, passages: Sequence[Passage]) -> list[TextFlag]:
    """Mask passages for everybody but their author, who is asked for another version; those masked already stay so."""
    if not policies.may_flag(actor, subject):
        raise NotFound()
    if not passages:
        raise Invalid(_l("Choisissez une phrase, ou écrivez le passage à masquer."), "passages")
    masks = queries.masks_of(session, [subject.id]).get(subject.id, ())
    known = {Passage(mask.field, mask.start, mask.end) for mask in masks}
    wanted = dict.fromkeys(passages)
    made = [_flagged(session, actor, subject, one) for one in wanted if one not in known]
    if not made:
        raise Invalid(_l("Ce passage est déjà masqué."), "passages")
    session.flush()
    audit.record(
        session, actor, "anonymity:passage:flagged", made[0], organisation_id=subject.training_body_id,
        enrolment_id=subject.enrolment_id, kind=subject.kind, subject_id=subject.id, passages=len(made),
    )  # fmt: skip
    outbox.send(session, FLAGGED, flag_id=made[0].id)
    return made


def withdraw(session: Session, actor: Actor, flag: TextFlag) -> TextFlag:
    """Take back a flag made by mistake: the passage is shown again."""
    if flag.is_withdrawn:
        return flag
    flag.is_withdrawn = True
    flag.settled_at = flag.settled_at or clock.now()
    audit.record(
        session, actor, "anonymity:passage:restored", flag, organisation_id=flag.training_body_id,
        enrolment_id=flag.enrolment_id, kind=flag.subject_kind, subject_id=flag.subject_id,
    )  # fmt: skip
    return flag


def settle(session: Session, lines: Iterable[queries.FlagLine], moment: datetime) -> int:
    """Note of which flags the author has handed in another version since; return how many."""
    rewritten = [line.flag for line in lines if line.is_rewritten and line.flag.settled_at is None]
    for one in rewritten:
        one.settled_at = moment
    session.flush()
    return len(rewritten)


def _flagged(session: Session, actor: Actor, subject: Subject, passage: Passage) -> TextFlag:
    words = subject.words_at(passage)
    if not words or len(words) != passage.end - passage.start:
        raise Invalid(_l("Ce passage ne se trouve pas dans le texte. Rouvrez la page."), "passages")
    made = TextFlag(
        id=new_id(), enrolment_id=subject.enrolment_id, author_id=subject.author_id,
        training_body_id=subject.training_body_id, subject_kind=subject.kind, subject_id=subject.id,
        field=passage.field, start=passage.start, end=passage.end, digest=policies.digest_of_passage(words),
        flagged_by_id=actor.user_id, flagged_at=clock.now(), is_withdrawn=False,
    )  # fmt: skip
    session.add(made)
    return made


def _digests(enrolment: Enrolment, names: Iterable[str]) -> frozenset[str]:
    typed = [name.strip() for name in names if name.strip()]
    for name in typed:
        if len(competencies.normal_name(name)) < 2 or len(name) > _LONGEST_NAME or len(name.split()) > 3:
            raise Invalid(_l("« %(name)s » n’est pas un prénom : écrivez-en un par ligne.", name=name[:60]), "names")
    if not typed:
        raise Invalid(_l("Écrivez au moins un prénom."), "names")
    return frozenset(queries.digest_of(enrolment.id, name) for name in typed)


def _trace_names(session: Session, actor: Actor, enrolment: Enrolment, done: str, number: int) -> None:
    if number:
        audit.record(
            session, actor, f"anonymity:names:{done}", enrolment, organisation_id=enrolment.training_body_id,
            enrolment_id=enrolment.id, number=number,
        )  # fmt: skip

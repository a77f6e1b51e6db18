"""The verbs of prior learning: what somebody acquired before the training, declared, read, accepted or returned."""

from collections.abc import Iterable
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

import competencies
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock, files
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.evidence.services.items import known_indicators, recount, require_changeable, set_links


def declare_prior(session: Session, actor: Actor, enrolment: Enrolment, *, title: str, **said: Any) -> EvidenceItem:
    """Begin a piece of prior learning, that its author alone sees until it is submitted; see `amend_prior`."""
    _require_open(enrolment)
    item = EvidenceItem(
        id=new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id, kind=EvidenceKind.PRIOR,
        state=EvidenceState.LINKED, title=title, created_at=clock.now(), links=[],
        filename="", media_type="", size=0, sha256="", storage_key="", account="", answer="",
    )  # fmt: skip
    amend_prior(session, actor, enrolment, item, title=title, **said)
    audit.record(session, actor, "evidence:prior:declared", item, organisation_id=item.training_body_id)
    return item


def amend_prior(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    item: EvidenceItem,
    *,
    title: str,
    obtained_on: date | None,
    account: str,
    indicators: Iterable[str],
    stream: BinaryIO | None = None,
    filename: str = "",
) -> EvidenceItem:
    """Change what is said of prior learning before anybody reads it; a file takes the place of the one before.

    Raises Invalid (field « file ») when the file cannot be accepted, Unavailable when it cannot be stored.
    """
    _require_open(enrolment)
    require_changeable(item)
    if obtained_on is not None and obtained_on > clock.today():
        raise Invalid(_l("Cette date est à venir : un acquis antérieur a déjà eu lieu."), "obtained_on")
    codes = known_indicators(session, enrolment, indicators)
    if stream is not None:
        stored = files.deposit(stream, filename)
        item.filename, item.media_type, item.size = stored.filename, stored.media_type, stored.size
        item.sha256, item.storage_key = stored.sha256, stored.key
    item.title, item.obtained_on, item.account = title, obtained_on, account
    session.add(item)
    set_links(session, item, codes)
    audit.record(
        session, actor, "evidence:prior:amended", item, organisation_id=item.training_body_id, indicators=codes,
        sha256=item.sha256,
    )  # fmt: skip
    return item


def submit_prior(session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem) -> EvidenceItem:
    """Hand prior learning over to the trainers; refused when something is missing or lets somebody be recognised."""
    _require_open(enrolment)
    require_changeable(item)
    for field, message in policies.what_prior_misses(item):
        raise Invalid(message, field)
    for field, found in policies.what_prior_identifies(item):
        raise Invalid(_identifies(found), field)
    item.state = EvidenceState.SUBMITTED
    audit.record(
        session, actor, "evidence:prior:submitted", item, organisation_id=item.training_body_id,
        indicators=queries.indicators_of(item), sha256=item.sha256,
    )  # fmt: skip
    return item


def answer_prior(
    session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem, *, is_accepted: bool, answer: str = ""
) -> EvidenceItem:
    """Accept submitted prior learning, which then counts as evidence for good, or return it with what to complete."""
    item = queries.locked_item(session, item.id)
    if not policies.may_answer_prior(actor, item, enrolment.user_id):
        raise Forbidden(_l("Vous ne pouvez pas répondre à cet acquis."))
    if item.state is not EvidenceState.SUBMITTED:
        raise Conflict(_l("Quelqu’un a déjà répondu à cet acquis : rechargez la page pour lire la réponse."))
    if enrolment.state is EnrolmentState.WITHDRAWN:
        raise Conflict(_l("Cette formation est abandonnée : ses acquis ne s’évaluent plus."))
    if not is_accepted and not answer.strip():
        raise Invalid(_l("Dites ce qu’il faut compléter : l’acquis est renvoyé avec votre réponse."), "answer")
    for found in competencies.find_identifying(answer):
        raise Invalid(_identifies(found), "answer")
    item.state = EvidenceState.ACCEPTED if is_accepted else EvidenceState.RETURNED
    item.answer, item.decided_at, item.decided_by_id = answer, clock.now(), actor.user_id
    audit.record(
        session, actor, f"evidence:prior:{item.state.value}", item, organisation_id=item.training_body_id,
        indicators=queries.indicators_of(item), answer=answer,
    )  # fmt: skip
    if is_accepted:
        session.flush()
        recount(session, enrolment.id)
    return item


def _require_open(enrolment: Enrolment) -> None:
    if not policies.may_add(enrolment.state):
        raise Conflict(_l("Votre inscription n’est plus active : vos acquis se lisent encore, mais ne changent plus."))


def _identifies(found: competencies.Finding) -> Any:
    return _l(
        "« %(excerpt)s » permet de reconnaître quelqu’un. %(advice)s",
        excerpt=found.excerpt,
        advice=competencies.advice(found.kind).to(current_locale()),
    )

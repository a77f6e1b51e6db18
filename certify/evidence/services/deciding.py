"""Pieces handed in by themselves: proposed by another room, accepted, or returned."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceState, EvidenceVersion
from certify.evidence.services.items import known_indicators, recount
from certify.evidence.services.pieces import new_piece
from certify.evidence.services.versions import freeze

ANSWERED = "evidence.answered"
"""A piece was accepted or returned: its author is told."""


def propose(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    kind: EvidenceKind | str,
    title: str,
    account: str = "",
    facts: Mapping[str, Any] | None = None,
    links: Mapping[str, str],
    identity: uuid.UUID | None = None,
) -> EvidenceItem:
    """Hand in a piece that another room made, whole: it counts once a trainer accepts it.

    `links` gives, by indicator, a reflection that may be empty; codes unknown to the trainee's framework are left out.
    The same identity proposed twice is the same piece, left as it stands. The caller had its texts read by the guard.
    Raises Conflict when the enrolment is closed, Invalid (field « indicators ») when no indicator is left.
    """
    if identity is not None and (known := queries.item_of(session, identity)) is not None:
        return known
    if not policies.may_add(enrolment.state):
        raise Conflict(_l("Cette inscription n’est plus active : aucune preuve ne s’y ajoute."))
    codes = known_indicators(session, enrolment, links)
    if not codes:
        raise Invalid(_l("Choisissez au moins un indicateur que cette preuve illustre."), "indicators")
    item = new_piece(enrolment, EvidenceKind(kind), title, identity)
    item.state, item.account, item.facts = EvidenceState.SUBMITTED, account, dict(facts or {})
    item.links.extend(
        EvidenceLink(id=new_id(), evidence_id=item.id, indicator=code, reflection=links[code]) for code in codes
    )
    session.add(item)
    freeze(session, actor, enrolment, item)
    facts = {"kind": item.kind.value, "indicators": codes, "version": 1}
    audit.record(session, actor, "evidence:piece:submitted", item, organisation_id=item.training_body_id, **facts)
    return item


def accept(
    session: Session, actor: Actor, item: EvidenceItem, *, number: int | None = None, answer: str = ""
) -> EvidenceItem:
    """Accept the version that waits: the piece counts from now on. `number` is the version that was read.

    Raises Conflict when somebody else answered, or when another version was handed in meanwhile.
    """
    item, version = _awaited(session, actor, item, number)
    _decide(session, actor, item, version, EvidenceState.ACCEPTED, answer)
    _settle_replaced(session, actor, item)
    session.flush()
    recount(session, item.enrolment_id)
    return item


def return_(
    session: Session, actor: Actor, item: EvidenceItem, *, answer: str, number: int | None = None
) -> EvidenceItem:
    """Return the version that waits, with what to complete; its author changes it and hands in another version."""
    item, version = _awaited(session, actor, item, number)
    if not answer.strip():
        raise Invalid(_l("Dites ce qu’il faut compléter : la preuve est renvoyée avec votre réponse."), "answer")
    _decide(session, actor, item, version, EvidenceState.RETURNED, answer)
    return item


def _awaited(
    session: Session, actor: Actor, item: EvidenceItem, number: int | None
) -> tuple[EvidenceItem, EvidenceVersion | None]:
    """Return the piece, that nobody else answers meanwhile, and the version that waits for an answer."""
    item = queries.locked_item(session, item.id)
    enrolment = session.get_one(Enrolment, item.enrolment_id)
    if not policies.may_answer(actor, item, enrolment.user_id):
        raise Forbidden(_l("Vous ne pouvez pas répondre à cette preuve."))
    if item.state is not EvidenceState.SUBMITTED:
        raise Conflict(_l("Quelqu’un a déjà répondu à cette preuve : rechargez la page pour lire la réponse."))
    if enrolment.state is EnrolmentState.WITHDRAWN:
        raise Conflict(_l("Cette formation est abandonnée : ses preuves ne s’évaluent plus."))
    version = queries.latest_version(session, item.id)
    if number is not None and version is not None and version.number != number:
        raise Conflict(_l("Une autre version a été soumise depuis : rechargez la page pour la lire."))
    return item, version


def _decide(
    session: Session, actor: Actor, item: EvidenceItem, version: EvidenceVersion | None, outcome: EvidenceState,
    answer: str,
) -> None:  # fmt: skip
    require_anonymous(session, item.enrolment_id, [("answer", _l("Réponse"), answer)])
    item.state, item.answer, item.decided_at, item.decided_by_id = outcome, answer, clock.now(), actor.user_id
    if version is not None:
        version.outcome, version.answer = outcome, answer
        version.decided_at, version.decided_by_id = item.decided_at, actor.user_id
    audit.record(
        session, actor, f"evidence:piece:{outcome.value}", item, organisation_id=item.training_body_id,
        indicators=queries.indicators_of(item), version=version.number if version else None,
    )  # fmt: skip
    outbox.send(
        session, ANSWERED, item_id=item.id, reviewer_id=actor.user_id, outcome=outcome.value,
        version_id=version.id if version is not None else None,
    )  # fmt: skip


def _settle_replaced(session: Session, actor: Actor, item: EvidenceItem) -> None:
    """Take out of the count the accepted piece that this one replaces, now that this one counts."""
    if item.replaces_id is not None:
        old = queries.locked_item(session, item.replaces_id)
        old.state = EvidenceState.REPLACED
        audit.record(
            session, actor, "evidence:piece:replaced", old, organisation_id=old.training_body_id, by=str(item.id)
        )

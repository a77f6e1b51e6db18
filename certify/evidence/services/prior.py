"""The verbs of prior learning: what somebody acquired before the training, declared, read, accepted or returned."""

from collections.abc import Iterable
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock, files
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.evidence import policies, queries
from certify.evidence.models import EvidenceItem, EvidenceKind, EvidenceState
from certify.evidence.services.items import known_indicators, require_changeable, require_room, set_links, take_file
from certify.evidence.services.pieces import new_piece
from certify.evidence.services.versions import hand_over


def declare_prior(session: Session, actor: Actor, enrolment: Enrolment, *, title: str, **said: Any) -> EvidenceItem:
    """Begin a piece of prior learning, that its author alone sees until it is submitted; see `amend_prior`."""
    _require_open(enrolment)
    item = new_piece(enrolment, EvidenceKind.PRIOR, title)
    item.state = EvidenceState.LINKED
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
        require_room(session, enrolment, 0)
        take_file(item, files.deposit(stream, filename, session=session))
    item.title, item.obtained_on, item.account = title, obtained_on, account
    session.add(item)
    set_links(session, item, codes)
    audit.record(
        session, actor, "evidence:prior:amended", item, organisation_id=item.training_body_id, indicators=codes,
        sha256=item.sha256,
    )  # fmt: skip
    return item


def submit_prior(
    session: Session, actor: Actor, enrolment: Enrolment, item: EvidenceItem, *, faces_checked: bool = False
) -> EvidenceItem:
    """Hand prior learning over to the trainers; refused when something is missing or lets somebody be recognised."""
    _require_open(enrolment)
    require_changeable(item)
    hand_over(session, actor, enrolment, item, policies.what_prior_misses(item), faces_checked=faces_checked)
    audit.record(
        session, actor, "evidence:prior:submitted", item, organisation_id=item.training_body_id,
        indicators=queries.indicators_of(item), sha256=item.sha256,
    )  # fmt: skip
    return item


def _require_open(enrolment: Enrolment) -> None:
    if not policies.may_add(enrolment.state):
        raise Conflict(_l("Votre inscription n’est plus active : vos acquis se lisent encore, mais ne changent plus."))

"""The rules of a programme: each change is a new row, and the one before stays readable."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.core import audit, clock, outbox
from certify.core.access import Actor, Permission
from certify.core.errors import Conflict, Forbidden, Invalid
from certify.core.i18n import lazy as _l
from certify.core.i18n import typeset
from certify.core.types import new_id
from certify.frameworks import queries
from certify.frameworks.models import FrameworkVersion, ProgrammeRules
from certify.organisations.models import Organisation
from competencies.programme import Programme
from competencies.rule_reading import ProgrammeFaults

PROGRAMME_CHANGED = "frameworks.programme_changed"
"""Topic of the message sent when the rules of a programme change: `certifying_body_id`, `framework_code`."""


def set_rules(
    session: Session, actor: Actor, version: FrameworkVersion, *, content: Mapping[str, Any], known: int
) -> ProgrammeRules | None:
    """Record the rules of the programme of a framework; the same rules again change nothing.

    `content` holds what the programme says and nothing else: a key left out keeps the default of the software.
    `known` is the number of the rules that the person read, 0 for none: a later one is a conflict.
    """
    require_writer(actor, version, _l("Seul l’organisme certificateur fixe les règles du programme."))
    locked(session, version.certifying_body_id)
    try:
        Programme.from_document(dict(content))
    except ProgrammeFaults as faults:
        raise Invalid(typeset(" ".join(str(one) for one in faults.faults))) from None
    last = next(iter(queries.rules_history(session, version.certifying_body_id, version.code)), None)
    if (last.rules.content if last else {}) == content:
        return last.rules if last else None
    if (last.rules.number if last else 0) != known:
        raise Conflict(
            _l(
                "Ces règles ont été enregistrées par quelqu’un d’autre depuis que vous avez ouvert la page. "
                "Rien n’a été écrasé : rechargez la page pour les lire."
            )
        )
    rules = ProgrammeRules(
        id=new_id(), certifying_body_id=version.certifying_body_id, framework_code=version.code, number=known + 1,
        content=dict(content), recorded_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(rules)
    session.flush()
    audit.record(
        session, actor, "frameworks:programme:set", rules, organisation_id=version.certifying_body_id,
        code=version.code, number=rules.number,
    )  # fmt: skip
    outbox.send(session, PROGRAMME_CHANGED, certifying_body_id=version.certifying_body_id, framework_code=version.code)
    return rules


def require_writer(actor: Actor, version: FrameworkVersion, message: Any) -> None:
    """Refuse whoever does not write the frameworks of the certifying body."""
    if version.certifying_body_id not in actor.organisations(Permission.FRAMEWORK_WRITE):
        raise Forbidden(message)


def locked(session: Session, certifying_body_id: uuid.UUID) -> None:
    """Make whoever else records something for this certifying body wait for the end of the transaction."""
    session.execute(select(Organisation.id).where(Organisation.id == certifying_body_id).with_for_update())

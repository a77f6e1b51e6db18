"""What a training body does with the forms of its entries."""

from typing import Any

from sqlalchemy.orm import Session

import competencies
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.logbook.models import Activity, LogbookForm
from certify.logbook.queries.forms import SHIPPED, last_version
from certify.organisations.models import Organisation


def publish_form(
    session: Session, actor: Actor, training_body: Organisation, activity: Activity, *, document: Any, known: int
) -> LogbookForm:
    """Give an activity a form: a new version that new entries are written with; those begun keep theirs.

    `known` is the number of the version that was changed, 0 for the form that ships. Raises Invalid with everything
    that is wrong in the document; the same form again makes no new version.
    """
    try:
        content = competencies.EntryForm.from_document(document).to_document()
    except competencies.EntryFormFaults as refusal:
        raise Invalid(str(refusal)) from refusal
    return _next_version(session, actor, training_body, activity, content, known, "published")


def restore_shipped_form(
    session: Session, actor: Actor, training_body: Organisation, activity: Activity, *, known: int
) -> LogbookForm:
    """Go back to the form that comes with the software, and follow it from then on."""
    return _next_version(session, actor, training_body, activity, dict(SHIPPED), known, "restored")


def _next_version(
    session: Session,
    actor: Actor,
    training_body: Organisation,
    activity: Activity,
    content: dict[str, Any],
    known: int,
    done: str,
) -> LogbookForm:
    # Two people who publish at once wait for one another: the second is told.
    session.refresh(training_body, with_for_update=True)
    last = last_version(session, training_body.id, activity)
    if known != number_of(last):
        raise Conflict(
            _l("Ce formulaire a été changé par quelqu’un d’autre entre-temps. Rouvrez-le pour partir de sa version.")
        )
    if last is not None and last.content == content:
        return last
    version = LogbookForm(
        id=new_id(),
        training_body_id=training_body.id,
        activity=activity,
        number=number_of(last) + 1,
        content=content,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    session.add(version)
    audit.record(
        session,
        actor,
        f"logbook:form:{done}",
        version,
        organisation_id=training_body.id,
        activity=activity,
        number=version.number,
    )
    return version


def number_of(version: LogbookForm | None) -> int:
    """Return the number of a version, 0 when a training body has made none."""
    return version.number if version is not None else 0

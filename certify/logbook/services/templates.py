"""What a trainee does with the texts entries are started from."""

from dataclasses import replace

from sqlalchemy.orm import Session

from certify.cohorts.models import Enrolment
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.logbook import queries
from certify.logbook.models import EntryContent, EntryTemplate, LogbookEntry
from certify.logbook.queries.templates import own_templates
from certify.logbook.services.entries import save, start

MOST_TEMPLATES = 50


def keep_as_template(session: Session, actor: Actor, entry: LogbookEntry, *, name: str) -> EntryTemplate:
    """Keep what an entry says, but its date and files, as a text to start others from."""
    _require_name(name)
    if len(own_templates(session, entry.enrolment_id)) >= MOST_TEMPLATES:
        raise Invalid(_l("Vous avez %(most)s modèles : retirez-en un avant d’en garder un autre.", most=MOST_TEMPLATES))
    content = replace(
        queries.content_of(session, entry), happened_on=None, files=(), ai_use=None, ai_account="", form=None
    )
    template = EntryTemplate(
        id=new_id(),
        enrolment_id=entry.enrolment_id,
        activity=entry.activity,
        name=name.strip(),
        content=content.to_document(),
        created_at=clock.now(),
    )
    session.add(template)
    audit.record(session, actor, "logbook:template:kept", template, organisation_id=entry.training_body_id)
    return template


def start_from(session: Session, actor: Actor, enrolment: Enrolment, template: EntryTemplate) -> LogbookEntry:
    """Begin an entry, dated today, that says what a template says."""
    entry = start(session, actor, enrolment, activity=template.activity)
    content = replace(EntryContent.from_document(template.content), happened_on=entry.happened_on)
    return save(session, actor, entry, revision=entry.revision, content=content)


def rename_template(session: Session, actor: Actor, template: EntryTemplate, *, name: str) -> EntryTemplate:
    """Call a template otherwise."""
    _require_name(name)
    template.name = name.strip()
    audit.record(session, actor, "logbook:template:renamed", template)
    return template


def retire_template(session: Session, actor: Actor, template: EntryTemplate) -> EntryTemplate:
    """Stop offering a template; entries started from it are not touched."""
    template.retired_at = clock.now()
    audit.record(session, actor, "logbook:template:retired", template)
    return template


def _require_name(name: str) -> None:
    if not name.strip():
        raise Invalid(_l("Donnez un nom au modèle."), "name")
    if len(name.strip()) > 120:
        raise Invalid(_l("Ce nom est trop long : 120 caractères au plus."), "name")

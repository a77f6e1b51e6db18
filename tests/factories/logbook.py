"""Logbook entries at every stage, and files to attach to them."""

import io
import itertools
import zipfile
from datetime import date
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

import competencies
from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.access import Role
from certify.evidence.models import EvidenceItem
from certify.logbook import services
from certify.logbook.models import (
    Activity,
    AiUse,
    EntryContent,
    EntryReview,
    EntryTemplate,
    EntryVersion,
    LogbookEntry,
    LogbookForm,
    ReviewOutcome,
)
from certify.logbook.queries.forms import last_version
from certify.organisations.models import Organisation
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of, make_member

_numbers = itertools.count(1)

ANSWERS: dict[Activity, dict[str, Any]] = {
    Activity.PARTNER_MEETING: {"partner_kind": "pmi"},
    Activity.WATCH: {"source": "Un organisme public, un dossier", "changed": "Je cite ma source."},
    Activity.INDIVIDUAL_MEETING: {"motive": "asked"},
    Activity.PRACTICE_ANALYSIS: {"hypotheses": "Plusieurs lectures.", "try_next": "Attendre avant de répondre."},
}
"""What the forms that ship require, beside the fields every form asks."""


def trainee_of(session: Session, enrolment: Enrolment) -> User:
    """Return the person enrolled."""
    return session.get_one(User, enrolment.user_id)


def make_trainer(session: Session, enrolment: Enrolment) -> User:
    """Make a trainer of the training body of an enrolment."""
    return make_member(session, session.get_one(Organisation, enrolment.training_body_id), Role.TRAINER)


def make_content(**values: Any) -> EntryContent:
    """Make what a whole entry says."""
    defaults: dict[str, Any] = {
        "activity": Activity.GROUP_MEETING,
        "title": f"Rencontre n° {next(_numbers)}",
        "happened_on": date(2026, 6, 12),
        "minutes": 90,
        "place": "Crèche, salle d’éveil",
        "account": "Huit parents sont venus. J’ai ouvert par un tour de parole, puis laissé les bébés explorer.",
        "reflection": "Je laisse davantage de silence.",
        "indicators": ("3.1.1", "3.3.1"),
        "ai_use": AiUse.NONE,
    }
    written = defaults | values
    activity = Activity(written["activity"])
    return EntryContent(**{"values": ANSWERS.get(activity, {})} | written | {"activity": activity})


def make_entry(session: Session, enrolment: Enrolment | None = None, **values: Any) -> LogbookEntry:
    """Make a draft that is ready to be submitted; `values` change what it says."""
    enrolment = enrolment or make_enrolment(session)
    actor = actor_of(session, trainee_of(session, enrolment))
    content = make_content(**values)
    entry = services.start(session, actor, enrolment, activity=content.activity)
    session.flush()
    services.save(session, actor, entry, revision=entry.revision, content=content)
    session.flush()
    return entry


def make_file(
    session: Session, entry: LogbookEntry, content: bytes | None = None, filename: str = "affiche.pdf", **values: Any
) -> EvidenceItem:
    """Attach a file to a draft."""
    actor = actor_of(session, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    named = {"title": "Affiche de la rencontre", "indicators": ("3.1.1",)} | values
    item = services.attach(session, actor, entry, stream=io.BytesIO(content or pdf()), filename=filename, **named)
    session.flush()
    return item


def make_submitted(session: Session, enrolment: Enrolment | None = None, **values: Any) -> LogbookEntry:
    """Make an entry that waits for an answer."""
    entry = make_entry(session, enrolment, **values)
    submit(session, entry)
    return entry


def submit(session: Session, entry: LogbookEntry) -> EntryVersion:
    """Submit an entry as its author."""
    actor = actor_of(session, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    version = services.submit(session, actor, entry, revision=entry.revision)
    session.flush()
    return version


def answer(
    session: Session, entry: LogbookEntry, outcome: ReviewOutcome, trainer: User | None = None, **values: Any
) -> EntryReview:
    """Answer the latest version of an entry as a trainer."""
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    actor = actor_of(session, trainer or make_trainer(session, enrolment))
    named = {
        "number": 1,
        "comment": "Précisez ce que vous avez fait." if outcome is ReviewOutcome.RETURNED else "",
    } | values
    review = services.review(session, actor, entry, outcome=outcome, **named)
    session.flush()
    return review


def photo(width: int = 320, height: int = 240, kind: str = "JPEG", **saving: Any) -> bytes:
    """Make the bytes of a picture with something in it."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    image.save(out, kind, **saving)
    return out.getvalue()


def pdf(text: str = "Affiche") -> bytes:
    """Make the bytes of a small PDF."""
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj % {text}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def archive(members: dict[str, bytes]) -> bytes:
    """Make the bytes of an archive, as office documents are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            # A dated member, or the bytes would change every two seconds.
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """Make the bytes of a Word document."""
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>", **more})


def make_form(
    session: Session, training_body: Organisation, activity: Activity = Activity.WATCH, **field: Any
) -> LogbookForm:
    """Give an activity a form of its own, which asks one thing more than the first that shipped."""
    coordinator = actor_of(session, make_member(session, training_body, Role.COORDINATOR))
    document = competencies.shipped_form(activity.value, 1).to_document()
    added = {"code": "mood", "kind": "short_text", "label": {"fr": "Climat", "en": "Mood"}} | field
    document = {"declares_ai": True, "fields": [*document["fields"], added]}
    last = last_version(session, training_body.id, activity)
    known = last.number if last is not None else 0
    made = services.publish_form(session, coordinator, training_body, activity, document=document, known=known)
    session.flush()
    return made


def make_template(session: Session, entry: LogbookEntry, name: str = "Rencontre type") -> EntryTemplate:
    """Keep what an entry says as a template."""
    actor = actor_of(session, trainee_of(session, session.get_one(Enrolment, entry.enrolment_id)))
    template = services.keep_as_template(session, actor, entry, name=name)
    session.flush()
    return template


def make_form_and_template(session: Session) -> None:
    """Make a form and a template of whoever wrote an entry first."""
    entry = session.scalars(select(LogbookEntry).limit(1)).one()
    make_form(session, session.get_one(Organisation, entry.training_body_id))
    make_template(session, entry)

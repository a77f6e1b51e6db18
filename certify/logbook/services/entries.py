"""What its author can do with an entry, from its first word to its submission."""

import uuid
from collections.abc import Iterable
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

import competencies
from certify.anonymity import services as anonymity
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.core.templating import moment
from certify.core.types import new_id
from certify.evidence import services as evidence
from certify.evidence.queries import EvidenceItem
from certify.groups.queries.meetings import meeting_for
from certify.logbook import policies, queries
from certify.logbook.models import Activity, EntryContent, EntrySource, EntryState, EntryVersion, LogbookEntry
from certify.logbook.services.locking import lock, require_editable


class StaleEntry(Conflict):
    """The entry was saved from somewhere else since it was opened here."""


def start(
    session: Session,
    actor: Actor,
    enrolment: Enrolment,
    *,
    activity: Activity,
    indicators: Iterable[str] = (),
    identity: uuid.UUID | None = None,
    source: EntrySource = EntrySource.WRITTEN,
    meeting_id: uuid.UUID | None = None,
) -> LogbookEntry:
    """Begin an entry that only its author sees: dated today, or told of a meeting and dated with it.

    `identity` is given by a device that wrote without a network: beginning the same entry twice gives it once.
    """
    known = session.get(LogbookEntry, identity) if identity is not None else None
    if known is not None:
        if known.enrolment_id != enrolment.id:
            raise Conflict(_l("Cette fiche existe déjà dans un autre cahier."), resend=False)
        return known
    if enrolment.state not in (EnrolmentState.INVITED, EnrolmentState.ACTIVE):
        raise Conflict(
            _l("Votre inscription n’est plus active : le cahier se lit encore, mais on n’y ajoute plus de fiche.")
        )
    entry = _new_entry(session, actor, enrolment, activity, meeting_id)
    entry.id, entry.source = identity or entry.id, source
    session.add(entry)
    session.flush()
    evidence.link_entry(session, actor, enrolment, entry.id, title="", indicators=indicators)
    audit.record(
        session, actor, "logbook:entry:started", entry, organisation_id=entry.training_body_id, activity=activity
    )
    return entry


def _new_entry(
    session: Session, actor: Actor, enrolment: Enrolment, activity: Activity, meeting_id: uuid.UUID | None
) -> LogbookEntry:
    form_id, number, form = queries.current_form(session, enrolment.training_body_id, activity)
    entry = LogbookEntry(
        id=new_id(),
        enrolment_id=enrolment.id,
        training_body_id=enrolment.training_body_id,
        activity=activity,
        form_id=form_id,
        form_number=number,
        meeting_id=meeting_id,
        state=EntryState.DRAFT,
        revision=1,
        created_at=clock.now(),
        saved_at=clock.now(),
        **_beginning(session, actor, form, meeting_id),
    )
    entry.search_text = policies.searchable(entry, form)
    return entry


def _beginning(
    session: Session, actor: Actor, form: competencies.EntryForm, meeting_id: uuid.UUID | None
) -> dict[str, Any]:
    texts = form.starting_values(current_locale())
    values: dict[str, Any] = {code: text for code, text in texts.items() if code not in policies.FREE_TEXTS}
    columns: dict[str, Any] = {code: texts.get(code, "") for code in policies.FREE_TEXTS}
    columns |= {"happened_on": clock.today(), "minutes": None, "private_note": "", "ai_account": ""}
    if meeting_id is not None:
        meeting = meeting_for(session, actor, meeting_id)
        columns |= {"happened_on": meeting.starts_at.astimezone(clock.PARIS).date(), "minutes": meeting.minutes}
        columns["place"] = meeting.place or columns["place"]
        columns["title"] = columns["title"] or meeting.theme
        if "theme" in form and meeting.theme:
            values["theme"] = meeting.theme
    return {**columns, "values": values}


def save(
    session: Session,
    actor: Actor,
    entry: LogbookEntry,
    *,
    revision: int,
    content: EntryContent,
    private_note: str | None = None,
) -> LogbookEntry:
    """Keep what the author has written so far; saving the same words again changes nothing.

    `content.files` and `content.form` are ignored: files come and go by their own verbs, and an entry keeps its form
    until its activity changes or its author takes the newer one. Raises StaleEntry when the entry was saved elsewhere
    since `revision`, so that neither text overwrites the other.
    """
    lock(session, entry)
    require_editable(entry)
    note = entry.private_note if private_note is None else private_note
    if not queries.differs(session, entry, content) and note == entry.private_note:
        return entry
    _require_current(entry, revision)
    form = queries.form_of(session, entry)
    _require_kept(form, content)
    for column, value in policies.written(entry, form, content).items():
        if column != "activity":
            setattr(entry, column, value)
    entry.private_note = note
    if content.activity is not entry.activity:
        form = _take_form_of(session, entry, content.activity)
    if entry.state is EntryState.DRAFT:
        # Staff search what was submitted: what is being rewritten is its author's alone.
        entry.search_text = policies.searchable(entry, form)
    _changed(entry)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    evidence.link_entry(session, actor, enrolment, entry.id, title=entry.title, indicators=content.indicators)
    return entry


def take_newer_form(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Go on writing with the form its activity has now; every answer is kept, asked for or not."""
    lock(session, entry)
    require_editable(entry)
    _take_form_of(session, entry, entry.activity)
    _changed(entry)
    audit.record(
        session,
        actor,
        "logbook:entry:form_taken",
        entry,
        organisation_id=entry.training_body_id,
        number=entry.form_number,
    )
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
    lock(session, entry)
    require_editable(entry)
    enrolment = session.get_one(Enrolment, entry.enrolment_id)
    return evidence.attach_file(
        session, actor, enrolment, entry.id, stream=stream, filename=filename, title=title, indicators=indicators
    )


def submit(session: Session, actor: Actor, entry: LogbookEntry, *, revision: int) -> EntryVersion:
    """Hand an entry over to the trainers: what it says now becomes a version nobody can change.

    Who submits vouches for its pictures as for its text: nobody can be recognised in them. Raises Invalid when
    something is missing or lets somebody be recognised, StaleEntry when it is not the text that its author read again.
    """
    lock(session, entry)
    require_editable(entry)
    if entry.revision != revision:
        raise StaleEntry(_l("Cette fiche a changé depuis que vous l’avez relue. Relisez-la, puis soumettez-la."))
    _require_submittable(session, entry, queries.content_of(session, entry))
    evidence.vouch_for_entry(session, entry.id, is_vouched=True)
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
    entry.search_text = policies.searchable(entry, queries.form_of(session, entry))
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


def amend(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Take back an entry nobody has answered, to amend it; the version submitted stays as it was."""
    lock(session, entry)
    if not policies.may_amend(entry):
        raise Conflict(_l("Seule une fiche qui attend une réponse se reprend. Rouvrez-la pour voir où elle en est."))
    evidence.follow_entry(session, actor, entry.id, "linked")
    entry.state = EntryState.AMENDING
    _changed(entry)
    audit.record(session, actor, "logbook:entry:amended", entry, organisation_id=entry.training_body_id)
    return entry


def discard(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Put a draft away; nothing of it is lost, and nobody but its author ever saw it."""
    lock(session, entry)
    if entry.state is not EntryState.DRAFT:
        raise Conflict(_l("Seul un brouillon se met de côté : une fiche soumise garde toutes ses versions."))
    entry.state, entry.saved_at = EntryState.DISCARDED, clock.now()
    audit.record(session, actor, "logbook:entry:discarded", entry, organisation_id=entry.training_body_id)
    return entry


def resume(session: Session, actor: Actor, entry: LogbookEntry) -> LogbookEntry:
    """Take up again a draft that was put away."""
    lock(session, entry)
    if entry.state is not EntryState.DISCARDED:
        raise Conflict(_l("Cette fiche n’est pas mise de côté."))
    entry.state, entry.saved_at = EntryState.DRAFT, clock.now()
    audit.record(session, actor, "logbook:entry:resumed", entry, organisation_id=entry.training_body_id)
    return entry


def _require_current(entry: LogbookEntry, revision: int) -> None:
    if entry.revision != revision:
        raise StaleEntry(
            _l(
                "Cette fiche a été enregistrée depuis un autre onglet ou un autre appareil le %(at)s.",
                at=moment(entry.saved_at),
            )
        )


def _take_form_of(session: Session, entry: LogbookEntry, activity: Activity) -> competencies.EntryForm:
    form_id, number, form = queries.current_form(session, entry.training_body_id, activity)
    entry.activity, entry.form_id, entry.form_number = activity, form_id, number
    return form


def _changed(entry: LogbookEntry) -> None:
    entry.revision += 1
    entry.saved_at = clock.now()


def _require_kept(form: competencies.EntryForm, content: EntryContent) -> None:
    """Refuse an answer of another nature than its field: it could not be read back."""
    for fault in form.check(content.values):
        raise Invalid(fault.message.to(current_locale()), fault.field)


def _require_submittable(session: Session, entry: LogbookEntry, content: EntryContent) -> None:
    missing = policies.what_is_missing(content, clock.today())
    if missing:
        raise Invalid(missing[0].message, missing[0].field)
    anonymity.require_anonymous(session, entry.enrolment_id, policies.texts_of(content))

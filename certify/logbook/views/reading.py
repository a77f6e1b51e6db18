"""Pages on which entries are read: by their author, and by the staff of the training body."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

import competencies
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import enrolment_for, own_enrolment, people_of
from certify.core import audit, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db, separate_session
from certify.core.durations import show_minutes
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.evidence.queries import readable_files
from certify.frameworks.queries import framework_of
from certify.logbook import policies, queries
from certify.logbook.models import Activity, EntryContent, EntryState, LogbookEntry
from certify.logbook.queries.forms import forms_of

FILTERS = ("activity", "state", "since", "until", "indicator")
_EVERYTHING = 100_000


@requires(Permission.LOGBOOK_WRITE)
def index() -> ResponseReturnValue:
    """List one's own entries."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=FILTERS)
    if request.args.get("format") == "csv":
        return _csv(queries.own_entries(db.session, g.actor, wanted, per_page=_EVERYTHING), {})
    found = queries.own_entries(db.session, g.actor, wanted)
    returned = queries.entries_returned(db.session, g.actor)
    return render_template(
        "logbook/index.html",
        listing=found,
        activities=choices(Activity),
        states=choices(EntryState),
        indicators=_indicators(own_enrolment(db.session, g.actor)),
        returned=returned,
    )


@requires(Permission.LOGBOOK_WRITE)
def counters() -> ResponseReturnValue:
    """Show how many hours one's own logbook tells of, by activity and month."""
    enrolment = own_enrolment(db.session, g.actor)
    found = queries.counters_of(db.session, enrolment.id)
    return render_template("logbook/counters.html", counters=found, trainee="", back=None)


@requires(Permission.LOGBOOK_READ)
def trainee_counters(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show how many hours the logbook of a trainee tells of."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.LOGBOOK_READ)
    found = queries.counters_of(db.session, enrolment.id, for_staff=True)
    person = people_of(db.session, [enrolment])[enrolment.id]
    return render_template("logbook/counters.html", counters=found, trainee=person.name, back=enrolment.id)


@requires(Permission.LOGBOOK_READ)
def trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """List what a trainee has submitted, as it was submitted, for the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.LOGBOOK_READ)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=FILTERS)
    if request.args.get("format") == "csv":
        found = queries.entries_of_trainee(db.session, enrolment, wanted, per_page=_EVERYTHING)
        return _csv(found, queries.latest_contents(db.session, [entry.id for entry in found.rows]))
    found = queries.entries_of_trainee(db.session, enrolment, wanted)
    person = people_of(db.session, [enrolment])[enrolment.id]
    states = choices(state for state in EntryState if state in policies.READABLE_BY_STAFF)
    return render_template(
        "logbook/trainee.html",
        listing=found,
        contents=queries.latest_contents(db.session, [entry.id for entry in found.rows]),
        enrolment=enrolment,
        person=person,
        activities=choices(Activity),
        states=states,
        indicators=_indicators(enrolment),
    )


@requires(SIGNED_IN)
def show(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show an entry with all its versions; the staff reads what was submitted, never what is being written."""
    found = queries.readable(db.session, g.actor, entry_id)
    versions = queries.versions_of(db.session, entry_id, for_author=found.is_own)
    # What the staff reads is a version as it was submitted, in the words of the framework it was written on.
    submitted = versions[0] if versions and not found.is_own else None
    content = submitted.content if submitted else queries.content_of(db.session, found.entry)
    page = render_template(
        "logbook/show.html",
        found=found,
        entry=found.entry,
        content=content,
        definition=policies.form_of_content(content),
        shown=queries.shown,
        versions=versions,
        framework=framework_of(db.session, submitted.version.framework_version_id) if submitted else found.framework,
        present=found.framework,
        differences=queries.differences_between(versions),
        readable=readable_files(db.session, g.actor, entry_id),
        is_editable=found.is_own and policies.is_editable(found.entry),
        may_answer=found.entry.state is EntryState.SUBMITTED
        and policies.may_review(g.actor, found.entry, found.enrolment.user_id),
        may_flag=not found.is_own and found.entry.training_body_id in g.actor.organisations(Permission.TEXT_FLAG),
    )
    if not found.is_own:
        trace_reading(found.entry)
    return page


def trace_reading(entry: LogbookEntry) -> None:
    """Note that somebody of the staff has read an entry, once a day."""
    if queries.was_read_today(db.session, g.actor, entry):
        return
    entry_id, body_id = entry.id, entry.training_body_id
    # What was read is in hand: the request's own transaction must not keep the trace waiting.
    db.session.rollback()
    with separate_session() as own:
        audit.record(own, g.actor, queries.ENTRY_READ, entry_id, organisation_id=body_id)
        own.commit()


def choices(members: Iterable[Activity] | Iterable[EntryState]) -> list[tuple[str, Any]]:
    """Return what a filter offers: values and their names on screen."""
    return [(member.value, member.label) for member in members]


def _indicators(enrolment: Enrolment) -> list[tuple[str, str]]:
    framework, locale = framework_of(db.session, enrolment.framework_version_id), current_locale()
    return [(one.code, f"{one.code} {one.wording.to(locale)}") for one in framework.indicators]


def _csv(found: listing.Listing[LogbookEntry], submitted: Mapping[uuid.UUID, EntryContent]) -> Response:
    """Give entries as a spreadsheet, to staff as they were submitted; the private note is in no column."""
    written_with = forms_of(db.session, found.rows)

    def _form(entry: LogbookEntry) -> competencies.EntryForm:
        content = submitted.get(entry.id)
        return policies.form_of_content(content) if content is not None else written_with[entry.id]

    def _said(code: str) -> Callable[[LogbookEntry], Any]:
        return lambda entry: getattr(submitted.get(entry.id, entry), code)

    columns: dict[str, Callable[[LogbookEntry], Any]] = {
        _("Date"): _said("happened_on"),
        _("Titre"): _said("title"),
        _("Activité"): lambda entry: _said("activity")(entry).label,
        _("Durée"): lambda entry: show_minutes(_said("minutes")(entry)),
        _("Lieu"): _said("place"),
        _("État"): lambda entry: entry.state.label,
        _("Ce qui s’est passé"): _said("account"),
        _("Ce que j’en retiens"): _said("reflection"),
        _("Autres réponses"): lambda entry: _others(_form(entry), _said("values")(entry)),
        _("Usage d’une IA"): lambda entry: use.label if (use := _said("ai_use")(entry)) is not None else "",
    }
    headers = {"Content-Disposition": "attachment; filename=cahier-de-suivi.csv"}
    return Response(listing.to_csv(found.rows, columns), mimetype="text/csv", headers=headers)


def _others(form: competencies.EntryForm, values: Mapping[str, Any]) -> str:
    answers = ((field, queries.shown_value(field, values.get(field.code))) for field in form.added)
    return "\n".join(f"{queries.in_current_language(field.label)} : {text}" for field, text in answers if text)

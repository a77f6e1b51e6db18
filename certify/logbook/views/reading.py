"""Pages on which entries are read: by their author, and by the staff of the training body."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

from certify.cohorts.queries import enrolment_for, people_of
from certify.core import listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.durations import show_minutes
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.evidence.queries import readable_files
from certify.frameworks.queries import framework_of
from certify.logbook import policies, queries
from certify.logbook.models import Activity, EntryState, LogbookEntry

FILTERS = ("activity", "state")
_EVERYTHING = 100_000


@requires(Permission.LOGBOOK_WRITE)
def index() -> ResponseReturnValue:
    """List one's own entries."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=FILTERS)
    if request.args.get("format") == "csv":
        return _csv(queries.own_entries(db.session, g.actor, wanted, per_page=_EVERYTHING), "cahier-de-suivi.csv")
    found = queries.own_entries(db.session, g.actor, wanted)
    returned = queries.entries_returned(db.session, g.actor)
    return render_template(
        "logbook/index.html", listing=found, activities=choices(Activity), states=choices(EntryState), returned=returned
    )


@requires(Permission.LOGBOOK_READ)
def trainee(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """List what a trainee has submitted, for the staff of their training body."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.LOGBOOK_READ)
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=FILTERS)
    if request.args.get("format") == "csv":
        return _csv(
            queries.entries_of_trainee(db.session, enrolment, wanted, per_page=_EVERYTHING), "cahier-de-suivi.csv"
        )
    found = queries.entries_of_trainee(db.session, enrolment, wanted)
    person = people_of(db.session, [enrolment])[enrolment.id]
    states = choices(state for state in EntryState if state in policies.READABLE_BY_STAFF)
    return render_template(
        "logbook/trainee.html", listing=found, person=person, activities=choices(Activity), states=states
    )


@requires(SIGNED_IN)
def show(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show an entry with all its versions; the staff reads what was submitted, never what is being written."""
    found = queries.readable(db.session, g.actor, entry_id)
    versions = queries.versions_of(db.session, entry_id)
    # What the staff reads is a version as it was submitted, in the words of the framework it was written on.
    submitted = versions[0] if versions and not found.is_own else None
    content = submitted.content if submitted else queries.content_of(db.session, found.entry)
    return render_template(
        "logbook/show.html",
        found=found,
        entry=found.entry,
        content=content,
        versions=versions,
        framework=framework_of(db.session, submitted.version.framework_version_id) if submitted else found.framework,
        present=found.framework,
        differences=queries.differences_between(versions),
        readable=readable_files(db.session, g.actor, entry_id),
        is_editable=found.is_own and policies.is_editable(found.entry),
        may_answer=found.entry.state is EntryState.SUBMITTED
        and policies.may_review(g.actor, found.entry, found.enrolment.user_id),
    )


def choices(members: Iterable[Activity] | Iterable[EntryState]) -> list[tuple[str, Any]]:
    """Return what a filter offers: values and their names on screen."""
    return [(member.value, member.label) for member in members]


def _csv(found: listing.Listing[LogbookEntry], filename: str) -> Response:
    columns = {
        _("Date"): lambda entry: entry.happened_on,
        _("Titre"): lambda entry: entry.title,
        _("Activité"): lambda entry: entry.activity.label,
        _("Durée"): lambda entry: show_minutes(entry.minutes),
        _("Lieu"): lambda entry: entry.place,
        _("État"): lambda entry: entry.state.label,
        _("Ce qui s’est passé"): lambda entry: entry.account,
        _("Ce que j’en retiens"): lambda entry: entry.reflection,
    }
    headers = {"Content-Disposition": f"attachment; filename={filename}"}
    return Response(listing.to_csv(found.rows, columns), mimetype="text/csv", headers=headers)

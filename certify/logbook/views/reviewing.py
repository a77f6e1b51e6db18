"""Pages on which a trainer reads what was submitted and answers."""

import uuid

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.evidence.queries import readable_files
from certify.frameworks.queries import framework_of
from certify.logbook import queries, services
from certify.logbook.forms import ReviewForm
from certify.logbook.models import Activity, EntryState, LogbookEntry, ReviewOutcome
from certify.logbook.policies import form_of_content
from certify.logbook.views.reading import choices, trace_reading

FILTERS = ("cohort", "activity")


@requires(Permission.LOGBOOK_REVIEW)
def queue() -> ResponseReturnValue:
    """List what waits for an answer, the longest wait first."""
    wanted = listing.Wanted.from_args(own_address(), request.args, filters=FILTERS)
    if request.args.get("format") == "csv":
        return _csv(queries.queue(db.session, g.actor, wanted, per_page=100_000))
    found = queries.queue(db.session, g.actor, wanted)
    cohorts = queries.cohorts_in_queue(db.session, g.actor)
    offered = [(cohort.id, cohort.name) for cohort in cohorts]
    return render_template("logbook/reviews.html", listing=found, cohorts=offered, activities=choices(Activity))


@requires(Permission.LOGBOOK_REVIEW)
def review(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Read one entry and answer it; then go on with the next."""
    found = queries.reviewable(db.session, g.actor, entry_id)
    versions = queries.versions_of(db.session, entry_id)
    definition = form_of_content(versions[0].content)
    form = ReviewForm.on(definition, number=versions[0].number)
    outcome = form.answer()
    if form.validate_on_submit() and outcome is not None:
        with form.showing_refusals():
            services.review(
                db.session,
                g.actor,
                found.entry,
                number=int(form.number.data or 0),
                outcome=outcome,
                comment=form.comment.data or "",
                comments=form.comments,
            )
            return _next(found.entry, outcome)
    if form.is_submitted() and outcome is None:
        form.refuse(None, _("Choisissez d’accepter la fiche ou de la renvoyer."))
    page = render_template(
        "logbook/review.html",
        found=found,
        entry=found.entry,
        versions=versions,
        content=versions[0].content,
        framework=framework_of(db.session, versions[0].version.framework_version_id),
        present=found.framework,
        form=form,
        definition=definition,
        shown=queries.shown,
        differences=queries.differences_between(versions),
        readable=readable_files(db.session, g.actor, entry_id),
        is_waiting=found.entry.state is EntryState.SUBMITTED,
    )
    if form.is_submitted():
        return page, 422
    trace_reading(found.entry)
    return page


def _next(entry: LogbookEntry, outcome: ReviewOutcome) -> ResponseReturnValue:
    done = _("La fiche « %(title)s » est acceptée.", title=entry.title)
    if outcome is ReviewOutcome.RETURNED:
        done = _("La fiche « %(title)s » est renvoyée avec votre commentaire.", title=entry.title)
    following = queries.next_waiting(db.session, g.actor, entry)
    if following is None:
        flash(_("%(done)s Plus rien n’attend votre relecture.", done=done), "success")
        return redirect(url_for("logbook.reviews"), code=303)
    flash(_("%(done)s Voici la suivante.", done=done), "success")
    return redirect(url_for("logbook.review", entry_id=following.id), code=303)


def _csv(found: "listing.Listing[queries.Waiting]") -> Response:
    columns = {
        _("Soumise le"): lambda row: row.entry.submitted_at.date(),
        _("Stagiaire"): lambda row: row.trainee,
        _("Promotion"): lambda row: row.cohort,
        _("Titre"): lambda row: row.entry.title,
        _("Activité"): lambda row: row.entry.activity.label,
        _("Version"): lambda row: row.number,
        _("Jours d’attente"): lambda row: row.days,
    }
    headers = {"Content-Disposition": "attachment; filename=fiches-a-relire.csv"}
    return Response(listing.to_csv(found.rows, columns), mimetype="text/csv", headers=headers)

"""Pages on which a trainee writes an entry."""

import uuid
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import competencies
from certify.anonymity import queries as anonymity
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.evidence import queries as evidence
from certify.frameworks.queries import framework_of
from certify.groups.queries.meetings import meeting_for
from certify.logbook import policies, queries, services
from certify.logbook.forms import EntryForm, StartForm, SubmitForm, anchor
from certify.logbook.models import Activity, EntryContent, LogbookEntry
from certify.logbook.queries.forms import elsewhere, has_newer_form, left_aside
from certify.logbook.queries.templates import own_templates


@requires(Permission.LOGBOOK_WRITE)
def new() -> ResponseReturnValue:
    """Choose what the entry is about; the draft is made at once, with the indicator or meeting it was asked for."""
    enrolment = own_enrolment(db.session, g.actor)
    form = StartForm(indicator=request.args.get("indicator", ""), meeting=request.args.get("meeting", ""))
    meeting_id = identifier(form.meeting.data)
    if not form.validate_on_submit():
        page = render_template(
            "logbook/new.html",
            form=form,
            activities=list(Activity),
            templates=own_templates(db.session, enrolment.id),
            meeting=meeting_for(db.session, g.actor, meeting_id) if meeting_id else None,
        )
        return page, 422 if form.is_submitted() else 200
    entry = services.start(
        db.session,
        g.actor,
        enrolment,
        activity=Activity(form.activity.data),
        indicators=[form.indicator.data or ""],
        meeting_id=meeting_id,
    )
    return redirect(url_for("logbook.edit", entry_id=entry.id), code=303)


@requires(Permission.LOGBOOK_WRITE)
def edit(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Write the entry; a file chosen and not yet attached comes along."""
    entry = _own(entry_id)
    framework, asked = _framework(entry), queries.form_of(db.session, entry)
    if request.method == "GET":
        if not policies.is_editable(entry):
            return redirect(url_for("logbook.show", entry_id=entry.id), code=303)
        return _page(entry, EntryForm.showing(entry, queries.content_of(db.session, entry), asked), framework)
    form = EntryForm.on(asked).offer(framework)
    refused = _save(entry, form, framework) or (_attach(entry, form, framework) if form.has_file else None)
    if refused is not None:
        return refused
    if request.form.get("then") == "submit":
        return redirect(url_for("logbook.submit", entry_id=entry.id), code=303)
    flash(_("La fiche est enregistrée. Vous seul·e la voyez."), "success")
    return redirect(url_for("logbook.edit", entry_id=entry.id), code=303)


@requires(Permission.LOGBOOK_WRITE)
def take_newer_form(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Save what was typed, then go on with the form the activity has now."""
    entry = _own(entry_id)
    framework = _framework(entry)
    form = EntryForm.on(queries.form_of(db.session, entry)).offer(framework)
    refused = _save(entry, form, framework)
    if refused is not None:
        return refused
    services.take_newer_form(db.session, g.actor, entry)
    flash(_("Vous écrivez avec le nouveau formulaire. Rien de ce que vous aviez écrit n’est perdu."), "success")
    return redirect(url_for("logbook.edit", entry_id=entry.id), code=303)


@requires(Permission.EVIDENCE_WRITE)
def attach(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Save what was typed, then attach the file."""
    entry = _own(entry_id)
    framework = _framework(entry)
    form = EntryForm.on(queries.form_of(db.session, entry)).offer(framework)
    refused = _save(entry, form, framework) or _attach(entry, form, framework)
    if refused is not None:
        return refused
    if _not_stored(entry):
        flash(_("Le fichier est gardé ; il sera rangé dès que le stockage répond. Vous pouvez continuer."), "info")
    else:
        flash(_("La preuve est jointe à la fiche."), "success")
    return redirect(url_for("logbook.edit", entry_id=entry.id, _anchor="evidence"), code=303)


@requires(Permission.LOGBOOK_WRITE)
def autosave(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Save what is typed, for the script of the page; StaleEntry becomes 409."""
    entry = _own(entry_id)
    framework = _framework(entry)
    form = EntryForm.on(queries.form_of(db.session, entry)).offer(framework)
    if not form.validate():
        return jsonify(message=_first_error(form)), 422
    # The fields on the page are those of the activity it was opened with: only saving it whole changes the activity.
    content = form.content(framework, entry.activity)
    services.save(db.session, g.actor, entry, revision=form.known_revision, content=content, private_note=form.note)
    return jsonify(saved_at=entry.saved_at.isoformat(timespec="seconds"), revision=entry.revision)


@requires(Permission.LOGBOOK_WRITE)
def submit(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Read the entry again as the trainer will, with what stands in the way, then hand it over."""
    entry = _own(entry_id)
    if request.method == "GET" and not policies.is_editable(entry):
        return redirect(url_for("logbook.show", entry_id=entry.id), code=303)
    content = queries.content_of(db.session, entry)
    missing = policies.what_is_missing(content, clock.today())
    identifying = anonymity.findings(db.session, entry.enrolment_id, policies.texts_of(content))
    form = SubmitForm(revision=entry.revision)
    stands_in_the_way = policies.is_editable(entry) and bool(missing or identifying)
    if not form.validate_on_submit() or stands_in_the_way:
        page = render_template(
            "logbook/submit.html",
            entry=entry,
            content=content,
            framework=_framework(entry),
            form=form,
            missing=missing,
            identifying=identifying,
            pictures=evidence.unchecked_pictures(db.session, entry.id),
            anchor=anchor,
            definition=policies.form_of_content(content),
            shown=queries.shown,
        )
        return page, 422 if form.is_submitted() else 200
    version = services.submit(db.session, g.actor, entry, revision=int(form.revision.data or 0))
    flash(
        _(
            "La fiche est soumise : c’est sa version %(number)s. Vous serez prévenu·e de la réponse.",
            number=version.number,
        ),
        "success",
    )
    return redirect(url_for("logbook.show", entry_id=entry.id), code=303)


@requires(Permission.LOGBOOK_WRITE)
def amend(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Take back an entry that nobody has answered yet, to amend it."""
    services.amend(db.session, g.actor, _own(entry_id))
    flash(_("La fiche est de nouveau la vôtre. La version soumise reste lisible ; soumettez la suivante."), "success")
    return redirect(url_for("logbook.edit", entry_id=entry_id), code=303)


@requires(Permission.LOGBOOK_WRITE)
def discard(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Put a draft away."""
    services.discard(db.session, g.actor, _own(entry_id))
    flash(
        _("Le brouillon est mis de côté. Vous le retrouvez dans votre cahier avec le filtre « Mise de côté »."),
        "success",
    )
    return redirect(url_for("logbook.index"), code=303)


@requires(Permission.LOGBOOK_WRITE)
def resume(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Take up again a draft that was put away."""
    services.resume(db.session, g.actor, _own(entry_id))
    return redirect(url_for("logbook.edit", entry_id=entry_id), code=303)


def _own(entry_id: uuid.UUID) -> LogbookEntry:
    return queries.own_entry(db.session, g.actor, entry_id, lock=request.method == "POST")


def _not_stored(entry: LogbookEntry) -> frozenset[uuid.UUID]:
    """Return the files of an entry that wait for the store to answer."""
    return evidence.not_stored(db.session, evidence.attached_to(db.session, entry.id).files)


def _framework(entry: LogbookEntry) -> competencies.Framework:
    enrolment = db.session.get_one(Enrolment, entry.enrolment_id)
    return framework_of(db.session, enrolment.framework_version_id)


def _save(entry: LogbookEntry, form: EntryForm, framework: competencies.Framework) -> ResponseReturnValue | None:
    """Save what was typed; return the page that says why it could not be, or nothing."""
    if not form.validate_on_submit():
        return _page(entry, form, framework, status=422)
    content = form.content(framework)
    is_stale = (
        policies.is_editable(entry)
        and entry.revision != form.known_revision
        and (queries.differs(db.session, entry, content) or form.note not in (None, entry.private_note))
    )
    if is_stale:
        return _conflict(entry, form, framework, content)
    with form.showing_refusals():
        services.save(db.session, g.actor, entry, revision=form.known_revision, content=content, private_note=form.note)
    if form.errors:
        return _page(entry, form, framework, status=form.status_of_refusal)
    # Committed by itself: the text stays, whatever becomes of the file that came with it.
    db.session.commit()
    return None


def _attach(entry: LogbookEntry, form: EntryForm, framework: competencies.Framework) -> ResponseReturnValue | None:
    """Attach the file of the form; return the page that says why it is refused, or nothing."""
    form.show_revision(entry.revision)
    if not form.has_file:
        form.refuse("evidence_file", _("Choisissez d’abord un fichier."))
        return _page(entry, form, framework, status=422)
    upload = form.evidence_file.data
    with form.showing_refusals(file="evidence_file"):
        services.attach(
            db.session,
            g.actor,
            entry,
            stream=upload.stream,
            filename=upload.filename,
            title=form.evidence_title.data or "",
            indicators=form.evidence_indicators.data or (),
        )
    return _page(entry, form, framework, status=form.status_of_refusal) if form.errors else None


def _page(
    entry: LogbookEntry, form: EntryForm, framework: competencies.Framework, status: int = 200
) -> ResponseReturnValue:
    context: dict[str, Any] = {
        "entry": entry,
        "form": form.offer(framework),
        "framework": framework,
        "saved": queries.content_of(db.session, entry),
        "answer": next(iter(queries.versions_of(db.session, entry.id, for_author=True)), None),
        "has_newer_form": has_newer_form(db.session, entry),
        "left_aside": left_aside(db.session, entry, form.definition),
        "shown_value": queries.shown_value,
        "not_stored": {str(one) for one in _not_stored(entry)},
    }
    return render_template("logbook/edit.html", **context), status


def _conflict(
    entry: LogbookEntry, form: EntryForm, framework: competencies.Framework, yours: EntryContent
) -> ResponseReturnValue:
    """Show both texts; sending the page again is a decision to keep one's own."""
    form.show_revision(entry.revision)
    saved = queries.content_of(db.session, entry)
    return render_template(
        "logbook/conflict.html",
        entry=entry,
        form=form,
        framework=framework,
        saved=saved,
        yours=yours,
        shown=queries.shown,
        yours_elsewhere=elsewhere(db.session, entry, form.definition, request.form),
    ), 409


def _first_error(form: EntryForm) -> str:
    field = next((field for field in form if field.errors), None)
    return (
        _("%(label)s : %(error)s", label=field.label.text, error=field.errors[0])
        if field is not None
        else _("Ce brouillon ne peut pas être enregistré.")
    )


def identifier(text: str | None) -> uuid.UUID | None:
    """Return the identifier that a page gave, or nothing when it is none."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None

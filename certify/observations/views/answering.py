"""The pages on which a referent answers, the same from a link and on the trainee's device."""

from dataclasses import dataclass

from flask import g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from certify.anonymity import queries as anonymity
from certify.core import clock
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.observations import policies, queries, services
from certify.observations.forms import AnswerForm, SignForm, answer_form
from certify.observations.policies import Draft
from certify.observations.queries import Asked


@dataclass(frozen=True)
class Door:
    """Where the pages of one answer stand."""

    answer: str
    autosave: str
    review: str
    done: str
    decline: str = ""
    """Empty on the trainee's device."""
    secret: str = ""


def write(found: Asked, door: Door) -> ResponseReturnValue:
    """Let the referent answer criterion by criterion; what is ticked is kept before anything else."""
    form = answer_form(found)
    if request.method == "GET":
        form.show(Draft.of(found.request), policies.revision_of(found.request))
        return _page(found, door, form)
    if not form.validate_on_submit():
        return _page(found, door, form, status=422)
    draft, saved = form.draft(), Draft.of(found.request)
    if saved != draft and policies.revision_of(found.request) != form.known_revision:
        form.stand_on(policies.revision_of(found.request))
        return _page(found, door, form, status=409, saved=saved)
    services.save_draft(db.session, found, draft, revision=form.known_revision)
    return redirect(door.review if request.form.get("then") == "review" else door.answer, code=303)


def autosave(found: Asked) -> ResponseReturnValue:
    """Keep what is ticked and typed, for the script of the page; StaleDraft becomes 409."""
    form = answer_form(found)
    if not form.validate_on_submit():
        message = next((str(field.errors[0]) for field in form if field.errors), _("Ceci ne peut pas être enregistré."))
        return jsonify(message=message), 422
    revision = services.save_draft(db.session, found, form.draft(), revision=form.known_revision)
    return jsonify(saved_at=clock.now().isoformat(timespec="seconds"), revision=revision)


def read_again(found: Asked, door: Door) -> ResponseReturnValue:
    """Show what is about to be signed, with what stands in the way, and take the signature."""
    draft = Draft.of(found.request)
    if draft.is_empty:
        return redirect(door.answer, code=303)
    findings = anonymity.findings(db.session, found.enrolment.id, policies.texts_of(draft))
    form = SignForm(revision=policies.revision_of(found.request))
    if form.validate_on_submit() and not findings:
        services.sign(
            db.session, g.actor, found, revision=int(form.revision.data or 0), name=str(form.name.data),
            secret=door.secret,
        )  # fmt: skip
        return redirect(door.done, code=303)
    page = render_template(
        "observations/review.html", found=found, door=door, form=form, findings=findings, draft=draft,
        lines=queries.lines_of_draft(found, draft),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _page(
    found: Asked, door: Door, form: AnswerForm, status: int = 200, saved: Draft | None = None
) -> ResponseReturnValue:
    page = render_template(
        "observations/answer.html", found=found, door=door, form=form, draft=form.draft(), saved=saved,
        choices={one.code: policies.choices_of(found.framework, one.code) for one in found.indicators},
        tint_of=policies.tint_of,
    )  # fmt: skip
    return page, status

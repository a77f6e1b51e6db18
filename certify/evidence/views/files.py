"""Pages and files of evidence."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Enrolment
from certify.core import audit, serving
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db, separate_session
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.evidence import policies, queries, services
from certify.evidence.forms import DescribeForm
from certify.evidence.models import EvidenceItem
from certify.frameworks.queries import framework_of


@requires(SIGNED_IN)
def file(item_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes of a piece to whoever may read it; the staff reads what was handed in, and leaves a trace.

    A player asks for many parts of one recording: only the first leaves a trace.
    """
    item = queries.item_for(db.session, g.actor, item_id)
    is_own = queries.is_own(db.session, g.actor, item)
    version = None if is_own else queries.latest_version(db.session, item.id)
    return _answer(item, queries.as_handed_in(version) if version else queries.as_it_stands(item), is_own=is_own)


@requires(SIGNED_IN)
def version_file(item_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Give the bytes of a piece as it was handed in under a number."""
    item = queries.item_for(db.session, g.actor, item_id)
    version = queries.version_of(db.session, item.id, number)
    if version is None:
        raise NotFound
    is_own = queries.is_own(db.session, g.actor, item)
    return _answer(item, queries.as_handed_in(version), is_own=is_own)


def _answer(item: EvidenceItem, shown: queries.Shown, *, is_own: bool) -> ResponseReturnValue:
    if shown.file is None:
        raise NotFound
    answer = serving.served(
        shown.file.key, filename=shown.file.filename, media_type=shown.file.media_type, size=shown.file.size,
        sha256=shown.file.sha256, is_shown=policies.is_shown_in_page(shown.file.media_type),
    )  # fmt: skip
    if not is_own and (request.range is None or request.range.ranges[0][0] == 0):
        _trace(item)
    return answer


def _trace(item: EvidenceItem) -> None:
    # What was read is in hand: the request's own transaction must not keep the trace waiting.
    db.session.expunge(item)
    db.session.rollback()
    with separate_session() as session:
        audit.record(session, g.actor, "evidence:item:read", item, organisation_id=item.training_body_id)
        session.commit()


@requires(Permission.EVIDENCE_WRITE)
def describe(item_id: uuid.UUID) -> ResponseReturnValue:
    """Say what a file is and which indicators it illustrates."""
    item = queries.own_item(db.session, g.actor, item_id, lock=request.method == "POST")
    enrolment = db.session.get_one(Enrolment, item.enrolment_id)
    framework = framework_of(db.session, enrolment.framework_version_id)
    form = DescribeForm(title=item.title, filename=item.filename, indicators=list(queries.indicators_of(item))).offer(
        framework
    )
    if not form.validate_on_submit():
        page = render_template("evidence/describe.html", form=form, item=item, framework=framework)
        return page, 422 if form.is_submitted() else 200
    services.describe(db.session, g.actor, enrolment, item, **form.values())
    flash(_("La preuve est à jour."), "success")
    return redirect(_entry_of(item), code=303)


@requires(Permission.EVIDENCE_WRITE)
def remove(item_id: uuid.UUID) -> ResponseReturnValue:
    """Take a piece off its entry."""
    item = queries.own_item(db.session, g.actor, item_id, lock=True)
    services.remove(db.session, g.actor, item)
    flash(_("La preuve est retirée de la fiche."), "success")
    return redirect(_entry_of(item), code=303)


def _entry_of(item: EvidenceItem) -> str:
    # The logbook stands on this room: its page is known here by its name alone.
    return url_for("logbook.edit", entry_id=item.entry_id, _anchor="evidence")

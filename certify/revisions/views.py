"""Pages of moves: where a cohort could go, what it would do, and what was done."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.models import User
from certify.cohorts.models import Cohort
from certify.cohorts.queries import cohort_for, enrolment_for
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale, ngettext
from certify.frameworks.models import FrameworkVersion
from certify.frameworks.queries import framework_of
from certify.revisions import queries, services
from certify.revisions.forms import MoveForm


@requires(Permission.ENROLMENT_WRITE)
def index(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """List the later versions that a cohort could move to."""
    cohort = cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    return render_template(
        "revisions/index.html", cohort=cohort, ways=queries.later_versions(db.session, cohort),
        current=db.session.get_one(FrameworkVersion, cohort.framework_version_id),
        framework=framework_of(db.session, cohort.framework_version_id), locale=current_locale(),
    )  # fmt: skip


@requires(Permission.ENROLMENT_WRITE)
def preview(cohort_id: uuid.UUID, version_id: uuid.UUID) -> ResponseReturnValue:
    """Show what moving the people of a cohort to a version would do, and move those chosen."""
    cohort = cohort_for(db.session, g.actor, cohort_id, Permission.ENROLMENT_WRITE)
    version = queries.later_version(db.session, cohort, version_id)
    found = queries.preview(db.session, cohort, version)
    form = MoveForm().offer(found.movable)
    if form.validate_on_submit():
        with form.showing_refusals():
            chosen = form.chosen(found.movable)
            asked = services.ask(db.session, g.actor, cohort, version, chosen, reason=form.reason.data or "")
            flash(_said(asked, cohort, version), "success")
            return redirect(url_for("revisions.preview", cohort_id=cohort.id, version_id=version.id), code=303)
    return _preview(cohort, found, form), 422 if form.is_submitted() else 200


def _said(asked: services.Asked, cohort: Cohort, version: FrameworkVersion) -> str:
    if asked.waiting:
        return ngettext(
            "Le passage de %(num)d personne est commencé. Vous pouvez quitter cette page.",
            "Le passage de %(num)d personnes est commencé. Vous pouvez quitter cette page.",
            asked.waiting,
        )
    if cohort.framework_version_id == version.id:
        return ngettext(
            "%(num)d personne est passée à la version %(version)s, et la promotion avec elle.",
            "%(num)d personnes sont passées à la version %(version)s, et la promotion avec elles.",
            asked.moved, version=version.version,
        )  # fmt: skip
    return ngettext(
        "%(num)d personne est passée à la version %(version)s. La promotion suivra quand tout le monde y sera.",
        "%(num)d personnes sont passées à la version %(version)s. La promotion suivra quand tout le monde y sera.",
        asked.moved, version=version.version,
    )  # fmt: skip


def _preview(cohort: Cohort, found: queries.Preview, form: MoveForm) -> str:
    return render_template(
        "revisions/preview.html", cohort=cohort, found=found, form=form, version=found.version,
        waiting=queries.waiting_moves(db.session, cohort.id, found.version.id),
        is_whole=cohort.framework_version_id == found.version.id,
    )  # fmt: skip


@requires(Permission.COHORT_READ)
def history(enrolment_id: uuid.UUID) -> ResponseReturnValue:
    """Show on which versions of the framework somebody has been, and why they moved."""
    enrolment = enrolment_for(db.session, g.actor, enrolment_id, Permission.COHORT_READ)
    return render_template(
        "revisions/history.html", enrolment=enrolment, moves=queries.moves_of(db.session, enrolment.id),
        cohort=db.session.get_one(Cohort, enrolment.cohort_id), person=db.session.get_one(User, enrolment.user_id),
        current=db.session.get_one(FrameworkVersion, enrolment.framework_version_id),
    )  # fmt: skip

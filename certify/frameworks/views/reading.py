"""Pages of frameworks: the versions a person is concerned with, and one of them in full."""

import uuid

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.frameworks import policies, queries
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.frameworks.queries import activation
from certify.organisations.models import Organisation

_SORTS = {
    "title": (FrameworkVersion.title_fr, FrameworkVersion.code, FrameworkVersion.version),
    "version": (FrameworkVersion.version,),
    "body": (Organisation.name,),
    "created": (FrameworkVersion.created_at,),
}


@requires(Permission.FRAMEWORK_READ)
def index() -> ResponseReturnValue:
    """List the versions the person is concerned with."""
    wanted = listing.Wanted.from_args(own_address(), request.args)
    words = listing.matches(wanted.query, FrameworkVersion.title_fr, FrameworkVersion.title_en, Organisation.name)
    query = queries.visible_versions(g.actor).where(*words)
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="title", tie=FrameworkVersion.id, as_rows=True,
        per_page=10_000 if request.args.get("format") == "csv" else listing.PER_PAGE,
    )  # fmt: skip
    versions = [queries.Adopted(version, body) for version, body in found.rows]
    if request.args.get("format") == "csv":
        return _csv(versions)
    may_write = g.actor.may(Permission.FRAMEWORK_WRITE)
    return render_template(
        "frameworks/index.html", listing=found, versions=versions, states=state_words(), may_write=may_write
    )


def _csv(versions: list[queries.Adopted]) -> Response:
    locale, states = current_locale(), state_words()
    columns = {
        _("Référentiel"): lambda row: row.title(locale),
        _("Version"): lambda row: row.version.version,
        _("Organisme certificateur"): lambda row: row.certifying_body,
        _("État"): lambda row: states[row.state],
        _("Empreinte"): lambda row: row.version.digest,
    }
    headers = {"Content-Disposition": "attachment; filename=referentiels.csv"}
    return Response(listing.to_csv(versions, columns), mimetype="text/csv", headers=headers)


def state_words() -> dict[VersionState, str]:
    """Return the words for the states of a version."""
    return {
        VersionState.DRAFT: _("en préparation"),
        VersionState.ACTIVE: _("en vigueur"),
        VersionState.ARCHIVED: _("archivée"),
    }


@requires(Permission.FRAMEWORK_READ)
def show(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show one version in full: blocks, competencies, indicators and what each level looks like."""
    adopted = queries.version_for(db.session, g.actor, version_id)
    if policies.may_edit(g.actor, adopted.version):
        return redirect(url_for("frameworks.edit", version_id=version_id), code=303)
    is_draft = adopted.state is VersionState.DRAFT
    framework = (
        activation.framework_typed_in(activation.with_content(db.session, version_id))
        if is_draft
        else queries.framework_of(db.session, version_id)
    )
    sees_drafts = policies.may_read_drafts(g.actor, adopted.version)
    body_id, code = adopted.version.certifying_body_id, adopted.version.code
    return render_template(
        "frameworks/show.html", adopted=adopted, framework=framework, states=state_words(),
        others=activation.siblings_of(db.session, adopted.version, drafts=sees_drafts),
        registration=queries.recognition_of(db.session, body_id, code, clock.today()),
        proximate=queries.last_recognition(db.session, body_id, code),
        may_write=body_id in g.actor.organisations(Permission.FRAMEWORK_WRITE),
    )  # fmt: skip

"""Pages of frameworks: the versions a person is concerned with, and one of them in full."""

import uuid

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue

from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import own_address
from certify.frameworks import queries
from certify.frameworks.models import FrameworkVersion, VersionState
from certify.organisations.models import Organisation

_SORTS = {
    "title": (FrameworkVersion.title_fr, FrameworkVersion.version),
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
    return render_template("frameworks/index.html", listing=found, versions=versions, states=state_words())


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
    framework = queries.framework_of(db.session, version_id)
    return render_template("frameworks/show.html", adopted=adopted, framework=framework, states=state_words())

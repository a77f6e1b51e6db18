"""The register of a certifying body: list, one certificate, issue, revocation; and the holder's own certificates."""

import io
import uuid
from collections.abc import Sequence

from flask import Response, current_app, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries, services
from certify.certificates.forms import IssueForm, ReasonForm
from certify.certificates.models import Certificate, CertificateKind
from certify.core import files, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.juries import queries as juries
from certify.juries.forms import WHOLE_OUTCOMES
from certify.settings import Settings

_SORTS = {
    "number": (Certificate.number,),
    "name": (Certificate.holder_name, Certificate.number),
    "issued_at": (Certificate.issued_at,),
}


@requires(Permission.CERTIFICATE_READ)
def index() -> ResponseReturnValue:
    """List the register: search by name or number, the last issued first."""
    wanted = Wanted.from_args(own_address(), request.args, filters=("state", "kind"))
    if not wanted.sort:
        wanted = Wanted(wanted.path, wanted.query, "number", "desc", wanted.page, wanted.filters)
    is_csv = request.args.get("format") == "csv"
    filters = wanted.filters or {}
    query = queries.register(g.actor, filters.get("state", ""), filters.get("kind", ""))
    query = query.where(*listing.matches(wanted.query, Certificate.holder_name, Certificate.number, Certificate.code))
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="number", tie=Certificate.id, as_rows=True,
        per_page=100_000 if is_csv else listing.PER_PAGE,
    )  # fmt: skip
    lines = [queries.Line(*row) for row in found.rows]
    if is_csv:
        return _csv(lines)
    return render_template("certificates/index.html", listing=found, lines=lines, kinds=list(CertificateKind))


def _csv(lines: Sequence[queries.Line]) -> Response:
    text = listing.to_csv(lines, {
        _("Numéro"): lambda line: line.certificate.number,
        _("Titulaire"): lambda line: line.certificate.holder_name,
        _("Document"): lambda line: line.certificate.kind.label,
        _("Certification"): lambda line: line.certificate.facts["certification"],
        _("Blocs acquis"): lambda line: ", ".join(block["code"] for block in line.certificate.facts["blocks"]),
        _("Décision du jury"): lambda line: line.certificate.facts["decided_on"],
        _("Procès-verbal"): lambda line: line.certificate.facts["minutes"],
        _("Délivré le"): lambda line: line.certificate.facts["issued_on"],
        _("État"): lambda line: _("révoqué") if line.is_revoked else _("valide"),
        _("Code"): lambda line: codes.spaced(line.certificate.code),
        _("Organisme certificateur"): lambda line: line.body,
    })  # fmt: skip
    headers = {"Content-Disposition": "attachment; filename=certificats.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.CERTIFICATE_READ)
def show(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show one certificate: what it says, its document, what happened to it."""
    certificate = queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_READ)
    return _page(certificate)


def _page(certificate: Certificate, form: ReasonForm | None = None, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "certificates/show.html", certificate=certificate, facts=certificate.facts,
        state=policies.state_of(certificate), decided_on=policies.decided_on(certificate),
        names=queries.names_behind(db.session, certificate),
        may_revoke=certificate.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_REVOKE),
        trouble="" if certificate.storage_key else queries.troubles(db.session).get(certificate.id, ""),
        form=form or ReasonForm(formdata=None), check_url=check_url(certificate), code=codes.spaced(certificate.code),
    )  # fmt: skip
    return page, status


def check_url(certificate: Certificate) -> str:
    """Return the public address that tells what a certificate is worth."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url.rstrip("/") + url_for("certificates.verify", code=certificate.code)


@requires(Permission.CERTIFICATE_REVOKE)
def revoke(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Revoke a certificate, with the reason."""
    certificate = queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_REVOKE)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(certificate, form, 422)
    services.revoke(db.session, g.actor, certificate, reason=form.reason.data)
    flash(_("Le certificat est révoqué : sa page publique le dit dès maintenant."), "success")
    return redirect(url_for("certificates.show", certificate_id=certificate_id), code=303)


@requires(Permission.CERTIFICATE_REVOKE)
def reinstate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Make a revoked certificate valid again, with the reason."""
    certificate = queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_REVOKE)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(certificate, form, 422)
    services.reinstate(db.session, g.actor, certificate, reason=form.reason.data)
    flash(_("Le certificat est de nouveau valide."), "success")
    return redirect(url_for("certificates.show", certificate_id=certificate_id), code=303)


@requires(SIGNED_IN)
def file(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes to the holder or to whoever reads the register; they are never made again."""
    certificate = queries.readable_certificate(db.session, g.actor, certificate_id)
    if not certificate.storage_key:
        raise NotFound()
    content = io.BytesIO(files.read(certificate.storage_key))
    answer = send_file(
        content, mimetype="application/pdf", download_name=f"{certificate.number}.pdf", etag=certificate.sha256
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@requires(Permission.OWN_CERTIFICATE_READ)
def mine() -> ResponseReturnValue:
    """Show one's own certificates, with the address to give to an employer."""
    found = queries.certificates_of_holder(db.session, g.actor.user_id)
    rows = [(one, policies.state_of(one), check_url(one), codes.spaced(one.code)) for one in found]
    return render_template("certificates/mine.html", rows=rows)


@requires(Permission.CERTIFICATE_READ)
def of_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a closed session leads to: certificates to issue, issued, made."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_READ)
    return render_template(
        "certificates/session.html", jury=jury, progress=queries.progress_of(db.session, jury), form=IssueForm(),
        may_issue=jury.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_ISSUE),
        whole_outcomes=WHOLE_OUTCOMES,
    )  # fmt: skip


@requires(Permission.CERTIFICATE_ISSUE)
def issue_session(jury_id: uuid.UUID) -> ResponseReturnValue:
    """Issue every certificate a session leads to, or the one asked for."""
    jury = juries.jury_for(db.session, g.actor, jury_id, Permission.CERTIFICATE_ISSUE)
    wanted = request.form.get("decision", "")
    award = next((one for one in juries.awards_of(db.session, jury) if str(one.id) == wanted), None)
    issued = [services.issue(db.session, g.actor, award)] if award else services.issue_all(db.session, g.actor, jury)
    words = ngettext("%(num)d certificat est délivré.", "%(num)d certificats sont délivrés.", len(issued))
    flash(words if issued else _("Tout était déjà délivré."), "success")
    return redirect(url_for("certificates.of_session", jury_id=jury.id), code=303)

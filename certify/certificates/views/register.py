"""The register of a body: its list, one certificate, and what is decided on it afterwards."""

import uuid
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries, services
from certify.certificates.forms import ReasonForm
from certify.certificates.models import Certificate, CertificateEventKind, CertificateKind, CertificateState
from certify.certificates.views.answers import check_url
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.i18n import lazy as _l
from certify.core.listing import Wanted
from certify.core.templating import own_address

_SORTS = {
    "number": (Certificate.number,),
    "name": (Certificate.holder_name, Certificate.number),
    "issued_at": (Certificate.issued_at,),
}
_ROWS_AT_ONCE = 500
_DONE = {
    CertificateEventKind.SUSPENDED: _l("Le certificat est suspendu : sa page publique le dit dès maintenant."),
    CertificateEventKind.LIFTED: _l("La suspension est levée : le certificat est de nouveau valide."),
    CertificateEventKind.REVOKED: _l("Le certificat est révoqué : sa page publique le dit dès maintenant."),
    CertificateEventKind.REINSTATED: _l("Le certificat est de nouveau valide."),
}
_VERBS = {
    CertificateEventKind.SUSPENDED: services.suspend, CertificateEventKind.LIFTED: services.lift,
    CertificateEventKind.REVOKED: services.revoke, CertificateEventKind.REINSTATED: services.reinstate,
}  # fmt: skip


@requires(Permission.CERTIFICATE_READ)
def index() -> ResponseReturnValue:
    """List the register: search by name or number, the last issued first."""
    wanted = Wanted.from_args(own_address(), request.args, filters=("state", "kind"))
    if not wanted.sort:
        wanted = Wanted(wanted.path, wanted.query, "number", "desc", wanted.page, wanted.filters)
    filters = wanted.filters or {}
    query = queries.register(g.actor, filters.get("state", ""), filters.get("kind", ""), wanted.query)
    if request.args.get("format") == "csv":
        return _csv(query, wanted)
    found = listing.paginate(
        db.session, query, wanted, sorts=_SORTS, default="number", tie=Certificate.id, as_rows=True
    )  # fmt: skip
    lines = [queries.Line(*row) for row in found.rows]
    return render_template(
        "certificates/index.html", listing=found, lines=lines, kinds=_choices(CertificateKind),
        bodies=queries.registers_of(db.session, g.actor), states=_choices(CertificateState),
    )  # fmt: skip


def _choices(kinds: type[CertificateKind] | type[CertificateState]) -> list[tuple[str, Any]]:
    return [(one.value, one.label) for one in kinds]


def _csv(query: Any, wanted: Wanted) -> Response:
    """Write the whole register, however long, reading so many rows at a time."""
    by = _SORTS.get(wanted.sort, _SORTS["number"])
    order = (column.desc() if wanted.direction == "desc" else column.asc() for column in by)
    rows = db.session.execute(query.order_by(*order, Certificate.id).execution_options(yield_per=_ROWS_AT_ONCE))
    text = listing.to_csv((queries.Line(*row) for row in rows), queries.columns())
    headers = {"Content-Disposition": "attachment; filename=certificats.csv"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@requires(Permission.CERTIFICATE_READ)
def show(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Show one certificate: what it says, its document, what happened to it."""
    certificate = queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_READ)
    return _page(certificate)


def _page(certificate: Certificate, form: ReasonForm | None = None, status: int = 200) -> ResponseReturnValue:
    state = policies.state_of(certificate)
    page = render_template(
        "certificates/show.html", certificate=certificate, facts=certificate.facts, state=state,
        decided_on=policies.decided_on(certificate), names=queries.names_behind(db.session, certificate),
        may_revoke=certificate.certifying_body_id in g.actor.organisations(Permission.CERTIFICATE_REVOKE),
        choices=[kind for kind in _DONE if policies.may_become(certificate, kind)],
        near=queries.neighbours_of(db.session, certificate),
        trouble="" if certificate.storage_key else queries.troubles(db.session).get(certificate.id, ""),
        form=form or ReasonForm(formdata=None), asked=request.form.get("_asked", ""),
        check_url=check_url(certificate), code=codes.spaced(certificate.code),
    )  # fmt: skip
    return page, status


def _turn(certificate_id: uuid.UUID, kind: CertificateEventKind) -> ResponseReturnValue:
    certificate = queries.certificate_for(db.session, g.actor, certificate_id, Permission.CERTIFICATE_REVOKE)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            _VERBS[kind](db.session, g.actor, certificate, reason=form.reason.data or "")
            flash(str(_DONE[kind]), "success")
            return redirect(url_for("certificates.show", certificate_id=certificate_id), code=303)
    return _page(certificate, form, 422)


@requires(Permission.CERTIFICATE_REVOKE)
def suspend(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Suspend a certificate, with the reason."""
    return _turn(certificate_id, CertificateEventKind.SUSPENDED)


@requires(Permission.CERTIFICATE_REVOKE)
def lift(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """End a suspension, with the reason."""
    return _turn(certificate_id, CertificateEventKind.LIFTED)


@requires(Permission.CERTIFICATE_REVOKE)
def revoke(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Revoke a certificate, with the reason."""
    return _turn(certificate_id, CertificateEventKind.REVOKED)


@requires(Permission.CERTIFICATE_REVOKE)
def reinstate(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Make a revoked certificate valid again, with the reason."""
    return _turn(certificate_id, CertificateEventKind.REINSTATED)

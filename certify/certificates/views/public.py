"""The public check: anybody types or scans a code and reads what is certified, and whether it still holds."""

from flask import Response, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries
from certify.certificates.forms import VerifyForm
from certify.core import clock
from certify.core.access import PUBLIC, requires
from certify.core.db import db


@requires(PUBLIC)
def ask() -> ResponseReturnValue:
    """Ask for a code."""
    form = VerifyForm()
    if form.validate_on_submit():
        return redirect(url_for("certificates.verify", code=codes.read(form.code.data or "")), code=303)
    return _unlisted("certificates/ask.html", 422 if form.is_submitted() else 200, form=form)


@requires(PUBLIC)
def verify(code: str) -> ResponseReturnValue:
    """Tell what a certificate is worth now: valid, revoked since a day, or unknown, which is something else."""
    read = codes.read(code)
    if read is not None and read != code:
        return redirect(url_for("certificates.verify", code=read), code=303)
    certificate = queries.by_code(db.session, read) if read else None
    if certificate is None:
        form = VerifyForm(formdata=None, code=code[:40])
        return _unlisted("certificates/unknown.html", 404, form=form, is_mistyped=read is None, now=clock.now())
    g.is_demo = bool(certificate.facts["is_demo"])
    return _unlisted(
        "certificates/verify.html", 200, certificate=certificate, facts=certificate.facts,
        state=policies.state_of(certificate), code=codes.spaced(certificate.code), now=clock.now(),
        decided_on=policies.decided_on(certificate),
    )  # fmt: skip


def _unlisted(template: str, status: int, **values: object) -> Response:
    answer = make_response(render_template(template, **values), status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer

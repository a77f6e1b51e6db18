"""The public check: anybody types or scans a code, or gives a file, and reads what is certified, and its worth."""

from typing import Any

from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries
from certify.certificates.forms import FileForm, VerifyForm
from certify.certificates.models import Certificate
from certify.certificates.services import checking
from certify.certificates.views.answers import as_document
from certify.core import clock
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.throttle import Throttle, network_of

MISSES = 20
"""Codes that lead nowhere, from one network address, before the answer is to wait."""
MINUTES = 10
misses = Throttle(MISSES, minutes=MINUTES)
files_given = Throttle(MISSES, minutes=MINUTES)


@requires(PUBLIC)
def ask() -> ResponseReturnValue:
    """Ask for a code or a file; a typed code that leads nowhere stays out of addresses and logs."""
    form = VerifyForm()
    if not form.validate_on_submit():
        return _ask(form, 422 if form.is_submitted() else 200)
    code = codes.read(form.code.data or "") or ""
    if misses.is_over(_visitor()):
        return _wait()
    if _found(code) is None:
        return _unknown(code, is_mistyped=False)
    return redirect(url_for("certificates.verify", code=code), code=303)


@requires(PUBLIC)
def verify(code: str) -> ResponseReturnValue:
    """Tell what a certificate is worth now: five states, or unknown, which is something else."""
    read = codes.read(code)
    if read is not None and read != code:
        return redirect(url_for("certificates.verify", code=read), code=303)
    if misses.is_over(_visitor()):
        return _wait()
    certificate = _found(read) if read else None
    if certificate is None:
        return _unknown(code, is_mistyped=read is None)
    return _unlisted("certificates/verify.html", 200, **_facts_of(certificate))


@requires(PUBLIC)
def verify_json(code: str) -> ResponseReturnValue:
    """Answer a program the same as a person; documented in docs/verification.md."""
    read = codes.read(code)
    if misses.is_over(_visitor()):
        answer = jsonify(status="too_many_requests")
        answer.status_code, answer.headers["Retry-After"] = 429, str(60 * MINUTES)
        return _from_anywhere(answer)
    certificate = _found(read) if read else None
    if certificate is None:
        answer = jsonify(status="unknown", is_possible=read is not None, checked_at=clock.now().isoformat())
        answer.status_code = 404
    else:
        answer = jsonify(as_document(certificate, queries.neighbours_of(db.session, certificate)))
    return _from_anywhere(answer)


@requires(PUBLIC)
def check_file() -> ResponseReturnValue:
    """Tell whether a PDF is a document of the register, and whether its seal still holds."""
    form, verdict = FileForm(), None
    if form.validate_on_submit():
        if not files_given.lets_in(_visitor()):
            return _wait()
        with form.showing_refusals():
            verdict = checking.check_file(db.session, form.file.data.read(checking.LARGEST + 1))
    if verdict is None:
        return _ask(VerifyForm(formdata=None), form.status_of_refusal, form)
    more = _facts_of(verdict.certificate) if verdict.certificate else {"now": clock.now()}
    return _unlisted("certificates/checked.html", 200, verdict=verdict, findings=checking.Finding, **more)


def _found(code: str) -> Certificate | None:
    certificate = queries.by_code(db.session, code)
    if certificate is None:
        misses.lets_in(_visitor())
    return certificate


def _visitor() -> str:
    return network_of(request.remote_addr or "")


def _facts_of(certificate: Certificate) -> dict[str, Any]:
    g.is_demo = bool(certificate.facts["is_demo"])
    state = policies.state_of(certificate)
    near = queries.neighbours_of(db.session, certificate)
    return {
        "certificate": certificate,
        "facts": certificate.facts,
        "state": state,
        "code": codes.spaced(certificate.code),
        "now": clock.now(),
        "decided_on": policies.decided_on(certificate),
        "successor": near.get(state.successor_id) if state.successor_id else None,
        "renewal": policies.renewal_of(certificate, near),
        "links": queries.links_of(db.session, certificate),
    }


def _ask(form: VerifyForm, status: int, file_form: FileForm | None = None) -> Response:
    file_form = file_form or FileForm(formdata=None)
    return _unlisted("certificates/ask.html", status, form=form, file_form=file_form)


def _unknown(code: str, *, is_mistyped: bool) -> Response:
    form = VerifyForm(formdata=None, code=code[:40])
    return _unlisted("certificates/unknown.html", 404, form=form, is_mistyped=is_mistyped, now=clock.now())


def _wait() -> Response:
    answer = _unlisted("certificates/wait.html", 429, minutes=MINUTES)
    answer.headers["Retry-After"] = str(60 * MINUTES)
    return answer


def _unlisted(template: str, status: int, **values: object) -> Response:
    return _private(make_response(render_template(template, **values), status))


def _from_anywhere(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return _private(answer)


def _private(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer

"""The holder's own certificates, and the stored bytes for whoever may read them."""

import io
import uuid

from flask import g, render_template, send_file
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries
from certify.certificates.views.answers import check_url
from certify.core import files
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound


@requires(Permission.OWN_CERTIFICATE_READ)
def mine() -> ResponseReturnValue:
    """Show one's own certificates, with the address to give to an employer."""
    found = queries.certificates_of_holder(db.session, g.actor.user_id)
    rows = [(one, policies.state_of(one), check_url(one), codes.spaced(one.code)) for one in found]
    numbers = {one.id: one.number for one in found}
    return render_template(
        "certificates/mine.html", rows=rows, numbers=numbers, renewal_of=policies.renewal_of,
        decided_on=policies.decided_on,
    )  # fmt: skip


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

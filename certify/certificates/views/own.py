"""The holder's own certificates, and the stored bytes for whoever may read them."""

import uuid

from flask import g, render_template
from flask.typing import ResponseReturnValue

from certify.certificates import codes, policies, queries
from certify.certificates.views.answers import check_url
from certify.certificates.views.kept import as_answer
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound


@requires(Permission.OWN_CERTIFICATE_READ)
def mine() -> ResponseReturnValue:
    """Show one's own certificates, with the address to give to an employer."""
    found = queries.certificates_of_holder(db.session, g.actor.user_id)
    rows = [(one, policies.state_of(one), check_url(one), codes.spaced(one.code)) for one in found]
    known = {one.id: one for one in found}
    return render_template(
        "certificates/mine.html", rows=rows, numbers={one.id: one.number for one in found},
        renewals={one.id: policies.renewal_of(one, known) for one in found}, decided_on=policies.decided_on,
    )  # fmt: skip


@requires(SIGNED_IN)
def file(certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes to the holder or to whoever reads the register; they are never made again."""
    certificate = queries.readable_certificate(db.session, g.actor, certificate_id)
    if not certificate.storage_key:
        raise NotFound()
    return as_answer(certificate, f"{certificate.number}.pdf")

"""The monthly extracts of the register: their list, and their sealed documents."""

import uuid

from flask import g, render_template
from flask.typing import ResponseReturnValue

from certify.certificates import queries
from certify.certificates.views.kept import as_answer
from certify.core.access import Permission, requires
from certify.core.db import db


@requires(Permission.CERTIFICATE_READ)
def index() -> ResponseReturnValue:
    """List the extracts, the latest first."""
    return render_template("certificates/extracts.html", rows=queries.extracts_of(db.session, g.actor))


@requires(Permission.CERTIFICATE_READ)
def file(extract_id: uuid.UUID) -> ResponseReturnValue:
    """Give the stored bytes of an extract."""
    extract = queries.extract_for(db.session, g.actor, extract_id)
    return as_answer(extract, f"registre-{extract.month:%Y-%m}.pdf")

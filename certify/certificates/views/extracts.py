"""The monthly extracts of the register: their list, and their sealed documents."""

import io
import uuid

from flask import g, render_template, send_file
from flask.typing import ResponseReturnValue

from certify.certificates import queries
from certify.core import files
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
    content = io.BytesIO(files.read(extract.storage_key))
    answer = send_file(
        content, mimetype="application/pdf", download_name=f"registre-{extract.month:%Y-%m}.pdf", etag=extract.sha256
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer

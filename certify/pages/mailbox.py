"""The mailbox page of development: what would have been sent, for whoever has no mail server."""

import re
import uuid
from dataclasses import replace

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.listing import Wanted
from certify.pages import queries

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@requires(PUBLIC)
def index() -> ResponseReturnValue:
    """List the mails written."""
    _require_mailbox()
    wanted = Wanted.from_args(url_for("pages.mailbox"), request.args)
    if "direction" not in request.args:
        wanted = replace(wanted, direction="desc")
    return render_template("pages/mailbox.html", mails=queries.mails(db.session, wanted))


@requires(PUBLIC)
def show(mail_id: uuid.UUID) -> ResponseReturnValue:
    """Show a mail as text, its links live."""
    _require_mailbox()
    found = queries.mail(db.session, mail_id)
    return render_template("pages/mail.html", mail=found, body=_with_links(found.text))


def _require_mailbox() -> None:
    """Be open to anybody where mails are shown instead of sent, as an invited person has no account; nowhere else."""
    if not current_app.config["SETTINGS"].shows_mailbox:
        raise NotFound


def _with_links(text: str) -> Markup:
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [Markup.escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found.group())]
        end = found.end()
    return Markup("").join([*parts, Markup.escape(text[end:])])

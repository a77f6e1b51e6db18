"""Big files that come piece by piece: the server's side of the tus resumable upload protocol 1.0.0.

https://tus.io/protocols/resumable-upload — core, creation, expiration and termination.
"""

import base64
import binascii
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

from flask import Response, abort, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected

from certify.cohorts.queries import own_enrolment
from certify.core import files
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import Conflict, NotFound
from certify.core.i18n import gettext as _
from certify.core.object_store import CHUNK
from certify.evidence import queries, services
from certify.evidence.models import EvidenceItem, Upload, UploadState
from certify.evidence.views.pieces import address_of

_VERSION = "1.0.0"
_BODY = "application/offset+octet-stream"
_READ = 64 * 1024
_AGAIN_AFTER = 30


@requires(Permission.EVIDENCE_WRITE)
def abilities() -> ResponseReturnValue:
    """Say what this server can do of the protocol."""
    answer = Response(status=204)
    answer.headers["Tus-Version"] = _VERSION
    answer.headers["Tus-Extension"] = "creation,expiration,termination"
    answer.headers["Tus-Max-Size"] = str(files.limits().media_max_bytes)
    return answer


@requires(Permission.EVIDENCE_WRITE)
def create() -> ResponseReturnValue:
    """Accept that a big file comes, or refuse it before its first byte."""
    _require_version()
    enrolment = own_enrolment(db.session, g.actor)
    said = _metadata()
    upload = services.begin_upload(
        db.session, g.actor, enrolment, filename=said.get("filename", ""), size=_number("Upload-Length"),
        title=said.get("title", ""), item=_piece(said.get("item", "")),
    )  # fmt: skip
    db.session.flush()
    answer = Response(status=201)
    answer.headers["Location"] = url_for("evidence.upload", upload_id=upload.id)
    answer.headers["Upload-Expires"] = _expiry(upload)
    return answer


@requires(Permission.EVIDENCE_WRITE)
def show(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Say how far a big file has come; a script of ours asks in words, once every byte is here."""
    upload = queries.own_upload(db.session, g.actor, upload_id)
    if request.method == "HEAD":
        answer = Response(status=200)
        answer.headers["Upload-Offset"], answer.headers["Upload-Length"] = str(upload.received), str(upload.size)
        return answer
    item = db.session.get(EvidenceItem, upload.item_id) if upload.item_id else None
    is_done = upload.state is UploadState.DONE and item is not None
    return jsonify(
        state=upload.state.value, received=upload.received, size=upload.size, message=upload.refusal,
        url=address_of(item) if is_done and item is not None else None,
    )  # fmt: skip


@requires(Permission.EVIDENCE_WRITE)
def receive(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Take the next bytes, a part at a time; what came before the line was cut is kept."""
    upload = queries.own_upload(db.session, g.actor, upload_id)
    _require_version()
    if request.mimetype != _BODY:
        abort(415)
    offset = _number("Upload-Offset")
    if offset != upload.received or upload.state is not UploadState.RECEIVING:
        raise Conflict(_("Cet envoi a déjà avancé ailleurs : il reprend là où il en est."))
    left, expiry = upload.size - offset, _expiry(upload)
    # The bytes take as long as the network wants: nobody waits for this transaction meanwhile.
    db.session.rollback()
    for chunk in _chunks(left):
        key = services.store_part(chunk)
        services.receive(db.session, upload_id, offset=offset, size=len(chunk), key=key)
        db.session.commit()
        offset += len(chunk)
    answer = Response(status=204)
    answer.headers["Upload-Offset"], answer.headers["Upload-Expires"] = str(offset), expiry
    return answer


@requires(Permission.EVIDENCE_WRITE)
def terminate(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Stop receiving a big file, on its sender's word."""
    services.give_up(db.session, queries.own_upload(db.session, g.actor, upload_id))
    return Response(status=204)


@requires(Permission.EVIDENCE_WRITE)
def remove(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Do the same from the page of the portfolio."""
    services.give_up(db.session, queries.own_upload(db.session, g.actor, upload_id))
    flash(_("L’envoi est abandonné."), "success")
    return redirect(url_for("evidence.index"), code=303)


def add_headers(answer: Response) -> Response:
    """Add what the protocol wants of each answer; one that says to try later says when."""
    if (request.endpoint or "").startswith("evidence.upload"):
        answer.headers["Tus-Resumable"] = _VERSION
    if answer.status_code == 503:
        answer.headers["Retry-After"] = str(_AGAIN_AFTER)
    return answer


def _require_version() -> None:
    if request.headers.get("Tus-Resumable") != _VERSION:
        abort(412)


def _number(header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        abort(400)
    return int(value)


def _metadata() -> dict[str, str]:
    """Read `Upload-Metadata`: names, each with a value in Base64; what makes no sense is left out."""
    found: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "")[:4000].split(","):
        name, _space, value = pair.strip().partition(" ")
        with suppress(binascii.Error, UnicodeDecodeError):
            found[name] = base64.b64decode(value, validate=True).decode().replace("\0", "")
    return found


def _piece(text: str) -> EvidenceItem | None:
    if not text:
        return None
    try:
        item_id = uuid.UUID(text)
    except ValueError as error:
        raise NotFound from error
    return queries.own_piece(db.session, g.actor, item_id)


def _chunks(left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := _part(min(CHUNK, left))):
        yield chunk
        left -= len(chunk)


def _part(most: int) -> bytes:
    """Read so many bytes of the request, or those that came before its sender went away."""
    found = bytearray()
    with suppress(ClientDisconnected, OSError):
        while len(found) < most and (piece := request.stream.read(min(_READ, most - len(found)))):
            found += piece
    return bytes(found)


def _expiry(upload: Upload) -> str:
    return format_datetime(upload.touched_at + timedelta(days=files.limits().upload_days), usegmt=True)

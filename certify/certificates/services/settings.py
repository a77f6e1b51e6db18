"""What an organisation sets of its documents: each save is a new version, what was issued keeps its own."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.certificates import fields, pictures
from certify.certificates.fields import FieldKind, Template
from certify.certificates.models import DocumentSettings
from certify.core import audit, clock, files
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.organisations.models import Organisation

_FOLDER = "documents"
_SAVED_BY_ANOTHER = _l(
    "Cette page a été enregistrée par quelqu’un d’autre depuis que vous l’avez ouverte. "
    "Rien n’a été écrasé : rechargez-la pour la lire."
)


@dataclass(frozen=True)
class Upload:
    """A picture as it was sent."""

    content: bytes
    filename: str


def last_settings(session: Session, organisation_id: uuid.UUID, template: str) -> DocumentSettings | None:
    """Return the last version that an organisation saved of a template, if any."""
    query = select(DocumentSettings).where(
        DocumentSettings.organisation_id == organisation_id, DocumentSettings.template == template
    )
    return session.scalars(query.order_by(DocumentSettings.number.desc()).limit(1)).one_or_none()


def in_force(session: Session, organisation_id: uuid.UUID, name: str) -> tuple[int, dict[str, Any]]:
    """Return the number of the version in force of a template, 0 for none, and the value of each of its fields.

    A field shared with another template takes its value from there.
    """
    template = fields.template(name)
    values = template.defaults()
    if template.inherits:
        above = last_settings(session, organisation_id, template.inherits)
        shared = {one.key for one in template.fields} - {one.key for one in template.own}
        values |= {key: value for key, value in (above.fields if above else {}).items() if key in shared}
    own = last_settings(session, organisation_id, name)
    known = {one.key for one in template.own}
    values |= {key: value for key, value in (own.fields if own else {}).items() if key in known}
    return (own.number if own else 0), values


def typed_values(template: Template, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the texts and colours somebody typed as they would be kept; raises Invalid on the first refused."""
    checks = {FieldKind.TEXT: fields.checked_text, FieldKind.COLOUR: fields.checked_colour}
    return {
        field.key: checks[field.kind](field, texts.get(field.key, ""))
        for field in template.own
        if field.kind is not FieldKind.PICTURE
    }


def drawn(key: str, upload: Upload) -> tuple[bytes, str]:
    """Return a picture drawn anew, tried once where documents are drawn; raises Invalid naming the field."""
    try:
        content, media_type = pictures.drawn_anew(upload.content, upload.filename)
        pictures.check_it_prints(content, media_type)
    except Invalid as refusal:
        raise Invalid(refusal.message, key) from refusal
    return content, media_type


def save(
    session: Session,
    actor: Actor,
    organisation: Organisation,
    name: str,
    *,
    texts: Mapping[str, str],
    uploads: Mapping[str, Upload],
    removed: Collection[str],
    known: int,
) -> DocumentSettings | None:
    """Save the fields of a template as a new version; the same again changes nothing.

    A picture not sent again stays, unless it is `removed`. Raises Invalid on the first refused field, Conflict when
    another version was saved since the one that was read.
    """
    template = fields.template(name)
    last = last_settings(session, organisation.id, name)
    if (last.number if last else 0) != known:
        raise Conflict(_SAVED_BY_ANOTHER)
    before = last.fields if last else {one.key: template.defaults()[one.key] for one in template.own}
    values = typed_values(template, texts)
    for field in template.own:
        if field.kind is FieldKind.PICTURE:
            kept = None if field.key in removed else before.get(field.key)
            values[field.key] = _picture(session, field.key, uploads.get(field.key), kept)
    if values == before:
        return last
    row = DocumentSettings(
        id=new_id(), organisation_id=organisation.id, template=name, number=known + 1, fields=values,
        saved_at=clock.now(), saved_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "certificate:document:saved", row, organisation_id=organisation.id, template=name,
        number=row.number,
    )  # fmt: skip
    return row


def _picture(session: Session, key: str, upload: Upload | None, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    if upload is None:
        return kept
    content, media_type = drawn(key, upload)
    stored = files.keep(content, files.safe_name(upload.filename), media_type, folder=_FOLDER, session=session)
    if kept is not None and kept["sha256"] == stored.sha256:
        return kept
    return {"key": stored.key, "media_type": media_type, "sha256": stored.sha256, "filename": stored.filename}

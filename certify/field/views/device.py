"""What the page of the field asks for and sends, by its scripts."""

import json
from typing import Any, BinaryIO, cast

from flask import current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

import competencies
from certify.cohorts.models import Enrolment
from certify.cohorts.queries import own_enrolment
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import Invalid
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import day, time_of_day
from certify.field import policies, queries, services
from certify.field.models import FieldOperation
from certify.frameworks.queries import framework_of
from certify.groups.queries.meetings import day_of
from certify.logbook.models import Activity
from certify.logbook.queries.forms import current_forms

_LARGEST = 1024 * 1024
"""Of one operation without its photo."""


@requires(Permission.LOGBOOK_WRITE)
def person() -> ResponseReturnValue:
    """Say who is signed in, with the token that sending takes: asked before anything leaves the device."""
    return jsonify(_person())


@requires(Permission.LOGBOOK_WRITE)
def data() -> ResponseReturnValue:
    """Give everything that writing without a network takes: forms, indicators, drafts, meetings to come and past."""
    enrolment = own_enrolment(db.session, g.actor)
    forms, drafts = _forms(enrolment), queries.drafts_of(db.session, enrolment.id)
    return jsonify(
        **_person(),
        at=clock.now().isoformat(timespec="seconds"),
        enrolment=str(enrolment.id),
        blocks=_blocks(enrolment),
        activities=[
            {"code": activity, "label": str(activity.label), "explanation": str(activity.explanation), "form": key}
            for activity, (key, _form) in forms.items()
        ],
        forms={key: _form_document(form) for key, form in [*drafts.forms.items(), *forms.values()]},
        drafts=[_draft(one) for one in drafts.rows],
        meetings=[_gathering(one) for one in queries.gatherings_of(db.session, g.actor, clock.today())],
        conflicts=[str(one.id) for one in queries.open_conflicts(db.session, g.actor)],
        largest_photo=current_app.config["SETTINGS"].upload_max_bytes,
    )


@requires(Permission.LOGBOOK_WRITE)
def sync() -> ResponseReturnValue:
    """Take one operation of a device."""
    if (request.content_length or 0) > _LARGEST:
        raise Invalid(_("Ce texte est trop long pour être envoyé d’un seul coup : partagez-le en deux fiches."))
    return _answer(services.receive(db.session, g.actor, policies.sent_from(request.get_json(silent=True))))


@requires(Permission.EVIDENCE_WRITE)
def photo() -> ResponseReturnValue:
    """Take one photo of a device, with the operation that tells of it."""
    sent = policies.sent_from(_parsed(request.form.get("operation", "")))
    file = request.files.get("file")
    stream = cast("BinaryIO", file.stream) if file is not None else None
    return _answer(services.receive(db.session, g.actor, sent, stream))


def _parsed(text: str) -> Any:
    # Read as the body of the other requests is: what is no JSON is nothing, and is refused as such.
    return current_app.json.loads(text) if _is_json(text) else None


def _is_json(text: str) -> bool:
    decoder = json.JSONDecoder()
    return text.startswith("{") and text.endswith("}") and _ends_at(decoder, text) == len(text)


def _ends_at(decoder: json.JSONDecoder, text: str) -> int:
    try:
        return decoder.raw_decode(text)[1]
    except ValueError:
        return -1


def _answer(operation: FieldOperation) -> ResponseReturnValue:
    return jsonify(outcome=operation.outcome, answer=operation.answer)


def _person() -> dict[str, str]:
    return {"person": str(g.actor.user_id), "name": g.actor.name, "csrf": generate_csrf()}


def _forms(enrolment: Enrolment) -> dict[Activity, tuple[str, competencies.EntryForm]]:
    found = {}
    for one in current_forms(db.session, enrolment.training_body_id):
        row = one.row if one.is_own else None
        number = row.number if row else len(competencies.shipped_forms()[one.activity.value])
        found[one.activity] = (queries.form_key(one.activity, row.id if row else None, number), one.form)
    return found


def _form_document(form: competencies.EntryForm) -> list[dict[str, Any]]:
    locale = current_locale()
    return [
        {
            "code": one.code,
            "kind": one.kind,
            "label": one.label.to(locale),
            "help": one.help.to(locale) if one.help else "",
            "required": one.is_required,
            "options": [{"code": option.code, "label": option.label.to(locale)} for option in one.options],
            "start": one.starting_text.to(locale) if one.starting_text else "",
        }
        for one in form.fields
    ]


def _blocks(enrolment: Enrolment) -> list[dict[str, Any]]:
    locale = current_locale()
    framework = framework_of(db.session, enrolment.framework_version_id)
    return [
        {
            "number": block.number,
            "title": block.short_title.to(locale),
            "indicators": [{"code": one.code, "wording": one.wording.to(locale)} for one in block.indicators],
        }
        for block in framework.blocks
    ]


def _draft(draft: queries.Draft) -> dict[str, Any]:
    entry = draft.entry
    return {
        "id": str(entry.id),
        "activity": entry.activity,
        "form": draft.form_key,
        "revision": entry.revision,
        "saved_at": entry.saved_at.isoformat(timespec="seconds"),
        "is_returned": entry.state == "returned",
        "fields": draft.content,
        "files": list(draft.files),
    }


def _gathering(one: queries.Gathering) -> dict[str, Any]:
    meeting = one.meeting
    return {
        "id": str(meeting.id),
        "group": one.group.code,
        "day": day_of(meeting).isoformat(),
        "when": _("%(day)s à %(time)s", day=day(meeting.starts_at), time=time_of_day(meeting.starts_at)),
        "place": meeting.place or one.group.place,
        "theme": meeting.theme,
        "state": meeting.state,
        "revision": meeting.revision,
        "is_open": one.is_open,
        "seats": [{"id": str(seat.participant_id), "name": seat.pseudonym} for seat in one.seats],
        "sheet": one.sheet.to_document(),
    }

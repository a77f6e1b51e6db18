"""What comes in about documents: the fields of a template, a duplicate, a correction, attestations of attendance."""

from collections.abc import Mapping
from typing import Any

from flask import request
from wtforms import BooleanField, FileField, HiddenField, SelectField, StringField
from wtforms.validators import Length

from certify.certificates.fields import Field, FieldKind, Template
from certify.certificates.services import SHORTEST_REASON
from certify.certificates.services.duplicating import LONGEST_REASON
from certify.certificates.services.settings import Upload
from certify.core.forms import BaseForm, SelectChoice, at_most, filled, text_area
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l

CASES: Mapping[str, Any] = {"usual": _l("un exemple courant"), "long": _l("le nom et l’intitulé les plus longs")}
_TOO_SHORT = _l("Écrivez le motif en %(count)s caractères au moins.", count=SHORTEST_REASON)
_PICTURES = ".png,.jpg,.jpeg,.svg"


class DocumentForm(BaseForm):
    """The fields of one template, as its folder declares them."""

    known = HiddenField()
    case = SelectField(
        _l("Montrer dans l’aperçu"), choices=[SelectChoice(*one) for one in CASES.items()], default="usual"
    )

    @property
    def known_number(self) -> int:
        """Number of the version that the person read."""
        typed = self.known.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def texts(self, template: Template) -> dict[str, str]:
        """Return what was typed, by field."""
        return {
            one.key: self[one.key].data or "" for one in template.own if one.kind is not FieldKind.PICTURE
        }  # fmt: skip

    def uploads(self, template: Template) -> dict[str, Upload]:
        """Return the pictures sent, by field."""
        sent = {one.key: request.files.get(one.key) for one in template.own if one.kind is FieldKind.PICTURE}
        return {key: Upload(file.read(), file.filename) for key, file in sent.items() if file and file.filename}

    def removed(self, template: Template) -> frozenset[str]:
        """Return the pictures that the person wants no more."""
        pictures = [one.key for one in template.own if one.kind is FieldKind.PICTURE]
        return frozenset(key for key in pictures if self[f"no_{key}"].data)


def document_form(template: Template, values: Mapping[str, Any] | None, known: int) -> DocumentForm:
    """Return the form of a template, filled in with values or, when there are none, with what was sent."""
    members: dict[str, Any] = {}
    for field in template.own:
        members[field.key] = _control(field)
        if field.kind is FieldKind.PICTURE:
            members[f"no_{field.key}"] = BooleanField(_l("Ne plus imprimer cette image"))
    made = type("DocumentFormOfTemplate", (DocumentForm,), members)
    form: DocumentForm = made() if values is None else made(formdata=None, data={**values, "known": str(known)})
    return form


def _control(field: Field) -> Any:
    locale = current_locale()
    label, hint = field.label.to(locale), field.hint.to(locale)
    if field.kind is FieldKind.PICTURE:
        return FileField(label, description=hint, render_kw={"accept": _PICTURES})
    if field.kind is FieldKind.COLOUR:
        return StringField(label, description=hint, render_kw={"type": "color"})
    return StringField(label, description=hint)


class DuplicateForm(BaseForm):
    """Why a duplicate is asked for."""

    reason = StringField(
        _l("Motif"),
        [
            filled(_l("Écrivez le motif : il est imprimé sur la feuille du duplicata.")),
            Length(min=SHORTEST_REASON, message=_TOO_SHORT),
            at_most(LONGEST_REASON),
        ],
        description=_l("Par exemple : « Original perdu, déclaration du 3 mars 2026 ». Imprimé sur la feuille."),
    )  # fmt: skip


class CorrectionForm(BaseForm):
    """Why a certificate is replaced."""

    reason = text_area(
        _l("Motif"), filled(_l("Écrivez le motif : il est communiqué à la personne titulaire.")),
        Length(min=SHORTEST_REASON, message=_TOO_SHORT), rows=3, max_length=2000,
        description=_l("Communiqué à la personne titulaire et gardé au registre. Il n’est pas montré au public."),
    )  # fmt: skip


class AttestForm(BaseForm):
    """A button alone."""

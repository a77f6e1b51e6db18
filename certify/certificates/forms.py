"""What comes in about certificates."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from certify.certificates import codes
from certify.certificates.services import SHORTEST_REASON
from certify.core.forms import BaseForm, filled, text_area
from certify.core.i18n import lazy as _l

_TOO_SHORT = _l("Écrivez le motif en %(count)s caractères au moins.", count=SHORTEST_REASON)


class ReasonForm(BaseForm):
    """Why a certificate is suspended, revoked or made valid again."""

    reason = text_area(
        _l("Motif"), filled(_l("Écrivez le motif : il est communiqué à la personne titulaire.")),
        Length(min=SHORTEST_REASON, message=_TOO_SHORT), rows=3, max_length=2000,
        description=_l("Communiqué à la personne titulaire et gardé au registre. Il n’est pas montré au public."),
    )  # fmt: skip


class VerifyForm(BaseForm):
    """A code to check."""

    code = StringField(
        _l("Code du certificat"), [filled(_l("Écrivez le code imprimé sur le certificat."))],
        description=_l("Quatorze lettres et chiffres. Les tirets et les majuscules ne comptent pas."),
    )  # fmt: skip

    def validate_code(self, field: Any) -> None:
        """Refuse what cannot be a code, before looking for it."""
        if codes.read(field.data or "") is None:
            raise ValidationError(
                _l("Ce code ne peut pas exister : un caractère manque ou a été mal recopié. Comparez-le au document.")
            )


class FileForm(BaseForm):
    """A file to check."""

    file = FileField(
        _l("Fichier PDF"), [FileRequired(_l("Choisissez le fichier PDF que l’on vous a remis."))],
        description=_l("5 Mo au plus. Le fichier est examiné puis oublié : rien n’en est gardé."),
    )  # fmt: skip


class IssueForm(BaseForm):
    """A button alone."""

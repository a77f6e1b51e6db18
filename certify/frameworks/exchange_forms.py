"""What comes in from the pages of framework files: a file and its format, then the confirmation of what was read."""

import json

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from certify.core.forms import BaseForm, SelectChoice, at_most, required
from certify.core.i18n import lazy as _l
from certify.frameworks import exchange
from competencies import Framework, FrameworkFaults, from_document, to_document

GUESS = "guess"


class ImportForm(BaseForm):
    """A file, and the format it is in."""

    file = FileField(
        _l("Fichier"), description=_l("5 Mo au plus. Rien n’est enregistré avant que vous l’ayez confirmé.")
    )
    format = RadioField(
        _l("Format"),
        default=GUESS,
        choices=[
            SelectChoice(GUESS, _l("Le reconnaître d’après le fichier")),
            *(SelectChoice(one.name, one.label) for one in exchange.FORMATS.values()),
        ],
    )

    def content(self) -> bytes:
        """Return the bytes sent, one more than allowed at most."""
        content: bytes = self.file.data.stream.read(exchange.MAX_BYTES + 1)
        return content

    def validate_file(self, field: FileField) -> None:
        """Refuse when no file was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError(_l("Choisissez un fichier."))


class ConfirmForm(BaseForm):
    """What was read of a file, carried until its author confirms; it is checked again when it comes back."""

    certifying_body = SelectField(_l("Organisme certificateur"))
    number = StringField(
        _l("Numéro de version"),
        [required(_l("Donnez un numéro de version.")), at_most(30)],
        description=_l("Celui du fichier, ou un autre pour en faire une nouvelle version."),
    )
    document = HiddenField(validators=[Optional()])

    def carry(self, framework: Framework) -> None:
        """Put what was read into the form."""
        self.document.data = json.dumps(to_document(framework))
        self.number.data = framework.version[:30]

    def framework(self) -> Framework | None:
        """Return what was read, under the number chosen; None when it is not what was sent."""
        try:
            document = json.loads(self.document.data or "")
            return from_document({**document, "version": self.number.data or document["version"]})
        except (ValueError, TypeError, KeyError, RecursionError, FrameworkFaults):
            return None

"""What comes in from the pages of seals."""

from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField, StringField

from certify.core.forms import BaseForm, at_most, filled, text_area
from certify.core.i18n import lazy as _l

_LARGEST_FILE = 64 * 1024
_LONGEST_CHAIN = 40_000


class FileForm(BaseForm):
    """A key and its certificates, in the file an authority delivers."""

    file = FileField(
        _l("Fichier .p12 ou .pfx"),
        [FileRequired(_l("Choisissez un fichier."))],
        description=_l("Celui que vous a remis l’autorité de certification : 64 Ko au plus."),
    )
    password = PasswordField(
        _l("Mot de passe du fichier"),
        [at_most(200)],
        description=_l("Il sert une fois, à ouvrir le fichier ; il n’est pas gardé."),
    )

    def content(self) -> bytes:
        """Return the bytes of the file, no more than it may weigh; what is longer opens as nothing."""
        content: bytes = self.file.data.stream.read(_LARGEST_FILE + 1)
        return content if len(content) <= _LARGEST_FILE else b""


class DeviceForm(BaseForm):
    """The certificate of a key that a device holds."""

    device_label = StringField(_l("Nom de la clé sur le boîtier"), [filled(), at_most(120)])
    certificates = text_area(
        _l("Certificats"),
        filled(),
        rows=8,
        max_length=_LONGEST_CHAIN,
        description=_l("Au format PEM : celui du sceau en premier, puis ceux des autorités au-dessus."),
    )

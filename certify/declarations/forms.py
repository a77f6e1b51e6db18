"""What comes in about declarations."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Optional

from certify.core.forms import BaseForm, SelectChoice, filled, required
from certify.core.i18n import lazy as _l
from certify.declarations.models import Depositor
from certify.declarations.passages import SchemaVersion


class DepositorForm(BaseForm):
    """The identifiers a body was given."""

    client_id = StringField(
        _l("Identifiant client"), [filled(_l("Recopiez l’identifiant client."))],
        description=_l("Huit caractères, donnés par la Caisse des Dépôts à l’ouverture du compte."),
    )  # fmt: skip
    contract_id = StringField(
        _l("Identifiant de contrat"), [filled(_l("Recopiez l’identifiant de contrat."))],
        description=_l("Vingt caractères au plus."),
    )  # fmt: skip
    is_trusted_third_party = BooleanField(_l("Nous déposons pour le compte du certificateur (tiers de confiance)."))
    certifier_client_id = StringField(
        _l("Identifiant client du certificateur"), [Optional()],
        description=_l("Seulement en tiers de confiance : celui de l’organisme pour lequel vous déposez."),
    )  # fmt: skip
    schema_version = RadioField(
        _l("Version du schéma"), [required(_l("Choisissez la version que le portail demande."))],
        choices=[SelectChoice(one.value, one.value) for one in SchemaVersion],
        description=_l("Celle du guide en cours sur le portail des certificateurs."),
    )  # fmt: skip

    @classmethod
    def showing(cls, row: Depositor | None) -> "DepositorForm":
        """Make the form of what is recorded."""
        return cls(obj=row, data=None if row else {"schema_version": SchemaVersion.V115.value})


class ReceiptForm(BaseForm):
    """A processing report."""

    file = FileField(
        _l("Compte rendu de traitement"), [FileRequired(_l("Choisissez le fichier XML reçu du portail."))],
        description=_l("Le fichier XML, tel qu’il est venu."),
    )  # fmt: skip

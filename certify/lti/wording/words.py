"""The shape of an explanation, and the sentences that several of them share."""

from dataclasses import dataclass
from typing import Any

from certify.core.i18n import lazy as _l


@dataclass(frozen=True)
class Words:
    """One explanation: what it is called, what happened, and what each reader may do about it."""

    title: Any
    happened: Any
    person: Any
    """What the person in front of the page does."""
    administrator: Any
    """What who administers the platform, or certify, does."""


OPEN_AGAIN = _l("Retournez dans votre cours et ouvrez le lien de nouveau.")
TELL = _l(
    "Retournez dans votre cours et ouvrez le lien de nouveau. Si cela recommence, transmettez le numéro de la demande "
    "à la personne qui administre votre plateforme de cours."
)
ASK = _l("Prévenez la personne qui administre votre plateforme de cours : vous n’avez rien fait de travers.")
NOT_CONFORMING = _l(
    "La plateforme n’applique pas la norme LTI 1.3 sur ce point. Mettez-la à jour, ou signalez-le à son éditeur avec "
    "le nom de la règle et l’adresse de la norme."
)


def unknown(code: str) -> Words:
    """Return honest words for a code nobody put into words."""
    return Words(
        _l("La plateforme de cours et certify ne se sont pas compris"),
        _l("L’échange s’est arrêté sur la règle « %(code)s ».", code=code),
        TELL,
        _l("Lancez le diagnostic de cette plateforme : il dit quelle étape échoue."),
    )

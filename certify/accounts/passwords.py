"""Passwords: what is accepted as one and how it is kept, the same for invitations, resets, changes and commands."""

import unicodedata
from typing import Any, Protocol

from flask_security import PasswordUtil
from flask_security import hash_password as _hash

from certify.core.i18n import gettext as _

SHORTEST = 12
LONGEST = 128
_FEWEST_SIGNS = 5
_WELL_KNOWN = ("motdepasse", "password", "azerty", "qwerty", "123456", "000000", "certify", "bonjour")


class Named(Protocol):
    """Somebody whose name and address must not be their password."""

    email: str
    given_name: str
    family_name: str


def faults_of(password: str, person: Named | None = None) -> list[str]:
    """Return what makes a password unfit, in words; nothing when it is fine (after ANSSI, multi-factor guide, 2021)."""
    text = normalized(password)
    if len(text) < SHORTEST:
        return [_("Ce mot de passe est trop court : il faut au moins %(length)s caractères.", length=SHORTEST)]
    if len(text) > LONGEST:
        return [_("Ce mot de passe est trop long : %(length)s caractères au plus.", length=LONGEST)]
    if len(set(text.lower())) < _FEWEST_SIGNS:
        return [
            _("Ce mot de passe répète trop les mêmes caractères. Assemblez plutôt quelques mots sans lien entre eux.")
        ]
    if _is_mostly(text, _WELL_KNOWN):
        return [
            _(
                "Ce mot de passe est trop courant : c’est l’un des premiers essayés. "
                "Assemblez plutôt quelques mots sans lien entre eux."
            )
        ]
    if person is not None and _is_mostly(text, _words_of(person)):
        return [
            _("Ce mot de passe reprend votre nom ou votre adresse. Choisissez des mots qui ne parlent pas de vous.")
        ]
    return []


def normalized(password: str) -> str:
    """Return the same password however a keyboard composes accents, without the spaces a paste adds around it."""
    return unicodedata.normalize("NFKD", password).strip()


def hashed(password: str) -> str:
    """Return what is kept of a password: its Argon2 hash."""
    return str(_hash(normalized(password)))


class PasswordRules(PasswordUtil):
    """The same rules, for the pages of Flask-Security."""

    def normalize(self, password: str) -> str:
        """Return the form in which passwords are compared."""
        return normalized(password)

    def validate(self, password: str, is_register: bool, **values: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong with a password, if anything, and its normal form."""
        return faults_of(password, values.get("user")) or None, normalized(password)


def _words_of(person: Named) -> tuple[str, ...]:
    words = (person.email.partition("@")[0], person.given_name, person.family_name)
    return tuple(plain for word in words if len(plain := normalized(word).lower()) >= 4)


def _is_mostly(text: str, words: tuple[str, ...]) -> bool:
    """Whether little is left of a text once these words are taken out of it."""
    left = text.lower()
    for word in words:
        left = left.replace(word, "")
    return len(left) < len(text) and len(left) < SHORTEST - 4

"""Addresses of platforms: which ones certify agrees to know."""

import ipaddress
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

from certify.core.i18n import lazy as _l
from certify.lti.models.registrations import ADDRESS

_NOT_AN_ADDRESS = _l("Ce n’est pas une adresse. Écrivez par exemple https://plateforme.exemple.fr/auth.")


def fault_of(address: str, *, allow_insecure: bool, longest: int = ADDRESS) -> Any | None:
    """Return what is wrong with an address of a platform, in words; nothing when it can be used."""
    if len(address) > longest:
        return _l("Cette adresse est trop longue : %(max)s caractères au plus.", max=longest)
    parts = _parts(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return _NOT_AN_ADDRESS
    if parts.username or parts.password or parts.fragment:
        return _l("Cette adresse ne doit contenir ni identifiant, ni mot de passe, ni ancre (#).")
    if not allow_insecure and parts.scheme != "https":
        return _l("Cette adresse doit commencer par https:// : rien ne doit circuler en clair.")
    if not allow_insecure and _is_private(parts.hostname):
        return _l("Cette adresse mène à la machine elle-même ou à un réseau privé : elle est refusée.")
    return None


@lru_cache(maxsize=1024)
def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as a browser writes an origin; empty when it is none."""
    parts = _parts(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def _parts(address: str) -> SplitResult | None:
    # A header or a policy made from an address must not be cut in two by what hides in it.
    if any(character.isspace() or character in "\"';,<>\\" or not character.isprintable() for character in address):
        return None
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return None
    return parts


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host.strip("[]"):
        return not _is_public_literal(host)
    return _is_literal(host) and not _is_public_literal(host)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public_literal(host: str) -> bool:
    return _is_literal(host) and ipaddress.ip_address(host).is_global

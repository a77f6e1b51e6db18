"""Taking values of the right shape out of JSON that a stranger wrote."""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any

from certify.lti.protocol.errors import LaunchRefused

MAX_ID = 255
"""LTI 1.3 core: identifiers of users, contexts, links and deployments take at most 255 ASCII characters."""
MAX_ADDRESS = 500
"""Longest address of a service kept."""
_MAX_NUMBER = 10**30
_LAST_PORT = 65535
# A host without a name or a password before it, then nothing that ends an attribute or a header.
_ADDRESS = re.compile(r"(?i:https?)://([\w.-]+|\[[\da-fA-F:.]+\])(?::(\d{1,5}))?(?:[/?#][!#-;=?-\[\]-~]*)?", re.ASCII)


def text(value: Any, limit: int) -> str:
    """Return a text that may be shown and kept, shortened to the limit; anything else is no text."""
    if not isinstance(value, str):
        return ""
    found = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if "\0" in found:
        found = found.replace("\0", "")
    found = found.strip()
    return found if len(found) <= limit else found[:limit].rstrip()


def scalar(value: Any, limit: int) -> str:
    """Return a text, a number or a truth value as a text: custom parameters come as any of them."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:limit] if abs(value) < _MAX_NUMBER else ""
    return text(value, limit)


def identifier(value: Any, name: str) -> str:
    """Return an identifier whole, or refuse it: two shortened ones could be the same.

    https://www.imsglobal.org/spec/lti/v1p3/#user-identity-claims and the claims of deployments, contexts and links.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > MAX_ID or "\0" in value:
        raise LaunchRefused("claims-malformed", f"{name} is not an identifier")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as fault:
            raise LaunchRefused("claims-malformed", f"{name} is not an identifier") from fault
    return value


def group(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a claim that groups others; absent and `null` are an empty one, and so is the empty list of PHP."""
    value = claims.get(name)
    if not value:
        return {}
    if not isinstance(value, dict):
        raise LaunchRefused("claims-malformed", f"{name} is not an object")
    return value


def texts(value: Any, limit: int = MAX_ID) -> tuple[str, ...]:
    """Return the texts of a list, each once, in order; anything else in it is left out."""
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(found for one in value if (found := text(one, limit))))


def address(value: Any, limit: int = MAX_ADDRESS) -> str:
    """Return a web address, or nothing: an address of another kind could run a script, a shortened one leads astray."""
    found = value.strip() if isinstance(value, str) else ""
    written = _ADDRESS.fullmatch(found)
    if written is None or len(found) > limit:
        return ""
    if (port := written[2]) and int(port) > _LAST_PORT:
        return ""
    return found if written[1][0] != "[" or _is_literal(written[1]) else ""


def _is_literal(host: str) -> bool:
    try:
        return IPv6Address(host[1:-1]).version == 6
    except ValueError:
        return False


def truth(value: Any) -> bool:
    """Return whether a flag is set; some platforms write it as a text."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1"})

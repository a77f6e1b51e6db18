"""What is kept of a launch to explain it later: everything but what names a person."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from certify.lti.protocol import names, shapes

_OURS = "certify_"
_MAX = 500
_MAX_ROLES = 50
_MAX_NAMES = 60


def redacted(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be kept of claims for an administrator to look at.

    Only claims known to name nobody are kept: platforms add their own (`ext`, custom parameters filled with names),
    and of those the name alone is told, under `withheld`. The subject is a digest, so that two launches of one person
    can be told apart from those of another.
    """
    kept: dict[str, Any] = {}
    for name, keep in _KEPT.items():
        if name in claims and ((value := keep(claims[name])) or value is False):
            kept[name] = value
    if sub := claims.get("sub"):
        kept["sub"] = _digest(claims.get("iss"), sub)
    others = sorted(shapes.text(name, 120) for name in claims if name not in _KEPT and name != "sub")
    if others:
        kept["withheld"] = others[:_MAX_NAMES]
    return kept


def _digest(*parts: Any) -> str:
    joined = "|".join(part if isinstance(part, str) else "" for part in parts)
    return "sha256:" + sha256(joined.encode("utf-8", "replace")).hexdigest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return shapes.text(value, _MAX)
    return value if isinstance(value, bool) else shapes.scalar(value, _MAX)


def _moment(value: Any) -> Any:
    return value if type(value) is int and abs(value) < 10**12 else shapes.scalar(value, 40)


def _list(value: Any) -> Any:
    return list(shapes.texts(value, _MAX))[:_MAX_ROLES] if isinstance(value, list) else _plain(value)


def _people(value: Any) -> Any:
    return [_digest(one) for one in shapes.texts(value)][:_MAX_ROLES]


def _without_query(value: Any) -> str:
    """Return an address without what may hold a session key: Moodle puts one in its return address."""
    address = shapes.address(value, 4000)
    return address.partition("#")[0].partition("?")[0][:_MAX]


def _part(**keepers: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def keep(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            return {}
        return {name: one for name, keeper in keepers.items() if name in value and (one := keeper(value[name])) != ""}

    return keep


def _custom(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    named = list(value.items())[:_MAX_NAMES]
    return {shapes.text(name, 120): shapes.scalar(one, _MAX) if name.startswith(_OURS) else "…" for name, one in named}


_KEPT: dict[str, Callable[[Any], Any]] = {
    "iss": _plain,
    "aud": _list,
    "azp": _plain,
    "iat": _moment,
    "exp": _moment,
    "locale": _plain,
    names.MESSAGE_TYPE: _plain,
    names.VERSION: _plain,
    names.DEPLOYMENT_ID: _plain,
    names.TARGET_LINK_URI: _without_query,
    names.ROLES: _list,
    names.ROLE_SCOPE_MENTOR: _people,
    names.CONTEXT: _part(id=_plain, label=_plain, title=_plain, type=_list),
    names.RESOURCE_LINK: _part(id=_plain, title=_plain),
    names.PRESENTATION: _part(document_target=_plain, locale=_plain, return_url=_without_query),
    names.PLATFORM: _part(guid=_plain, name=_plain, product_family_code=_plain, version=_plain, url=_without_query),
    names.CUSTOM: _custom,
    names.AGS: _part(scope=_list, lineitems=_plain, lineitem=_plain),
    names.NRPS: _part(context_memberships_url=_plain, service_versions=_list),
    names.DL_SETTINGS: _part(
        deep_link_return_url=_without_query,
        accept_types=_list,
        accept_multiple=_plain,
        accept_lineitem=_plain,
        accept_presentation_document_targets=_list,
    ),
    names.FOR_USER: _part(user_id=_digest),
}

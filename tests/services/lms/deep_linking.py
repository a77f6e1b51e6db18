"""The return of a deep linking dialogue: the response is a JWT where every claim and every item is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.services.lms.access import Tool, check_times, verified
from tests.services.lms.refusals import require
from tests.services.lms.vocabulary import CLAIM, DEEP_LINKING, DEEP_LINKING_RESPONSE

_LONGEST = 3600
_TYPES = {"link", "ltiResourceLink", "file", "html", "image"}
_ITEM = {
    "type", "url", "title", "text", "icon", "thumbnail", "custom", "lineItem", "available", "submission", "iframe",
    "window", "embed", "html", "expiresAt", "width", "height",
}  # fmt: skip
_COLUMN = {"label", "scoreMaximum", "resourceId", "tag", "gradesReleased"}


@dataclass(frozen=True)
class SavedItem:
    """What a deep linking response added to a course."""

    type: str
    url: str
    title: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    line_item: Mapping[str, Any] | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """A deep linking response that nothing is wrong with."""

    items: tuple[SavedItem, ...]
    message: str
    error: str
    claims: Mapping[str, Any]


class DeepLinkings:
    """Dialogues under way and responses seen."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] | None = None
        """Of the dialogue last started."""
        self._nonces: set[str] = set()

    def verified(self, token: str, tool: Tool, *, issuer: str, client_id: str, deployment_id: str) -> Response:
        """Return a right response; refuse a wrong one."""
        require(token, "JWT is missing")
        claims = verified(token, tool, reason="deep linking response")
        audience = claims.get("aud")
        require(audience in (issuer, [issuer]), f"aud is {audience!r}, not {issuer!r}")
        require(claims.get("iss") == client_id, f"iss is {claims.get('iss')!r}, not {client_id!r}")
        require(claims.get("azp", issuer) == issuer, f"azp is {claims.get('azp')!r}")
        check_times(claims, longest=_LONGEST, reason="deep linking response")
        nonce = claims.get("nonce")
        require(isinstance(nonce, str) and len(nonce) >= 16, "nonce is missing or can be guessed")
        require(nonce not in self._nonces, "nonce was used before")
        self._nonces.add(str(nonce))
        for name, value in {
            "message_type": DEEP_LINKING_RESPONSE,
            "version": "1.3.0",
            "deployment_id": deployment_id,
        }.items():
            found = claims.get(CLAIM + name)
            require(found == value, f"{name} is {found!r}, not {value!r}")
        settings = self._answered_settings(claims)
        items = _items(claims, settings)
        texts = [_text(claims, name) for name in ("msg", "log", "errormsg", "errorlog")]
        return Response(items, texts[0], texts[2], claims)

    def _answered_settings(self, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        require(self.settings is not None, "no deep linking dialogue is under way")
        settings = self.settings or {}
        name = f"{DEEP_LINKING}data"
        if "data" in settings:
            require(claims.get(name) == settings["data"], f"data is {claims.get(name)!r}, not {settings['data']!r}")
        else:
            require(claims.get(name) is None, "data was not given, so it must not come back")
        self.settings = None
        return settings


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(DEEP_LINKING + name, "")
    require(isinstance(value, str), f"{name} is not a text")
    return str(value)


def _items(claims: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[SavedItem, ...]:
    items = claims.get(f"{DEEP_LINKING}content_items", [])
    require(isinstance(items, list), "content_items is not a list")
    accepts_several = settings.get("accept_multiple", True) in (True, "true")
    require(accepts_several or len(items) <= 1, "several items, where one was asked for")
    return tuple(_item(item, settings) for item in items)


def _item(item: Any, settings: Mapping[str, Any]) -> SavedItem:
    require(isinstance(item, dict), "an item is not an object")
    require(item.get("type") in _TYPES, f"type is {item.get('type')!r}")
    require(item["type"] in settings["accept_types"], f"{item['type']} was not asked for")
    require(not set(item) - _ITEM, f"an item has {sorted(set(item) - _ITEM)}")
    require(None not in item.values(), "an item has a property without a value")
    for name in ("title", "text", "url"):
        require(isinstance(item.get(name, ""), str), f"{name} is not a text")
    address = urlsplit(item.get("url", ""))
    require(not item.get("url") or (address.scheme in {"http", "https"} and address.netloc), f"url {item.get('url')!r}")
    custom = item.get("custom", {})
    is_texts = isinstance(custom, dict) and all(isinstance(value, str) for value in custom.values())
    require(is_texts, f"custom holds something else than texts: {custom!r}")
    column = item.get("lineItem")
    if column is not None:
        _check_column(column, settings)
    for name in ("available", "submission"):
        _check_period(item.get(name, {}), name)
    _check_frame(item)
    return SavedItem(
        item["type"], item.get("url", ""), item.get("title", ""), item.get("text", ""), custom, column, item
    )


def _check_column(column: Any, settings: Mapping[str, Any]) -> None:
    require(settings.get("accept_lineitem", False), "columns are not accepted")
    require(isinstance(column, dict), "lineItem is not an object")
    require(not set(column) - _COLUMN, f"lineItem has {sorted(set(column) - _COLUMN)}")
    maximum = column.get("scoreMaximum")
    is_number = isinstance(maximum, int | float) and not isinstance(maximum, bool)
    require(is_number and maximum > 0, "lineItem needs a scoreMaximum above 0")
    for name in ("label", "resourceId", "tag"):
        require(isinstance(column.get(name, ""), str), f"{name} is not a text")


def _check_period(period: Any, name: str) -> None:
    require(isinstance(period, dict), f"{name} is not an object")
    require(not set(period) - {"startDateTime", "endDateTime"}, f"{name} has {sorted(period)}")
    require(all(isinstance(moment, str) for moment in period.values()), f"{name} has a moment that is not a text")


def _check_frame(item: Mapping[str, Any]) -> None:
    for name in ("iframe", "window"):
        require(isinstance(item.get(name, {}), dict), f"{name} is not an object")
    for name in ("width", "height"):
        require(isinstance(item.get("iframe", {}).get(name, 1), int), f"{name} of iframe is not a number")

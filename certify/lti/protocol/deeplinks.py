"""Deep linking: what a platform accepts when a teacher places links, and the signed answer it gets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from certify.lti.protocol import names, shapes
from certify.lti.protocol.errors import LaunchRefused

LIFETIME = timedelta(minutes=5)
"""How long a platform may take to read our answer."""
LINK = "ltiResourceLink"
_MAX_RETURN = 4000
_MAX_DATA = 16 * 1024
_MAX_TITLE = 255
_MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What a platform takes back: https://www.imsglobal.org/spec/lti-dl/v2p0#deep-linking-settings."""

    return_url: str
    accepts_links: bool = True
    accepts_several: bool = True
    accepts_columns: bool = True
    data: str | None = None
    """Given back as it came, to the byte; nothing when nothing came."""
    title: str = ""
    text: str = ""
    targets: tuple[str, ...] = ()


def settings_of(claim: Any) -> DeepLinkingSettings:
    """Read the deep linking settings of a launch.

    https://www.imsglobal.org/spec/lti-dl/v2p0#deep-linking-settings: one link is always right where nothing is said of
    several; a grade column that a platform does not make is only ignored.
    """
    if claim is None:
        raise LaunchRefused("deep-linking-settings-missing")
    if not isinstance(claim, dict):
        raise LaunchRefused("claims-malformed", "deep_linking_settings is not an object")
    return_url = shapes.address(claim.get("deep_link_return_url"), _MAX_RETURN)
    if not return_url:
        raise LaunchRefused("deep-linking-settings-missing", "deep_link_return_url")
    return DeepLinkingSettings(
        return_url=return_url,
        accepts_links=_accepts_links(claim.get("accept_types")),
        accepts_several=shapes.truth(claim.get("accept_multiple")),
        accepts_columns=claim.get("accept_lineitem") is None or shapes.truth(claim.get("accept_lineitem")),
        data=_data(claim.get("data")),
        title=shapes.text(claim.get("title"), _MAX_TITLE),
        text=shapes.text(claim.get("text"), _MAX_TEXT),
        targets=shapes.texts(claim.get("accept_presentation_document_targets"), 20),
    )


def _accepts_links(types: Any) -> bool:
    if types is None:
        return True
    if isinstance(types, str):
        return LINK in types.replace(",", " ").split()
    if not isinstance(types, list):
        raise LaunchRefused("claims-malformed", "accept_types is not a list")
    return LINK in types


def _data(data: Any) -> str | None:
    if data is None:
        return None
    if not isinstance(data, str) or len(data) > _MAX_DATA:
        raise LaunchRefused("claims-malformed", "data is not a text")
    try:
        data.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise LaunchRefused("claims-malformed", "data is not a text") from fault
    return data


@dataclass(frozen=True, slots=True)
class ColumnWanted:
    """A grade column that a platform should make with a link: https://www.imsglobal.org/spec/lti-dl/v2p0#lti-resource-link."""

    label: str
    maximum: float
    tag: str = ""
    resource_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A link to place: https://www.imsglobal.org/spec/lti-dl/v2p0#lti-resource-link."""

    title: str
    url: str
    custom: Mapping[str, str] = field(default_factory=dict)
    line_item: ColumnWanted | None = None
    text: str = ""


def response(
    items: Iterable[Item],
    settings: DeepLinkingSettings,
    *,
    issuer: str,
    client_id: str,
    deployment_id: str,
    now: datetime,
    nonce: str,
    message: str = "",
    error: str = "",
) -> dict[str, Any]:
    """Return the claims of the answer to sign; without items the teacher changed their mind.

    https://www.imsglobal.org/spec/lti-dl/v2p0#deep-linking-response-message: the tool speaks, so `iss` is our client
    identifier and `aud` the platform.
    """
    issued = int(now.timestamp())
    wanted = list(items) if settings.accepts_links else []
    claims: dict[str, Any] = {
        "iss": client_id,
        "aud": issuer,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "nonce": nonce,
        names.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        names.VERSION: "1.3.0",
        names.DEPLOYMENT_ID: deployment_id,
        names.DL_ITEMS: [_written(item, settings) for item in (wanted if settings.accepts_several else wanted[:1])],
    }
    if settings.data is not None:
        claims[names.DL_DATA] = settings.data
    if message:
        claims[names.DL_MESSAGE] = message
    if error:
        claims[names.DL_ERROR] = error
    return claims


def _written(item: Item, settings: DeepLinkingSettings) -> dict[str, Any]:
    written: dict[str, Any] = {"type": LINK, "title": item.title, "url": item.url}
    if item.text:
        written["text"] = item.text
    if item.custom:
        written["custom"] = dict(item.custom)
    if item.line_item is not None and settings.accepts_columns:
        written["lineItem"] = _column(item.line_item)
    return written


def _column(column: ColumnWanted) -> dict[str, Any]:
    written: dict[str, Any] = {"label": column.label, "scoreMaximum": column.maximum}
    if column.resource_id:
        written["resourceId"] = column.resource_id
    if column.tag:
        written["tag"] = column.tag
    return written

"""What a launch says, read from its verified claims: LTI 1.3 core section 5, once for every message."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from certify.lti.protocol import names, shapes
from certify.lti.protocol.deeplinks import DeepLinkingSettings, settings_of
from certify.lti.protocol.errors import LaunchRefused
from certify.lti.protocol.redaction import redacted as redacted

ITEM = "certify_item"
"""Custom parameter that carries what a teacher placed: it follows the link when a course is copied."""
HISTORY = "context_id_history"
"""Custom parameter that we ask platforms to fill with `$Context.id.history`."""

_MAX_TITLE, _MAX_LABEL, _MAX_NAME, _MAX_PART, _MAX_EMAIL, _MAX_PRODUCT, _MAX_VERSION = 255, 120, 160, 80, 254, 40, 60
_MAX_LOCALE, _MAX_RETURN, _MAX_VALUE, _MAX_COPIES = 35, 4000, 1000, 50


class MessageType(StrEnum):
    """The messages that open something here."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
    DATA_PRIVACY = "DataPrivacyLaunchRequest"


_MESSAGES = {message.value: message for message in MessageType}


@dataclass(frozen=True, slots=True)
class Person:
    """Who launches; everything but `sub` may be kept back by the platform."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str
    locale: str


@dataclass(frozen=True, slots=True)
class ContextClaim:
    """The course: https://www.imsglobal.org/spec/lti/v1p3/#context-claim."""

    id: str
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """The link that was followed: https://www.imsglobal.org/spec/lti/v1p3/#resource-link-claim."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Presentation:
    """Where and how the platform shows us: https://www.imsglobal.org/spec/lti/v1p3/#launch-presentation-claim."""

    return_url: str
    target: str
    locale: str


@dataclass(frozen=True, slots=True)
class Platform:
    """Which product launches: https://www.imsglobal.org/spec/lti/v1p3/#platform-instance-claim."""

    product: str
    version: str
    name: str
    guid: str


@dataclass(frozen=True, slots=True)
class AgsClaim:
    """The grade services of the course: https://www.imsglobal.org/spec/lti-ags/v2p0#assignment-and-grade-service-claim."""

    scopes: tuple[str, ...]
    line_items_url: str
    line_item_url: str


@dataclass(frozen=True, slots=True)
class Message:
    """A launch as the pages need it."""

    type: MessageType
    deployment_id: str
    target_link_uri: str
    roles: tuple[str, ...]
    person: Person
    context: ContextClaim | None
    link: LinkClaim | None
    presentation: Presentation
    platform: Platform
    custom: Mapping[str, str]
    ags: AgsClaim | None
    memberships_url: str
    deep_linking: DeepLinkingSettings | None
    for_user: str
    """Whom a submission review is about: the `sub` of a learner."""
    mentored: tuple[str, ...]
    id_history: tuple[str, ...]
    """Identifiers of the courses this one was copied from, the nearest first."""
    placement_id: str
    """What a teacher placed here by deep linking."""


def read(claims: Mapping[str, Any]) -> Message:
    """Return what verified claims say, or refuse those that break a rule of their kind of message.

    https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims: `null` is as good as absent, unknown claims are
    ignored, and everything that is not required may be missing.
    """
    kind = _kind(claims)
    deployment_id = shapes.identifier(claims.get(names.DEPLOYMENT_ID), "deployment_id")
    if not deployment_id:
        raise LaunchRefused("deployment-missing")
    custom = shapes.group(claims, names.CUSTOM)
    return Message(
        type=kind,
        deployment_id=deployment_id,
        target_link_uri=_target(claims, kind),
        roles=_roles(claims, kind),
        person=_person(claims),
        context=_context(claims),
        link=_link(claims, kind),
        presentation=_presentation(claims),
        platform=_platform(claims),
        custom=_custom(custom),
        ags=_ags(claims),
        memberships_url=shapes.address(shapes.group(claims, names.NRPS).get("context_memberships_url")),
        deep_linking=settings_of(claims.get(names.DL_SETTINGS)) if kind is MessageType.DEEP_LINKING else None,
        for_user=_for_user(claims, kind),
        mentored=shapes.texts(claims.get(names.ROLE_SCOPE_MENTOR)),
        id_history=_history(custom.get(HISTORY)),
        placement_id=shapes.scalar(custom.get(ITEM), shapes.MAX_ID),
    )


def _kind(claims: Mapping[str, Any]) -> MessageType:
    version = claims.get(names.VERSION)
    if version is None or version == "":
        raise LaunchRefused("version-missing")
    if version != "1.3.0":
        raise LaunchRefused("version-wrong", shapes.text(version, 40))
    kind = claims.get(names.MESSAGE_TYPE)
    if kind is None or kind == "":
        raise LaunchRefused("message-type-missing")
    known = _MESSAGES.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise LaunchRefused("message-type-unknown", shapes.text(kind, 60))
    return known


def _target(claims: Mapping[str, Any], kind: MessageType) -> str:
    """Return what the link opens; whether it is ours is for the caller, who knows our address.

    The certification suite sends none with deep linking: we open the page that chooses.
    """
    target = claims.get(names.TARGET_LINK_URI)
    if target is None or target == "":
        if kind is MessageType.RESOURCE_LINK:
            raise LaunchRefused("target-missing")
        return ""
    found = shapes.address(target, _MAX_RETURN)
    if not found:
        raise LaunchRefused("claims-malformed", "target_link_uri is not an address")
    return found


def _roles(claims: Mapping[str, Any], kind: MessageType) -> tuple[str, ...]:
    """Return the roles as sent; none, empty and unknown ones are all right and give nothing.

    https://www.imsglobal.org/spec/lti/v1p3/#roles-claim; deep linking need not send any:
    https://www.imsglobal.org/spec/lti-dl/v2p0#role
    """
    roles = claims.get(names.ROLES)
    if roles is None:
        if kind is MessageType.DEEP_LINKING:
            return ()
        raise LaunchRefused("roles-missing")
    if not isinstance(roles, list):
        raise LaunchRefused("roles-malformed", "not a list")
    for role in roles:
        if not isinstance(role, str):
            raise LaunchRefused("roles-malformed", "not a list of texts")
    return shapes.texts(roles)


def _person(claims: Mapping[str, Any]) -> Person:
    sub = shapes.identifier(claims.get("sub"), "sub")
    if not sub:
        raise LaunchRefused("subject-missing")
    email = shapes.text(claims.get("email"), _MAX_EMAIL + 1)
    return Person(
        sub=sub,
        name=shapes.text(claims.get("name"), _MAX_NAME),
        given_name=shapes.text(claims.get("given_name"), _MAX_PART),
        family_name=shapes.text(claims.get("family_name"), _MAX_PART),
        email=email if len(email) <= _MAX_EMAIL else "",
        locale=shapes.text(claims.get("locale"), _MAX_LOCALE),
    )


def _context(claims: Mapping[str, Any]) -> ContextClaim | None:
    context = shapes.group(claims, names.CONTEXT)
    found = shapes.identifier(context.get("id"), "context id")
    if not found:
        return None
    return ContextClaim(
        found, shapes.text(context.get("title"), _MAX_TITLE), shapes.text(context.get("label"), _MAX_LABEL)
    )


def _link(claims: Mapping[str, Any], kind: MessageType) -> LinkClaim | None:
    link = shapes.group(claims, names.RESOURCE_LINK)
    found = shapes.identifier(link.get("id"), "resource link id")
    if found:
        return LinkClaim(found, shapes.text(link.get("title"), _MAX_TITLE))
    if kind is MessageType.RESOURCE_LINK:
        raise LaunchRefused("resource-link-missing")
    return None


def _presentation(claims: Mapping[str, Any]) -> Presentation:
    shown = shapes.group(claims, names.PRESENTATION)
    return Presentation(
        shapes.address(shown.get("return_url"), _MAX_RETURN),
        shapes.text(shown.get("document_target"), 20).lower(),
        shapes.text(shown.get("locale"), _MAX_LOCALE),
    )


def _platform(claims: Mapping[str, Any]) -> Platform:
    platform = shapes.group(claims, names.PLATFORM)
    return Platform(
        shapes.text(platform.get("product_family_code"), _MAX_PRODUCT),
        shapes.text(platform.get("version"), _MAX_VERSION),
        shapes.text(platform.get("name"), _MAX_TITLE),
        shapes.text(platform.get("guid"), _MAX_TITLE),
    )


def _custom(custom: Mapping[str, Any]) -> dict[str, str]:
    return {shapes.text(name, _MAX_TITLE): shapes.scalar(value, _MAX_VALUE) for name, value in custom.items()}


def _ags(claims: Mapping[str, Any]) -> AgsClaim | None:
    endpoint = shapes.group(claims, names.AGS)
    if not endpoint:
        return None
    line_items, line_item = shapes.address(endpoint.get("lineitems")), shapes.address(endpoint.get("lineitem"))
    if not line_items and not line_item:
        return None
    return AgsClaim(shapes.texts(endpoint.get("scope")), line_items, line_item)


def _for_user(claims: Mapping[str, Any], kind: MessageType) -> str:
    """Return whose work is to be reviewed: https://www.imsglobal.org/spec/lti-sr/v1p0#for-user-claim."""
    if kind not in (MessageType.SUBMISSION_REVIEW, MessageType.DATA_PRIVACY):
        return ""
    found = shapes.identifier(shapes.group(claims, names.FOR_USER).get("user_id"), "for_user")
    if not found and kind is MessageType.SUBMISSION_REVIEW:
        raise LaunchRefused("for-user-missing")
    return found


def _history(value: Any) -> tuple[str, ...]:
    """Return the courses a course was copied from; a platform that knows no history leaves the variable as it is."""
    if not isinstance(value, str) or value.lstrip().startswith("$"):
        return ()
    parts = [shapes.text(part, shapes.MAX_ID + 1) for part in value.split(",")]
    return tuple(dict.fromkeys(part for part in parts if part and len(part) <= shapes.MAX_ID))[:_MAX_COPIES]

"""Answers any site may read: the same bytes with their mark (ETag), kept five minutes."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request

from certify.badges.addresses import Publisher
from certify.badges.services.publishing import TTL_SECONDS
from certify.core.errors import NotFound
from certify.settings import Settings

LINKED_DATA = "application/ld+json"
JWT = "application/vc+jwt"
PNG = "image/png"


def settings() -> Settings:
    """Return the settings of this installation."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def publisher_of(organisation_id: uuid.UUID) -> Publisher:
    """Return the public addresses of an organisation."""
    return Publisher(settings().public_url, organisation_id)


def identifier(text: str) -> uuid.UUID:
    """Read an identifier as public addresses write it, thirty-two digits; NotFound for anything else."""
    try:
        found = uuid.UUID(hex=text)
    except ValueError:
        raise NotFound() from None
    if found.hex != text:
        raise NotFound()
    return found


def published(content: str | bytes, media_type: str) -> Response:
    """Answer with something published for all programs, wherever they run."""
    answer = opened(content, media_type)
    answer.headers["Cache-Control"] = f"public, max-age={TTL_SECONDS}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def published_json(document: Mapping[str, Any], media_type: str = "application/json") -> Response:
    """Answer with a document published for all programs."""
    return published(json.dumps(document, ensure_ascii=False, sort_keys=True), media_type)


def opened(content: str | bytes, media_type: str) -> Response:
    """Answer with something a program of any site may read, this once."""
    # A charset is no parameter of these types: JSON and JWT are UTF-8 or ASCII by definition.
    answer = Response(content, content_type=media_type)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def is_wanted_by_a_person() -> bool:
    """Whether the visitor asks for a page; programs say nothing, or ask for data."""
    wanted = request.accept_mimetypes
    # A program that accepts anything (`*/*`) wants the data: only a name counts.
    quality = {name: weight for name, weight in wanted if weight > 0}
    page = quality.get("text/html", 0)
    return page > max(quality.get(LINKED_DATA, 0), quality.get("application/json", 0))

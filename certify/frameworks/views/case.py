"""The CASE 1.1 service: open frameworks as JSON at the addresses of the specification, for anybody."""

import re
import uuid
from urllib.parse import urlencode

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.frameworks.queries import public
from competencies.exchange import json_text

PATH = "/ims/case/v1p1"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_USUAL, _MOST = 100, 1000
_GREATEST_OFFSET = 10**9


def _site() -> str:
    return str(current_app.config["SETTINGS"].public_url).rstrip("/")


def _answer(document: public.Part, status: int = 200) -> Response:
    return Response(json_text.write(document), status, mimetype="application/json")


def _status(status: int, minor: str, description: str) -> Response:
    """Answer as the specification says of what cannot be given."""
    field = {"imsx_codeMinorFieldName": "sourcedId", "imsx_codeMinorFieldValue": minor}
    return _answer(
        {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": description,
            "imsx_codeMinor": {"imsx_codeMinorField": [field]},
        },
        status,
    )


@requires(PUBLIC)
def documents() -> ResponseReturnValue:
    """List the open documents, a page at a time."""
    limit, offset = _number("limit", _USUAL), _number("offset", 0)
    sort, order = request.args.get("sort", "title"), request.args.get("orderBy", "asc")
    if limit is None or offset is None or limit < 1:
        return _status(400, "invalid_query_parameter", "limit and offset are whole numbers, from 1 and from 0.")
    if sort not in public.SORTS or order not in ("asc", "desc"):
        known = ", ".join(public.SORTS)
        return _status(400, "invalid_sort_field", f"sort is one of {known}; orderBy is asc or desc.")
    limit = min(limit, _MOST)
    rows, total = public.documents(
        db.session, _site(), limit=limit, offset=offset, sort=sort, is_descending=order == "desc"
    )
    answer = _answer({"CFDocuments": rows})
    answer.headers["X-Total-Count"] = str(total)
    answer.headers["Link"] = _links(limit, offset, total, {"sort": sort, "orderBy": order})
    return answer


def _number(name: str, usual: int) -> int | None:
    written = request.args.get(name)
    if written is None:
        return usual
    if not re.fullmatch(r"\d{1,9}", written, re.ASCII):
        return None
    return min(int(written), _GREATEST_OFFSET)


def _links(limit: int, offset: int, total: int, kept: dict[str, str]) -> str:
    """Name the neighbours of a page, as RFC 8288 writes them."""
    last = max(0, (total - 1) // limit * limit)
    places = {"first": 0, "last": last}
    if offset + limit < total:
        places["next"] = offset + limit
    if offset > 0:
        places["prev"] = max(0, offset - limit)
    address = f"{_site()}{PATH}/CFDocuments"
    return ", ".join(
        f'<{address}?{urlencode({"limit": limit, "offset": place, **kept})}>; rel="{relation}"'
        for relation, place in places.items()
    )


def _part(kind: str, identifier: str) -> Response:
    if not _UUID.fullmatch(identifier.lower()):
        return _status(404, "invaliduuid", "The identifier is not a UUID.")
    wanted = uuid.UUID(identifier)
    package = public.package_with(db.session, _site(), wanted)
    found = None if package is None else public.part_of(package, kind, wanted, _site())
    if found is None:
        return _status(404, "unknownobject", "No open framework holds this object.")
    return _answer(found)


@requires(PUBLIC)
def document(identifier: str) -> ResponseReturnValue:
    """Answer with one document."""
    return _part("CFDocuments", identifier)


@requires(PUBLIC)
def package(identifier: str) -> ResponseReturnValue:
    """Answer with a whole framework, by the identifier of its document."""
    return _part("CFPackages", identifier)


@requires(PUBLIC)
def item(identifier: str) -> ResponseReturnValue:
    """Answer with a block, a competency or an indicator."""
    return _part("CFItems", identifier)


@requires(PUBLIC)
def item_associations(identifier: str) -> ResponseReturnValue:
    """Answer with an item and the associations it is an end of."""
    return _part("CFItemAssociations", identifier)


@requires(PUBLIC)
def association(identifier: str) -> ResponseReturnValue:
    """Answer with one association."""
    return _part("CFAssociations", identifier)


@requires(PUBLIC)
def item_type(identifier: str) -> ResponseReturnValue:
    """Answer with a kind of items."""
    return _part("CFItemTypes", identifier)


@requires(PUBLIC)
def rubric(identifier: str) -> ResponseReturnValue:
    """Answer with the grid of an indicator, by its own identifier or that of a criterion or a level of it."""
    return _part("CFRubrics", identifier)

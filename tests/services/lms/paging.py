"""Lists cut in pages, and the many ways platforms tell where the next page is (RFC 8288, well or badly)."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from tests.services.lms.refusals import refuse, require


class LinkStyle(StrEnum):
    """How the `Link` header is written."""

    CORRECT = "correct"
    BARE = "bare"  # rel=next
    UPPER = "upper"  # REL="NEXT"
    TITLED = "titled"  # commas and semicolons in quoted parameters, several relations
    CURLY = "curly"  # Moodle's grade services: curly quotes, and &amp; in addresses
    REPEATED = "repeated"  # the last page says that the first one follows


@dataclass(frozen=True)
class Page:
    """One page, and the address of the next one."""

    items: Sequence[Any]
    link: str = ""


def page_of(items: Sequence[Any], *, url: str, query: Mapping[str, str], style: LinkStyle, size: int | None) -> Page:
    """Return the page a query asks for; without `limit`, pages have the given size, or everything is on one."""
    # An address whose &amp; was not decoded gives parameters nobody knows: Moodle then answers the whole list.
    if any(name.startswith("amp;") for name in query):
        return Page(items)
    limit = _limit(query, size)
    start = _start(query, len(items))
    if limit is None:
        return Page(items[start:])
    end = start + limit
    if end >= len(items) and style is not LinkStyle.REPEATED:
        return Page(items[start:end])
    following = end if end < len(items) else 0
    # `limit` comes first, as Moodle writes it: what follows is lost by a client that stops at the first `&`.
    kept = {name: value for name, value in query.items() if name not in {"bookmark", "limit"}}
    first = f"{url}?{urlencode({'limit': str(limit), **kept, 'bookmark': _bookmark(0)})}"
    after = f"{url}?{urlencode({'limit': str(limit), **kept, 'bookmark': _bookmark(following)})}"
    return Page(items[start:end], _header(style, first, after))


def _limit(query: Mapping[str, str], size: int | None) -> int | None:
    if "limit" not in query:
        return size
    require(query["limit"].isdigit() and int(query["limit"]) > 0, f"limit is not a number: {query['limit']}")
    asked = int(query["limit"])
    return min(asked, size) if size else asked


def _bookmark(position: int) -> str:
    # Letters of both cases, as Canvas has them: an address in lower case leads nowhere.
    return base64.urlsafe_b64encode(json.dumps({"From": position, "By": "SortKey"}).encode()).decode("ascii")


def _start(query: Mapping[str, str], total: int) -> int:
    if "bookmark" not in query:
        return 0
    try:
        position = int(json.loads(base64.urlsafe_b64decode(query["bookmark"]))["From"])
    except (ValueError, KeyError):
        refuse(400, f"bookmark is not one of ours: {query['bookmark']}")
    require(0 <= position < total, "bookmark is beyond the end")
    return position


def _header(style: LinkStyle, first: str, after: str) -> str:
    match style:
        case LinkStyle.BARE:
            return f"<{after}>; rel=next"
        case LinkStyle.UPPER:
            return f'<{after}>; REL="NEXT"'
        case LinkStyle.TITLED:
            return f'<{first}>; title="a, b; c"; rel="first", <{after}>; title="d, e"; rel="last next"'
        case LinkStyle.CURLY:
            text = f"<{_escaped(first)}>; rel=“first”, <{_escaped(after)}>; rel=“next”"
            # Headers are bytes: what Moodle writes in UTF-8 is read as Latin-1.
            return text.encode().decode("latin-1")
        case LinkStyle.CORRECT | LinkStyle.REPEATED:
            return f'<{first}>; rel="first", <{after}>; rel="next"'


def _escaped(url: str) -> str:
    return url.replace("&", "&amp;")

"""Lists of platforms, page after page."""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from sqlalchemy.orm import Session

from certify.lti.client.access import call
from certify.lti.client.http import MIB, Unreachable
from certify.lti.models import Registration
from certify.lti.protocol.linking import next_page
from certify.settings import Settings

MOST_PAGES = 500
_MOST_BYTES = 20 * MIB


def pages(
    session: Session,
    settings: Settings,
    registration: Registration,
    scopes: Collection[str],
    url: str,
    *,
    accept: str,
) -> Iterator[Any]:
    """Give the document of each page of a list; the next address is used as the platform wrote it.

    A page that was already read ends the list; a list without end is refused rather than cut.
    """
    seen: set[str] = set()
    while url and url not in seen:
        if len(seen) == MOST_PAGES:
            raise Unreachable("too-many-pages", f"{urlsplit(url).netloc}: more than {MOST_PAGES} pages")
        seen.add(url)
        answer = call(session, settings, registration, scopes, "GET", url, accept=accept, limit=_MOST_BYTES)
        if not answer.is_done:
            raise answer.refusal()
        yield answer.json()
        following = next_page(answer.headers.getlist("Link"))
        url = urljoin(url, following) if following else ""


def asking(url: str, **parameters: str) -> str:
    """Return an address with parameters added to those it has; empty ones are left out."""
    parts = urlsplit(url)
    added = {name: value for name, value in parameters.items() if value}
    if not added:
        return url
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in added]
    return parts._replace(query=urlencode([*kept, *added.items()])).geturl()

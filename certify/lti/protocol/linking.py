"""Reading the `Link` header that leads from one page of a list to the next."""

import re
from collections.abc import Iterable
from contextlib import suppress

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r"""(?:^|[;,\s])rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,"']+))""", re.IGNORECASE)
_TITLE = re.compile(r"""=\s*"[^"]*(?:"|$)""")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'"})
_MAX = 16 * 1024


def next_page(headers: Iterable[str]) -> str | None:
    """Return the address of the next page as the platform wrote it, or nothing on the last one.

    https://www.imsglobal.org/spec/lti-nrps/v2p0#limit-query-parameter and https://www.rfc-editor.org/rfc/rfc8288,
    read with patience: relations without quotes, in lists, in capitals, or between the curly quotes of Moodle, whose
    addresses are escaped for HTML on top.
    """
    for header in headers:
        for address, parameters in _LINK.findall(_readable(header[:_MAX])):
            if "next" in _relations(parameters):
                # No more than this one: parameters such as « &section= » would be taken for signs without their « ; ».
                return address.strip().replace("&amp;", "&") or None
    return None


def _readable(header: str) -> str:
    """Return a header with straight quotes; those sent in UTF-8 reach us read as Latin-1."""
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    return header.translate(_QUOTES)


def _relations(parameters: str) -> set[str]:
    # What a title says is no parameter: « ; rel=next » may well stand between its quotes.
    bare = _TITLE.sub(lambda quoted: quoted.group() if _is_relation(parameters, quoted.start()) else "=", parameters)
    return {relation for found in _REL.findall(bare) for relation in (found[0] or found[1] or found[2]).lower().split()}


def _is_relation(parameters: str, position: int) -> bool:
    return parameters[:position].rstrip().lower().endswith("rel")

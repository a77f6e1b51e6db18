"""Opening every address of the application that can be read, with objects at hand: what a crawl by links may miss."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

_NEVER = ("static", "security.", "health.")
_TEXT = ("text/", "application/json", "application/xml", "application/toml")


def addresses(app: Flask, objects: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, str]]:
    """Give each address that answers a GET, with its endpoint: one for each way to fill it in with `objects`.

    An address that asks for something not given is left out.
    """
    known = {name: list(values) for name, values in objects.items()}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(_NEVER):
            continue
        if not rule.arguments <= known.keys():
            continue
        names = sorted(rule.arguments)
        for values in product(*(known[name] for name in names)):
            built = rule.build(dict(zip(names, values, strict=True)))
            if built is not None:
                yield rule.endpoint, built[1]


def texts(client: FlaskClient, app: Flask, objects: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, str, int, str]]:
    """Open each address as one visitor: its endpoint, itself, the status, and its text when it is a text."""
    for endpoint, address in addresses(app, objects):
        answer = client.get(address)
        kind = answer.mimetype or ""
        is_text = kind.startswith(_TEXT) or kind.endswith("+json")
        yield endpoint, address, answer.status_code, answer.get_data(as_text=True) if is_text else ""

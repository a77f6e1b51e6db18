"""What a phone installs: the page of the field, the one shown without a network, and the script that keeps both.

Nothing here says who is signed in: a device keeps these pages, and lends them to whoever holds it.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core.access import PUBLIC, Permission, requires
from certify.core.i18n import current_locale
from certify.core.i18n import gettext as _
from certify.core.templating import asset

_STATIC = Path(__file__).resolve().parents[2] / "static"
_FONTS = ("fonts/atkinson-hyperlegible-next-latin-normal.woff2", "fonts/signs.woff2")
"""Asked for by style sheets, under addresses that never change."""
_SHARED = ("scripts/field/store.js", "scripts/field/outbox.js", "scripts/field/send.js", "scripts/field/worker.js")
"""What the script that runs behind the pages is made of, in order."""
ICONS = (("app/icon-192.png", "192x192", "any"), ("app/icon-512.png", "512x512", "any"),
         ("app/icon-maskable-512.png", "512x512", "maskable"))  # fmt: skip
"""Made once from mark.svg; certify/static/app/README.md says how."""
_ASKED = re.compile(r'(?:src|href)="([^"]*/static/[^"]+)"')


@requires(Permission.LOGBOOK_WRITE)
def shell() -> ResponseReturnValue:
    """Show the page of the field; what it shows of a person comes from their device."""
    return _shell()


@requires(PUBLIC)
def offline() -> ResponseReturnValue:
    """Show what a phone without a network shows instead of any other page."""
    return render_template("field/offline.html")


@requires(PUBLIC)
def procedure() -> ResponseReturnValue:
    """Show the protection procedure as somebody nobody knows sees it: the copy that a phone keeps."""
    unknown: dict[str, Any] = {"actor": None, "nav": [], "organisation": None, "organisations": []}
    return render_template("fragility/procedure.html", group=None, may_note=False, **unknown)


@requires(PUBLIC)
def manifest() -> ResponseReturnValue:
    """Say how the application is called and what it looks like among those of a phone."""
    document = {
        "id": url_for("field.shell"),
        "name": _("certify, sur le terrain"),
        "short_name": "certify",
        "description": _("Écrire ses fiches, noter les présences et joindre des photos, même sans réseau."),
        "lang": current_locale(),
        "start_url": url_for("field.shell"),
        "scope": _scope(),
        "display": "standalone",
        "background_color": "#f8f6f2",
        "theme_color": "#0b5d57",
        "icons": [
            {"src": asset(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
    }
    answer = current_app.json.response(document)
    answer.mimetype = "application/manifest+json"
    return answer


@requires(PUBLIC)
def worker() -> ResponseReturnValue:
    """Give the script that works behind the pages; any change of what it keeps changes its own text."""
    scripts = ", ".join(json.dumps(asset(path)) for path in _SHARED)
    text = f"self.certifyField = {json.dumps(_settings())};\nimportScripts({scripts});\n"
    answer = Response(text, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = _scope()
    return answer


def _settings() -> dict[str, Any]:
    page, files = _shell(), _files()
    made_of = [page, *files, *(asset(path) for path in _SHARED), *(_digest(path) for path in _FONTS)]
    return {
        # Changes whenever something kept changes: a file, a page, the language.
        "version": hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16],
        "scope": _scope(),
        "shell": url_for("field.shell"),
        "offline": url_for("field.offline"),
        "procedure": url_for("field.procedure"),
        "files": files,
        "addresses": _addresses(),
    }


def _addresses() -> dict[str, str]:
    return {name: url_for(f"field.{name}") for name in ("person", "data", "sync", "photo")}


def _scope() -> str:
    return f"{request.script_root}/"


def _shell() -> str:
    return render_template(
        "field/shell.html", addresses=_addresses(), largest=current_app.config["SETTINGS"].upload_max_bytes
    )


def _files() -> list[str]:
    """Return the address of every static file that the kept pages ask for."""
    pages = _shell() + render_template("field/offline.html")
    asked = [address.replace("&amp;", "&") for address in _ASKED.findall(pages)]
    fonts = [url_for("static", filename=path) for path in _FONTS]
    return list(dict.fromkeys([*asked, *fonts, *(asset(path) for path, _sizes, _purpose in ICONS)]))


@lru_cache(maxsize=8)
def _digest(path: str) -> str:
    return hashlib.sha256((_STATIC / path).read_bytes()).hexdigest()

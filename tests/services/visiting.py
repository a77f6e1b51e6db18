"""Going through the application as a person without JavaScript does: open a page, fill a form in, send it.

    page = visit(client, "/cohortes/nouvelle")
    answer = submit(client, page, "form.cohort", name="Promotion de printemps")

Every page opened this way is checked (see `page_checks`), so that no test has to.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from tests.services.page_checks import faults_of

_SILENT = ("submit", "button", "reset", "image", "file")


class Visitor(Protocol):
    """Who goes through the application: Flask's test client, or anything that sends its requests the same way."""

    def get(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Open an address."""

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a form."""


class Page(BeautifulSoup):
    """A checked page, with the address it was read at."""

    url: str = ""
    status: int = 200


def visit(visitor: Visitor, url: str, *, status: int = 200, follow: bool = False) -> Page:
    """Open a page, check it, and return it; `follow` goes where it redirects to."""
    return read(visitor.get(url, follow_redirects=follow), status=status)


def read(response: TestResponse, *, status: int = 200) -> Page:
    """Check the page an answer holds, such as a refused form, and return it."""
    markup = response.get_data(as_text=True)
    where = f"{response.request.method} {response.request.path}"
    assert response.status_code == status, (
        f"{where} answered {response.status_code}, not {status}"
        f" ({response.headers.get('Location') or _summary(markup)})"
    )
    assert response.mimetype == "text/html", f"{where} answered {response.mimetype}, not a page"
    page = Page(markup, "html5lib")
    page.url, page.status = response.request.url, status
    faults = faults_of(markup, page)
    assert not faults, f"{where} has {len(faults)} fault(s):\n  " + "\n  ".join(faults)
    return page


def words(page: Page) -> str:
    """Return what a page says, with plain spaces."""
    return " ".join(page.get_text(" ").split()).replace("\u202f", " ").replace("\u00a0", " ")


def titles_of(page: Page) -> list[str]:
    """Return the links that name the rows of a list."""
    return [" ".join(cell.get_text().split()) for cell in page.select("td.cell-main a")]


def follow(visitor: Visitor, response: TestResponse) -> Page:
    """Go where an accepted form leads (303), check that page and return it."""
    where = f"{response.request.method} {response.request.path}"
    assert response.status_code == 303, (
        f"{where} answered {response.status_code}, not 303 ({_summary(response.get_data(as_text=True))})"
    )
    return visit(visitor, response.headers["Location"])


def submit(
    visitor: Visitor, page: Page, form: str = "main form", /, *, press: str | None = None, **values: Any
) -> TestResponse:
    """Fill the form that a CSS selector finds, press its button, and return the answer.

    What is not given keeps the value the page shows. Give a list for several values of one name, True or False for a
    checkbox, `(stream, filename)` for a file, and the text of a button to `press` when there are several.
    """
    tag = page.select_one(form)
    assert tag is not None, f"no form « {form} » on {page.url}"
    data = _shown_values(tag) | _pressed(tag, press)
    _fill(tag, data, values)
    target = urlsplit(urljoin(page.url, str(tag.get("action") or "")))
    path = f"{target.path}?{target.query}" if target.query else target.path
    if str(tag.get("method", "get")).lower() != "post":
        return visitor.get(target.path, query_string=data)
    has_files = tag.get("enctype") == "multipart/form-data"
    kind = "multipart/form-data" if has_files else "application/x-www-form-urlencoded"
    return visitor.post(path, data=data, content_type=kind, headers={"Referer": page.url})


def _fill(form: Tag, data: dict[str, Any], values: Mapping[str, Any]) -> None:
    names = {str(field["name"]) for field in form.find_all(["input", "select", "textarea"], attrs={"name": True})}
    unknown = values.keys() - names
    assert not unknown, f"the form has no field {sorted(unknown)}; it has {sorted(names)}"
    for name, value in values.items():
        if value is True:
            box = form.find("input", attrs={"name": name})
            data[name] = str(box.get("value", "on")) if isinstance(box, Tag) else "on"
        elif value is False or value is None:
            data.pop(name, None)
        else:
            data[name] = value


def _shown_values(form: Tag) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field in form.find_all(["input", "select", "textarea"], attrs={"name": True}):
        if not field.has_attr("disabled"):
            for value in _values_of(field):
                data.setdefault(str(field["name"]), []).append(value)
    return data


def _values_of(field: Tag) -> list[str]:
    if field.name == "textarea":
        return [field.get_text()]
    if field.name == "select":
        options = field.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not field.has_attr("multiple"):
            chosen = options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    if field.get("type") in _SILENT:
        return []
    if field.get("type") in ("checkbox", "radio"):
        return [str(field.get("value", "on"))] if field.has_attr("checked") else []
    return [str(field.get("value", ""))]


def _pressed(form: Tag, text: str | None) -> dict[str, Any]:
    buttons = [tag for tag in form.find_all(["button", "input"]) if _is_submit(tag)]
    found = [tag for tag in buttons if text is None or text in (tag.get_text() or str(tag.get("value", "")))]
    shown = [tag.get_text().strip() for tag in buttons]
    assert text is None or found, f"the form has no button « {text} »; it has {shown}"
    button = found[0] if found else None
    if button is None or not button.get("name"):
        return {}
    return {str(button["name"]): str(button.get("value", ""))}


def _is_submit(tag: Tag) -> bool:
    return tag.get("type", "submit" if tag.name == "button" else "text") == "submit"


def _summary(markup: str) -> str:
    page = BeautifulSoup(markup, "html5lib")
    shown = page.select_one("main") or page.body
    return " ".join(shown.get_text(" ").split())[:400] if shown else ""

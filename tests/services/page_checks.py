"""What every page must respect, whatever it shows: each check returns the faults it finds, readable."""

import re
from collections import Counter
from collections.abc import Iterator

import html5lib
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString
from html5lib.constants import E as PARSE_ERRORS

_UNLABELLED = ("hidden", "submit", "button", "reset", "image")
_USER_TEXT = ("code", "pre", "textarea", "script", "style", "template", "kbd", "samp", "math")
_INLINE = (
    *("a", "abbr", "b", "bdi", "cite", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time"),
    *("code", "kbd", "samp", "u", "wbr"),
)
_SPOKEN = ("aria-label", "aria-description", "title", "alt", "placeholder")
_HOLE = "\N{WHITE RECTANGLE}"
_END = "\n"

_RAW = re.compile(
    r"\{\{|\}\}|\{%|[Ll]azyString|lazy_gettext|%\(\w+\)|&(?:amp|lt|gt|quot|nbsp|#\d+);| object at 0x|<bound method"
)
_NONE = re.compile(r"\bNone\b|\bundefined\b|\bNaN\b")
_TYPOGRAPHY = (
    (re.compile(r" [;!?»]| :(?=\s|$)"), "plain space before a double sign (a narrow no-break one is needed)"),
    (re.compile(r"\w[;!?»](?=[\s,.)]|$)|\w:(?=\s|$)"), "no space before a double sign"),
    (re.compile(r"« |«\w"), "no narrow no-break space after «"),
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])"), "straight apostrophe"),
    (re.compile(r"\.\.\."), "three full stops instead of …"),
)


def faults_of(markup: str, page: BeautifulSoup) -> list[str]:
    """Return everything wrong with a page."""
    checks = (_heading, _identifiers, _labels, _forms, _inline, _raw_text, _french)
    return [*_parse_faults(markup), *(fault for check in checks for fault in check(page))]


def _parse_faults(markup: str) -> Iterator[str]:
    parser = html5lib.HTMLParser()
    parser.parse(markup)
    lines = markup.splitlines()
    for (line, column), code, values in parser.errors:
        source = lines[line - 1].strip()[:120] if line <= len(lines) else ""
        yield f"HTML, line {line}, column {column}: {PARSE_ERRORS[code] % values} — {source}"


def _heading(page: BeautifulSoup) -> Iterator[str]:
    headings = page.find_all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of one"
        return
    heading, title = _collapsed(headings[0].get_text()), _collapsed(page.title.get_text() if page.title else "")
    if not heading or not title.startswith(heading):
        yield f"the title « {title} » does not start with the h1 « {heading} »"
    if not page.html or not page.html.get("lang"):
        yield "the page does not say its language"


def _identifiers(page: BeautifulSoup) -> Iterator[str]:
    for identifier, times in Counter(str(tag["id"]) for tag in page.find_all(id=True)).items():
        if times > 1:
            yield f"id « {identifier} » is used {times} times"


def _labels(page: BeautifulSoup) -> Iterator[str]:
    labelled = {str(label["for"]) for label in page.find_all("label", attrs={"for": True})}
    identifiers = {str(tag["id"]) for tag in page.find_all(id=True)}
    for missing in sorted(labelled - identifiers):
        yield f"a label is for « {missing} », which does not exist"
    for field in page.find_all(["input", "select", "textarea"]):
        if field.name == "input" and field.get("type") in _UNLABELLED:
            continue
        by = str(field.get("aria-labelledby", "")).split()
        is_named = field.get("id") in labelled or field.find_parent("label") or field.get("aria-label")
        if not is_named and not (by and set(by) <= identifiers):
            yield f"no label: {_shown(field)}"
    for image in page.find_all("img", alt=False):
        yield f"no alternative text: {_shown(image)}"


def _forms(page: BeautifulSoup) -> Iterator[str]:
    for form in page.find_all("form"):
        is_post = str(form.get("method", "get")).lower() == "post"
        if is_post and not form.get("action"):
            yield f"a form says not where it goes: {_shown(form)}"
        # A form between sites is bound to its sender by a state or a signed token instead.
        is_ours = is_post and not form.has_attr("data-vouched")
        if is_ours and not form.find("input", attrs={"name": "csrf_token"}):
            yield f"a form has no csrf_token: {_shown(form)}"


def _inline(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all(True):
        for name in tag.attrs:
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                yield f"inline {name}: {_shown(tag)}"
        if str(tag.get("href", "")).lower().startswith("javascript:"):
            yield f"inline script: {_shown(tag)}"
    for tag in page.find_all("style"):
        yield f"inline style: {_shown(tag)}"
    for tag in page.find_all("script", src=False):
        if tag.get("type") != "application/json":
            yield f"inline script: {_shown(tag)}"


def _raw_text(page: BeautifulSoup) -> Iterator[str]:
    for text in _wordings(page):
        # English may well say "None".
        if found := _RAW.search(text) or (_is_french(page) and _NONE.search(text)) or None:
            yield f"raw « {found.group()} » in « {_around(text, found)} »"


def _french(page: BeautifulSoup) -> Iterator[str]:
    if not _is_french(page):
        return
    for text in _wordings(page):
        for pattern, fault in _TYPOGRAPHY:
            if found := pattern.search(text):
                yield f"typography, {fault}: « {_around(text, found)} »"


def _wordings(page: BeautifulSoup) -> Iterator[str]:
    """Give our own wording of a page: its title, its blocks of text, and what its attributes say."""
    if page.title:
        yield _collapsed(page.title.get_text())
    if page.body:
        yield from filter(None, map(_collapsed, "".join(_flow(page.body)).split(_END)))
        for tag in page.body.find_all(True):
            if not any(map(_is_foreign, (tag, *tag.find_parents(True)))):
                yield from (str(tag[name]) for name in _SPOKEN if tag.get(name))


def _flow(tag: Tag) -> Iterator[str]:
    """Give the text of an element, its blocks apart from one another, a hole standing for what people typed."""
    for child in tag.children:
        if isinstance(child, Tag):
            if _is_foreign(child):
                yield _HOLE if child.name in _INLINE else _END
            elif child.name in _INLINE:
                yield from _flow(child)
            else:
                yield _END
                yield from _flow(child)
                yield _END
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            yield re.sub(r"[ \t\r\n\f]+", " ", str(child))


def _is_french(page: BeautifulSoup) -> bool:
    return page.html is not None and str(page.html.get("lang", "")).startswith("fr")


def _is_foreign(tag: Tag) -> bool:
    """Whether what it holds is not our French wording: typed by somebody, code, or another language."""
    language = "" if tag.name == "html" else str(tag.get("lang", ""))
    return tag.name in _USER_TEXT or tag.has_attr("data-user-text") or bool(language and not language.startswith("fr"))


def _collapsed(text: str) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" ")


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 40) : found.end() + 40].replace("\u202f", "\N{OPEN BOX}")


def _shown(tag: Tag) -> str:
    return re.sub(r"\s+", " ", str(tag))[:160]

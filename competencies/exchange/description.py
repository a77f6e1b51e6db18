"""The rich description that platforms keep beside a short name: full title, note, and a list of levels, as HTML."""

from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

_KEPT = ("h4", "p", "dt", "dd")
_UNREAD = ("script", "style")


@dataclass(frozen=True, slots=True)
class Description:
    """What a description says: a title too long for its own field, a note, and pairs of a term and what it means."""

    title: str = ""
    note: str = ""
    pairs: tuple[tuple[str, str], ...] = ()


def write(description: Description) -> str:
    """Write a description as HTML that a platform shows and `read` understands."""
    parts = []
    if description.title:
        parts.append(f"<h4>{_safe(description.title)}</h4>")
    if description.note:
        parts.append(f"<p>{_safe(description.note)}</p>")
    if description.pairs:
        terms = (f"<dt>{_safe(term)}</dt><dd>{_safe(text)}</dd>" for term, text in description.pairs)
        parts.append(f"<dl>{''.join(terms)}</dl>")
    return "".join(parts)


def _safe(text: str) -> str:
    return escape(text, quote=False)


def read(html: str) -> Description:
    """Read a description, whoever wrote it; text outside the elements we know is its note."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.settle()
    return Description(reader.found.get("h4", ""), "\n".join(reader.notes), tuple(reader.pairs))


def short_name(text: str, greatest: int) -> tuple[str, str]:
    """Cut a wording for a field of limited length; give also the whole when the field does not hold it."""
    # Platforms take a « < » for the start of a tag and drop what follows.
    if len(text) <= greatest and "<" not in text:
        return text, ""
    cut = text.replace("<", "‹")
    return (cut if len(cut) <= greatest else f"{cut[: greatest - 1].rstrip()}…"), text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.notes: list[str] = []
        self.pairs: list[tuple[str, str]] = []
        self._element = ""
        self._text: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag in _KEPT:
            self.settle()
            self._element = tag

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in _KEPT:
            self.settle()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._text.append(data)

    def settle(self) -> None:
        """File the text read so far under the element it stands in."""
        text, element = "".join(self._text), self._element
        self._text, self._element = [], ""
        if element == "dt":
            self.pairs.append((text, ""))
        elif element == "dd" and self.pairs:
            self.pairs[-1] = (self.pairs[-1][0], text)
        elif element == "h4":
            self.found.setdefault("h4", text)
        elif text.strip():
            self.notes.append(text if element else text.strip())

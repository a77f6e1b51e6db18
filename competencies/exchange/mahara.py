"""Mahara's SmartEvidence `.matrix` file: blocks are standards, competencies and indicators are standard elements.

Mahara knows four statuses, of which one, « begun », waits for an assessment: three levels are held exactly, more are
brought together into « not reached », « between » and « reached ».
"""

from collections.abc import Iterator, Mapping, Sequence

from competencies.exchange import json_text
from competencies.exchange.description import Description, short_name
from competencies.exchange.description import read as read_description
from competencies.exchange.description import write as write_description
from competencies.exchange.json_text import Document, Path
from competencies.exchange.losses import Loss, compare
from competencies.exchange.outline import (
    Node,
    Outline,
    Reading,
    assemble,
    both,
    levels_from,
    plain,
    refused,
    slug,
)
from competencies.faults import FrameworkFaults
from competencies.framework import Framework, Indicator, Scale, Text

_GREATEST_SHORT_NAME = 100
_GREATEST_NAME = 255
_NONE_BETWEEN = "—"
_STATUSES = ("begun", "incomplete", "partialcomplete", "completed")
_BEGUN = Text("À évaluer", "To be assessed")
_CODE, _VERSION = "Code", "Version"

Table = Mapping[str, object]


def write(framework: Framework, locale: str = "fr") -> str:
    """Write a framework for Mahara, in the language of the locale."""
    name, whole = short_name(plain(framework.title, locale), _GREATEST_NAME)
    pairs = ((_CODE, framework.code), (_VERSION, framework.version))
    bands = _bands(framework)
    labels = [_joined(framework, band, locale) for band in bands]
    statuses = [plain(_BEGUN, locale), *(labels if len(labels) == 3 else (labels[0], _NONE_BETWEEN, labels[1]))]
    return json_text.write(
        {
            "framework": {
                "institution": "all",
                "name": name,
                "description": write_description(Description(whole, plain(framework.notice, locale), pairs)),
                "selfassess": False,
                "evidencestatuses": [{key: label} for key, label in zip(_STATUSES, statuses, strict=True)],
                "standards": list(_standards(framework, locale)),
                "standardelements": list(_elements(framework, bands, locale)),
            }
        }
    )


def _bands(framework: Framework) -> list[tuple[str, ...]]:
    """Bring the levels together: the lowest, those between when there are some, those from the threshold up."""
    codes = framework.scale.codes
    threshold = codes.index(framework.scale.threshold)
    return [band for band in (codes[:1], codes[1:threshold], codes[threshold:]) if band]


def _joined(framework: Framework, band: Sequence[str], locale: str) -> str:
    return " / ".join(plain(framework.scale.level(code).label, locale) for code in band)


def _standards(framework: Framework, locale: str) -> Iterator[dict[str, object]]:
    for at, block in enumerate(framework.blocks, start=1):
        name, whole = short_name(plain(block.title, locale), _GREATEST_NAME)
        short, longer = short_name(f"{block.code} {plain(block.short_title, locale)}", _GREATEST_SHORT_NAME)
        note = plain(block.short_title, locale) if longer else ""
        description = write_description(Description(whole, note))
        yield {"shortname": short, "name": name, "description": description, "standardid": at}


def _elements(framework: Framework, bands: Sequence[Sequence[str]], locale: str) -> Iterator[dict[str, object]]:
    for at, block in enumerate(framework.blocks, start=1):
        for below, competency in enumerate(block.competencies, start=1):
            place = f"{at}.{below}"
            yield _element(competency.code, plain(competency.title, locale), (), {"standardid": at, "elementid": place})
            for last, indicator in enumerate(competency.indicators, start=1):
                pairs = [
                    (_joined(framework, band, locale), _seen(framework, indicator, band, locale)) for band in bands
                ]
                more = {"standardid": at, "elementid": f"{place}.{last}", "parentelementid": place}
                yield _element(indicator.code, plain(indicator.wording, locale), pairs, more)


def _seen(framework: Framework, indicator: Indicator, band: Sequence[str], locale: str) -> str:
    """Bring together what is described at the levels that come down to these ones of the certification."""
    scale = framework.scale_of(indicator.code)
    levels = [code for code in scale.codes if scale.translate(code, framework.scale) in band]
    return " / ".join(plain(indicator.descriptors[code], locale) for code in levels)


def _element(code: str, wording: str, pairs: Sequence[tuple[str, str]], more: Table) -> dict[str, object]:
    name, whole = short_name(wording, _GREATEST_NAME)
    description = write_description(Description(whole, "", tuple(pairs)))
    return {"shortname": code, "name": name, "description": description, **more}


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework."""
    return compare(framework, read(write(framework, locale)).framework, locale)


def read(text: str) -> Reading:
    """Read a `.matrix` file; every fault gives the line, the column and the path of what is wrong."""
    try:
        document = Document(text)
    except FrameworkFaults as refusal:
        return refused(refusal.faults)
    path: Path = ("framework",)
    root = document.table(document.root, ())
    if "framework" not in root:
        document.refuse(path, "« framework » est attendu et manque.")
    return _Reader(document, document.table(root.get("framework", {}), path), path).reading()


class _Reader:
    def __init__(self, document: Document, table: Table, path: Path) -> None:
        self.document = document
        self.table = table
        self.path = path
        self.known: dict[int, set[str]] = {}

    def reading(self) -> Reading:
        document, table, path = self.document, self.table, self.path
        name = document.needed(table, "name", path)
        description = read_description(document.string(table, "description", path))
        said = dict(description.pairs)
        labels = self._labels()
        levels = levels_from(labels)
        outline = Outline(
            code=said.get(_CODE, "") or slug(name, "framework"),
            version=said.get(_VERSION, "") or "1",
            title=both(description.title or name),
            notice=both(description.note),
            place=document.place(path),
            scale=Scale("scale", levels, levels[-1].code if levels else ""),
            blocks=self._blocks(),
        )
        return assemble(outline, document.faults)

    def _labels(self) -> list[str]:
        """Read the statuses an assessor chooses from, lowest first."""
        found: dict[str, str] = {}
        for row, at in self.document.rows(self.table, "evidencestatuses", self.path):
            for key in row:
                found[key] = self.document.needed(row, key, at)
        missing = [key for key in _STATUSES if key not in found]
        if missing:
            message = f"quatre statuts sont attendus ; {', '.join(missing)} manque(nt)."
            self.document.refuse((*self.path, "evidencestatuses"), message)
        labels = [found.get(key, "") for key in _STATUSES[1:]]
        return [label for label in labels if label != _NONE_BETWEEN]

    def _blocks(self) -> list[Node]:
        blocks: dict[int, Node] = {}
        elements = self._elements()
        below: dict[int, list[Node]] = {}
        for standard, _, _, node in elements:
            below.setdefault(standard, []).append(node)
        for row, at in self.document.rows(self.table, "standards", self.path):
            key = self.document.number(row, "standardid", at, 0)
            if key in blocks or "standardid" not in row:
                self.document.refuse((*at, "standardid"), "un numéro est attendu, différent de ceux des autres.")
                continue
            blocks[key] = self._standard(row, at, key, below.get(key, []))
        self._hang(blocks, elements)
        return list(blocks.values())

    def _standard(self, row: Table, at: Path, key: int, below: Sequence[Node]) -> Node:
        document = self.document
        short, name = document.string(row, "shortname", at), document.needed(row, "name", at)
        description = read_description(document.string(row, "description", at))
        code, space, rest = short.partition(" ")
        # Our own files begin the short name with the code; others say what they like there.
        ours = bool(space and below) and all(node.code.startswith(f"{code}.") for node in below)
        label = description.note if ours and description.note else rest if ours else short
        return Node(
            code=code if ours else str(key),
            title=both(description.title or name),
            place=document.place(at),
            short_title=both(label) if label.strip() else None,
        )

    def _elements(self) -> list[tuple[int, str, str, Node]]:
        """Read each element with its standard, its own identifier and that of its parent."""
        found = []
        document = self.document
        for row, at in document.rows(self.table, "standardelements", self.path):
            name = document.needed(row, "name", at)
            own = document.needed(row, "elementid", at)
            short = document.string(row, "shortname", at)
            description = read_description(document.string(row, "description", at))
            node = Node(
                code=short if "." in short and " " not in short else own,
                title=both(description.title or name),
                place=document.place(at),
                described=[(label, both(text)) for label, text in description.pairs],
            )
            standard = document.number(row, "standardid", at, 0)
            found.append((standard, own, document.string(row, "parentelementid", at), node))
            self._check(found[-1], at)
        return found

    def _check(self, element: tuple[int, str, str, Node], at: Path) -> None:
        standard, own, parent, _ = element
        before = self.known.setdefault(standard, set())
        if own in before:
            self.document.refuse((*at, "elementid"), "un identifiant différent de ceux des autres est attendu.")
        if parent and parent not in before:
            self.document.refuse((*at, "parentelementid"), "l’identifiant d’un élément placé plus haut est attendu.")
        before.add(own)

    def _hang(self, blocks: Mapping[int, Node], elements: Sequence[tuple[int, str, str, Node]]) -> None:
        known = {(standard, own): node for standard, own, _, node in elements}
        for at, (standard, _, parent, node) in enumerate(elements):
            above = known.get((standard, parent)) if parent else blocks.get(standard)
            if above is None:
                place = (*self.path, "standardelements", at, "standardid")
                self.document.refuse(place, "le numéro d’un élément de « standards » est attendu.")
            else:
                above.children.append(node)

"""The CSV of Moodle's competency frameworks (`tool_lpimportcsv`): fourteen columns in a fixed order, one language.

What Moodle has no column for goes into the description, as HTML its pages show: full title, short title, descriptors.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from competencies.exchange import table
from competencies.exchange.description import Description, short_name
from competencies.exchange.description import read as read_description
from competencies.exchange.description import write as write_description
from competencies.exchange.losses import Loss, compare
from competencies.exchange.outline import Node, Outline, Reading, assemble, both, levels_from, plain, refused, slug
from competencies.exchange.table import Row
from competencies.faults import Fault
from competencies.framework import Framework, Scale

HEADERS = (
    "Parent ID number",
    "ID number",
    "Short name",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type (optional)",
    "Rule outcome (optional)",
    "Rule config (optional)",
    "Cross-referenced competency ID numbers",
    "Exported ID (optional)",
    "Is framework",
    "Taxonomy",
)
PARENT, ID, NAME, DESCRIPTION, FORMAT, SCALE, CONFIGURATION, RULE = range(8)
RELATED, EXPORTED, IS_FRAMEWORK, TAXONOMY = range(10, 14)
_GREATEST_NAME = 100
_HTML = "1"
_TAXONOMY = "domain,competency,indicator,indicator"
_TRUE = ("1", "true", "yes", "oui")


def write(framework: Framework, locale: str = "fr") -> str:
    """Write a framework for Moodle's importer, in the language of the locale."""
    return table.write([HEADERS, *_rows(framework, locale)])


def _rows(framework: Framework, locale: str) -> Iterator[Sequence[str]]:
    labels = [_label(plain(level.label, locale)) for level in framework.scale.levels]
    identity = f"{framework.code}:{framework.version}"[:_GREATEST_NAME]
    title, whole = short_name(plain(framework.title, locale), _GREATEST_NAME)
    description = Description(whole, plain(framework.notice, locale))
    scale = {SCALE: ",".join(labels), CONFIGURATION: _configuration(framework.scale)}
    yield _row("", identity, title, description, {**scale, IS_FRAMEWORK: "1", TAXONOMY: _TAXONOMY})
    for at, (parent, code, wording, detail) in enumerate(_items(framework, locale), start=1):
        name, whole = short_name(wording, _GREATEST_NAME)
        description = Description(whole, detail.note, detail.pairs)
        # Moodle's importer compares identifiers as PHP does, for which 1.1 and 1.10 are the same number.
        ids = [f"{framework.code}:{own}" if own else "" for own in (parent, code)]
        yield _row(ids[0], ids[1], name, description, {EXPORTED: str(at)})


def _items(framework: Framework, locale: str) -> Iterator[tuple[str, str, str, Description]]:
    labels = {level.code: _label(plain(level.label, locale)) for level in framework.scale.levels}
    for block in framework.blocks:
        yield "", block.code, plain(block.title, locale), Description(note=plain(block.short_title, locale))
        for competency in block.competencies:
            yield block.code, competency.code, plain(competency.title, locale), Description()
            for indicator in competency.indicators:
                texts = indicator.descriptors
                pairs = tuple((label, plain(texts[code], locale)) for code, label in labels.items())
                yield competency.code, indicator.code, plain(indicator.wording, locale), Description(pairs=pairs)


def _row(parent: str, own: str, name: str, description: Description, more: Mapping[int, str]) -> list[str]:
    cells = [""] * len(HEADERS)
    cells[PARENT], cells[ID], cells[NAME] = parent, own, name
    cells[DESCRIPTION], cells[FORMAT] = write_description(description), _HTML
    for column, value in more.items():
        cells[column] = value
    return cells


def _label(label: str) -> str:
    """Fit a label in a scale: commas separate the values, and Moodle trims them."""
    return label.replace(",", ";").strip()


def _configuration(scale: Scale) -> str:
    entries: list[dict[str, object]] = [{"scaleid": "1"}]
    for at, code in enumerate(scale.codes, start=1):
        if scale.is_reached(code):
            entries.append({"id": at, "scaledefault": int(code == scale.threshold), "proficient": 1})
    return json.dumps(entries, separators=(",", ":"))


def read(text: str) -> Reading:
    """Read a file exported by Moodle or written by hand; nothing is skipped in silence."""
    rows, faults = table.read(text)
    if not faults:
        faults = _heading_faults(rows[0])
    if faults:
        return refused(faults)
    roots = [row for row in rows[1:] if row[IS_FRAMEWORK].strip().lower() in _TRUE]
    if len(roots) != 1:
        place = roots[1] if roots else rows[0]
        message = f"une seule ligne « 1 », celle du référentiel, est attendue ; {len(roots)} lue(s)."
        return refused([place.fault(IS_FRAMEWORK, HEADERS[IS_FRAMEWORK], message)])
    outline, faults = _outline(roots[0])
    faults += _fill(outline, [row for row in rows[1:] if row is not roots[0]])
    return assemble(outline, faults)


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework."""
    return compare(framework, read(write(framework, locale)).framework, locale)


def _heading_faults(heading: Row) -> list[Fault]:
    if len(heading.cells) < len(HEADERS):
        message = f"{len(HEADERS)} colonnes sont attendues, {len(heading.cells)} lues ; la première manquante est ici."
        return [heading.fault(len(heading.cells), HEADERS[len(heading.cells)], message)]
    # Moodle translates its headings: an unknown one is read by its position, a known one must be in its place.
    known = {name.casefold() for name in HEADERS}
    return [
        heading.fault(at, name, f"« {name} » est attendu ici ; « {read.strip()[:60]} » lu.")
        for at, (name, read) in enumerate(zip(HEADERS, heading.cells, strict=False))
        if read.strip().casefold() in known and read.strip().casefold() != name.casefold()
    ]


def _outline(root: Row) -> tuple[Outline, list[Fault]]:
    labels = [label.strip() for label in root[SCALE].split(",")]
    faults = []
    if len(labels) < 2 or not all(labels):
        message = "les niveaux sont attendus du plus bas au plus haut, séparés par des virgules, deux au moins."
        faults.append(root.fault(SCALE, HEADERS[SCALE], message))
    levels = levels_from(labels)
    proficient = _proficient(root[CONFIGURATION], len(levels))
    if proficient is None:
        message = 'un JSON est attendu : [{"scaleid":"1"},{"id":2,"scaledefault":1,"proficient":1}], avec un seuil.'
        faults.append(root.fault(CONFIGURATION, HEADERS[CONFIGURATION], message))
    code, colon, version = root[ID].partition(":")
    description = read_description(root[DESCRIPTION])
    title = description.title or root[NAME]
    if not root[ID].strip():
        faults.append(root.fault(ID, HEADERS[ID], "l’identifiant du référentiel est attendu ; la cellule est vide."))
    return (
        Outline(
            code=code if colon else slug(code, "framework"),
            version=version if colon else "1",
            title=both(title),
            notice=both(description.note),
            place=root.place,
            levels=levels,
            threshold=levels[(proficient or 1) - 1].code,
        ),
        faults,
    )


def _proficient(configuration: str, greatest: int) -> int | None:
    """Give the position of the lowest level that counts as reached, or nothing when the cell does not say."""
    try:
        entries = json.loads(configuration)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    reached = [_position(entry) for entry in entries if isinstance(entry, dict) and entry.get("proficient") in (1, "1")]
    return min((at for at in reached if 0 < at <= greatest), default=None)


def _position(entry: Mapping[str, object]) -> int:
    written = str(entry.get("id"))
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0


def _fill(outline: Outline, rows: Sequence[Row]) -> list[Fault]:
    nodes: dict[str, Node] = {}
    faults = []
    for row in rows:
        own = row[ID].strip()
        for column in (ID, NAME):
            if not row[column].strip():
                message = "une valeur est attendue ; Moodle passe cette ligne et celles qui en dépendent."
                faults.append(row.fault(column, HEADERS[column], message))
        if own in nodes:
            faults.append(row.fault(ID, HEADERS[ID], f"« {own[:60]} » est déjà à la {nodes[own].place}."))
        elif own:
            nodes[own] = _node(outline, row, own)
    for row in rows:
        faults += _attach(outline, nodes, row)
    if not faults:
        faults = _unreached(outline, nodes, rows)
    _note(outline, rows)
    return faults


def _node(outline: Outline, row: Row, own: str) -> Node:
    description = read_description(row[DESCRIPTION])
    return Node(
        code=own.removeprefix(f"{outline.code}:"),
        title=both(description.title or row[NAME]),
        place=row.place,
        short_title=both(description.note) if description.note else None,
        described=[(label, both(text)) for label, text in description.pairs],
    )


def _attach(outline: Outline, nodes: Mapping[str, Node], row: Row) -> list[Fault]:
    own, parent = row[ID].strip(), row[PARENT].strip()
    node = nodes.get(own)
    if node is None or node.place != row.place:
        return []
    if not parent:
        outline.blocks.append(node)
        return []
    if parent not in nodes:
        return [row.fault(PARENT, HEADERS[PARENT], f"« {parent[:60]} » n’est l’identifiant d’aucune ligne.")]
    nodes[parent].children.append(node)
    return []


def _unreached(outline: Outline, nodes: Mapping[str, Node], rows: Sequence[Row]) -> list[Fault]:
    """Find the rows that depend on each other in a circle: no root leads to them."""
    waiting, reached = list(outline.blocks), set()
    while waiting:
        node = waiting.pop()
        reached.add(node.place)
        waiting += node.children
    lost = {node.place for node in nodes.values()} - reached
    message = "la ligne dépend d’elle-même ; l’identifiant d’une ligne au-dessus est attendu."
    return [row.fault(PARENT, HEADERS[PARENT], message) for row in rows if row.place in lost]


def _note(outline: Outline, rows: Sequence[Row]) -> None:
    said = {
        SCALE: "L’échelle propre à une compétence n’est pas reprise : celle du référentiel vaut",
        RULE: "La règle d’achèvement d’une compétence n’est pas reprise",
        RELATED: "Les renvois d’une compétence à d’autres ne sont pas repris",
    }
    for column, message in said.items():
        count = sum(1 for row in rows if row[column].strip() not in ("", "null"))
        if count:
            outline.notes.append(f"{message} ({count}).")

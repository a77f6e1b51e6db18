"""Canvas's outcomes CSV: framework, blocks and competencies are groups, indicators are outcomes with ratings."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from competencies.exchange import table
from competencies.exchange.description import Description, short_name
from competencies.exchange.description import read as read_description
from competencies.exchange.description import write as write_description
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
    share_out,
    slug,
)
from competencies.exchange.table import Row
from competencies.faults import Fault
from competencies.framework import Framework, Scale

HEADERS = (
    "vendor_guid",
    "object_type",
    "title",
    "description",
    "display_name",
    "calculation_method",
    "calculation_int",
    "workflow_state",
    "parent_guids",
    "mastery_points",
    "ratings",
)
_NEEDED = ("vendor_guid", "object_type", "title", "parent_guids", "ratings")
_GREATEST_TITLE = 255
_SEVERAL = "Un élément rangé sous plusieurs groupes n’est repris que sous le premier."


def write(framework: Framework, locale: str = "fr") -> str:
    """Write a framework for Canvas's outcomes import, in the language of the locale; parents come first."""
    scales = [framework.scale_of(competency.code) for competency in framework.competencies]
    width = len(HEADERS) - 1 + 2 * max(len(scale.levels) for scale in scales)
    rows = [HEADERS, *_rows(framework, locale)]
    return table.write([*row, *([""] * (width - len(row)))] for row in rows)


def _rows(framework: Framework, locale: str) -> Iterator[Sequence[str]]:
    root = f"{framework.code}/{quote(framework.version, safe='')}"
    notice = Description(note=plain(framework.notice, locale))
    yield _row(root, "group", plain(framework.title, locale), notice, "", "")
    for block in framework.blocks:
        place = f"{root}/{block.code}"
        yield _row(place, "group", plain(block.title, locale), Description(), plain(block.short_title, locale), root)
        for competency in block.competencies:
            inside, scale = f"{root}/{competency.code}", framework.scale_of(competency.code)
            yield _row(inside, "group", plain(competency.title, locale), Description(), "", place)
            for indicator in competency.indicators:
                texts = indicator.descriptors
                pairs = [(plain(scale.level(code).label, locale), plain(texts[code], locale)) for code in scale.codes]
                own, wording = f"{root}/{indicator.code}", plain(indicator.wording, locale)
                row = _row(own, "outcome", wording, Description(pairs=tuple(pairs)), indicator.code, inside)
                yield [*row, *_ratings(scale, locale)]


def _row(guid: str, kind: str, wording: str, description: Description, display: str, parent: str) -> list[str]:
    title, whole = short_name(wording, _GREATEST_TITLE)
    # Canvas has no display name for groups: the short title of a block is a note of its description.
    note = display if kind == "group" and display else description.note
    html = write_description(Description(whole, note, description.pairs))
    method = "latest" if kind == "outcome" else ""
    return [guid, kind, title, html, display if kind == "outcome" else "", method, "", "active", parent]


def _ratings(scale: Scale, locale: str) -> list[str]:
    """Give the points of mastery, then points and label of each level, the highest first."""
    # Canvas has no points below zero.
    offset = min(0, *(level.rank for level in scale.levels))
    cells = [str(scale.rank(scale.threshold) - offset)]
    for level in reversed(scale.levels):
        cells += [str(level.rank - offset), plain(level.label, locale)]
    return cells


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework."""
    return compare(framework, read(write(framework, locale)).framework, locale)


@dataclass(frozen=True, slots=True)
class _Ratings:
    labels: tuple[str, ...]
    points: tuple[int, ...]
    mastery: int

    def scale(self, code: str) -> Scale:
        levels = levels_from(self.labels, self.points)
        reached = [level.code for level in levels if level.rank >= self.mastery]
        return Scale(code, levels, reached[0] if reached else levels[-1].code)


def read(text: str) -> Reading:
    """Read an outcomes file: one root group, then groups for blocks and competencies, and an outcome per indicator."""
    rows, faults = table.read(text)
    if faults:
        return refused(faults)
    columns = {name.strip().lower(): at for at, name in reversed(list(enumerate(rows[0].cells)))}
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        message = f"la colonne « {missing[0]} » est attendue ; colonnes : {', '.join(HEADERS)}."
        return refused([rows[0].fault(0, rows[0][0][:60], message)])
    kept = [row for row in rows[1:] if row[columns.get("workflow_state", -1)].strip() != "deleted"]
    return _Reader(columns, kept).reading(rows[0])


class _Reader:
    def __init__(self, columns: Mapping[str, int], rows: Sequence[Row]) -> None:
        self.columns = columns
        self.rows = rows
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.nodes: dict[str, Node] = {}
        self.prefix = ""
        self.rated: dict[str, _Ratings] = {}
        """The ratings of an outcome, and of the group it stands in, by the place of their rows."""

    def _cell(self, row: Row, name: str) -> str:
        return row[self.columns.get(name, -1)]

    def _refuse(self, row: Row, name: str, message: str) -> None:
        self.faults.append(row.fault(self.columns.get(name, 0), name, message))

    def reading(self, heading: Row) -> Reading:
        roots = [row for row in self.rows if not self._cell(row, "parent_guids").strip()]
        if len(roots) != 1:
            place = roots[1] if roots else heading
            message = f"un seul groupe sans parent, le référentiel, est attendu ; {len(roots)} lu(s)."
            self._refuse(place, "parent_guids", message)
            return refused(self.faults)
        self._rate(heading)
        for row in self.rows:
            self._read(row, roots[0])
        root = self.nodes.get(self._cell(roots[0], "vendor_guid").strip())
        if root is None or self.faults:
            return refused(self.faults)
        return assemble(self._outline(root))

    def _outline(self, root: Node) -> Outline:
        code, slash, version = root.code.partition("/")
        nodes = [node for block in root.children for node in block.children]
        # A group without outcomes has no scale of its own: the one that most groups have is the framework's.
        given = [self.rated.get(node.place) for node in nodes]
        counted = Counter(ratings or next(iter(self.rated.values())) for ratings in given)
        usual = counted.most_common(1)[0][0] if counted else next(iter(self.rated.values()))
        others = [ratings for ratings in counted if ratings != usual]
        scales = {ratings: ratings.scale(f"scale-{at}") for at, ratings in enumerate(others, start=2)}
        scales[usual] = usual.scale("scale")
        outline = Outline(
            code=code if slash else slug(root.code, "framework"),
            version=unquote(version) if slash else "1",
            title=root.title,
            notice=root.short_title or both(""),
            place=root.place,
            scale=scales[usual],
            blocks=root.children,
            notes=self.notes,
        )
        share_out(outline, [scales[ratings or usual] for ratings in given])
        return outline

    def _read(self, row: Row, root: Row) -> None:
        guid, kind = self._cell(row, "vendor_guid").strip(), self._cell(row, "object_type").strip()
        if kind not in ("group", "outcome"):
            self._refuse(row, "object_type", f"« group » ou « outcome » est attendu ; « {kind[:60]} » lu.")
        if not guid or " " in guid:
            self._refuse(row, "vendor_guid", "un identifiant sans espace est attendu.")
        if guid in self.nodes:
            self._refuse(row, "vendor_guid", f"« {guid[:60]} » est déjà à la {self.nodes[guid].place}.")
        if not self._cell(row, "title").strip():
            self._refuse(row, "title", "un titre est attendu ; la cellule est vide.")
        if row is root:
            self.prefix = f"{guid}/"
        node = self._node(row, guid)
        parents = self._cell(row, "parent_guids").split()
        if row is not root and parents[0] not in self.nodes:
            self._refuse(row, "parent_guids", f"« {parents[0][:60]} » est attendu sur une ligne placée plus haut.")
        elif row is not root:
            self.nodes[parents[0]].children.append(node)
        if len(parents) > 1:
            self.notes.append(_SEVERAL)
        self.nodes.setdefault(guid, node)

    def _node(self, row: Row, guid: str) -> Node:
        description = read_description(self._cell(row, "description"))
        return Node(
            code=guid.removeprefix(self.prefix) if self.prefix else guid,
            title=both(description.title or self._cell(row, "title")),
            place=row.place,
            short_title=both(description.note) if description.note else None,
            described=[(label, both(text)) for label, text in description.pairs],
        )

    def _rate(self, heading: Row) -> None:
        """Read the ratings of the outcomes, which must all be the same in one group: a competency has one scale."""
        of_groups: dict[str, _Ratings] = {}
        places = {self._cell(row, "vendor_guid").strip(): row.place for row in reversed(self.rows)}
        for row in self.rows:
            if self._cell(row, "object_type").strip() != "outcome":
                continue
            ratings, group = self._ratings(row), self._cell(row, "parent_guids").partition(" ")[0]
            if ratings is None:
                continue
            if of_groups.setdefault(group, ratings) != ratings:
                self._refuse(row, "ratings", "la même échelle est attendue pour tous les résultats d’un groupe.")
            self.rated[row.place] = ratings
            self.rated[places.get(group, "")] = ratings
        if not self.rated and not self.faults:
            self._refuse(heading, "object_type", "au moins une ligne « outcome » avec son échelle est attendue.")

    def _ratings(self, row: Row) -> _Ratings | None:
        start = self.columns["ratings"]
        cells = list(row.cells[start:])
        while cells and not cells[-1].strip():
            cells.pop()
        points = [_whole(cell) for cell in cells[::2]]
        labels = [cell for cell in cells[1::2] if cell.strip()]
        mastery = _whole(self._cell(row, "mastery_points").strip() or (cells[0] if cells else ""))
        known = [point for point in points if point is not None]
        if len(known) < 2 or len(known) != len(points) or len(labels) != len(points) or mastery is None:
            message = (
                "des points entiers et des libellés sont attendus, deux niveaux au moins, du plus haut au plus bas."
            )
            self._refuse(row, "ratings", message)
            return None
        if known != sorted(set(known), reverse=True):
            self._refuse(row, "ratings", "des points qui décroissent d’un niveau au suivant sont attendus.")
            return None
        return _Ratings(tuple(reversed(labels)), tuple(reversed(known)), mastery)


def _whole(cell: str) -> int | None:
    """Read points written 2, 2.0 or, as in French, 2,0."""
    digits, _, decimals = cell.strip().replace(",", ".").partition(".")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 5) or decimals.strip("0"):
        return None
    return int(digits)

"""Reads a CASE CFPackage, ours or another's: the tree by isChildOf, the grids by CFRubrics, the rest by extensions."""

from collections.abc import Mapping, Sequence

from competencies.exchange.json_text import Document, Path
from competencies.exchange.outline import Node, Outline, Reading, assemble, both, language, levels_from, refused, slug
from competencies.faults import FrameworkFaults
from competencies.framework import Level, Scale, Text

Table = Mapping[str, object]


def read(text: str) -> Reading:
    """Read a package; every fault gives the line, the column and the path of what is wrong."""
    try:
        document = Document(text)
    except FrameworkFaults as refusal:
        return refused(refusal.faults)
    return _Reader(document).reading()


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.root = document.table(document.root, ())
        if "CFDocument" not in self.root:
            document.refuse(("CFDocument",), "« CFDocument » est attendu et manque.")
        self.head = document.table(self.root.get("CFDocument", {}), ("CFDocument",))
        self.language = language(document.string(self.head, "language", ("CFDocument",)) or "fr")
        self.nodes: dict[str, Node] = {}
        self.unread: list[str] = []

    def reading(self) -> Reading:
        document, path = self.document, ("CFDocument",)
        title = document.needed(self.head, "title", path)
        key = document.needed(self.head, "identifier", path)
        own = self._extensions(self.head, path)
        for table, at in document.rows(self.root, "CFItems", ()):
            self._item(table, at)
        blocks = self._tree(key)
        described = self._grids()
        inside: Path = ("CFDocument", "extensions")
        scale = self._said(own, "scale", inside) or self._guessed(described)
        outline = Outline(
            code=document.string(own, "code", (*path, "extensions")) or slug(title, "framework"),
            version=document.string(self.head, "version", path) or "1",
            title=self._text(self.head, "title", path),
            notice=self._text(self.head, "description", path),
            place=document.place(path),
            scale=scale,
            formative=self._said(own, "formative", inside),
            blocks=blocks,
            notes=self.unread,
        )
        return assemble(outline, document.faults)

    def _extensions(self, table: Table, path: Path) -> Table:
        return self.document.table(table.get("extensions", {}), (*path, "extensions"))

    def _text(self, table: Table, key: str, path: Path) -> Text:
        """Read a wording, and its translation if the extensions hold it and it is in the other language."""
        own = self._extensions(table, path)
        return self._translated(self.document.string(table, key, path), key, own, (*path, "extensions"))

    def _translated(self, wording: str, key: str, extensions: Table, path: Path) -> Text:
        inside = (*path, "translation")
        translation = self.document.table(extensions.get("translation", {}), inside)
        other = self.document.string(translation, key, inside)
        if not other or self.document.string(translation, "language", inside) == self.language:
            return both(wording)
        return Text(wording, other) if self.language == "fr" else Text(other, wording)

    def _item(self, table: Table, path: Path) -> None:
        document = self.document
        key = document.needed(table, "identifier", path)
        statement = document.needed(table, "fullStatement", path)
        if key in self.nodes:
            document.refuse((*path, "identifier"), "un identifiant différent de ceux des autres éléments est attendu.")
        short = document.string(table, "abbreviatedStatement", path)
        own = self._extensions(table, path)
        number = own.get("number")
        code = document.string(table, "humanCodingScheme", path)
        self.nodes[key] = Node(
            code=code or slug(statement, "item"),
            title=self._text(table, "fullStatement", path),
            place=document.place(path),
            short_title=self._text(table, "abbreviatedStatement", path) if short else None,
            number=number if isinstance(number, int) and not isinstance(number, bool) else None,
            scale=self._said(own, "scale", (*path, "extensions")),
            completion=own.get("completion"),
        )

    def _tree(self, root: str) -> list[Node]:
        """Hang the items on each other as the isChildOf associations say, in their sequence."""
        found: dict[str, list[tuple[int, Node]]] = {}
        hung: set[str] = set()
        for at, (table, path) in enumerate(self.document.rows(self.root, "CFAssociations", ())):
            kind = self.document.needed(table, "associationType", path)
            if kind != "isChildOf":
                self.unread.append(f"Une association « {kind[:40]} » n’est pas reprise.")
                continue
            child, parent = (self._end(table, key, path) for key in ("originNodeURI", "destinationNodeURI"))
            if child not in self.nodes or (parent not in self.nodes and parent != root):
                self.document.refuse(path, "les deux bouts de l’association sont attendus dans ce paquet.")
            elif child in hung:
                self.document.refuse(path, "un seul parent est attendu pour cet élément ; il en a déjà un.")
            else:
                hung.add(child)
                order = self.document.number(table, "sequenceNumber", path, at)
                found.setdefault(parent, []).append((order, self.nodes[child]))
        return self._ordered(found, root)

    def _end(self, table: Table, key: str, path: Path) -> str:
        inside = (*path, key)
        return self.document.needed(self.document.table(table.get(key, {}), inside), "identifier", inside)

    def _ordered(self, found: Mapping[str, list[tuple[int, Node]]], root: str) -> list[Node]:
        blocks: list[Node] = []
        for parent, children in found.items():
            nodes = [node for _, node in sorted(children, key=lambda child: child[0])]
            if parent == root:
                blocks = nodes
            else:
                self.nodes[parent].children = nodes
        waiting, reached = list(blocks), 0
        while waiting:
            reached += 1
            waiting += waiting.pop().children
        if reached != len(self.nodes) and not self.document.faults:
            message = "chaque élément est attendu sous le document par des associations isChildOf ; {} n’y sont pas."
            self.document.refuse(("CFItems",), message.format(len(self.nodes) - reached))
        return blocks

    def _grids(self) -> Sequence[tuple[Table, Path]]:
        """Give each indicator its descriptors; return the levels of the first grid, lowest first."""
        first: Sequence[tuple[Table, Path]] = ()
        for rubric, at in self.document.rows(self.root, "CFRubrics", ()):
            for criterion, inside in self.document.rows(rubric, "CFRubricCriteria", at):
                levels = self._levels(criterion, inside)
                link = self.document.table(criterion.get("CFItemURI", {}), (*inside, "CFItemURI"))
                node = self.nodes.get(self.document.string(link, "identifier", (*inside, "CFItemURI")))
                if node is None:
                    self.unread.append("Un critère qui ne porte sur aucun élément n’est pas repris.")
                    continue
                node.described = [self._descriptor(level, place) for level, place in levels]
                first = first or levels
        return first

    def _levels(self, criterion: Table, path: Path) -> Sequence[tuple[Table, Path]]:
        rows = self.document.rows(criterion, "CFRubricCriterionLevels", path)
        ranked = [(self.document.number(row[0], "score", row[1], at), at) for at, row in enumerate(rows)]
        return [rows[at] for _, at in sorted(ranked)]

    def _descriptor(self, level: Table, path: Path) -> tuple[str, Text]:
        wording = self.document.string(level, "description", path)
        quality = self.document.string(level, "quality", path)
        for extension, inside in self.document.rows(level, "extensions", path):
            if "translation" in extension:
                return quality, self._translated(wording, "description", extension, inside)
        return quality, both(wording)

    def _said(self, extensions: Table, key: str, path: Path) -> Scale | None:
        """Read a scale that our extensions hold."""
        if key not in extensions:
            return None
        inside = (*path, key)
        table = self.document.table(extensions[key], inside)
        levels = tuple(self._level(row, at) for row, at in self.document.rows(table, "levels", inside))
        threshold, code = (self.document.needed(table, name, inside) for name in ("threshold", "code"))
        return Scale(code, levels, threshold)

    def _guessed(self, first: Sequence[tuple[Table, Path]]) -> Scale:
        """Make a scale of the levels of a grid, for want of one that is said."""
        labels = [self.document.needed(level, "quality", at) for level, at in first]
        if len(labels) < 2:
            self.document.refuse(("CFRubrics",), "une grille d’au moins deux niveaux est attendue ; aucune lue.")
            return Scale("scale", (), "")
        self.unread.append("Le format ne dit pas le seuil : le niveau le plus haut le devient.")
        levels = levels_from(labels, [self.document.number(row, "score", at, n) for n, (row, at) in enumerate(first)])
        return Scale("scale", levels, levels[-1].code)

    def _level(self, row: Table, path: Path) -> Level:
        return Level(
            code=self.document.needed(row, "code", path),
            label=self._translated(self.document.needed(row, "label", path), "label", row, path),
            rank=self.document.number(row, "rank", path, 0),
            sign=self.document.needed(row, "sign", path),
        )

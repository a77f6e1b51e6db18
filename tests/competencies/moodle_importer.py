"""An importer of Moodle's framework CSV written from the rules of its columns alone, strict where Moodle fails."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

COLUMNS = (
    "Parent ID number", "ID number", "Short name", "Description", "Description format", "Scale values",
    "Scale configuration", "Rule type (optional)", "Rule outcome (optional)", "Rule config (optional)",
    "Cross-referenced competency ID numbers", "Exported ID (optional)", "Is framework", "Taxonomy",
)  # fmt: skip
TAXONOMIES = {
    "behaviour", "competency", "concept", "domain", "indicator", "level", "outcome", "practice", "proficiency",
    "skill", "value",
}  # fmt: skip
RULE_ALL, RULE_POINTS = "core_competency\\competency_rule_all", "core_competency\\competency_rule_points"
OUTCOMES = {"0", "1", "2", "3"}
LONGEST = 100
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)


class Refused(Exception):
    """What Moodle would not import, or would import as something else."""


@dataclass(frozen=True)
class MoodleScale:
    values: tuple[str, ...]
    proficient: frozenset[int]


@dataclass
class MoodleCompetency:
    idnumber: str
    shortname: str
    description: str
    scale: MoodleScale | None
    rule: str
    config: Any
    children: list["MoodleCompetency"] = field(default_factory=list)

    def is_complete(self, reached: Sequence[str]) -> bool:
        """Tell whether the rule is met once these children are proficient."""
        if self.rule == RULE_ALL:
            return all(child.idnumber in reached for child in self.children)
        parts = self.config["competencies"]
        required = {part["id"] for part in parts if part["required"]}
        points = sum(part["points"] for part in parts if part["id"] in reached)
        return required <= set(reached) and points >= self.config["base"]["points"]


@dataclass(frozen=True)
class MoodleFramework:
    idnumber: str
    shortname: str
    scale: MoodleScale
    children: list[MoodleCompetency]


def import_text(text: str) -> MoodleFramework:
    """Import a file, or raise Refused with what is wrong."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    _require(tuple(rows[0]) == COLUMNS, "the fourteen columns, in their order")
    _require(all(len(row) == len(COLUMNS) for row in rows), "as many cells as columns")
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]
    roots = [row for row in named if row["Is framework"] not in ("", "0")]
    _require(len(roots) == 1, "one framework")
    taxonomies = roots[0]["Taxonomy"].split(",")
    _require(len(taxonomies) <= 4 and set(taxonomies) <= TAXONOMIES, "known taxonomies, four at most")
    rows_of_competencies = [row for row in named if row is not roots[0]]
    exported = {row["Exported ID (optional)"]: row["ID number"] for row in rows_of_competencies}
    _require(len(exported) == len(rows_of_competencies), "exported identifiers of their own")
    flat = [_competency(row, exported) for row in rows_of_competencies]
    _require(len({one.idnumber for one in flat}) == len(flat), "identifiers of their own")
    children = _children(flat, [row["Parent ID number"] for row in rows_of_competencies], "")
    _require(sum(1 for _ in _all(children)) == len(flat), "every row in the tree, once")
    for one in _all(children):
        _check_rule(one)
    scale = _scale(roots[0])
    if scale is None:
        raise Refused("a scale for the framework")
    return MoodleFramework(_name(roots[0], "ID number"), _name(roots[0], "Short name"), scale, children)


def _require(is_so: bool, expected: str) -> None:
    if not is_so:
        raise Refused(expected)


def _name(row: Mapping[str, str], column: str) -> str:
    """Read a name as Moodle cleans it: without tags, at most a hundred characters, never empty."""
    value = row[column]
    _require(len(value.strip()) > 0 and len(value) <= LONGEST, f"{column} of 1 to {LONGEST} characters")
    _require("<" not in value, f"{column} without tags")
    return value


def _competency(row: Mapping[str, str], exported: Mapping[str, str]) -> MoodleCompetency:
    rule, outcome, written = (row[f"Rule {name} (optional)"] for name in ("type", "outcome", "config"))
    _require(rule in ("", RULE_ALL, RULE_POINTS), "a rule Moodle has")
    _require(not rule or outcome in OUTCOMES, "an outcome Moodle has")
    config = None
    if rule == RULE_POINTS:
        config = json.loads(written)
        for part in config["competencies"]:
            _require(str(part["id"]) in exported, "points of rows of the file")
            part["id"] = exported[str(part["id"])]
    _require(row["Description format"] == "1", "a description in HTML")
    HTMLParser().feed(row["Description"])
    return MoodleCompetency(
        _name(row, "ID number"), _name(row, "Short name"), row["Description"], _scale(row), rule, config
    )


def _scale(row: Mapping[str, str]) -> MoodleScale | None:
    if not row["Scale values"]:
        _require(not row["Scale configuration"], "no configuration without a scale")
        return None
    values = tuple(value.strip() for value in row["Scale values"].split(","))
    first, *entries = json.loads(row["Scale configuration"])
    _require(set(first) == {"scaleid"}, "the identifier of the scale first")
    _require(all(1 <= entry["id"] <= len(values) for entry in entries), "values of the scale")
    _require(any(entry["scaledefault"] for entry in entries), "a default value")
    proficient = frozenset(entry["id"] for entry in entries if entry["proficient"])
    _require(bool(proficient) and len(values) > 1 and all(values), "a proficient value, and values that say something")
    return MoodleScale(values, proficient)


def _children(flat: Sequence[MoodleCompetency], parents: Sequence[str], parent: str) -> list[MoodleCompetency]:
    """Hang the rows on each other; identifiers are compared as PHP does, for which 1.1 and 1.10 are one number."""
    found = [one for one, above in zip(flat, parents, strict=True) if _is_same(above, parent)]
    for one in found:
        one.children = _children(flat, parents, one.idnumber)
    return found


def _is_same(one: str, other: str) -> bool:
    return float(one) == float(other) if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other) else one == other


def _all(nodes: Sequence[MoodleCompetency]) -> list[MoodleCompetency]:
    return [below for node in nodes for below in (node, *_all(node.children))]


def _check_rule(one: MoodleCompetency) -> None:
    if one.rule != RULE_POINTS:
        return
    parts, least = one.config["competencies"], one.config["base"]["points"]
    named = [part["id"] for part in parts]
    _require(sorted(named) == sorted(child.idnumber for child in one.children), "points for the children and no other")
    points = [part["points"] for part in parts]
    _require(all(isinstance(number, int) and number >= 0 for number in points), "points that are whole numbers")
    _require(1 <= least <= sum(points), "a number of points that can be reached")

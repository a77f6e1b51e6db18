"""The CSV of Moodle's competency frameworks (`tool_lpimportcsv`): fourteen columns in a fixed order, one language.

What Moodle has no column for goes into the description, as HTML its pages show: full title, short title, descriptors.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from competencies.exchange import table
from competencies.exchange.description import Description, short_name
from competencies.exchange.description import write as write_description
from competencies.exchange.losses import Loss, compare
from competencies.exchange.moodle_reading import (
    CONFIGURATION,
    DESCRIPTION,
    EXPORTED,
    FORMAT,
    HEADERS,
    ID,
    IS_FRAMEWORK,
    NAME,
    OUTCOME,
    PARENT,
    RULE,
    RULE_ALL,
    RULE_CONFIGURATION,
    RULE_POINTS,
    SCALE,
    TAXONOMY,
    read,
)
from competencies.exchange.outline import plain
from competencies.framework import Completion, CompletionKind, Framework, Scale

__all__ = ["HEADERS", "losses", "read", "write"]


_GREATEST_NAME = 100
_HTML = "1"
_TAXONOMY = "domain,competency,indicator,indicator"
# A rule of Moodle marks the competency for review: it never completes it, a person decides.
_RECOMMEND = "3"


def write(framework: Framework, locale: str = "fr") -> str:
    """Write a framework for Moodle's importer, in the language of the locale."""
    return table.write([HEADERS, *_rows(framework, locale)])


def _rows(framework: Framework, locale: str) -> Iterator[Sequence[str]]:
    # Moodle takes a « < » for the start of a tag and drops what follows.
    version = framework.version.replace("%", "%25").replace("<", "%3C")
    identity = f"{framework.code}:{version}"[:_GREATEST_NAME]
    title, whole = short_name(plain(framework.title, locale), _GREATEST_NAME)
    description = Description(whole, plain(framework.notice, locale))
    more = {IS_FRAMEWORK: "1", TAXONOMY: _TAXONOMY, **_scale(framework.scale, locale)}
    yield _row("", identity, title, description, more)
    items = list(_items(framework, locale))
    exported = {code: at for at, (_, code, *_) in enumerate(items, start=1)}
    rules = _rules(framework)
    for parent, code, wording, detail, own in items:
        name, whole = short_name(wording, _GREATEST_NAME)
        description = Description(whole, detail.note, detail.pairs)
        # Moodle's importer compares identifiers as PHP does, for which 1.1 and 1.10 are the same number.
        ids = [f"{framework.code}:{one}" if one else "" for one in (parent, code)]
        rule = _rule(*rules[code], exported) if code in rules else {}
        yield _row(ids[0], ids[1], name, description, {EXPORTED: str(exported[code]), **own, **rule})


_Item = tuple[str, str, str, Description, Mapping[int, str]]


def _items(framework: Framework, locale: str) -> Iterator[_Item]:
    for block in framework.blocks:
        yield "", block.code, plain(block.title, locale), Description(note=plain(block.short_title, locale)), {}
        for competency in block.competencies:
            scale = framework.scale_of(competency.code)
            # A row without a scale has the framework's.
            own = {} if scale == framework.scale else _scale(scale, locale)
            yield block.code, competency.code, plain(competency.title, locale), Description(), own
            for indicator in competency.indicators:
                texts = indicator.descriptors
                pairs = [
                    (_label(plain(level.label, locale)), plain(texts[level.code], locale)) for level in scale.levels
                ]
                described = Description(pairs=tuple(pairs))
                yield competency.code, indicator.code, plain(indicator.wording, locale), described, own


def _rules(framework: Framework) -> dict[str, tuple[Completion, list[str]]]:
    """Give the rule of each block and competency, with the codes of its parts."""
    found = {block.code: (block.completion, [part.code for part in block.competencies]) for block in framework.blocks}
    for competency in framework.competencies:
        found[competency.code] = competency.completion, [part.code for part in competency.indicators]
    return found


def _rule(completion: Completion, parts: Sequence[str], exported: Mapping[str, int]) -> Mapping[int, str]:
    """Say a rule; Moodle has all, and points with required parts."""
    if completion.kind is CompletionKind.ALL:
        return {RULE: RULE_ALL, OUTCOME: _RECOMMEND, RULE_CONFIGURATION: "null"}
    return {RULE: RULE_POINTS, OUTCOME: _RECOMMEND, RULE_CONFIGURATION: _points(completion, parts, exported)}


def _points(completion: Completion, parts: Sequence[str], exported: Mapping[str, int]) -> str:
    """Say a rule by points; at least so many parts is the same as so many points when each part counts one."""
    counts = dict.fromkeys(parts, 1) if completion.kind is CompletionKind.AT_LEAST else completion.points
    rows = [
        {"id": exported[part], "points": counts.get(part, 0), "required": int(part in completion.required)}
        for part in parts
    ]
    return json.dumps({"base": {"points": completion.least}, "competencies": rows}, separators=(",", ":"))


def _scale(scale: Scale, locale: str) -> dict[int, str]:
    labels = [_label(plain(level.label, locale)) for level in scale.levels]
    return {SCALE: ",".join(labels), CONFIGURATION: _configuration(scale)}


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


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework."""
    return compare(framework, read(write(framework, locale)).framework, locale)

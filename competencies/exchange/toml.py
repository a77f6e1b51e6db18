"""Our own format, TOML: nothing is lost, and a person can edit it with any text editor."""

import json
import re

from competencies.catalogue import parse
from competencies.exchange.losses import Loss, compare
from competencies.exchange.outline import Reading, refused
from competencies.faults import FrameworkFaults
from competencies.framework import EVERY_PART, Block, Competency, Completion, Framework, Indicator, Scale, Text

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write(framework: Framework, locale: str = "fr") -> str:
    """Write a framework as TOML, both languages whatever the locale, in the layout of the framework that ships."""
    lines = [
        f"code = {_quoted(framework.code)}",
        f"version = {_quoted(framework.version)}",
        *_text("title", framework.title),
        *_text("notice", framework.notice),
        *_scale(framework.scale, "scale"),
        *([] if framework.formative is None else _scale(framework.formative, "formative")),
    ]
    for block in framework.blocks:
        lines += _block(block)
    return "\n".join(lines) + "\n"


def read(text: str) -> Reading:
    """Read a framework from TOML; its faults give the line and column, or the path of what is wrong."""
    try:
        return Reading(parse(text.removeprefix("\ufeff")))
    except FrameworkFaults as refusal:
        return refused(refusal.faults)


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework: nothing, as a rule."""
    return compare(framework, read(write(framework, locale)).framework, locale)


def _scale(scale: Scale, key: str) -> list[str]:
    lines = ["", f"[{key}]", f"code = {_quoted(scale.code)}", f"threshold = {_quoted(scale.threshold)}"]
    for level in scale.levels:
        lines += ["", f"[[{key}.levels]]", f"code = {_quoted(level.code)}", f"rank = {level.rank}"]
        lines += [f"sign = {_quoted(level.sign)}", *_text("label", level.label)]
    return lines


def _block(block: Block) -> list[str]:
    lines = ["", "[[blocks]]", f"code = {_quoted(block.code)}", f"number = {block.number}"]
    lines += [*_text("title", block.title), *_text("short_title", block.short_title), *_completion(block.completion)]
    for competency in block.competencies:
        lines += _competency(competency)
    return lines


def _competency(competency: Competency) -> list[str]:
    lines = ["", "[[blocks.competencies]]", f"code = {_quoted(competency.code)}", *_text("title", competency.title)]
    lines += _completion(competency.completion)
    if competency.scale is not None:
        lines += _scale(competency.scale, "blocks.competencies.scale")
    for indicator in competency.indicators:
        lines += _indicator(indicator)
    return lines


def _completion(completion: Completion) -> list[str]:
    if completion == EVERY_PART:
        return []
    lines = [f"completion.kind = {_quoted(completion.kind.value)}", f"completion.least = {completion.least}"]
    if completion.required:
        lines.append(f"completion.required = [{', '.join(map(_quoted, sorted(completion.required)))}]")
    # Codes hold dots, which would open a table in a bare key.
    return lines + [f"completion.points.{_quoted(part)} = {n}" for part, n in sorted(completion.points.items())]


def _indicator(indicator: Indicator) -> list[str]:
    lines = ["", "[[blocks.competencies.indicators]]", f"code = {_quoted(indicator.code)}"]
    lines += _text("wording", indicator.wording)
    for level, text in indicator.descriptors.items():
        lines += _text(f"descriptors.{level if _BARE.fullmatch(level) else _quoted(level)}", text)
    return lines


def _text(key: str, text: Text) -> list[str]:
    return [f"{key}.fr = {_quoted(text.fr)}", f"{key}.en = {_quoted(text.en)}"]


def _quoted(value: str) -> str:
    # The escapes of JSON are those of TOML basic strings, but for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

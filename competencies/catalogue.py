"""Where a framework comes from and how it is kept: TOML in, JSON out, one fingerprint for its content."""

import hashlib
import json
import re
import tomllib
from functools import cache
from importlib import resources

from competencies.faults import Fault, FrameworkFaults
from competencies.framework import (
    EVERY_PART,
    Block,
    Competency,
    Completion,
    Framework,
    Indicator,
    Level,
    Scale,
    Text,
)
from competencies.reading import read

_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")


def parse(toml_text: str) -> Framework:
    """Read a framework written in TOML; raise FrameworkFaults with every fault, each with its place."""
    try:
        document = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise FrameworkFaults((_syntax_fault(toml_text, str(error)),)) from error
    except (ValueError, RecursionError, OverflowError) as error:
        # Numbers of thousands of digits and lists nested hundreds deep pass the grammar and break the reader.
        fault = Fault("fichier", "une valeur est trop longue ou trop imbriquée pour être lue ; simplifiez-la.")
        raise FrameworkFaults((fault,)) from error
    return read(document)


def _syntax_fault(toml_text: str, error: str) -> Fault:
    found = _POSITION.search(error)
    if found is None:
        return Fault("fin du fichier", "le texte n’est pas du TOML : il s’arrête avant la fin d’une valeur.")
    line, column = int(found[1]), int(found[2])
    lines = toml_text.splitlines()
    excerpt = lines[line - 1].strip()[:60] if line <= len(lines) else ""
    return Fault(f"ligne {line}, colonne {column}", f"le texte n’est pas du TOML : vérifiez « {excerpt} ».")


def demo_text() -> str:
    """Give the TOML of the facilitator framework that ships, for a certifying body to start from."""
    return resources.files("competencies").joinpath("data", "facilitator-2026.toml").read_text(encoding="utf-8")


@cache
def demo() -> Framework:
    """Give the facilitator framework that ships, marked as a demonstration by its notice."""
    return parse(demo_text())


def from_document(document: object) -> Framework:
    """Read back what to_document gave; an altered document raises FrameworkFaults."""
    return read(document)


def to_document(framework: Framework) -> dict[str, object]:
    """Give the framework as values that JSON and TOML can hold, under the same keys as the TOML file.

    What is optional and not used has no key, so that a framework keeps its digest when formats grow.
    """
    return {
        "code": framework.code,
        "version": framework.version,
        "title": _text(framework.title),
        "notice": _text(framework.notice),
        "scale": scale_to_document(framework.scale),
        **({} if framework.formative is None else {"formative": scale_to_document(framework.formative)}),
        "blocks": [_block(block) for block in framework.blocks],
    }


def scale_to_document(scale: Scale) -> dict[str, object]:
    """Give a scale as it is written in a framework document."""
    levels = [_level(level) for level in scale.levels]
    return {"code": scale.code, "threshold": scale.threshold, "levels": levels}


def completion_to_document(completion: Completion) -> dict[str, object]:
    """Give a completion rule as it is written in a framework document; nothing when every part is needed."""
    if completion == EVERY_PART:
        return {}
    optional = {
        "least": completion.least,
        "required": sorted(completion.required),
        "points": dict(sorted(completion.points.items())),
    }
    return {"kind": completion.kind.value, **{key: value for key, value in optional.items() if value}}


def digest(framework: Framework) -> str:
    """Give the SHA-256 of the framework's canonical JSON: same content, same digest, whatever the file looked like."""
    canonical = json.dumps(to_document(framework), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _text(text: Text) -> dict[str, object]:
    return {"fr": text.fr, "en": text.en}


def _level(level: Level) -> dict[str, object]:
    return {"code": level.code, "label": _text(level.label), "rank": level.rank, "sign": level.sign}


def _block(block: Block) -> dict[str, object]:
    return {
        "code": block.code,
        "number": block.number,
        "title": _text(block.title),
        "short_title": _text(block.short_title),
        **_completion(block.completion),
        "competencies": [_competency(competency) for competency in block.competencies],
    }


def _completion(completion: Completion) -> dict[str, object]:
    written = completion_to_document(completion)
    return {"completion": written} if written else {}


def _competency(competency: Competency) -> dict[str, object]:
    return {
        "code": competency.code,
        "title": _text(competency.title),
        **({} if competency.scale is None else {"scale": scale_to_document(competency.scale)}),
        **_completion(competency.completion),
        "indicators": [_indicator(indicator) for indicator in competency.indicators],
    }


def _indicator(indicator: Indicator) -> dict[str, object]:
    return {
        "code": indicator.code,
        "wording": _text(indicator.wording),
        "descriptors": {level: _text(text) for level, text in indicator.descriptors.items()},
    }

"""The official schema of a CASE 1.1 package when it lies beside the checkout, else the rules it holds, written anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "case" / "case-v1p1-cfpackage.schema.json"
_TEXT = {"type": "string"}
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_ASSOCIATIONS = (
    "isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo", "replacedBy", "exemplar",
    "hasSkillLevel", "isTranslationOf",
)  # fmt: skip


def _object(required: str, optional: str = "", **special: Any) -> dict[str, Any]:
    names = required.split()
    properties = {name: special.get(name, {}) for name in (*names, *optional.split())}
    return {"type": "object", "required": names, "properties": properties, "additionalProperties": False}


def _rows(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _rules() -> dict[str, Any]:
    """The rules of the format as its specification tells them, for a checkout that stands alone."""
    head = {"identifier": _UUID, "uri": _TEXT, "lastChangeDateTime": _TEXT}
    common, link = "identifier uri lastChangeDateTime", {"$ref": "#/$defs/LinkGenURI"}
    texts = dict.fromkeys(("title", "description", "creator", "fullStatement", "quality", "hierarchyCode"), _TEXT)
    given = {**head, **texts, "CFItemURI": link, "CFItemTypeURI": link}
    kind = {"enum": list(_ASSOCIATIONS)}
    ends = {"originNodeURI": link, "destinationNodeURI": link, "associationType": kind}
    document = "frameworkType caseVersion officialSourceURL publisher description subject subjectURI language version"
    item = "alternativeLabel CFItemType humanCodingScheme abbreviatedStatement notes language CFItemTypeURI extensions"
    level = "description quality score feedback position rubricCriterionId extensions"
    criteria, levels = _rows("CFRubricCriterion"), _rows("CFRubricCriterionLevel")
    types = {"type": "object", "properties": {"CFItemTypes": _rows("CFItemType")}}
    rows = {
        "CFItems": _rows("CFPckgItem"),
        "CFAssociations": _rows("CFPckgAssociation"),
        "CFRubrics": _rows("CFRubric"),
    }
    whole = _object(
        "CFDocument", "CFItems CFAssociations CFDefinitions CFRubrics extensions",
        CFDocument={"$ref": "#/$defs/CFPckgDocument"}, CFDefinitions=types, **rows,
    )  # fmt: skip
    return whole | {
        "$defs": {
            "CFPckgDocument": _object(f"{common} creator title", f"{document} extensions", **given),
            "CFPckgItem": _object(f"{common} fullStatement", item, **given),
            "CFPckgAssociation": _object(
                f"{common} associationType originNodeURI destinationNodeURI", "sequenceNumber notes", **head, **ends
            ),
            "CFItemType": _object(f"{common} title description hierarchyCode", "typeCode extensions", **given),
            "CFRubric": _object(common, "title description CFRubricCriteria", CFRubricCriteria=criteria, **given),
            "CFRubricCriterion": _object(
                common, "category description CFItemURI weight position rubricId CFRubricCriterionLevels extensions",
                CFRubricCriterionLevels=levels, **given,
            ),
            "CFRubricCriterionLevel": _object(common, level, **given),
            "LinkURI": _object("title identifier uri", title=_TEXT, **head),
            "LinkGenURI": _object("title identifier uri", "targetType", title=_TEXT, **head),
        }
    }  # fmt: skip


SCHEMA: dict[str, Any] = json.loads(_BESIDE.read_text(encoding="utf-8")) if _BESIDE.is_file() else _rules()


def faults_of(value: object, part: str = "") -> list[str]:
    """Tell what the schema refuses of a package, or of one part of it."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{part}"} if part else SCHEMA
    if part:
        schema = {"$schema": SCHEMA.get("$schema", ""), "$ref": f"#/$defs/{part}", "$defs": SCHEMA["$defs"]}
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in _errors(schema, value)]


def _errors(schema: dict[str, Any], value: object) -> Iterator[Any]:
    yield from Draft201909Validator({key: one for key, one in schema.items() if one != ""}).iter_errors(value)

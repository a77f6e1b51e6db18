"""1EdTech CASE 1.1: a CFPackage in JSON, the framework a CFDocument, its parts CFItems, each grid a CFRubric.

Written from the specification of the format (1EdTech, CASE 1.1, March 2025). What CASE has no field for, the other
language first, goes into `extensions`, which the format leaves open: nothing is lost between two of our own systems.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import NAMESPACE_URL, UUID, uuid5

from competencies.catalogue import completion_to_document
from competencies.exchange import json_text
from competencies.exchange.case_reading import read
from competencies.exchange.losses import Loss, compare
from competencies.exchange.outline import language, plain
from competencies.framework import Completion, Framework, Indicator, Scale, Text

__all__ = ["ITEM_TYPES", "Origin", "identifier", "losses", "package", "read", "write"]

ITEM_TYPES: Mapping[str, tuple[Text, str]] = {
    "block": (Text("Bloc de compétences", "Block of competencies"), "1"),
    "competency": (Text("Compétence", "Competency"), "2"),
    "indicator": (Text("Indicateur", "Indicator"), "3"),
}
_PATHS = "ims/case/v1p1"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who publishes a package: the root of its addresses, when it last changed (ISO 8601 with offset), its author."""

    base_uri: str
    changed: str
    creator: str
    namespace: str = ""
    """What identifiers are made from when several publish at one address; the address itself otherwise."""


# What a package says of its publisher is no part of the framework: losses are the same wherever it is published.
_ANYWHERE = Origin("https://example.org", "2026-01-01T00:00:00+00:00", "certify")


def identifier(base_uri: str, framework: Framework, kind: str, *names: str) -> UUID:
    """Give the identifier of a part: the same at every export of one version of a framework by one publisher."""
    # Each name is preceded by its length: no two lists of names make the same text.
    parts = (base_uri.rstrip("/"), framework.code, framework.version, kind, *names)
    return uuid5(NAMESPACE_URL, "competency-framework:" + "".join(f"{len(part)}:{part}" for part in parts))


def write(framework: Framework, locale: str, origin: Origin) -> str:
    """Write a framework as a CFPackage whose main language is that of the locale."""
    return json_text.write(package(framework, locale, origin))


def package(framework: Framework, locale: str, origin: Origin) -> dict[str, object]:
    """Give the CFPackage as values JSON can hold, for a service that answers single parts of it."""
    return _Writer(framework, locale, origin).package()


def losses(framework: Framework, locale: str = "fr") -> list[Loss]:
    """Say what the format does not hold of this framework: nothing, as a rule."""
    return compare(framework, read(write(framework, locale, _ANYWHERE)).framework, locale)


class _Writer:
    def __init__(self, framework: Framework, locale: str, origin: Origin) -> None:
        self.framework = framework
        self.locale = locale
        self.other = "en" if language(locale) == "fr" else "fr"
        self.origin = origin

    def package(self) -> dict[str, object]:
        return {
            "CFDocument": self._document(),
            "CFItems": list(self._items()),
            "CFAssociations": list(self._associations()),
            "CFDefinitions": {"CFItemTypes": [self._item_type(kind) for kind in ITEM_TYPES]},
            "CFRubrics": [self._rubric(indicator) for indicator in self.framework.indicators],
        }

    def _key(self, kind: str, *names: str) -> UUID:
        return identifier(self.origin.namespace or self.origin.base_uri, self.framework, kind, *names)

    def _uri(self, path: str, key: UUID) -> str:
        return f"{self.origin.base_uri.rstrip('/')}/{_PATHS}/{path}/{key}"

    def _head(self, path: str, kind: str, *names: str) -> dict[str, object]:
        key = self._key(kind, *names)
        return {"identifier": str(key), "uri": self._uri(path, key), "lastChangeDateTime": self.origin.changed}

    def _link(self, path: str, kind: str, title: str, *names: str) -> dict[str, object]:
        key = self._key(kind, *names)
        return {"title": title, "identifier": str(key), "uri": self._uri(path, key)}

    def _say(self, text: Text) -> str:
        return plain(text, self.locale)

    def _translation(self, **texts: Text) -> dict[str, object]:
        return {"language": self.other, **{key: plain(text, self.other) for key, text in texts.items()}}

    def _document(self) -> dict[str, object]:
        framework = self.framework
        formative = {} if framework.formative is None else {"formative": self._scale(framework.formative)}
        return {
            **self._head("CFDocuments", "document"),
            "caseVersion": "1.1",
            "frameworkType": "competency",
            "creator": self.origin.creator,
            "title": self._say(framework.title),
            "description": self._say(framework.notice),
            "language": language(self.locale),
            "version": framework.version,
            "extensions": {
                "code": framework.code,
                "scale": self._scale(framework.scale),
                **formative,
                "translation": self._translation(title=framework.title, description=framework.notice),
            },
        }

    def _scale(self, scale: Scale) -> dict[str, object]:
        levels = [
            {"code": level.code, "rank": level.rank, "sign": level.sign, "label": self._say(level.label)}
            | {"translation": self._translation(label=level.label)}
            for level in scale.levels
        ]
        return {"code": scale.code, "threshold": scale.threshold, "levels": levels}

    def _items(self) -> Iterator[dict[str, object]]:
        for block in self.framework.blocks:
            item = self._item("block", block.code, block.title)
            item["abbreviatedStatement"] = self._say(block.short_title)
            texts = self._translation(fullStatement=block.title, abbreviatedStatement=block.short_title)
            rule = _completion(block.completion)
            yield item | {"extensions": {"number": block.number, **rule, "translation": texts}}
            for competency in block.competencies:
                own = {} if competency.scale is None else {"scale": self._scale(competency.scale)}
                more = {**own, **_completion(competency.completion)}
                yield self._item("competency", competency.code, competency.title, more)
                for indicator in competency.indicators:
                    yield self._item("indicator", indicator.code, indicator.wording)

    def _item(
        self, kind: str, code: str, statement: Text, more: Mapping[str, object] = MappingProxyType({})
    ) -> dict[str, object]:
        named = self._say(ITEM_TYPES[kind][0])
        return {
            **self._head("CFItems", "item", code),
            "fullStatement": self._say(statement),
            "humanCodingScheme": code,
            "CFItemType": named,
            "CFItemTypeURI": self._link("CFItemTypes", "item type", named, kind),
            "language": language(self.locale),
            "extensions": {**more, "translation": self._translation(fullStatement=statement)},
        }

    def _associations(self) -> Iterator[dict[str, object]]:
        for at, block in enumerate(self.framework.blocks, start=1):
            yield self._child(at, block.code, None)
            for below, competency in enumerate(block.competencies, start=1):
                yield self._child(below, competency.code, block.code)
                for last, indicator in enumerate(competency.indicators, start=1):
                    yield self._child(last, indicator.code, competency.code)

    def _child(self, sequence: int, code: str, parent: str | None) -> dict[str, object]:
        if parent is None:
            above = self._link("CFDocuments", "document", self._say(self.framework.title))
        else:
            above = self._link("CFItems", "item", parent, parent)
        return {
            **self._head("CFAssociations", "is child of", code),
            "associationType": "isChildOf",
            "sequenceNumber": sequence,
            "originNodeURI": {**self._link("CFItems", "item", code, code), "targetType": "CASE"},
            "destinationNodeURI": {**above, "targetType": "CASE"},
        }

    def _item_type(self, kind: str) -> dict[str, object]:
        title, hierarchy = ITEM_TYPES[kind]
        named = self._say(title)
        head = self._head("CFItemTypes", "item type", kind)
        return {**head, "title": named, "description": named, "hierarchyCode": hierarchy}

    def _rubric(self, indicator: Indicator) -> dict[str, object]:
        link = self._link("CFItems", "item", indicator.code, indicator.code)
        criterion = {
            **self._head("CFRubrics", "criterion", indicator.code),
            "position": 1,
            "rubricId": str(self._key("rubric", indicator.code)),
            "CFItemURI": link,
            "CFRubricCriterionLevels": list(self._levels(indicator)),
        }
        title = self._say(indicator.wording)
        return {**self._head("CFRubrics", "rubric", indicator.code), "title": title, "CFRubricCriteria": [criterion]}

    def _levels(self, indicator: Indicator) -> Iterator[dict[str, object]]:
        criterion = str(self._key("criterion", indicator.code))
        for at, level in enumerate(self.framework.scale_of(indicator.code).levels, start=1):
            text = indicator.descriptors[level.code]
            yield {
                **self._head("CFRubrics", "level", indicator.code, level.code),
                "position": at,
                "rubricCriterionId": criterion,
                "quality": self._say(level.label),
                "score": level.rank,
                "description": self._say(text),
                "extensions": [{"translation": self._translation(description=text)}],
            }


def _completion(completion: Completion) -> dict[str, object]:
    written = completion_to_document(completion)
    return {"completion": written} if written else {}

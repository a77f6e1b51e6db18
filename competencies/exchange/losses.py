"""What a format cannot hold, found by comparing a framework with what its own file gives back."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from competencies.exchange.outline import language
from competencies.framework import EVERY_PART, Completion, Framework, Indicator, Scale, Text

_SHOWN = 3
_MESSAGES: Mapping[str, str] = {
    "language": "La formulation dans l’autre langue n’est pas conservée",
    "code": "Le code du référentiel n’est pas conservé",
    "version": "La version du référentiel n’est pas conservée",
    "title": "Le titre du référentiel est modifié",
    "notice": "La mention du référentiel est modifiée",
    "scale code": "Le code de l’échelle n’est pas conservé",
    "threshold": "Le seuil de l’échelle est désigné par un autre niveau",
    "level count": "Des niveaux sont réunis : le format en tient moins",
    "level code": "Le code des niveaux n’est pas conservé",
    "level rank": "Le rang des niveaux n’est pas conservé",
    "level sign": "Le signe des niveaux n’est pas conservé",
    "level label": "Le libellé des niveaux est modifié",
    "block number": "Le numéro des blocs n’est pas conservé",
    "item code": "Le code d’un élément est modifié",
    "item wording": "La formulation d’un élément est modifiée",
    "short title": "Le titre court des blocs est modifié",
    "descriptors": "Les descripteurs des niveaux sont modifiés",
    "formative": "L’échelle de la formation n’est pas distinguée de celle de la certification",
    "own scale": "L’échelle propre à une compétence n’est pas conservée comme telle",
    "completion": "La règle d’achèvement n’est pas conservée telle quelle",
    "unreadable": "Le format ne peut pas tenir ce référentiel",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of content that a format does not hold: how many times, and where first."""

    aspect: str
    count: int
    places: tuple[str, ...]

    def __str__(self) -> str:
        where = ", ".join(self.places[:_SHOWN]) + ("…" if self.count > _SHOWN else "")
        return f"{_MESSAGES[self.aspect]} ({self.count}) : {where}."


_Facet = tuple[str, str, str]


def compare(original: Framework, kept: Framework | None, locale: str) -> list[Loss]:
    """Say what of a framework is not in what was kept of it, by kind; nothing when both are equal."""
    if kept is None:
        return [Loss("unreadable", 1, (original.code,))]
    shared = _scales(original).keys() & _scales(kept).keys()
    after = dict(_facets(kept, shared))
    found: dict[str, list[str]] = {}
    for (aspect, place, tongue), value in _facets(original, shared):
        if after.pop((aspect, place, tongue), None) != value:
            kind = "language" if tongue not in ("", language(locale)) else aspect
            found.setdefault(kind, []).append(place)
    for aspect, place, _ in after:
        found.setdefault(aspect, []).append(place)
    return [Loss(aspect, len(places), tuple(dict.fromkeys(places))) for aspect, places in found.items()]


def _scales(framework: Framework) -> Mapping[str, tuple[str, Scale]]:
    """Give the scales of a framework by the place they are given at, each with the loss it would be."""
    found = {"échelle": ("scale", framework.scale)}
    if framework.formative is not None:
        found["échelle de la formation"] = ("formative", framework.formative)
    for competency in framework.competencies:
        if competency.scale is not None:
            found[f"échelle de la compétence {competency.code}"] = ("own scale", competency.scale)
    return found


def _facets(framework: Framework, shared: Collection[str]) -> Iterator[tuple[_Facet, object]]:
    root = "référentiel"
    yield ("code", root, ""), framework.code
    yield ("version", root, ""), framework.version
    yield from _wording("title", root, framework.title)
    yield from _wording("notice", root, framework.notice)
    for place, (aspect, scale) in _scales(framework).items():
        # A scale that only one of both has is one loss, not as many as it has levels.
        yield from _scale(scale, place) if place in shared else [((aspect, place, ""), scale)]
    yield from _parts(framework)


def _parts(framework: Framework) -> Iterator[tuple[_Facet, object]]:
    for at, block in enumerate(framework.blocks, start=1):
        place = f"bloc {block.code}"
        yield ("item code", f"bloc n° {at}", ""), block.code
        yield ("block number", place, ""), block.number
        yield from _wording("item wording", place, block.title)
        yield from _wording("short title", place, block.short_title)
        yield from _completion(place, block.completion)
        for rank, competency in enumerate(block.competencies, start=1):
            yield ("item code", f"bloc n° {at}, compétence n° {rank}", ""), competency.code
            yield from _wording("item wording", f"compétence {competency.code}", competency.title)
            yield from _completion(f"compétence {competency.code}", competency.completion)
            for last, indicator in enumerate(competency.indicators, start=1):
                yield ("item code", f"bloc n° {at}, compétence n° {rank}, indicateur n° {last}", ""), indicator.code
                yield from _indicator(framework, indicator)


def _completion(place: str, completion: Completion) -> Iterator[tuple[_Facet, object]]:
    if completion != EVERY_PART:
        yield ("completion", place, ""), completion


def _scale(scale: Scale, where: str) -> Iterator[tuple[_Facet, object]]:
    yield ("scale code", where, ""), scale.code
    yield ("threshold", where, ""), scale.codes.index(scale.threshold)
    yield ("level count", where, ""), len(scale.levels)
    for at, level in enumerate(scale.levels, start=1):
        place = f"{where}, niveau n° {at}"
        yield ("level code", place, ""), level.code
        yield ("level rank", place, ""), level.rank
        yield ("level sign", place, ""), level.sign
        yield from _wording("level label", place, level.label)


def _indicator(framework: Framework, indicator: Indicator) -> Iterator[tuple[_Facet, object]]:
    place = f"indicateur {indicator.code}"
    yield from _wording("item wording", place, indicator.wording)
    for at, code in enumerate(framework.scale_of(indicator.code).codes, start=1):
        yield from _wording("descriptors", f"{place}, niveau n° {at}", indicator.descriptors[code])


def _wording(aspect: str, place: str, text: Text) -> Iterator[tuple[_Facet, object]]:
    yield (aspect, place, "fr"), text.fr
    yield (aspect, place, "en"), text.en

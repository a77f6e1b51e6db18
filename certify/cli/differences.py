"""The difference of two frameworks as lines a person reads in a terminal, in French."""

from collections.abc import Iterator

from competencies import Completion, CompletionKind, Framework, PartKind, Revision, Scale

_KINDS = {
    PartKind.FRAMEWORK: "référentiel",
    PartKind.BLOCK: "bloc",
    PartKind.COMPETENCY: "compétence",
    PartKind.INDICATOR: "indicateur",
}
_ASPECTS = {
    "title": "titre", "short_title": "titre court", "notice": "mention", "wording": "formulation",
    "scale": "échelle de certification", "formative": "échelle de la formation", "own": "échelle propre",
}  # fmt: skip


def described(revision: Revision, old: Framework, new: Framework) -> Iterator[str]:
    """Give the lines: - what goes, + what comes, ~ what changes, with both texts."""
    if (old.code, old.version) != (new.code, new.version):
        yield f"~ référentiel {old.code} {old.version} → {new.code} {new.version}"
    for part in revision.removed:
        yield f"- {_KINDS[part.kind]} {part.code} : {part.wording.fr}"
    for part in revision.added:
        yield f"+ {_KINDS[part.kind]} {part.code} : {part.wording.fr}"
    for row in revision.reworded:
        yield f"~ {_KINDS[row.kind]} {row.code}, {_aspect(row.aspect)}"
        for tongue, was, now in (("fr", row.before.fr, row.after.fr), ("en", row.before.en, row.after.en)):
            if was != now:
                yield f"    - ({tongue}) {was}"
                yield f"    + ({tongue}) {now}"
    for move in revision.moved:
        where = "change de place" if move.before == move.after else f"passe de {move.before} à {move.after}"
        yield f"~ {_KINDS[move.kind]} {move.code} {where}"
    for scale in revision.rescaled:
        change = f"{_levels(scale.before)} → {_levels(scale.after)}"
        yield f"~ {_KINDS[scale.kind]} {scale.code}, {_ASPECTS[scale.aspect]} : {change}"
    for rule in revision.reruled:
        yield f"~ {_KINDS[rule.kind]} {rule.code}, règle : {_rule(rule.before)} → {_rule(rule.after)}"


def _aspect(aspect: str) -> str:
    return _ASPECTS.get(aspect) or f"niveau {aspect.removeprefix('level ')}"


def _levels(scale: Scale | None) -> str:
    if scale is None:
        return "aucune"
    return " < ".join(f"{level.label.fr}{'*' if level.code == scale.threshold else ''}" for level in scale.levels)


def _rule(completion: Completion) -> str:
    if completion.kind is CompletionKind.ALL:
        return "toutes les parties"
    required = f", dont {', '.join(sorted(completion.required))}" if completion.required else ""
    unit = "partie(s)" if completion.kind is CompletionKind.AT_LEAST else "point(s)"
    return f"au moins {completion.least} {unit}{required}"

"""The rules of a programme as a page reads them: line by line, and what changed from one day to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import competencies
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.frameworks.programme_forms import AGGREGATIONS, ASKED
from competencies import eligibility, fidelity_words, jury_words
from competencies.jury_rules import RANGES
from competencies.programme import Programme
from competencies.thresholds import PUBLISHED


@dataclass(frozen=True)
class Line:
    """One rule: what it is about, what it says, whether nobody set it."""

    key: str
    label: str
    value: str
    is_default: bool
    is_published: bool = False
    """Whether nobody set it, and the presentation of the programme gives it."""


@dataclass(frozen=True)
class Change:
    """One rule that changed."""

    label: str
    before: str
    after: str


def lines(content: Mapping[str, Any], framework: competencies.Framework, locale: str) -> list[Line]:
    """Return every rule in words; what nobody set is the default of the software, and says so."""
    programme = Programme.from_document(dict(content))
    names = {code: text.to(locale) for code, text in eligibility.codes(programme)}
    found = [
        ("aggregation", _("Comment les niveaux sont réunis"), str(AGGREGATIONS[programme.aggregation][0])),
        ("times", _("Nombre de fois, pour la règle « Plusieurs fois »"), str(programme.times)),
        ("agreement_minimum", _("Comparaisons avant d’afficher un accord"), str(programme.agreement_minimum)),
        ("sampling_percentage", _("Part relue par vérification interne"), _share(programme.sampling_percentage)),
        *((key, label, _asked(key, getattr(programme, key))) for key, label in _asked_labels()),
        ("documents", _("Documents demandés"), _listed(_document(one, locale) for one in programme.documents)),
        ("blocking", _("Conditions bloquantes"), _listed(names.get(code, code) for code in sorted(programme.blocking))),
        ("freshness", _("Fraîcheur des preuves"), _listed(_months(framework, programme, locale))),
        ("reminder_days", _("Rappel avant une échéance"), _days(programme.reminder_days)),
    ]
    return [Line(key, label, value, key not in content) for key, label, value in found]


def fidelity_lines(content: Mapping[str, Any], locale: str) -> list[Line]:
    """Return what is asked of groups of parents, each figure with where it comes from."""
    given = content.get("fidelity", {})
    asked = Programme.from_document(dict(content)).fidelity
    return [
        Line(
            name,
            label.to(locale),
            str(getattr(asked, name)),
            is_default=name not in asked.published,
            is_published=name in PUBLISHED and name not in given,
        )
        for name, label in fidelity_words.THRESHOLDS.items()
    ]


def jury_lines(content: Mapping[str, Any], locale: str) -> list[Line]:
    """Return what is asked of juries; what nobody set is the default of the software, and says so."""
    given = content.get("jury", {})
    asked = Programme.from_document(dict(content)).jury
    values = {
        **{name: str(getattr(asked, name)) for name in RANGES},
        "validity_months": str(asked.validity_months) if asked.validity_months else _("sans limite"),
        "blocking": _blocking(asked, locale),
        "is_balance_shown": _("oui") if asked.is_balance_shown else _("non"),
    }
    return [Line(name, label.to(locale), values[name], name not in given) for name, label in jury_words.RULES.items()]


def _blocking(asked: competencies.JuryRules, locale: str) -> str:
    passing = [code for code in competencies.SETTABLE_CONFLICTS if code not in asked.blocking]
    if not passing:
        return _("tous")
    return _(
        "tous, sauf hors VAE : %(links)s", links=_listed(competencies.CONFLICTS[one].to(locale) for one in passing)
    )


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], framework: competencies.Framework, locale: str
) -> list[Change]:
    """Return the rules that differ between two days."""
    old, new = (_all_lines(content, framework, locale) for content in (before, after))
    return [
        Change(now.label, _said(was), _said(now)) for was, now in zip(old, new, strict=True) if _said(was) != _said(now)
    ]


def _all_lines(content: Mapping[str, Any], framework: competencies.Framework, locale: str) -> list[Line]:
    juries = (replace(line, label=_("Jurys · %(figure)s", figure=line.label)) for line in jury_lines(content, locale))
    groups = (
        replace(line, label=_("Groupes · %(figure)s", figure=line.label)) for line in fidelity_lines(content, locale)
    )
    return [*lines(content, framework, locale), *juries, *groups]


def _said(line: Line) -> str:
    if line.is_published:
        return _("%(value)s (publié)", value=line.value)
    return _("%(value)s (valeur par défaut)", value=line.value) if line.is_default else line.value


def _asked_labels() -> list[tuple[str, str]]:
    words = {
        "hours": _("Heures au cahier de suivi"),
        "meetings": _("Rencontres de groupe"),
        "observations": _("Observations en situation"),
        "self_assessments": _("Auto-évaluations signées"),
        "attendance": _("Assiduité"),
        "evidence_per_indicator": _("Preuves par indicateur"),
    }
    return [(key, words[key]) for key in ASKED]


def _asked(key: str, value: int) -> str:
    if value == 0:
        return _("rien n’est demandé")
    return _share(value) if key == "attendance" else str(value)


def _share(value: int) -> str:
    return f"{value}\u00a0%"


def _days(value: int) -> str:
    return ngettext("%(num)d jour", "%(num)d jours", value)


def _listed(parts: Any) -> str:
    return " · ".join(parts) or _("rien n’est demandé")


def _document(document: Any, locale: str) -> str:
    return f"{document.label.to(locale)} ({document.code})"


def _months(framework: competencies.Framework, programme: Programme, locale: str) -> list[str]:
    names = {block.code: block.short_title.to(locale) for block in framework.blocks}
    return [
        _(
            "%(block)s : %(months)s",
            block=names.get(code, code),
            months=ngettext("%(num)d mois", "%(num)d mois", months),
        )
        for code, months in programme.freshness.items()
    ]

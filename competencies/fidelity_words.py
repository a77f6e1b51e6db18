"""The fidelity rules in words: what each asks, where it comes from, and what was counted."""

from collections.abc import Callable, Mapping

from competencies.framework import Text
from competencies.thresholds import Thresholds

_Figures = Mapping[str, int]

VERDICTS: Mapping[str, Text] = {
    "met": Text("Respecté", "Met"),
    "unknown": Text("Pas encore connu", "Not yet known"),
    "at_risk": Text("À surveiller", "At risk"),
    "not_met": Text("Non respecté", "Not met"),
}

LABELS: Mapping[str, Text] = {
    "same_parents": Text("Les mêmes parents", "The same parents"),
    "size": Text("Une dizaine de parents", "About ten parents"),
    "age_spread": Text("Des bébés du même âge", "Babies of the same age"),
    "rhythm": Text("Le rythme des rencontres", "The rhythm of meetings"),
    "duration": Text("La durée", "The duration"),
    "facilitator": Text("L’accompagnement", "The facilitator"),
}

THRESHOLDS_OF: Mapping[str, tuple[str, ...]] = {
    "same_parents": ("stability_percent", "newcomers_max", "settling_meetings"),
    "size": ("size_min", "size_max"),
    "age_spread": ("spread_months",),
    "rhythm": ("meetings_per_month", "late_max", "longest_gap_days"),
    "duration": ("months",),
    "facilitator": ("facilitator_percent",),
}

THRESHOLDS: Mapping[str, Text] = {
    "stability_percent": Text("Part des parents du début encore là (%)", "Share of the first parents still there (%)"),
    "newcomers_max": Text("Arrivées admises une fois le groupe constitué", "Arrivals allowed once the group is made"),
    "settling_meetings": Text(
        "Le groupe est constitué à la rencontre tenue n°", "The group is made at the held meeting no."
    ),
    "size_min": Text("Parents, au moins", "Parents, at least"),
    "size_max": Text("Parents, au plus", "Parents, at most"),
    "spread_months": Text("Écart entre les bébés, en mois, au plus", "Months between the babies, at most"),
    "meetings_per_month": Text("Rencontres par mois", "Meetings a month"),
    "late_max": Text("Rencontres manquantes admises", "Missing meetings allowed"),
    "longest_gap_days": Text(
        "Jours entre deux rencontres tenues, au plus, fermetures non comptées",
        "Days between two held meetings, at most, closures left out",
    ),
    "months": Text(
        "Mois entre la première et la dernière rencontre, au moins", "Months from first to last meeting, at least"
    ),
    "facilitator_percent": Text("Part des rencontres accompagnées (%)", "Share of accompanied meetings (%)"),
}

_PRESENTATION = Text(
    "Présentation des Maisons des 1000 premiers jours, Ensemble pour l’éducation de la petite enfance",
    "Presentation of the Maisons des 1000 premiers jours, Ensemble pour l’éducation de la petite enfance",
)
_NATIONAL_DAY = Text(
    "Journée nationale des facilitateurs des Maisons des 1000 premiers jours, Le Havre, 25 juin 2025",
    "National day of the facilitators of the Maisons des 1000 premiers jours, Le Havre, 25 June 2025",
)

SOURCES: Mapping[str, Text] = {
    "same_parents": Text(
        f"« Le même tout au long des rencontres » : {_PRESENTATION.fr}.",
        f"“The same throughout the meetings”: {_PRESENTATION.en}.",
    ),
    "size": Text(
        f"« À peu près une dizaine de parents » : {_PRESENTATION.fr}.",
        f"“About ten parents”: {_PRESENTATION.en}.",
    ),
    "age_spread": Text(
        f"« Même stade de grossesse ou âges des bébés similaires » : {_NATIONAL_DAY.fr}.",
        f"“Same stage of pregnancy or similar ages of babies”: {_NATIONAL_DAY.en}.",
    ),
    "rhythm": Text(
        f"« Une dynamique de 2 fois par mois » : {_PRESENTATION.fr}.",
        f"“Twice a month”: {_PRESENTATION.en}.",
    ),
    "duration": Text(
        f"« Régulières pendant au moins 8 mois » : {_NATIONAL_DAY.fr}.",
        f"“Regular for at least 8 months”: {_NATIONAL_DAY.en}.",
    ),
    "facilitator": Text(
        f"« Accompagnées par un facilitateur » : {_NATIONAL_DAY.fr}.",
        f"“Accompanied by a facilitator”: {_NATIONAL_DAY.en}.",
    ),
}


def rule(code: str, asked: Thresholds) -> Text:
    """Say what a rule asks, with its figures."""
    return _RULES[code](asked)


def told(code: str, figures: _Figures) -> Text:
    """Say what was counted."""
    return _TOLD[code](figures)


def _fr(number: int, one: str, many: str) -> str:
    return f"{number} {one if abs(number) < 2 else many}"


def _en(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _same_parents_rule(asked: Thresholds) -> Text:
    none = asked.newcomers_max == 0
    return Text(
        f"Au moins {asked.stability_percent} % des parents du début sont encore là, et "
        + ("personne n’est arrivé" if none else f"{_fr(asked.newcomers_max, 'arrivée', 'arrivées')} au plus")
        + f" après la rencontre n° {asked.settling_meetings}.",
        f"At least {asked.stability_percent}% of the first parents are still there, and "
        + ("nobody came" if none else f"at most {_en(asked.newcomers_max, 'parent', 'parents')} came")
        + f" after meeting no. {asked.settling_meetings}.",
    )


def _size_rule(asked: Thresholds) -> Text:
    return Text(
        f"Le groupe compte de {asked.size_min} à {asked.size_max} parents.",
        f"The group counts {asked.size_min} to {asked.size_max} parents.",
    )


def _age_spread_rule(asked: Thresholds) -> Text:
    return Text(
        f"Il y a {asked.spread_months} mois au plus entre le plus jeune et le plus âgé des bébés.",
        f"There are at most {_en(asked.spread_months, 'month', 'months')} between the youngest and the oldest baby.",
    )


def _rhythm_rule(asked: Thresholds) -> Text:
    return Text(
        f"Le groupe se réunit {asked.meetings_per_month} fois par mois, avec "
        f"{_fr(asked.late_max, 'rencontre', 'rencontres')} de retard au plus, et jamais plus de "
        f"{asked.longest_gap_days} jours sans rencontre, fermetures non comptées.",
        f"The group meets {_en(asked.meetings_per_month, 'time', 'times')} a month, at most "
        f"{_en(asked.late_max, 'meeting', 'meetings')} behind, and never stays more than "
        f"{asked.longest_gap_days} days without meeting, closures left out.",
    )


def _duration_rule(asked: Thresholds) -> Text:
    return Text(
        f"Il y a au moins {asked.months} mois entre la première et la dernière rencontre tenue.",
        f"There are at least {_en(asked.months, 'month', 'months')} between the first and the last held meeting.",
    )


def _facilitator_rule(asked: Thresholds) -> Text:
    if asked.facilitator_percent == 100:
        return Text(
            "Le ou la facilitateur·rice accompagne chaque rencontre tenue.",
            "The facilitator accompanies every held meeting.",
        )
    return Text(
        f"Le ou la facilitateur·rice accompagne au moins {asked.facilitator_percent} % des rencontres tenues.",
        f"The facilitator accompanies at least {asked.facilitator_percent}% of the held meetings.",
    )


def _same_parents_told(figures: _Figures) -> Text:
    still, founders, newcomers = figures["still"], figures["founders"], figures["newcomers"]
    if not founders and not newcomers:
        return Text("Le groupe n’est pas encore constitué.", "The group is not made yet.")
    came = _fr(newcomers, "arrivée ensuite", "arrivées ensuite") if newcomers else "personne n’est arrivé ensuite"
    came_en = _en(newcomers, "came later", "came later") if newcomers else "nobody came later"
    return Text(
        f"Encore là : {still} sur {_fr(founders, 'parent', 'parents')} du début ; {came}.",
        f"Still there: {still} of the first {_en(founders, 'parent', 'parents')}; {came_en}.",
    )


def _size_told(figures: _Figures) -> Text:
    members, average = figures["members"], figures["present_average"]
    if not figures["held"]:
        return Text(
            f"{_fr(members, 'parent inscrit', 'parents inscrits')} ; le groupe ne s’est pas encore réuni.",
            f"{_en(members, 'parent', 'parents')} so far; the group has not met yet.",
        )
    return Text(
        _fr(members, "parent", "parents") + (f" ; {average} en moyenne aux rencontres." if average else "."),
        _en(members, "parent", "parents") + (f"; {average} at meetings on average." if average else "."),
    )


def _age_spread_told(figures: _Figures) -> Text:
    if figures["members"] < 2:
        return Text("Il faut au moins deux parents pour le dire.", "At least two parents are needed to tell.")
    due = figures["due"]
    return Text(
        f"{figures['spread']} mois d’écart"
        + (f" ; {_fr(due, 'naissance prévue', 'naissances prévues')}." if due else "."),
        f"{_en(figures['spread'], 'month', 'months')} apart"
        + (f"; {_en(due, 'birth', 'births')} due." if due else "."),
    )


def _rhythm_told(figures: _Figures) -> Text:
    if not figures["held"]:
        return Text("Aucune rencontre tenue.", "No meeting held.")
    late = figures["late"]
    return Text(
        f"{_fr(figures['held'], 'rencontre tenue', 'rencontres tenues')} sur {figures['expected']} attendues"
        + (f", {late} de retard" if late else "")
        + f" ; {_fr(figures['longest_gap'], 'jour', 'jours')} au plus sans rencontre.",
        f"{_en(figures['held'], 'meeting', 'meetings')} held of {figures['expected']} expected"
        + (f", {late} behind" if late else "")
        + f"; at most {_en(figures['longest_gap'], 'day', 'days')} without meeting.",
    )


def _duration_told(figures: _Figures) -> Text:
    if not figures["held"]:
        return Text("Aucune rencontre tenue.", "No meeting held.")
    months = figures["months_run"]
    return Text(
        f"{months} mois entre la première et la dernière rencontre tenue.",
        f"{_en(months, 'month', 'months')} from the first to the last held meeting.",
    )


def _facilitator_told(figures: _Figures) -> Text:
    if not figures["held"]:
        return Text("Aucune rencontre tenue.", "No meeting held.")
    unsaid = figures["unsaid"]
    return Text(
        f"{figures['present']} sur {_fr(figures['held'], 'rencontre accompagnée', 'rencontres accompagnées')}"
        + (f" ; {_fr(unsaid, 'non renseignée', 'non renseignées')}." if unsaid else "."),
        f"{figures['present']} of {_en(figures['held'], 'meeting', 'meetings')} accompanied"
        + (f"; {unsaid} not recorded." if unsaid else "."),
    )


_RULES: Mapping[str, Callable[[Thresholds], Text]] = {
    "same_parents": _same_parents_rule,
    "size": _size_rule,
    "age_spread": _age_spread_rule,
    "rhythm": _rhythm_rule,
    "duration": _duration_rule,
    "facilitator": _facilitator_rule,
}
_TOLD: Mapping[str, Callable[[_Figures], Text]] = {
    "same_parents": _same_parents_told,
    "size": _size_told,
    "age_spread": _age_spread_told,
    "rhythm": _rhythm_told,
    "duration": _duration_told,
    "facilitator": _facilitator_told,
}

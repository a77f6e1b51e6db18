"""How the time of a group is shown: its timeline as a picture, and its clock in a sentence."""

from markupsafe import Markup

from certify.core import timelines
from certify.core.i18n import gettext as _
from certify.core.i18n import ngettext
from certify.core.templating import day
from certify.core.timelines import Limit, Mark, Picture, Row, Span
from certify.groups.models import MeetingState, PeerGroup
from certify.groups.queries.meetings import day_of
from certify.groups.queries.pages import GroupPage, bounds_of, gaps_of

SHAPES = {
    MeetingState.HELD: "dot",
    MeetingState.PLANNED: "ring",
    MeetingState.CANCELLED: "cross",
    MeetingState.MOVED: "dash",
}
"""The mark of each state of a meeting."""


def drawn(group: PeerGroup, page: GroupPage) -> Markup:
    """Draw the members of a group, its meetings, its gaps and the day its minimal length is reached."""
    first, last = bounds_of(page, group)
    rows = [
        Row(
            member.participant.pseudonym,
            [
                Span(stay.joined_on, stay.left_on or (group.closed_on or page.day), "" if stay.left_on else "is-open")
                for stay in member.counted
            ],
        )
        for member in page.members
        if member.counted
    ]
    picture = Picture(
        first, last, rows, [Mark(day_of(one), SHAPES[one.state]) for one in page.meetings], _("Rencontres"),
        [Span(gap.after, gap.until or page.day) for gap in gaps_of(page)], _limits(page),
    )  # fmt: skip
    held = sum(1 for one in page.meetings if one.state is MeetingState.HELD)
    title = _(
        "Frise du groupe du %(first)s au %(last)s : %(members)s participants, %(held)s rencontres tenues. "
        "Le tableau qui suit donne les mêmes faits.",
        first=day(first), last=day(last), members=len(rows), held=held,
    )  # fmt: skip
    return timelines.draw(picture, title=title)


def _limits(page: GroupPage) -> list[Limit]:
    on = page.last_day_for_minimum
    return [Limit(on, _("%(count)s mois", count=page.thresholds.months))] if on else []


def next_sentence(page: GroupPage) -> str:
    """Say until when the next meeting keeps the rhythm, or since when it is awaited; nothing for a closed group."""
    due, limit = page.fidelity.clock.next_due_on, page.fidelity.clock.gap_limit_on
    if due is None or limit is None:
        return ""
    if due >= page.day:
        return _(
            "Pour garder le rythme, la prochaine rencontre se tient au plus tard le %(due)s. "
            "Après le %(limit)s, l’interruption sera trop longue.",
            due=day(due), limit=day(limit),
        )  # fmt: skip
    if limit >= page.day:
        return _(
            "Une rencontre était attendue le %(due)s. Après le %(limit)s, l’interruption sera trop longue.",
            due=day(due), limit=day(limit),
        )  # fmt: skip
    return _(
        "Une rencontre était attendue le %(due)s ; depuis le %(limit)s, l’interruption est trop longue.",
        due=day(due), limit=day(limit),
    )  # fmt: skip


def clock_sentence(page: GroupPage) -> str:
    """Say when the minimal length is reached, and how many meetings are late."""
    clock, months = page.fidelity.clock, page.thresholds.months
    if clock.minimum_reached_on is None:
        return _("Les %(months)s mois se comptent à partir de la première rencontre tenue.", months=months)
    values = {"months": months, "day": day(clock.minimum_reached_on)}
    is_reached = clock.last_on is not None and clock.last_on >= clock.minimum_reached_on
    if clock.minimum_reached_on <= page.day and not is_reached:
        return _(
            "Les %(months)s mois sont passés depuis le %(day)s, mais le groupe ne s’est pas réuni depuis.", **values
        )
    if clock.late and is_reached:
        return ngettext(
            "%(months)s mois atteints le %(day)s, %(num)d rencontre de retard.",
            "%(months)s mois atteints le %(day)s, %(num)d rencontres de retard.",
            clock.late, **values,
        )  # fmt: skip
    if clock.late:
        return ngettext(
            "Les %(months)s mois seront atteints le %(day)s, %(num)d rencontre de retard.",
            "Les %(months)s mois seront atteints le %(day)s, %(num)d rencontres de retard.",
            clock.late, **values,
        )  # fmt: skip
    if is_reached:
        return _("%(months)s mois atteints le %(day)s, sans retard.", **values)
    return _("Les %(months)s mois seront atteints le %(day)s, sans retard.", **values)

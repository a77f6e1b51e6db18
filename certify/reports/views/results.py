"""Pages of results: promotions side by side, one promotion, and the same as tables to take away."""

import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, g, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from certify.cohorts.models import Cohort
from certify.core import listing
from certify.core.access import Permission, requires
from certify.core.charts import Part, stacked_bars
from certify.core.db import db
from certify.core.i18n import gettext as _
from certify.reports import queries, statistics
from certify.reports.exporting.workbooks import opened_workbook, write_table
from certify.reports.services.exports import XLSX
from certify.reports.statistics import FEWEST, Promotion, Rate, Results

_CHARTED = 12
"""Promotions drawn at most: the table has them all."""


@requires(Permission.STATISTICS_READ)
def statistics_page() -> ResponseReturnValue:
    """Show the results of every promotion one may read."""
    found = statistics.promotions(db.session, queries.statistics_cohorts(g.actor))
    if request.args.get("format") in ("csv", "xlsx"):
        return _table(found, "resultats")
    return render_template(
        "reports/statistics.html", promotions=found, fewest=FEWEST, chart=_chart(found[:_CHARTED]),
        whole=statistics.together(one.results for one in found), frameworks=statistics.by_framework(found),
    )  # fmt: skip


@requires(Permission.STATISTICS_READ)
def cohort_statistics(cohort_id: uuid.UUID) -> ResponseReturnValue:
    """Show the results of one promotion."""
    cohort = queries.statistics_cohort(db.session, g.actor, cohort_id)
    one = queries.statistics_cohorts(g.actor).where(Cohort.id == cohort.id)
    promotion = statistics.promotions(db.session, one)[0]
    if request.args.get("format") in ("csv", "xlsx"):
        return _table([promotion], "resultats")
    may_open = cohort.training_body_id in g.actor.organisations(Permission.COHORT_READ)
    crumb = [(_("Promotion %(name)s", name=cohort.name), url_for("reports.cohort", cohort_id=cohort.id))]
    return render_template(
        "reports/cohort_statistics.html", promotion=promotion, fewest=FEWEST, crumbs=crumb if may_open else [],
        blocks=promotion.results.blocks(promotion.framework),
    )  # fmt: skip


def _chart(found: Sequence[Promotion]) -> str:
    drawn = [one for one in found if one.results.obtained.is_shown]
    rows = [(one.cohort.name, _parts(one.results)) for one in drawn]
    figures = " ".join(
        _(
            "%(cohort)s : %(obtained)s, %(partly)s et %(refused)s sur %(of)s.", cohort=one.cohort.name,
            obtained=one.results.obtained.done, partly=one.results.partly.done, refused=one.results.refused.done,
            of=one.results.obtained.of,
        )
        for one in drawn
    )  # fmt: skip
    title = _(
        "Certification obtenue, partiellement obtenue, refusée, de chaque promotion. %(figures)s", figures=figures
    )
    return stacked_bars(rows, title=title) if rows else ""


def _parts(results: Results) -> list[Part]:
    rates = ((results.obtained, "part-a"), (results.partly, "part-p"), (results.refused, "part-n"))
    return [Part(rate.percentage / 100, css_class) for rate, css_class in rates]


def _table(found: Sequence[Promotion], stem: str) -> ResponseReturnValue:
    columns = _columns()
    if request.args["format"] == "csv":
        headers = {"Content-Disposition": f"attachment; filename={stem}.csv"}
        return Response(listing.to_csv(found, columns), content_type="text/csv; charset=utf-8", headers=headers)
    out = io.BytesIO()
    with opened_workbook(out, _("Résultats")) as workbook:
        rows = [[read(one) for read in columns.values()] for one in found]
        write_table(workbook, _("Promotions"), list(columns), rows, [32, 32, 32, 14, 14, *([12] * (len(columns) - 5))])
        blocks = [
            [one.cohort.name, f"{rate.block.number} {rate.block.title.fr}", *_shown(rate.failed)]
            for one in found
            for rate in one.results.blocks(one.framework)
        ]
        head = [_("Promotion"), _("Bloc"), _("Non acquis ou en partie"), _("Décidés"), _("Pour cent")]
        write_table(workbook, _("Blocs"), head, blocks, [32, 60, 16, 12, 12])
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=f"{stem}.xlsx")


def _shown(rate: Rate) -> list[Any]:
    return [rate.done, rate.of, round(rate.percentage, 1)] if rate.is_shown else ["", rate.of, ""]


def _columns() -> Mapping[str, Callable[[Promotion], Any]]:
    def count(name: str) -> Callable[[Promotion], Any]:
        return lambda one: _shown(getattr(one.results, name))[0]

    def share(name: str) -> Callable[[Promotion], Any]:
        return lambda one: _shown(getattr(one.results, name))[2]

    def quartile(n: int) -> Callable[[Promotion], Any]:
        return lambda one: round(one.results.durations.quartiles[n]) if one.results.durations.is_shown else ""

    return {
        _("Promotion"): lambda one: one.cohort.name,
        _("Organisme de formation"): lambda one: one.training_body,
        _("Référentiel"): lambda one: f"{one.framework.code} {one.framework.version}",
        _("Début"): lambda one: one.cohort.starts_on.isoformat(),
        _("Fin"): lambda one: one.cohort.ends_on.isoformat(),
        _("Inscrits"): lambda one: one.results.enrolled,
        _("Abandons"): lambda one: one.results.withdrawn,
        _("Présentés"): lambda one: one.results.presented.done,
        _("Obtenue"): count("obtained"),
        _("Obtenue, pour cent des présentés"): share("obtained"),
        _("Partiellement obtenue"): count("partly"),
        _("Refusée"): count("refused"),
        _("Ajournés"): lambda one: one.results.adjourned,
        _("Durée médiane, en jours"): quartile(1),
        _("Premier quartile, en jours"): quartile(0),
        _("Troisième quartile, en jours"): quartile(2),
    }

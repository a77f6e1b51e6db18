"""The teacher's page of a course: its cohort, its people, its links, its grades."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.core import clock, listing
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.i18n import ngettext
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.lti import launched, wording
from certify.lti.forms import TARGETS, CohortChoiceForm, NewCohortForm, PersonNameForm
from certify.lti.models import Context, RosterState
from certify.lti.queries import choosing, grades
from certify.lti.queries import courses as queries
from certify.lti.queries import rosters as roster_queries
from certify.lti.queries.launches import Visit
from certify.lti.services import courses, people, rosters
from certify.organisations.mails import role_name

_A_YEAR = timedelta(days=365)
_EVERYBODY = 100_000
_PREVIEWED = 200
WHO = {
    "trainees": _l("Stagiaires"),
    "staff": _l("Équipe"),
    "nothing": _l("Sans rôle ici"),
    "nameless": _l("Sans nom"),
    "left": _l("Partis du cours"),
}


def _course() -> tuple[Visit, Context]:
    """Return the visit and its course, for somebody who teaches in it."""
    visit = launched.current()
    if visit.context is None or visit.registration.organisation_id not in g.actor.organisations(
        Permission.LTI_COURSE_TEACH
    ):
        raise NotFound
    return visit, visit.context


@requires(Permission.LTI_COURSE_TEACH)
def course() -> ResponseReturnValue:
    """Show the course: which cohort it stands for, who is in it, what its links open, how its grades do."""
    visit, context = _course()
    return _page(visit, context)


def _page(visit: Visit, context: Context, **forms: Any) -> ResponseReturnValue:
    wanted = Wanted.from_args(own_address(), request.args, filters=("who",))
    is_csv = request.args.get("format") == "csv"
    found = queries.people(db.session, context, wanted, per_page=_EVERYBODY if is_csv else listing.PER_PAGE)
    rows = [queries.Person(*row) for row in found.rows]
    if is_csv:
        headers = {"Content-Disposition": 'attachment; filename="cours.csv"'}
        return Response(listing.to_csv(rows, _columns()), content_type="text/csv; charset=utf-8", headers=headers)
    page = render_template(
        "lti/course/show.html", visit=visit, context=context, listing=found, rows=rows, who=WHO, role_name=role_name,
        cohort=queries.cohort_of(db.session, context), counts=queries.counts(db.session, context), targets=TARGETS,
        links=queries.links(db.session, context), read=roster_queries.latest_read(db.session, context.id),
        states=RosterState, words_of=wording.of_unreachable, summary=grades.summary(db.session, context),
        **(forms or _cohort_forms(visit, context)),
    )  # fmt: skip
    return page, 422 if forms else 200


def _cohort_forms(visit: Visit, context: Context, **given: Any) -> dict[str, Any]:
    offered = choosing.cohorts_offered(db.session, g.actor, visit)
    copied = choosing.cohort_copied(db.session, visit, offered)
    today, name = clock.today(), context.title or context.label
    chosen = context.cohort_id or (copied.id if copied else None)
    forms = {
        "choice": CohortChoiceForm(None, cohorts=offered, data={"cohort_id": chosen}),
        "new": NewCohortForm(None, data={"name": name[:120], "starts_on": today, "ends_on": today + _A_YEAR}),
    }
    return {
        "copied": copied,
        "original": queries.original_of(db.session, context),
        "version": choosing.version_for_new_cohorts(db.session, visit.registration.organisation_id),
        **forms,
        **given,
    }


def _columns() -> Mapping[str, Callable[[queries.Person], Any]]:
    return {
        _("Nom"): lambda row: row.user.name,
        _("Adresse électronique"): lambda row: row.user.address,
        _("Rôle"): lambda row: role_name(row.member.role) if row.member.role else "",
        _("Dans le cours depuis"): lambda row: row.member.joined_at.date(),
        _("Dernière ouverture"): lambda row: row.member.launched_at.date() if row.member.launched_at else "",
        _("Parti·e du cours le"): lambda row: row.member.left_at.date() if row.member.left_at else "",
    }


@requires(Permission.LTI_COURSE_TEACH)
def link_cohort() -> ResponseReturnValue:
    """Say which cohort the course stands for: one that exists, or a new one."""
    visit, context = _course()
    is_new = request.form.get("step") == "create"
    form: Any = (
        NewCohortForm() if is_new else CohortChoiceForm(cohorts=choosing.cohorts_offered(db.session, g.actor, visit))
    )
    if form.validate():
        with form.showing_refusals():
            cohort = (
                courses.create_cohort(db.session, g.actor, visit, **form.values())
                if is_new
                else courses.link_cohort(db.session, g.actor, visit, form.cohort_id.data)
            )
            flash(_("Ce cours est relié à la promotion « %(name)s ».", name=cohort.name), "success")
            return redirect(url_for("lti.course"), code=303)
    return _page(visit, context, **_cohort_forms(visit, context, **{"new" if is_new else "choice": form}))


@requires(Permission.LTI_COURSE_TEACH)
def read_roster() -> ResponseReturnValue:
    """Have the members of the course read from its platform."""
    visit, context = _course()
    read = rosters.want(db.session, g.actor, visit.registration.organisation_id, context)
    return redirect(url_for("lti.roster", read_id=read.id), code=303)


@requires(Permission.LTI_COURSE_TEACH)
def roster(read_id: uuid.UUID) -> ResponseReturnValue:
    """Show how far the reading of a roster is, then what it would change."""
    visit, context = _course()
    read = roster_queries.read_of(db.session, context, read_id)
    preview = None
    if read.state is RosterState.READY:
        preview = roster_queries.preview(db.session, visit.registration, context, read)
    return render_template(
        "lti/course/roster.html", visit=visit, context=context, read=read, preview=preview, states=RosterState,
        changes=roster_queries.Change, role_name=role_name, words_of=wording.of_unreachable, shown=_PREVIEWED,
        cohort=queries.cohort_of(db.session, context),
    )  # fmt: skip


@requires(Permission.LTI_COURSE_TEACH)
def apply_roster(read_id: uuid.UUID) -> ResponseReturnValue:
    """Make the course what its roster says."""
    _visit, context = _course()
    done = rosters.apply(db.session, g.actor, roster_queries.read_of(db.session, context, read_id))
    flash(
        ngettext("Une personne a rejoint le cours.", "%(num)d personnes ont rejoint le cours.", done.joined)
        + (
            " "
            + ngettext(
                "%(num)d inscription dans la promotion.", "%(num)d inscriptions dans la promotion.", done.enrolled
            )
            if done.enrolled
            else ""
        ),
        "success",
    )
    return redirect(url_for("lti.course"), code=303)


@requires(Permission.LTI_COURSE_TEACH)
def rename(member_id: uuid.UUID) -> ResponseReturnValue:
    """Give a name to somebody whom the platform does not name."""
    visit, context = _course()
    member = queries.member_of(db.session, context, member_id)
    form = PersonNameForm()
    if form.validate():
        with form.showing_refusals():
            user = people.rename(
                db.session, g.actor, member, form.given_name.data or "", form.family_name.data or "",
                organisation_id=visit.registration.organisation_id,
            )  # fmt: skip
            flash(_("Cette personne s’appelle maintenant « %(name)s ».", name=user.name), "success")
            return redirect(url_for("lti.course"), code=303)
    page = render_template("lti/course/rename.html", form=form, member_id=member_id)
    return page, 422

"""Placing links in a course: which cohort it stands for, what the links open, and the answer to the platform."""

from datetime import timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from certify.cohorts.models import Cohort
from certify.core import clock
from certify.core.access import Permission, requires
from certify.core.db import db
from certify.core.errors import Forbidden, NotFound
from certify.core.i18n import current_locale, force_locale
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.frameworks.queries import framework_of
from certify.lti import launched, marks
from certify.lti.addresses import fault_of, origin_of
from certify.lti.forms import TARGETS, CohortChoiceForm, LinksForm, NewCohortForm
from certify.lti.models import Target
from certify.lti.protocol.deeplinks import DeepLinkingSettings
from certify.lti.queries import choosing as queries
from certify.lti.queries.launches import Visit
from certify.lti.services import courses, deep_linking
from certify.lti.services.deep_linking import Answer
from certify.settings import Settings

_A_YEAR = timedelta(days=365)
_LONGEST = 4000


@requires(Permission.LTI_COURSE_TEACH)
def choose() -> ResponseReturnValue:
    """Have a teacher choose a cohort, then what is placed in the course, and answer the platform with it."""
    visit, accepted = _asked()
    if visit.launch.answered_at is not None:
        return _answered(visit)
    if visit.context is None:
        return render_template("lti/waiting.html", visit=visit)
    step = request.form.get("step", "")
    if step == "link":
        return _link(visit)
    if step == "create":
        return _create(visit)
    return _choose_links(visit, accepted) if visit.context.cohort_id else _show_cohorts(visit)


@requires(Permission.LTI_COURSE_TEACH)
def cancel_choice() -> ResponseReturnValue:
    """Tell the platform that nothing is to be placed."""
    visit, _accepted = _asked()
    if visit.launch.answered_at is not None:
        return _answered(visit)
    return _send(visit, deep_linking.give_up(db.session, _settings(), visit))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _asked() -> tuple[Visit, DeepLinkingSettings]:
    """Return the visit and what its platform takes back, for somebody who teaches in its organisation."""
    visit = launched.current()
    accepted = deep_linking.settings_of(visit.launch)
    if visit.registration.organisation_id not in g.actor.organisations(Permission.LTI_COURSE_TEACH):
        raise NotFound
    # The platform signed this address: it is refused only where what we send could be read on the way.
    if fault_of(accepted.return_url, allow_insecure=_settings().lti_allow_insecure, longest=_LONGEST) is not None:
        raise Forbidden(
            _l(
                "L’adresse à laquelle votre plateforme attend la réponse n’est pas sûre : elle est refusée. "
                "Prévenez la personne qui l’administre."
            )
        )
    return visit, accepted


def _answered(visit: Visit) -> ResponseReturnValue:
    return render_template("lti/answered.html", back=visit.launch.return_url), 409


def _link(visit: Visit) -> ResponseReturnValue:
    form = CohortChoiceForm(cohorts=queries.cohorts_offered(db.session, g.actor, visit))
    if form.validate():
        with form.showing_refusals():
            cohort = courses.link_cohort(db.session, g.actor, visit, form.cohort_id.data)
            flash(_("Ce cours est relié à la promotion « %(name)s ».", name=cohort.name), "success")
            return redirect(url_for("lti.choose"), code=303)
    return _show_cohorts(visit, choice=form)


def _create(visit: Visit) -> ResponseReturnValue:
    form = NewCohortForm()
    if form.validate():
        with form.showing_refusals():
            cohort = courses.create_cohort(db.session, g.actor, visit, **form.values())
            flash(_("La promotion « %(name)s » est ouverte et reliée à ce cours.", name=cohort.name), "success")
            return redirect(url_for("lti.choose"), code=303)
    return _show_cohorts(visit, new=form)


def _show_cohorts(
    visit: Visit, choice: CohortChoiceForm | None = None, new: NewCohortForm | None = None
) -> ResponseReturnValue:
    offered = queries.cohorts_offered(db.session, g.actor, visit)
    copied = queries.cohort_copied(db.session, visit, offered)
    today = clock.today()
    course = visit.context.title or visit.context.label if visit.context else ""
    page = render_template(
        "lti/choose_cohort.html",
        visit=visit,
        copied=copied,
        choice=choice or CohortChoiceForm(None, cohorts=offered, data={"cohort_id": copied.id if copied else None}),
        new=new or NewCohortForm(None, data={"name": course[:120], "starts_on": today, "ends_on": today + _A_YEAR}),
        version=queries.version_for_new_cohorts(db.session, visit.registration.organisation_id),
    )
    return page, 422 if choice or new else 200


def _choose_links(visit: Visit, accepted: DeepLinkingSettings) -> ResponseReturnValue:
    assert visit.context is not None  # asked by the caller
    cohort = db.session.scalars(select(Cohort).where(Cohort.id == visit.context.cohort_id)).one()
    framework = framework_of(db.session, cohort.framework_version_id)
    parts = [(part, marks.name_of(framework, part, current_locale())) for part in marks.parts_of(framework)]
    form = LinksForm(parts=parts, data=_first_values(accepted)) if request.method == "GET" else LinksForm(parts=parts)
    if form.validate_on_submit():
        with form.showing_refusals():
            answer = deep_linking.place(db.session, _settings(), g.actor, visit, form.wanted())
            return _send(visit, answer)
    page = render_template(
        "lti/choose.html", visit=visit, cohort=cohort, form=form, accepted=accepted, opens=_opens(),
        made=queries.parts_with_a_column(db.session, visit.context), parts=dict(parts),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _first_values(accepted: DeepLinkingSettings) -> dict[str, Any]:
    """Return what the form begins with: titles in the language of the certification."""
    with force_locale("fr"):
        titles = {target.name.lower(): {"title": str(words)} for target, words in TARGETS.items()}
    return {"targets": [Target.LOGBOOK.value], **titles}


def _opens() -> dict[str, tuple[str, str]]:
    """Say what each link opens: for a trainee, for who teaches."""
    group = _("la promotion de ce cours")
    return {
        Target.LOGBOOK: (_("ses fiches d’activité et ses preuves"), group),
        Target.GROUP: (_("ses rencontres de groupe"), group),
        Target.REVIEWS: (_("ses fiches, et celles qui sont à reprendre"), _("les fiches qui attendent une relecture")),
        Target.PROGRESS: (_("son chemin dans le référentiel"), _("la progression de toute la promotion")),
        Target.SELF_ASSESSMENT: (_("sa grille d’auto-évaluation"), group),
        Target.CERTIFICATE: (_("ses certificats, une fois délivrés"), group),
    }


def _send(visit: Visit, answer: Answer) -> ResponseReturnValue:
    """Give the browser what it takes to the platform: by itself, or by a button."""
    g.form_targets = [origin_of(answer.return_url)]
    return render_template("lti/chosen.html", answer=answer, visit=visit)

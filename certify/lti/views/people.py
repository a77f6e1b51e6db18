"""People of platforms: who they are, and making one account of two."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certify.accounts.queries import own_account as account_of
from certify.core import clock, listing
from certify.core.access import SIGNED_IN, Permission, requires
from certify.core.db import db
from certify.core.errors import NotFound, VisitEnded
from certify.core.i18n import gettext as _
from certify.core.i18n import lazy as _l
from certify.core.listing import Wanted
from certify.core.templating import own_address
from certify.lti import launched
from certify.lti.forms import AccountForm
from certify.lti.queries import launches
from certify.lti.queries import people as queries
from certify.lti.queries.launches import Visit
from certify.lti.queries.people import Fate, Person
from certify.lti.services import merging
from certify.settings import Settings

_EVERYBODY = 100_000


def _outside() -> None:
    """Refuse a page of administration opened inside a course: a platform's word is not enough for it."""
    if g.get("launch") is not None:
        raise NotFound


@requires(Permission.LTI_IDENTITY_MERGE)
def people() -> ResponseReturnValue:
    """List the people known through platforms: which one, which courses, joined to an account or not."""
    _outside()
    wanted = Wanted.from_args(own_address(), request.args, filters=("account",))
    is_csv = request.args.get("format") == "csv"
    found = queries.people(db.session, g.actor, wanted, per_page=_EVERYBODY if is_csv else listing.PER_PAGE)
    rows = [Person(*row) for row in found.rows]
    courses = queries.courses_of(db.session, [row.identity.id for row in rows])
    if is_csv:
        headers = {"Content-Disposition": 'attachment; filename="personnes.csv"'}
        content = listing.to_csv(rows, _columns(courses))
        return Response(content, content_type="text/csv; charset=utf-8", headers=headers)
    accounts = {queries.OWN: _("Compte de la plateforme"), queries.JOINED: _("Rattachées à un compte")}
    return render_template("lti/people/index.html", listing=found, rows=rows, courses=courses, accounts=accounts)


def _columns(courses: Mapping[uuid.UUID, list[str]]) -> Mapping[str, Callable[[Person], Any]]:
    return {
        _("Nom"): lambda row: row.user.name,
        _("Plateforme"): lambda row: row.registration.name,
        _("Adresse électronique"): lambda row: row.contact,
        _("Cours"): lambda row: ", ".join(courses.get(row.identity.id, [])),
        _("Connue depuis"): lambda row: row.identity.created_at.date(),
        _("Rattachée à un compte"): lambda row: _("non") if row.user.is_external else _("oui"),
    }


@requires(Permission.LTI_IDENTITY_MERGE)
def merge(identity_id: uuid.UUID) -> ResponseReturnValue:
    """Choose the account that a person of a platform is, see what moves, confirm."""
    _outside()
    person = queries.person_for(db.session, g.actor, identity_id)
    form, account, files = AccountForm(), None, []
    if person.user.is_external and form.validate_on_submit():
        with form.showing_refusals():
            account = queries.account_for(db.session, g.actor, form.email.data or "")
            files = queries.files_of(db.session, person.user, account)
    if account is not None and request.form.get("step") == "merge":
        merging.merge(db.session, g.actor, person.identity, account)
        flash(_("%(name)s : les deux comptes n’en font plus qu’un, celui de certify.", name=account.name), "success")
        return redirect(url_for("lti.people"), code=303)
    page = render_template(
        "lti/people/merge.html", person=person, form=form, account=account, files=files, fates=Fate,
        has_certificates=account is not None and queries.holds_certificates(db.session, person.user),
        courses=queries.courses_of(db.session, [person.identity.id])[person.identity.id],
    )  # fmt: skip
    return page, form.status_of_refusal if form.errors else 200


@requires(SIGNED_IN)
def own_account() -> ResponseReturnValue:
    """Leave the course for the page where an account of one's own is joined."""
    visit = launched.current()
    return redirect(f"{request.environ['certify.outer_root']}{_join_path(visit)}", code=303)


def _join_path(visit: Visit) -> str:
    return f"/lti/join/{visit.launch.public_id}"


@requires(SIGNED_IN)
def join(token: str) -> ResponseReturnValue:
    """Have somebody signed in say that they are the person who opened a course in this browser."""
    _outside()
    visit = _visit_of_this_browser(token)
    if not visit.user.is_external:
        return render_template("lti/people/joined.html", visit=visit, is_own=visit.user.id == g.actor.user_id)
    account = account_of(db.session, g.actor)
    if request.method == "POST":
        merging.join(db.session, g.actor, visit.identity)
        flash(
            _(
                "C’est fait : %(platform)s ouvre désormais votre compte. Rouvrez l’activité depuis votre cours.",
                platform=visit.registration.name,
            ),
            "success",
        )
        return redirect(url_for("pages.home"), code=303)
    return render_template(
        "lti/people/join.html", visit=visit, account=account, token=token, fates=Fate,
        files=queries.files_of(db.session, visit.user, account),
        has_certificates=queries.holds_certificates(db.session, visit.user),
    )  # fmt: skip


def _visit_of_this_browser(public_id: str) -> Visit:
    """Return a visit under way in a window of this very browser: a link passed on to somebody else opens nothing."""
    interface = current_app.session_interface
    assert isinstance(interface, launched.LaunchCookies)
    kept = interface.read(current_app, request, launched.WINDOW).get(launched.LAUNCHES, {}).get(public_id)
    settings: Settings = current_app.config["SETTINGS"]
    since = clock.now() - timedelta(hours=settings.lti_session_hours)
    found = launches.visit(db.session, public_id, uuid.UUID(kept), since) if kept else None
    if found is None or not found.is_open:
        raise VisitEnded(
            _l("Ouvrez d’abord l’activité depuis votre cours, puis choisissez « J’ai déjà un compte certify ».")
        )
    return found

"""Where a launch leads, and opening the same page in a window of its own."""

from datetime import timedelta

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from certify.accounts.policies import device_named
from certify.core import access, clock
from certify.core.access import PUBLIC, SIGNED_IN, Role, requires
from certify.core.db import db
from certify.core.errors import VisitEnded
from certify.core.i18n import current_locale
from certify.core.i18n import lazy as _l
from certify.lti import launched
from certify.lti.addresses import origin_of
from certify.lti.models import Target
from certify.lti.protocol.claims import Message, MessageType
from certify.lti.queries import launches as queries
from certify.lti.services import launching
from certify.lti.services.launching import Accepted
from certify.lti.services.placing import Place
from certify.settings import Settings

_STAFF = frozenset({Role.COORDINATOR, Role.TRAINER, Role.REFERENT})
_OWN_PAGES = {
    Target.LOGBOOK: "/logbook",
    Target.GROUP: "/groups",
    Target.REVIEWS: "/logbook",
    Target.PROGRESS: "/progress",
    Target.SELF_ASSESSMENT: "/self-assessment",
    Target.CERTIFICATE: "/my-certificates",
}
_WINDOW_LASTS = 8 * 3600


def address_of(accepted: Accepted, message: Message) -> str:
    """Return where a launch leads: the page its link names, in the part that the person plays."""
    return f"{request.script_root}/l/{accepted.public_id}{path_of(accepted.place, message)}"


def is_plain(place: Place) -> bool:
    """Whether the part that the platform gives says enough: the roles held in certify need not be looked at."""
    return place.role in _STAFF or place.is_enrolled


def path_of(place: Place, message: Message) -> str:
    """Return the page that a launch leads to."""
    if message.type is MessageType.DATA_PRIVACY:
        return "/course/privacy"
    teaches = place.role in _STAFF or (not place.is_enrolled and _is_staff(place))
    if message.type is MessageType.DEEP_LINKING:
        return "/course/choose" if teaches and place.role is not Role.REFERENT else "/course/waiting"
    if message.type is MessageType.SUBMISSION_REVIEW:
        return "/course/review"
    if teaches:
        return _staff_path(place)
    if not place.is_enrolled:
        return "/course/waiting"
    return _OWN_PAGES[place.target or Target.LOGBOOK]


def _is_staff(place: Place) -> bool:
    """Whether the person, whatever the platform calls them, teaches in the organisation by a role held in certify."""
    held = access.load_grants(db.session, place.user_id)
    return any(grant.role in _STAFF and grant.scope_id == place.organisation_id for grant in held)


def _staff_path(place: Place) -> str:
    if place.context_id is None:
        return "/course/waiting"
    if place.cohort_id is not None and place.target is Target.REVIEWS:
        return "/reviews"
    if place.cohort_id is not None and place.target is Target.PROGRESS:
        return f"/cohorts/{place.cohort_id}"
    return "/course"


@requires(SIGNED_IN)
def review() -> ResponseReturnValue:
    """Open the work a submission review is about: its trainee's record, or one's own."""
    visit = launched.current()
    about = queries.enrolment_about(db.session, visit)
    if about is None:
        return render_template("lti/waiting.html", visit=visit)
    own = about.user_id == g.actor.user_id
    page = url_for("reports.own_progress") if own else url_for("reports.trainee", enrolment_id=about.id)
    return redirect(page, code=303)


@requires(SIGNED_IN)
def privacy() -> ResponseReturnValue:
    """Tell what certify keeps of the people of a platform, and whom to ask."""
    return render_template("lti/privacy.html", visit=launched.current())


@requires(PUBLIC)
def window() -> ResponseReturnValue:
    """Open in a window of its own what a frame shows: a token of the frame's page says who asks."""
    public_id, path = _asked_window()
    settings: Settings = current_app.config["SETTINGS"]
    since = clock.now() - timedelta(hours=settings.lti_session_hours)
    visit = queries.visit_in_use(db.session, public_id, since)
    # A page of another site could otherwise sign its visitor in as somebody else.
    ours = (origin_of(request.host_url), origin_of(settings.public_url))
    if visit is None or request.headers.get("Origin") not in ours:
        raise VisitEnded(_l("Cette visite a pris fin. Retournez dans votre cours et rouvrez l’activité."))
    launch = launching.open_window(db.session, visit, device=device_named(request.headers.get("User-Agent", "")))
    answer = redirect(f"{request.script_root}/l/{launch.public_id}{path}", code=303)
    assert isinstance(answer, Response)  # narrows werkzeug's type
    assert launch.user_session_id is not None  # narrows the column's type
    launched.remember(
        answer, is_framed=False, public_id=launch.public_id, session_id=launch.user_session_id, locale=current_locale()
    )
    return answer


def window_token(path: str = "") -> str:
    """Return what lets the page being shown, or another of the course, open in a window of its own."""
    return _serializer().dumps([launched.current().launch.public_id, path or request.full_path.rstrip("?")])


def _asked_window() -> tuple[str, str]:
    try:
        public_id, path = _serializer().loads(request.form.get("token", ""), max_age=_WINDOW_LASTS)
    except BadSignature as error:
        raise VisitEnded(
            _l("Cette page est restée ouverte trop longtemps. Rouvrez l’activité depuis votre cours.")
        ) from error
    return public_id, path


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="lti-window")

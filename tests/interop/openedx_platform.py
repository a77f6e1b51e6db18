"""Open edX's own LTI platform, run as a program: its Django application, without the rest of Open edX around it.

What the LMS would provide (courses, people, blocks of content, the gradebook) is put in its place through the one
module where lti_consumer asks for it. It is told by the environment: PORT, TOOL (address of the tool, which knows this
platform under the client identifier `certify-openedx`), FOLDER (where its database is) and AGS (`programmatic`, where
the tool makes columns, or `declarative`, where the platform has one ready).
"""

import os
import sys
import types
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

PORT = int(os.environ["PORT"])
URL = f"http://localhost:{PORT}"
TOOL = os.environ["TOOL"]
CLIENT_ID = "certify-openedx"
COURSE = "course-v1:maisons+M1000+2026"
BLOCK = "block-v1:maisons+M1000+2026+type@lti_consumer+block@carnet"
SERVICES = f"{URL}/api/lti_consumer/v1"


def configure():
    """Set Django up as Open edX does, as far as its LTI application looks."""
    routes = types.ModuleType("openedx_routes")
    routes.urlpatterns = []
    sys.modules["openedx_routes"] = routes
    settings.configure(
        SECRET_KEY="of no worth to anybody",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="openedx_routes",
        USE_TZ=True,
        PLATFORM_NAME="Open edX",
        LMS_ROOT_URL=URL,
        LTI_BASE=URL,
        LTI_API_BASE=URL,
        LEARNING_MICROFRONTEND_URL=URL,
        USAGE_ID_PATTERN=r"(?P<usage_id>[^/]+)",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        FEATURES={},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "rest_framework",
            "waffle",
            "config_models",
            "lti_consumer",
        ],
        # The cache asks who is signed in, so it comes after.
        MIDDLEWARE=[
            "crum.CurrentRequestUserMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "edx_django_utils.cache.middleware.RequestCacheMiddleware",
            "edx_django_utils.cache.middleware.TieredCacheMiddleware",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(os.environ["FOLDER"]) / "openedx.sqlite3"),
                "OPTIONS": {"timeout": 20},
            }
        },
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": []},
            }
        ],
    )
    django.setup()
    return routes


class Lms:
    """What Open edX would know: one block of content in one course, its people, a gradebook."""

    def __init__(self, block_key):
        self.gradebook = []
        self.people = {
            number: {
                "id": number,
                "username": f"compte{number}",
                "email": f"compte{number}@lms.example",
                "name": f"Formatrice {number}" if number == 1 else f"Stagiaire {number:02}",
                "roles": ["instructor"] if number == 1 else ["student"],
            }
            for number in range(1, 8)
        }
        self.block = Block(block_key, self.gradebook)

    def take_the_place_of(self, compat):
        """Answer what lti_consumer asks of the LMS."""
        compat.load_enough_xblock = lambda _location: self.block
        compat.load_block_as_user = lambda _location: self.block
        compat.save_xblock = lambda _block: None
        compat.get_user_from_external_user_id = lambda external: external
        compat.user_has_studio_write_access = lambda *_arguments, **_options: True
        compat.get_course_members = lambda _course: {number: dict(person) for number, person in self.people.items()}
        compat.merge_course_forum_roles = lambda *_arguments, **_options: None
        compat.nrps_pii_disallowed = lambda: False
        compat.batch_get_or_create_externalids = lambda _users: {
            number: types.SimpleNamespace(external_user_id=external_id(number)) for number in self.people
        }


class Block:
    """The block of content that is the link to the tool."""

    weight = 100
    display_name = "Mon carnet"
    start = None
    due = None
    has_score = True
    accept_grades_past_due = True
    lti_1p3_passport_id = None
    context_id = COURSE

    def __init__(self, key, gradebook):
        self.scope_ids = types.SimpleNamespace(usage_id=key)
        self._gradebook = gradebook

    def is_past_due(self):
        return False

    def max_score(self):
        return self.weight

    def set_user_module_score(self, user, score, maximum, comment=""):
        self._gradebook.append({"user": str(user), "score": score, "maximum": maximum, "comment": comment})


def external_id(number):
    """Return how the tool knows a person."""
    return f"externe-{number}"


def installed(block_key):
    """Make the platform's registration of the tool."""
    from lti_consumer.models import Lti1p3Passport, LtiConfiguration

    passport = Lti1p3Passport.objects.create(
        name="certify", lti_1p3_tool_keyset_url=f"{TOOL}/.well-known/jwks.json", lti_1p3_client_id=CLIENT_ID
    )
    configuration = LtiConfiguration(
        version="lti_1p3",
        config_store="CONFIG_ON_DB",
        location=block_key,
        lti_1p3_passport=passport,
        lti_1p3_oidc_url=f"{TOOL}/lti/login",
        lti_1p3_launch_url=f"{TOOL}/lti/launch",
        lti_1p3_redirect_uris=[f"{TOOL}/lti/launch"],
        lti_advantage_enable_nrps=True,
        lti_advantage_deep_linking_enabled=True,
        lti_advantage_deep_linking_launch_url=f"{TOOL}/lti/launch",
        lti_advantage_ags_mode=os.environ.get("AGS", "programmatic"),
    )
    configuration.save()
    return passport, configuration


def views(lms, passport, configuration, block_key):
    """Return the pages of the LMS around the LTI application: where a launch starts, what came of it."""
    from django.http import HttpResponseRedirect, JsonResponse
    from lti_consumer.api import get_lti_1p3_launch_start_url
    from lti_consumer.data import Lti1p3LaunchData
    from lti_consumer.models import LtiAgsLineItem, LtiAgsScore, LtiDlContentItem

    def start(request):
        number = int(request.GET["user"])
        person = lms.people[number]
        data = Lti1p3LaunchData(
            user_id=number,
            external_user_id=external_id(number),
            user_role=person["roles"][0],
            config_id=configuration.config_id,
            resource_link_id=str(block_key),
            preferred_username=person["username"],
            name=person["name"],
            email=person["email"],
            launch_presentation_document_target="iframe",
            message_type=request.GET.get("message", "LtiResourceLinkRequest"),
            context_id=COURSE,
            context_type=["course_offering"],
            context_title="Accompagner les 1000 premiers jours",
            context_label="M1000",
        )
        return HttpResponseRedirect(get_lti_1p3_launch_start_url(data))

    def registration(_request):
        return JsonResponse(
            {
                "issuer": URL,
                "client_id": CLIENT_ID,
                "deployment_id": "1",
                "authorization_url": f"{SERVICES}/launch/",
                "token_url": f"{SERVICES}/token/{passport.passport_id}",
                "jwks_url": f"{SERVICES}/public_keysets/{passport.passport_id}",
            }
        )

    def kept(_request):
        items, columns, scores = LtiDlContentItem.objects, LtiAgsLineItem.objects, LtiAgsScore.objects
        return JsonResponse(
            {
                "items": [{"type": item.content_type, **item.attributes} for item in items.order_by("id")],
                "columns": list(columns.order_by("id").values("label", "tag", "resource_id", "score_maximum")),
                "scores": list(
                    scores.order_by("id").values("user_id", "score_given", "score_maximum", "grading_progress")
                ),
                "gradebook": lms.gradebook,
            }
        )

    return start, registration, kept


class Server(ThreadingMixIn, WSGIServer):
    """Answers requests side by side: a launch has the tool ask for keys meanwhile."""

    daemon_threads = True


class Handler(WSGIRequestHandler):
    """Answers without a word in the log."""

    def log_message(self, *_arguments):
        """Keep quiet."""


def main():
    """Serve the platform."""
    routes = configure()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    call_command("migrate", run_syncdb=True, verbosity=0)
    from lti_consumer.plugin import compat
    from lti_consumer.plugin import views as lti_views
    from opaque_keys.edx.keys import UsageKey

    block_key = UsageKey.from_string(BLOCK)
    lms = Lms(block_key)
    lms.take_the_place_of(compat)
    lti_views.get_lti_pii_sharing_state_for_course = lambda _course: True
    start, registration, kept = views(lms, *installed(block_key), block_key)
    routes.urlpatterns += [
        path("api/", include(("lti_consumer.plugin.urls", "lti_consumer"))),
        path("start", start),
        path("registration", registration),
        path("kept", kept),
    ]
    make_server("127.0.0.1", PORT, get_wsgi_application(), Server, Handler).serve_forever()


if __name__ == "__main__":
    main()

"""OpenLearning's LTI platform library, lti1p3platform, run as a program behind a few pages of Flask.

The library is abstract: what it stores (one course, its people, columns, scores, items chosen) is here, in memory. It
is told by the environment: PORT, and TOOL (address of the tool, which knows this platform under the client identifier
`certify-openlearning`).
"""

import json
import os
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Flask, Response, abort, jsonify, redirect, request
from lti1p3platform.exceptions import LineItemNotFoundException, LtiException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService
from markupsafe import escape
from werkzeug.serving import make_server

PORT = int(os.environ["PORT"])
URL = f"http://localhost:{PORT}"
TOOL = os.environ["TOOL"]
CLIENT_ID = "certify-openlearning"
COURSE = Context(id="cours-1", label="M1000", title="Accompagner les 1000 premiers jours")
ROLES = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
DATA = "à rendre tel quel : \"<&>' +%20"

PEOPLE = {
    "u1": ("Formatrice A", f"{ROLES}Instructor"),
    "u2": ("Stagiaire 02", f"{ROLES}Learner"),
    "u3": ("Stagiaire 03", f"{ROLES}Learner"),
}
COLUMNS = {}
SCORES = []
ITEMS = []
STARTED = {}


def made_keys():
    """Return a private key and its public half, as the library wants them."""
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


PRIVATE, PUBLIC = made_keys()


class Platform(LTI1P3PlatformConfAbstract):
    """What the platform knows of the tool."""

    def init_platform_config(self, **_options):
        self._registration = (
            Registration()
            .set_iss(URL)
            .set_client_id(CLIENT_ID)
            .set_deployment_id("1")
            .set_launch_url(f"{TOOL}/lti/launch")
            .set_deeplink_launch_url(f"{TOOL}/lti/launch")
            .set_oidc_login_url(f"{TOOL}/lti/login")
            .set_tool_key_set_url(f"{TOOL}/.well-known/jwks.json")
            .set_platform_public_key(PUBLIC)
            .set_platform_private_key(PRIVATE)
        )

    def get_registration_by_params(self, **_options):
        return self._registration


class Login(OIDCLoginAbstract):
    """The start of a launch."""

    def set_lti_message_hint(self, *, hint):
        self._lti_message_hint = hint

    def get_redirect(self, url):
        return redirect(url)


class Launch(LTIAdvantageMessageLaunchAbstract):
    """A launch, or a deep linking dialogue."""

    def get_preflight_response(self):
        return (request.form if request.method == "POST" else request.args).to_dict()

    def prepare_launch(self, preflight, **_options):
        message = STARTED.pop(preflight["lti_message_hint"], None) or abort(404)
        name, role = PEOPLE[preflight["login_hint"]]
        user = preflight["login_hint"]
        self.set_user_data(user, [role], full_name=name, email_address=f"{user}@lms.example")
        self.set_resource_link_claim("lien-1", title="Mon carnet")
        self.set_launch_context_claim(
            COURSE.id, ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"], COURSE.title, COURSE.label
        )
        self.set_launch_presentation_claim("iframe", f"{URL}/back")
        self.set_nrps(f"{URL}/members")
        self.set_ags(f"{URL}/columns", None)
        if message == "LtiDeepLinkingRequest":
            self.set_dl(f"{URL}/chosen", "Ajouter", "Choisir ce que le lien ouvre", {"ltiResourceLink"}, DATA)

    def render_launch_form(self, launch, **_options):
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(launch[name])}">' for name in ("id_token", "state")
        )
        action = escape(launch["launch_url"])
        return f'<form id="launch" action="{action}" method="post">{fields}<button>Ouvrir</button></form>'


class Gradebook(AssignmentsGradesService):
    """Columns and scores."""

    def find_lineitems(self, page=1, limit=None, **filters):
        names = {"resource_id": "resourceId", "resource_link_id": "resourceLinkId", "tag": "tag"}
        wanted = {names[name]: value for name, value in filters.items() if name in names}
        found = [
            column for column in COLUMNS.values() if all(column.get(name) == value for name, value in wanted.items())
        ]
        return {"content": found, "has_next": False}

    def find_lineitem(self, line_item_id):
        if line_item_id not in COLUMNS:
            raise LineItemNotFoundException
        return COLUMNS[line_item_id]

    def create_lineitem(self, creation_data):
        number = str(len(COLUMNS) + 1)
        COLUMNS[number] = {**creation_data, "id": f"{URL}/columns/{number}"}
        return COLUMNS[number]

    def update_lineitem(self, update_data):
        number = update_data["id"]
        COLUMNS[number] = {**self.find_lineitem(number), **update_data, "id": f"{URL}/columns/{number}"}
        return COLUMNS[number]

    def delete_lineitem(self, line_item_id):
        del COLUMNS[line_item_id]

    def update_score(self, line_item_id, score):
        self.find_lineitem(line_item_id)
        last = [kept for kept in SCORES if (kept["column"], kept["userId"]) == (line_item_id, score["userId"])]
        if last and last[-1]["timestamp"] >= score["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        SCORES.append({**score, "column": line_item_id})
        return UpdateScoreStatus.CREATED

    def get_results(self, line_item_id, page=1, limit=None, user_id=None):
        lasts = {kept["userId"]: kept for kept in SCORES if kept["column"] == line_item_id}
        found = [
            {
                "id": f"{URL}/columns/{line_item_id}/results/{user}",
                "userId": user,
                "resultScore": kept["scoreGiven"],
                "resultMaximum": kept["scoreMaximum"],
            }
            for user, kept in lasts.items()
            if user_id in {None, user}
        ]
        return {"content": found, "has_next": False}


class Roster(NamesRoleProvisioningService):
    """The members of the course."""

    def get_member_data_page(self, page=1, limit=None, **_filters):
        members = [{"user_id": user, "name": name, "roles": [role]} for user, (name, role) in PEOPLE.items()]
        return {"content": members, "has_next": False}

    def get_context_by_id(self):
        return COURSE

    def is_resource_link_valid(self, context_id, resource_link_id):
        return (context_id, resource_link_id) == (COURSE.id, "lien-1")


class Asked(Request):
    """What the library reads of a request."""

    def build_metadata(self, asked):
        return {
            "method": asked.method,
            "form_data": asked.form.to_dict(),
            "get_data": asked.args.to_dict(),
            "headers": dict(asked.headers),
            "content_type": asked.content_type,
            "path": asked.path,
            "json": asked.get_json(force=True, silent=True),
        }


app = Flask(__name__)


def answered(made):
    """Return what the library answers as Flask does it."""
    body = made.result
    if isinstance(body, dict) and "content" in body:
        body = body["content"]
    content_type = getattr(made, "media_type", None) or "application/json"
    return Response("" if body is None else json.dumps(body), made.code, content_type=content_type)


def gradebook():
    """Return the gradebook, about to answer this request."""
    return Gradebook(Asked(request), Platform(), f"{URL}/columns")


@app.get("/registration")
def registration():
    return {
        "issuer": URL,
        "client_id": CLIENT_ID,
        "deployment_id": "1",
        "authorization_url": f"{URL}/authorize",
        "token_url": f"{URL}/token",
        "jwks_url": f"{URL}/keys",
    }


@app.get("/kept")
def kept():
    return {"items": ITEMS, "columns": list(COLUMNS.values()), "scores": SCORES}


@app.get("/start")
def start():
    hint = secrets.token_hex(8)
    STARTED[hint] = request.args.get("message", "LtiResourceLinkRequest")
    login = Login(request, Platform())
    login.set_lti_message_hint(hint=hint)
    return login.initiate_login(request.args["user"])


@app.get("/keys")
def keys():
    return jsonify(Platform().get_jwks())


@app.route("/authorize", methods=["GET", "POST"])
def authorize():
    return Launch(request, Platform()).lti_launch()


@app.post("/token")
def token():
    try:
        return Platform().get_access_token(request.form.to_dict())
    except LtiException as error:
        return {"error": "invalid_client", "error_description": str(error)}, 400


@app.post("/chosen")
def chosen():
    ITEMS.extend(Platform().validate_deeplinking_resp(request.form.to_dict()))
    return "<!doctype html><title>Ajouté</title><h1>Ajouté</h1>"


@app.route("/columns", methods=["GET", "POST"])
def columns():
    service = gradebook()
    act = service.handle_create_lineitem if request.method == "POST" else service.handle_get_lineitems
    return answered(service.handle_resp(act))


@app.route("/columns/<number>", methods=["GET", "PUT", "DELETE"])
def column(number):
    service = gradebook()
    act = {
        "GET": service.handle_get_lineitem,
        "PUT": service.handle_update_lineitem,
        "DELETE": service.handle_delete_lineitem,
    }[request.method]
    return answered(service.handle_resp(act, line_item_id=number))


@app.post("/columns/<number>/scores")
def scores(number):
    service = gradebook()
    return answered(service.handle_resp(service.handle_update_score, line_item_id=number))


@app.get("/columns/<number>/results")
def results(number):
    service = gradebook()
    return answered(service.handle_resp(service.handle_get_results, line_item_id=number))


@app.get("/members")
def members():
    service = Roster(Asked(request), Platform(), f"{URL}/members")
    return answered(service.handle_resp(service.handle_get_members))


if __name__ == "__main__":
    make_server("127.0.0.1", PORT, app, threaded=True).serve_forever()

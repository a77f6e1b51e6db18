"""A small tool built on pylti1p3next, run as a program: if it works with our platform, the platform speaks LTI.

Everything it does is asked over HTTP and answered in JSON, so that a test reads what the library made of the platform.
It is told by the environment: PORT, and PLATFORM, which holds the library's configuration.
"""

import json
import os
from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from flask import Flask, jsonify, request
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
    FlaskServiceConnector,
)
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.dynamic_registration import DynamicRegistration
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.tool_config import ToolConfDict
from werkzeug.serving import make_server

PORT = int(os.environ["PORT"])
PLATFORM = json.loads(os.environ["PLATFORM"])
URL = f"http://localhost:{PORT}"


class Memory:
    """What the library keeps between a login and a launch."""

    def __init__(self):
        self._values = {}

    def get(self, key):
        return self._values.get(key)

    def set(self, key, value, _seconds=None):
        self._values[key] = value


def configured():
    """Return the library's configuration with a key of our own."""
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    made = ToolConfDict({issuer: [client] for issuer, client in PLATFORM.items()})
    for issuer, client in PLATFORM.items():
        made.set_private_key(issuer, private.decode(), client_id=client["client_id"])
        made.set_public_key(issuer, public.decode(), client_id=client["client_id"])
    return made


app = Flask(__name__)
app.secret_key = "of no worth to anybody"
configuration = configured()
memory = FlaskCacheDataStorage(Memory())


def launched():
    """Return the launch that the address names."""
    return FlaskMessageLaunch.from_cache(
        request.args["launch"],
        FlaskRequest(),
        configuration,
        launch_data_storage=memory,
        service_connector_cls=FlaskServiceConnector,
    )


@app.errorhandler(Exception)
def failed(error):
    """Tell the test what the library refused."""
    return jsonify(refused=f"{type(error).__name__}: {error}"), 500


@app.get("/.well-known/jwks.json")
def keys():
    """Publish the key."""
    return jsonify(configuration.get_jwks())


@app.route("/lti/login", methods=["GET", "POST"])
def login():
    """Send the person to the platform."""
    opening = FlaskOIDCLogin(FlaskRequest(), configuration, launch_data_storage=memory)
    return opening.redirect(f"{URL}/lti/launch")


@app.post("/lti/launch")
def launch():
    """Take a launch."""
    taken = FlaskMessageLaunch(FlaskRequest(), configuration, launch_data_storage=memory)
    claims = taken.get_launch_data()
    return jsonify(
        launch=taken.get_launch_id(),
        claims=claims,
        is_deep_linking=taken.is_deep_link_launch(),
        is_review=taken.is_submission_review_launch(),
        is_teacher=taken.check_teacher_access(),
        has_roster=taken.has_nrps(),
        has_grades=taken.has_ags(),
    )


class Registering(DynamicRegistration):
    """What the tool says of itself to a platform that it registers with."""

    client_name = "Deuxième outil"
    get_initiate_login_uri = staticmethod(lambda: f"{URL}/lti/login")
    get_jwks_uri = staticmethod(lambda: f"{URL}/.well-known/jwks.json")
    get_redirect_uris = staticmethod(lambda: [f"{URL}/lti/launch"])
    get_target_link_uri = staticmethod(lambda: f"{URL}/lti/launch")
    get_domain = staticmethod(lambda: f"localhost:{PORT}")
    get_logo_uri = staticmethod(lambda: f"{URL}/logo.png")
    get_scopes = staticmethod(lambda: ["https://purl.imsglobal.org/spec/lti-ags/scope/score"])
    get_messages = staticmethod(lambda: [{"type": "LtiDeepLinkingRequest", "target_link_uri": f"{URL}/lti/launch"}])

    def get_openid_configuration_endpoint(self):
        return request.args["openid_configuration"]

    def get_registration_token(self):
        return request.args["registration_token"]

    def complete_registration(self, described, registered):
        return {"described": described, "registered": registered}


@app.get("/register")
def register():
    """Register with the platform that the address names."""
    return jsonify(Registering().register())


@app.get("/choose")
def choose():
    """Answer a deep linking dialogue with one item and its column."""
    column = LineItem()
    column.set_label("Bloc 1").set_score_maximum(20).set_tag("bloc-1").set_resource_id("grille")
    item = DeepLinkResource().set_title("Mon carnet").set_url(f"{URL}/lti/launch?to=logbook")
    item.set_custom_params({"item": "carnet"}).set_lineitem(column)
    return jsonify(jwt=launched().get_deep_link().get_response_jwt([item]))


@app.get("/members")
def members():
    """Read the roster, every page of it."""
    return jsonify(launched().get_nrps().get_members())


@app.get("/columns")
def columns():
    """Read the columns, every page of them."""
    return jsonify(list(launched().get_ags().get_lineitems()))


@app.get("/column")
def column():
    """Find or make the column of a tag, and send a score to it."""
    grades = launched().get_ags()
    wanted = LineItem()
    wanted.set_tag(request.args["tag"]).set_label("Bloc 2").set_score_maximum(10).set_resource_id("grille")
    made = grades.find_or_create_lineitem(wanted)
    grade = Grade()
    grade.set_score_given(float(request.args["score"])).set_score_maximum(20).set_comment("Acquis")
    grade.set_timestamp(datetime.now(UTC).isoformat(timespec="microseconds"))
    grade.set_activity_progress("Completed").set_grading_progress("FullyGraded").set_user_id(request.args["user"])
    grades.put_grade(grade, made)
    return jsonify(column=made.get_id(), results=list(grades.get_grades(made)))


if __name__ == "__main__":
    make_server("127.0.0.1", PORT, app, threaded=True).serve_forever()

"""In a browser, the platform holds a tool of another site in a frame, keeps values for it, and lets it close."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, redirect, request
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Response

from tests.services.live_server import LiveServer, served
from tests.services.lms import Platform, running_platform
from tests.services.lms.certificate import make_certificate

_LOGIN_THEN_LAUNCH = """<!doctype html><title>Outil</title><h1>{sub}</h1><p id="told"></p>
<script>
const target = new URL(location).searchParams.get("storage");
const frame = target && target !== "_parent" ? parent.frames[target] : parent;
const say = (message) => frame.postMessage(message, "{origin}");
addEventListener("message", (event) => {{
  if (event.data.subject === "lti.put_data.response") say({{ subject: "lti.get_data", message_id: "2", key: "state" }});
  if (event.data.subject === "lti.get_data.response") document.getElementById("told").textContent = event.data.value;
}});
if (target) say({{ subject: "lti.put_data", message_id: "1", key: "state", value: "gardé" }});
parent.postMessage({{ subject: "lti.frameResize", height: 777 }}, "{origin}");
</script>"""


def _tool(platform: Platform) -> Flask:
    app = Flask(__name__)

    @app.post("/lti/login")
    def login() -> Response:
        asked = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": platform.client_id,
            "redirect_uri": platform.tool.redirect_uris[0],
            "login_hint": request.form["login_hint"],
            "lti_message_hint": request.form["lti_message_hint"],
            "state": "s" * 32 + request.form.get("lti_storage_target", ""),
            "nonce": "n" * 32,
        }
        return redirect(f"{platform.authorization_url}?{urlencode(asked)}")

    @app.post("/lti/launch")
    def launch() -> Response:
        return redirect(f"/opened?{urlencode({'storage': request.form['state'][32:]})}", 303)

    @app.get("/opened")
    def opened() -> str:
        return _LOGIN_THEN_LAUNCH.format(sub="Ouvert", origin=platform.url)

    @app.get("/register")
    def register() -> str:
        message = '{ subject: "org.imsglobal.lti.close" }'
        return f'<title>Outil</title><script>parent.postMessage({message}, "{platform.url}")</script>'

    return app


@pytest.fixture
def tool(platform: Platform) -> Iterator[LiveServer]:
    """Give a tool in a browser, of another site than the platform's."""
    with served(_tool(platform)) as tool:
        platform.know(tool.url)
        yield tool


@pytest.mark.parametrize("storage", ["_parent", "lti_storage"])
def test_a_tool_in_a_frame_is_launched_and_keeps_a_value_with_the_platform(
    page: Page, platform: Platform, tool: LiveServer, storage: str
) -> None:
    page.goto(f"{platform.url}/course?{urlencode({'user': 4, 'link': platform.link.id, 'storage': storage})}")

    frame = page.frame_locator("#tool")
    expect(frame.locator("h1")).to_have_text("Ouvert")
    expect(frame.locator("#told")).to_have_text("gardé")
    expect(page.locator("#tool")).to_have_css("height", "777px")
    assert tool.url.startswith("http://127.0.0.1:")
    assert platform.refusals == []


def test_a_link_opens_in_a_window_of_its_own(page: Page, platform: Platform, tool: LiveServer) -> None:
    page.goto(f"{platform.url}/course?user=4")

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Ouvrir dans une fenêtre").click()

    expect(opened.value.locator("h1")).to_have_text("Ouvert")
    assert opened.value.url.startswith(tool.url)


def test_a_tool_that_registers_itself_closes_its_frame(page: Page, platform: Platform, tool: LiveServer) -> None:
    page.goto(f"{platform.url}/mod/lti/startltiadvregistration.php?{urlencode({'url': f'{tool.url}/register'})}")

    expect(page.locator("#state")).to_have_text("Terminé")


def test_a_platform_may_be_an_https_site(page: Page, tmp_path: Path) -> None:
    with running_platform(certificate=make_certificate(tmp_path)) as platform:
        context = page.context.browser.new_context(ignore_https_errors=True)  # type: ignore[union-attr]
        opened = context.new_page()
        opened.goto(f"{platform.url}/course")

        expect(opened.locator("h1")).to_have_text(platform.course.title)
        context.close()
    assert platform.url.startswith("https://localhost:")

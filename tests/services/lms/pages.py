"""What people see of the platform: courses with links, the tool in a frame, forms that send themselves."""

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, render_template_string, request

from tests.services.lms import markup
from tests.services.lms.refusals import refuse
from tests.services.lms.vocabulary import RESOURCE_LINK

if TYPE_CHECKING:
    from tests.services.lms.platform import Platform


def add_to(app: Flask, platform: "Platform") -> None:
    """Add the pages to the platform's application."""
    pages = Pages(platform)
    app.add_url_rule("/course", "course", pages.course)
    app.add_url_rule("/launch", "launch", pages.launch)
    app.add_url_rule("/storage", "storage", pages.storage)
    app.add_url_rule("/mod/lti/auth.php", "authorize", pages.authorize, methods=["GET", "POST"])
    app.add_url_rule("/mod/lti/contentitem_return.php", "deep_linking_return", pages.returned, methods=["POST"])
    app.add_url_rule("/mod/lti/return.php", "back", pages.back)
    app.add_url_rule("/mod/lti/startltiadvregistration.php", "register", pages.register)


class Pages:
    """The pages of one platform."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def course(self) -> Response:
        """Show a course: its links, or the tool in a frame when the address names one, or a message.

        `?user=4`, then `&link=7` or `&message=LtiDeepLinkingRequest` opens the frame; `&storage=_parent` (this page
        keeps values for the tool) or `&storage=lti_storage` (a frame beside does) offers platform storage.
        """
        course = self._platform.courses[request.args.get("course", self._platform.course.id)]
        person = self._platform.person(request.args.get("user"))
        framed = "link" in request.args or "message" in request.args
        answer = _page(
            markup.COURSE,
            course=course,
            person=person,
            links=[link for link in self._platform.links if link.course is course],
            framed=f"/launch?{request.query_string.decode()}" if framed else "",
            storage=request.args.get("storage", ""),
            origins=self._tool_origins(),
        )
        # Cookies ignore ports: a tool on the same host is sent this one.
        answer.set_cookie("MoodleSession", "kept-by-the-platform", httponly=True)
        return answer

    def launch(self) -> Response:
        """Start a login, the way Moodle does: by a form that sends itself (`&method=get` redirects instead)."""
        platform = self._platform
        wanted = request.args
        link = next((link for link in platform.links if link.id == wanted.get("link")), None)
        course = link.course if link else platform.courses[wanted.get("course", platform.course.id)]
        asked = platform.login_request(
            wanted.get("user"),
            link,
            message=wanted.get("message", RESOURCE_LINK),
            course=course,
            storage_target=wanted.get("storage", ""),
        )
        return _page(
            markup.SELF_SENDING,
            action=platform.tool.login_url,
            fields=asked,
            method="get" if wanted.get("method") == "get" else "post",
        )

    def storage(self) -> Response:
        """Keep values for the tool, in a frame of its own."""
        return _page(markup.STORAGE, origins=self._tool_origins())

    def authorize(self) -> Response:
        """Identify the person and send the tool an id token, by a form that sends itself."""
        platform = self._platform
        asked = request.form if request.method == "POST" else request.args
        for name in asked:
            if len(asked.getlist(name)) > 1:
                refuse(400, f"{name} is given twice")
        if platform.refusal is not None:
            error, description = platform.refusal
            fields = {"error": error, "error_description": description, "state": asked.get("state", "")}
        else:
            token, state = platform.authorize(asked.to_dict())
            fields = {"id_token": token, "state": state}
        return _page(markup.SELF_SENDING, action=asked["redirect_uri"], fields=fields, method="post")

    def returned(self) -> Response:
        """Save what a deep linking response adds."""
        platform = self._platform
        response = platform.save(platform.courses[request.args["course"]], request.form.get("JWT", ""))
        return _page(markup.SAVED, items=response.items, message=response.message, error=response.error)

    def back(self) -> Response:
        """Show people who come back from the tool what it says."""
        told = {name: request.args.get(name, "") for name in ("lti_msg", "lti_errormsg")}
        return _page(markup.BACK, **told)

    def register(self) -> Response:
        """Have a tool register itself in a frame; `?url=` is the address it gave."""
        asked = self._platform.registration_request()
        start = request.args["url"]
        separator = "&" if "?" in start else "?"
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return _page(markup.REGISTER, framed=f"{start}{separator}{query}", origins=self._tool_origins())

    def _tool_origins(self) -> list[str]:
        addresses = [*self._platform.tool.redirect_uris, request.args.get("url", "")]
        return sorted({"/".join(address.split("/")[:3]) for address in addresses if address})


def _page(template: str, **values: Any) -> Response:
    return Response(render_template_string(template, **values), content_type="text/html; charset=utf-8")

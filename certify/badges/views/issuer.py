"""What an organisation publishes: who it is, its keys, what it recognises, the state of its badges."""

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from certify.badges import contents, openbadges, pictures, queries
from certify.badges.models import Achievement, Badge, BadgeKey, BadgeKeyKind
from certify.badges.views import answers
from certify.certificates import queries as certificates
from certify.certificates.queries import Certificate
from certify.core import files
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.errors import NotFound
from certify.organisations.models import Organisation


def _keys(body: str) -> list[BadgeKey]:
    keys = queries.keys_of(db.session, answers.identifier(body))
    if not keys:
        raise NotFound()
    return keys


def _jwk(body: str, key: BadgeKey) -> dict[str, str]:
    kid = answers.publisher_of(answers.identifier(body)).method(key.name)
    algorithm = openbadges.ALGORITHM if key.kind is BadgeKeyKind.RSA else "EdDSA"
    return {**key.public_jwk, "kid": kid, "alg": algorithm, "use": "sig"}


@requires(PUBLIC)
def page(body: str) -> ResponseReturnValue:
    """Tell who issues badges, and about what."""
    keys = _keys(body)
    organisation = db.session.get_one(Organisation, keys[0].organisation_id)
    return render_template(
        "badges/issuer.html", organisation=organisation, publisher=answers.publisher_of(organisation.id), keys=keys,
        achievements=queries.achievements_of(db.session, organisation.id),
    )  # fmt: skip


@requires(PUBLIC)
def did(body: str) -> ResponseReturnValue:
    """Publish the document of the issuer: every key it ever signed with (did:web, section 3.2)."""
    publisher = answers.publisher_of(answers.identifier(body))
    keys = [(publisher.method(key.name), key.public_jwk) for key in _keys(body)]
    return answers.published_json(openbadges.did_document(publisher.did, keys), "application/did+ld+json")


@requires(PUBLIC)
def jwks(body: str) -> ResponseReturnValue:
    """Publish every public key, as a set (RFC 7517)."""
    return answers.published_json({"keys": [_jwk(body, key) for key in _keys(body)]}, "application/jwk-set+json")


@requires(PUBLIC)
def key(body: str, name: str) -> ResponseReturnValue:
    """Publish one public key alone."""
    found = next((one for one in _keys(body) if one.name == name), None)
    if found is None:
        raise NotFound()
    return answers.published_json(_jwk(body, found), "application/jwk+json")


@requires(PUBLIC)
def status(body: str, number: int, purpose: str, form: str) -> ResponseReturnValue:
    """Publish a status list, signed, in one format."""
    found = queries.published_status(db.session, answers.identifier(body), number, purpose, form)
    return answers.published(found.content, answers.JWT if form == "jwt" else answers.LINKED_DATA)


def _achievement(body: str, slug: str) -> Achievement:
    found = queries.achievement_of(db.session, answers.identifier(body), slug)
    if found is None:
        raise NotFound()
    return found


@requires(PUBLIC)
def achievement(body: str, slug: str) -> ResponseReturnValue:
    """Tell what a badge recognises: to people in words, to programs as linked data."""
    found = _achievement(body, slug)
    if answers.is_wanted_by_a_person():
        answer = make_response(
            render_template("badges/achievement.html", document=found.document, slug=slug, body=body)
        )
    else:
        answer = answers.published_json(openbadges.linked_data(found.document), answers.LINKED_DATA)
    answer.vary.add("Accept")
    return answer


@requires(PUBLIC)
def picture(body: str, slug: str) -> ResponseReturnValue:
    """Publish the picture of an achievement."""
    found = _achievement(body, slug)
    name, creator = found.document["name"], found.document["creator"]["name"]
    return answers.published(pictures.drawn(name, creator), answers.PNG)


def _published(body: str, badge: str) -> tuple[Badge, Certificate]:
    return queries.published_badge(db.session, answers.identifier(body), answers.identifier(badge))


@requires(PUBLIC)
def badge(body: str, badge: str) -> ResponseReturnValue:
    """Show a badge its holder publishes, and whether it still holds."""
    found, certificate = _published(body, badge)
    answer = make_response(
        render_template(
            "badges/badge.html", badge=found, certificate=certificate, facts=certificate.facts, body=body,
            state=certificates.states_of(db.session, [certificate.id])[certificate.id],
        )
    )  # fmt: skip
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


@requires(PUBLIC)
def badge_file(body: str, badge: str, form: str) -> ResponseReturnValue:
    """Give a published badge to programs, in one of its three forms."""
    found, _certificate = _published(body, badge)
    answer = file_of(found, form)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def file_of(badge: Badge, form: str) -> Response:
    """Return a badge as one of its files: `json`, `jwt` or `png`."""
    if form == "png":
        return answers.opened(files.read(badge.picture_key), answers.PNG)
    if form == "jwt":
        return answers.opened(badge.jwt, answers.JWT)
    if form == "json":
        return answers.opened(contents.written(badge.document), answers.LINKED_DATA)
    raise NotFound()

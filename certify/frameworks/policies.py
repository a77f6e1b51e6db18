"""Yes/no questions about one version of a framework."""

from certify.core.access import Actor, Permission
from certify.frameworks.models import FrameworkVersion, VersionState


def may_write(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether the actor may take a version through its life: the registrar of its certifying body."""
    return version.certifying_body_id in actor.organisations(Permission.FRAMEWORK_WRITE)


def may_edit(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether the actor may change its content: only that of a draft ever changes."""
    return version.state is VersionState.DRAFT and may_write(actor, version)


def may_renew(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether a new version may be made from it: it has been put in force, and its content is what people know."""
    return version.state is not VersionState.DRAFT and may_write(actor, version)


def may_archive(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether it may stop being offered to new cohorts."""
    return version.state is VersionState.ACTIVE and may_write(actor, version)


def may_publish(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether it may be opened to anybody, or closed again: a draft never is."""
    return version.state is not VersionState.DRAFT and may_write(actor, version)


def needs_mapping(version: FrameworkVersion) -> bool:
    """Whether it must say what becomes of each indicator of the version it was made from."""
    return version.predecessor_id is not None


def may_read_drafts(actor: Actor, version: FrameworkVersion) -> bool:
    """Whether the actor sees what its certifying body prepares."""
    return version.certifying_body_id in actor.organisations(Permission.FRAMEWORK_READ)

"""The page of the child-protection procedure: the same for everybody, kept by a phone, one tap from every group."""

import uuid

from flask import g, render_template
from flask.typing import ResponseReturnValue

from certify.core.access import Permission, requires
from certify.core.db import db
from certify.groups.queries import groups


@requires(Permission.GROUP_READ)
def show(group_id: uuid.UUID | None = None) -> ResponseReturnValue:
    """Show whom to call and what to do, with the way back to a group when one was left for it."""
    group = groups.group_for(db.session, g.actor, group_id) if group_id else None
    may_note = g.actor.may(Permission.FRAGILITY_WRITE)
    return render_template("fragility/procedure.html", group=group, may_note=may_note)

"""The verbs of assessments."""

from certify.assessments.services.doubling import double
from certify.assessments.services.grids import SIGNED, correct, discard, leave_out, save, sign, start, start_own
from certify.assessments.services.habilitations import end_habilitation, habilitate
from certify.assessments.services.retaining import retain
from certify.assessments.services.standings import rebuild_standings, update_standing
from certify.assessments.services.verifying import draw_sample, give_verdict

__all__ = [
    "SIGNED",
    "correct",
    "discard",
    "double",
    "draw_sample",
    "end_habilitation",
    "give_verdict",
    "habilitate",
    "leave_out",
    "rebuild_standings",
    "retain",
    "save",
    "sign",
    "start",
    "start_own",
    "update_standing",
]

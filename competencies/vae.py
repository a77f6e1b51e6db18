"""The clocks of a validation of prior experience (VAE), and how many files somebody may submit in a year.

Pure dates: a rule « en mois » counts from date to date, the 31st falling back on the last day of a shorter month; a
rule « avant la fin du nième mois » ends with the last day of the nth month after the one of its opening.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from competencies.award import Violation
from competencies.framework import Text

_ANSWER = "Code du travail, art. L6412-2"
_PROCEDURE = "Code du travail, art. R6412-1 et suivants"
_FILINGS = "Code du travail, art. R6412-3"
_MONTHS_TO_ANSWER, _MONTHS_BEFORE_LAPSE, _MONTHS_TO_JURY, _DAYS_TO_NOTIFY = 2, 6, 3, 15
_FILES_A_YEAR = 3


class StepKind(StrEnum):
    """The dated steps of a VAE, in the order in which they follow one another on the same day."""

    FEASIBILITY_FILED = "feasibility_filed"
    ADMITTED = "admitted"
    NOT_ADMITTED = "not_admitted"
    STEP_TAKEN = "step_taken"
    VALIDATION_FILED = "validation_filed"
    JURY_HELD = "jury_held"
    RESULT_NOTIFIED = "result_notified"


class ClockState(StrEnum):
    """Where a delay stands; « lapsed » is for what is lost once it has passed, « late » for what is still owed."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    MET = "met"
    LATE = "late"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened on a day."""

    kind: StepKind
    on: date


@dataclass(frozen=True, slots=True)
class Clock:
    """One delay: what it asks, from which day until which, where it stands, and the law it comes from."""

    code: str
    label: Text
    source: str
    state: ClockState = ClockState.NOT_STARTED
    started_on: date | None = None
    due_on: date | None = None
    ended_on: date | None = None
    note: Text | None = None
    is_tacit: bool = False
    """Whether silence ended it: the certifier did not answer, the person is admitted."""

    @property
    def is_pending(self) -> bool:
        """Whether something is still awaited from somebody."""
        return self.state is ClockState.RUNNING or (self.state is ClockState.LATE and self.ended_on is None)


@dataclass(frozen=True, slots=True)
class Filing:
    """A feasibility file submitted: for which certification, when, and whether it asks for some blocks only."""

    certification: str
    on: date
    is_partial: bool = False


_LABELS = {
    "answer": (
        Text("Réponse du certificateur sur la recevabilité", "Certifier’s answer on admissibility"),
        _ANSWER,
    ),
    "idle": (
        Text("Première démarche après la recevabilité", "First step after admission"),
        _PROCEDURE,
    ),
    "jury": (
        Text("Réunion du jury", "Jury meeting"),
        _PROCEDURE,
    ),
    "result": (
        Text("Notification du résultat", "Notification of the result"),
        _PROCEDURE,
    ),
}
RULES = {
    "answer": Text(
        "Deux mois à compter du dossier complet ; sans réponse, la personne est recevable.",
        "Two months from the complete file; without an answer, the person is admitted.",
    ),
    "idle": Text(
        "Avant la fin du sixième mois qui suit la notification ; sinon la recevabilité est caduque, "
        "sauf motif légitime.",
        "Before the end of the sixth month after notification; otherwise the admission lapses, "
        "unless there is a legitimate reason.",
    ),
    "jury": Text(
        "Avant la fin du troisième mois qui suit le dépôt du dossier de validation.",
        "Before the end of the third month after the validation file.",
    ),
    "result": Text("Quinze jours après le jury.", "Fifteen days after the jury."),
}
"""What each clock asks, in words."""

_TACIT = Text(
    "Le certificateur n’a pas répondu dans les deux mois : son silence vaut recevabilité.",
    "The certifier did not answer within two months: its silence counts as admission.",
)
_TOO_LATE_TO_REFUSE = Text(
    "La réponse est venue après deux mois : le silence valait déjà recevabilité. Voyez avec le certificateur.",
    "The answer came after two months: silence already counted as admission. Talk to the certifier.",
)
_LAPSED = Text(
    "Aucune démarche n’a été inscrite à temps : la recevabilité est caduque, sauf motif légitime.",
    "No step was registered in time: the admission has lapsed, unless there is a legitimate reason.",
)
_AFTER_LAPSE = Text(
    "Une démarche est inscrite après l’échéance : elle ne vaut que si un motif légitime a été admis.",
    "A step was registered after the deadline: it stands only if a legitimate reason was accepted.",
)


def add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_month(day: date, months: int) -> date:
    """Give the last day of the nth month after the month of a day."""
    later = add_months(day.replace(day=1), months)
    return later.replace(day=calendar.monthrange(later.year, later.month)[1])


def clocks(steps: Iterable[Step], today: date) -> tuple[Clock, ...]:
    """Give the delays that the steps of somebody's VAE have opened, oldest file first, as they stand on a day.

    Steps may come in any order; those dated after the day have not happened yet. Another feasibility file opens
    clocks anew and leaves those of the file before as they are. Delays not opened yet end the list.
    """
    files = _files(step for step in steps if step.on <= today)
    found = [clock for file in files for clock in _clocks_of(file, today)]
    latest = {clock.code for clock in _clocks_of(files[-1], today)} if files else set()
    return (*found, *(Clock(code, *said) for code, said in _LABELS.items() if code not in latest))


def admitted_on(steps: Iterable[Step], today: date) -> date | None:
    """Give the day of admission (recevabilité), notified or by silence, of the last file that has one."""
    days = [_admission(file, today) for file in _files(step for step in steps if step.on <= today)]
    return next((day for day in reversed(days) if day is not None), None)


def filing_faults(files: Iterable[Filing], new: Filing) -> tuple[Violation, ...]:
    """Say why a feasibility file may not be submitted: one per certification and three for different ones a year.

    Files for some blocks only do not count, neither the new one nor those before (C. trav., art. R6412-3).
    """
    if new.is_partial:
        return ()
    counted = {one.certification for one in files if one.on.year == new.on.year and not one.is_partial}
    if new.certification in counted:
        return (
            Violation(
                "same_certification",
                Text(
                    "Un dossier a déjà été déposé cette année civile pour cette certification : "
                    "une seule demande par an, hors demandes limitées à des blocs.",
                    "A file was already submitted this calendar year for this certification: "
                    "one a year, not counting those for some blocks only.",
                ),
                _FILINGS,
            ),
        )
    if len(counted) >= _FILES_A_YEAR:
        return (
            Violation(
                "too_many",
                Text(
                    "Trois dossiers ont déjà été déposés cette année civile pour d’autres certifications : "
                    "c’est le maximum, hors demandes limitées à des blocs.",
                    "Three files were already submitted this calendar year for other certifications: "
                    "this is the most allowed, not counting those for some blocks only.",
                ),
                _FILINGS,
            ),
        )
    return ()


def _files(steps: Iterable[Step]) -> list[list[Step]]:
    """Cut the steps at each feasibility file."""
    order = {kind: n for n, kind in enumerate(StepKind)}
    files: list[list[Step]] = []
    for step in sorted(set(steps), key=lambda step: (step.on, order[step.kind])):
        if not files or step.kind is StepKind.FEASIBILITY_FILED:
            files.append([])
        files[-1].append(step)
    return files


def _clocks_of(file: list[Step], today: date) -> Iterator[Clock]:
    filed = _first(file, StepKind.FEASIBILITY_FILED)
    if filed is not None:
        yield _answer_clock(file, filed.on, today)
    admission = _admission(file, today)
    if admission is not None:
        yield _idle_clock(file, admission, today)
    for opening, closing in _pairs(file, StepKind.VALIDATION_FILED, StepKind.JURY_HELD):
        yield _clock("jury", opening, end_of_month(opening, _MONTHS_TO_JURY), closing, today)
    for opening, closing in _pairs(file, StepKind.JURY_HELD, StepKind.RESULT_NOTIFIED):
        yield _clock("result", opening, opening + timedelta(days=_DAYS_TO_NOTIFY), closing, today)


def _clock(code: str, started_on: date, due_on: date, ended_on: date | None, today: date) -> Clock:
    label, source = _LABELS[code]
    if ended_on is not None:
        state = ClockState.MET if ended_on <= due_on else ClockState.LATE
    else:
        state = ClockState.RUNNING if today <= due_on else ClockState.LATE
    return Clock(code, label, source, state, started_on, due_on, ended_on)


def _answer_clock(file: list[Step], filed_on: date, today: date) -> Clock:
    label, source = _LABELS["answer"]
    due_on = add_months(filed_on, _MONTHS_TO_ANSWER)
    answer = _first(file, StepKind.ADMITTED, StepKind.NOT_ADMITTED)
    if today <= due_on or (answer is not None and answer.on <= due_on):
        return _clock("answer", filed_on, due_on, answer.on if answer else None, today)
    if answer is not None and answer.kind is StepKind.NOT_ADMITTED:
        return Clock(
            "answer", label, source, ClockState.LATE, filed_on, due_on, answer.on, _TOO_LATE_TO_REFUSE, is_tacit=True
        )
    return Clock("answer", label, source, ClockState.MET, filed_on, due_on, due_on, _TACIT, is_tacit=True)


def _idle_clock(file: list[Step], admitted: date, today: date) -> Clock:
    label, source = _LABELS["idle"]
    due_on = end_of_month(admitted, _MONTHS_BEFORE_LAPSE)
    moves = (StepKind.STEP_TAKEN, StepKind.VALIDATION_FILED, StepKind.JURY_HELD, StepKind.RESULT_NOTIFIED)
    move = _first([step for step in file if step.on >= admitted], *moves)
    if move is not None and move.on > due_on:
        return Clock("idle", label, source, ClockState.LAPSED, admitted, due_on, move.on, _AFTER_LAPSE)
    if move is None and today > due_on:
        return Clock("idle", label, source, ClockState.LAPSED, admitted, due_on, None, _LAPSED)
    return _clock("idle", admitted, due_on, move.on if move else None, today)


def _admission(file: list[Step], today: date) -> date | None:
    """Give the day somebody was admitted: notified, or by the silence that outlasted the delay."""
    filed, answer = _first(file, StepKind.FEASIBILITY_FILED), _first(file, StepKind.ADMITTED, StepKind.NOT_ADMITTED)
    if filed is not None:
        due_on = add_months(filed.on, _MONTHS_TO_ANSWER)
        if today > due_on and (answer is None or answer.on > due_on):
            return due_on
    notified = _first(file, StepKind.ADMITTED)
    return notified.on if notified is not None else None


def _first(file: Iterable[Step], *kinds: StepKind) -> Step | None:
    return next((step for step in file if step.kind in kinds), None)


def _pairs(file: Iterable[Step], opens: StepKind, closes: StepKind) -> Iterator[tuple[date, date | None]]:
    """Give each opening with what closed it; one that repeats while the delay runs changes nothing."""
    opened: date | None = None
    for step in file:
        if step.kind is opens and opened is None:
            opened = step.on
        elif step.kind is closes and opened is not None:
            yield opened, step.on
            opened = None
    if opened is not None:
        yield opened, None

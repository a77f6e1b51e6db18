"""The verbs of declarations: say who deposits, prepare a deposit, say it was made, take in what came back."""

from certify.declarations.services.answering import import_receipt
from certify.declarations.services.depositing import WANTED, cancel, make, note_made, prepare, submit, take
from certify.declarations.services.depositors import record_depositor

__all__ = ["WANTED", "cancel", "import_receipt", "make", "note_made", "prepare", "record_depositor", "submit", "take"]

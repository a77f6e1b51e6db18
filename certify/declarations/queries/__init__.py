"""Reads about declarations: who is to be declared and what is missing, deposits, their lines."""

from certify.declarations.queries.deposits import (
    DepositRow,
    declarants,
    deposit_for,
    depositor_of,
    deposits_of,
    header_of,
    items_of,
    passages_of,
    receipts_of,
    states_of,
)
from certify.declarations.queries.holders import Holder, Overview, holders_of, is_open, overview
from certify.declarations.queries.lists import SITUATIONS, listed, narrowed

__all__ = [
    "SITUATIONS", "DepositRow", "Holder", "Overview", "declarants", "deposit_for", "depositor_of", "deposits_of",
    "header_of", "holders_of", "is_open", "items_of", "listed", "narrowed", "overview", "passages_of", "receipts_of",
    "states_of",
]  # fmt: skip

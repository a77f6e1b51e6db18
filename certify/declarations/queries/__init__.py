"""Reads about declarations: who is to be declared and what is missing, deposits, their lines."""

from certify.declarations.queries.deposits import (
    DepositRow,
    certificates_of,
    declarants,
    deposit_for,
    depositor_of,
    deposits_of,
    fallen_of,
    header_of,
    items_of,
    numbers_over,
    passages_of,
    receipts_of,
    states_of,
)
from certify.declarations.queries.holders import Holder, Overview, holders_of, is_open, overviews
from certify.declarations.queries.lists import SITUATIONS, listed, narrowed

__all__ = [
    "SITUATIONS", "DepositRow", "Holder", "Overview", "certificates_of", "declarants", "deposit_for", "depositor_of",
    "deposits_of", "fallen_of", "header_of", "holders_of", "is_open", "items_of", "listed", "narrowed",
    "numbers_over", "overviews", "passages_of", "receipts_of", "states_of",
]  # fmt: skip

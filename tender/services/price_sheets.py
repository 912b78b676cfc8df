"""The price sheets of opened bids: read from their envelope, corrected by the rule, kept with every step."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session

from core.money import round_fen, yuan
from tender.models import Bid, Lot, PriceSheet, Tender
from tender.rules.price_order import BESIDE, Declared, SheetReading, read_sheet
from tender.rules.prices import MONEY
from tender.rules.splitting import quantity_of, term_total
from tender.services.papers import years_of

#: The file in a price envelope that declares the price.
PRICE_FILE = "price-sheet.json"


class UnreadableSheet(ValueError):
    """The file is no price sheet."""


def declared_in(content: bytes | None, lot: Lot) -> Declared:
    """The price sheet in a price envelope (docs/seal.md); what a sheet may leave out is None or empty.

    Raises UnreadableSheet for anything that is no price sheet: it is a bidder's file, and may hold anything.
    """
    beside = BESIDE.get(lot.price_object, "")
    try:
        sheet = json.loads(content or b"")
        return Declared(
            price=_money(sheet["price"]) if lot.price_object in MONEY else _figure(sheet["price"]),
            words=_words(sheet["price_in_words"]),
            beside=_money(sheet[beside]) if sheet.get(beside) is not None else None,
            beside_words=_words(sheet.get(f"{beside}_in_words", "")),
            quantity=_figure(sheet["quantity"]) if beside and sheet.get("quantity") is not None else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError):
        raise UnreadableSheet from None


def _figure(value: Any) -> Decimal:
    figure = Decimal(str(value))
    if not figure.is_finite() or abs(figure.adjusted()) > 12 or len(str(value)) > 20:
        raise ValueError
    return figure


def _money(value: Any) -> Decimal:
    """An amount of money in whole fen; raises MoneyError, a ValueError, for a fraction of one."""
    return yuan(_figure(value))


def _words(value: Any) -> str:
    words = str(value)
    if len(words) > 100 or not words.isprintable():
        raise ValueError
    return words


def reading_of(tender: Tender, lot: Lot, declared: Declared) -> SheetReading:
    """What the correction order and the ceiling make of a sheet, under the tender's rule set."""
    quantity = quantity_of(lot.price_object, lot.insured_count, years_of(tender), lot.budget)
    return read_sheet(declared, lot.price_object, lot.ceiling, quantity, tender.rule_set)


def declared_of(sheet: PriceSheet) -> Declared:
    """A kept sheet as it was read, before any correction."""
    return Declared(
        price=sheet.price, words=sheet.price_in_words, beside=sheet.beside, beside_words=sheet.beside_in_words,
        quantity=sheet.quantity, elsewhere=sheet.elsewhere, place=sheet.elsewhere_place,
    )  # fmt: skip


def keep_sheet(session: Session, tender: Tender, lot: Lot, bid: Bid, declared: Declared) -> PriceSheet:
    """Keep a sheet as it was read, with what the rule makes of it."""
    sheet = PriceSheet(
        bid_id=bid.id, price=declared.price, price_in_words=declared.words, beside=declared.beside,
        beside_in_words=declared.beside_words, quantity=declared.quantity, corrected_price=declared.price,
        term_total=Decimal(0),
    )  # fmt: skip
    correct_sheet(tender, lot, sheet)
    session.add(sheet)
    session.flush()
    return sheet


def correct_sheet(tender: Tender, lot: Lot, sheet: PriceSheet) -> None:
    """Apply the rule to what the sheet says, and keep price, total and every step."""
    reading = reading_of(tender, lot, declared_of(sheet))
    sheet.corrected_price, sheet.corrected_beside = reading.price, reading.beside
    sheet.correction, sheet.remark = reading.correction, reading.remark
    sheet.steps = [{"number": step.number, "text": step.text, "clause": step.clause} for step in reading.steps]
    total = term_total(lot.price_object, reading.price, lot.insured_count, years_of(tender), lot.budget)
    sheet.term_total = round_fen(total)

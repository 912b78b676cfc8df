"""The words the room's pages use for its closed lists and stages."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext, lazy_gettext

from core.clock import local_date
from core.money import show_yuan
from core.web import Chip
from core.web.filters import day as show_day
from tender.models import Lot, Tender
from tender.rules.price_order import BESIDE
from tender.rules.stages import ENDS, ORDER, Stage
from tender.rules.words import (
    AwardRule,
    CriterionKind,
    EnvelopeKind,
    NoticeKind,
    PriceObject,
    Scheme,
    ScoreBlock,
    SplitMethod,
    Superseded,
)
from tender.services import stage_of
from tender.services.stage import NAMES

STAGES = {stage: lazy_gettext(name) for stage, name in NAMES.items()}
SUPERSEDED = {
    Superseded.REPLACED: lazy_gettext("replaced before the deadline"),
    Superseded.WITHDRAWN: lazy_gettext("withdrawn before the deadline"),
    Superseded.UNSUBMITTED: lazy_gettext("uploaded, never submitted"),
}
SCHEMES = {
    Scheme.NRCMS: lazy_gettext("NRCMS critical illness"),
    Scheme.URBAN: lazy_gettext("Urban-resident critical illness"),
    Scheme.RESIDENT: lazy_gettext("Resident critical illness"),
}
PRICE_OBJECTS = {
    PriceObject.PREMIUM_PER_HEAD: lazy_gettext("Premium per head and year"),
    PriceObject.TOTAL_PREMIUM: lazy_gettext("Total premium of the term"),
    PriceObject.FEE_AMOUNT: lazy_gettext("Fee, as an amount"),
    PriceObject.FEE_RATE: lazy_gettext("Fee, as a rate"),
    PriceObject.PROFIT_RATE: lazy_gettext("Profit rate"),
    PriceObject.FIXED: lazy_gettext("Fixed price, not scored"),
}
#: Objects whose prices are fractions.
_TOTAL, _PER_HEAD = lazy_gettext("Total of the term (yuan)"), lazy_gettext("Premium per head and year (yuan)")
#: What a price sheet states beside the price (`tender.rules.price_order`).
BESIDES = {kind: _TOTAL if name == "total" else _PER_HEAD for kind, name in BESIDE.items()}

RATES = frozenset({PriceObject.FEE_RATE, PriceObject.PROFIT_RATE})
SPLITS = {SplitMethod.SHARE: lazy_gettext("By share"), SplitMethod.DISTRICT: lazy_gettext("By district")}
AWARD_RULES = {
    AwardRule.WIN_ALL: lazy_gettext("An insurer may win several lots"),
    AwardRule.WIN_ONE: lazy_gettext("An insurer may win one lot only, lots in order"),
}
BLOCKS = {
    ScoreBlock.PRICE: lazy_gettext("Price"),
    ScoreBlock.COMMERCIAL: lazy_gettext("Commercial"),
    ScoreBlock.TECHNICAL: lazy_gettext("Technical"),
}
KINDS = {
    CriterionKind.FORMULA: lazy_gettext("Statutory price formula"),
    CriterionKind.INTERVALS: lazy_gettext("Intervals of a number"),
    CriterionKind.LEVELS: lazy_gettext("Described levels"),
}
ENVELOPES = {
    EnvelopeKind.TECHNICAL: lazy_gettext("Technical envelope"),
    EnvelopeKind.PRICE: lazy_gettext("Price envelope"),
}
NOTICES = {
    NoticeKind.TENDER: lazy_gettext("Tender notice"),
    NoticeKind.CORRIGENDUM: lazy_gettext("Corrigendum"),
    NoticeKind.AWARD: lazy_gettext("Award notice"),
    NoticeKind.CONTRACT: lazy_gettext("Contract notice"),
    NoticeKind.FAILURE: lazy_gettext("Failure notice"),
    NoticeKind.CANCELLATION: lazy_gettext("Cancellation notice"),
    NoticeKind.RESULT_CHANGE: lazy_gettext("Notice of a changed result"),
}
GROUNDS = {
    "envelope": lazy_gettext("The envelope does not open"),
    "qualification": lazy_gettext("Not qualified"),
    "conformity": lazy_gettext("Does not respond in substance"),
    "security": lazy_gettext("Bid security not paid as asked"),
    "price": lazy_gettext("Price not acceptable"),
    "low_price": lazy_gettext("Low price not proven"),
}
READINGS = {
    "whole": lazy_gettext("Literal: the share applies to the whole"),
    "slice": lazy_gettext("Slice: the share applies to the part inside the band"),
    "floor": lazy_gettext("Whole, never less than the band below"),
}
RATE_DEFINITIONS = {
    "claims": lazy_gettext("(premium − claims) ÷ premium"),
    "claims_and_expense": lazy_gettext("(premium − claims − allowed expense) ÷ premium"),
    "claims_expense_interest": lazy_gettext("(premium − claims − allowed expense + interest) ÷ premium"),
}
CLAIMS_BASES = {
    "incurred": lazy_gettext("Incurred in the year, paid until the cut-off date, plus outstanding"),
    "paid": lazy_gettext("Paid in the year"),
    "treated": lazy_gettext("By date of treatment"),
}


#: Stages by the word that is stored.
STAGES_BY_VALUE = {stage.value: label for stage, label in STAGES.items()}


def stage_chip(tender: Tender, now: datetime) -> Chip:
    """The stage of a tender as a mark."""
    standing = stage_of(tender, now)
    marks = {
        Stage.PREPARATION: "", Stage.AWARDED: "frozen", Stage.FAILED: "stop", Stage.CANCELLED: "stop",
        Stage.DECISION: "wait",
    }  # fmt: skip
    return Chip(marks.get(standing, "run"), STAGES[standing])


def steps(tender: Tender, now: datetime) -> list[tuple[Any, str, str]]:
    """The life of a tender for the bar of stages: label, date and state of each."""
    standing = stage_of(tender, now)
    facts = (
        (lazy_gettext("Preparation"), tender.created_at, Stage.PREPARATION),
        (lazy_gettext("Notice"), tender.published_at, Stage.BIDDING),
        (lazy_gettext("Deadline"), tender.deadline, Stage.SEALED),
        (lazy_gettext("Opening"), tender.technical_opened_at, Stage.QUALIFICATION),
        (lazy_gettext("Review"), tender.conformity_reviewed_at, Stage.CONFORMITY),
        (lazy_gettext("Scoring"), tender.technical_locked_at, Stage.SCORING),
        (lazy_gettext("Evaluation"), tender.evaluated_at, Stage.EVALUATION),
        (lazy_gettext("Award"), tender.awarded_at, Stage.AWARDED),
    )
    here = ORDER.index(standing) if standing in ORDER else len(ORDER)
    found = []
    for label, at, of in facts:
        reached = ORDER.index(of)
        passed = at is not None and at <= now and (reached < here or standing in ENDS)
        state = "now" if reached == here and standing not in ENDS else "done" if passed else ""
        found.append((label, show_day(local_date(at)) if at else "", state))
    return found


def price_text(price_object: PriceObject, price: Decimal | None) -> str:
    """A price in the unit of its object: yuan with two decimals, or per cent."""
    if price is None:
        return "—"
    if price_object in RATES:
        return f"{format((price * 100).normalize(), 'f')}%"
    return show_yuan(price)


def points_text(points: Fraction) -> str:
    """Points to four places, as an evaluation shows them; whole ones without decimals."""
    if points.denominator == 1:
        return str(points.numerator)
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return format(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize(), "f")


def price_unit(price_object: PriceObject) -> str:
    """The unit behind a price."""
    if price_object in RATES:
        return ""
    if price_object in (PriceObject.PREMIUM_PER_HEAD, PriceObject.FIXED):
        return gettext("yuan per head and year")
    return gettext("yuan")


def lots_text(positions: Sequence[int]) -> str:
    """The lots a letter is about; none is the whole tender."""
    if not positions:
        return gettext("The whole tender")
    return gettext("Lot %(number)s", number="、".join(map(str, positions)))


def split_text(lot: Lot) -> str:
    """How the insured of a lot are divided between its winners."""
    if lot.split_method is SplitMethod.SHARE:
        return " : ".join(f"{format((Decimal(str(part['share'])) * 100).normalize(), 'f')}%" for part in lot.split)
    return "；".join(f"{'、'.join(part['districts'])} {part['insured']:,}" for part in lot.split)


#: Blocks by the word that stored result lines use.
BLOCKS_BY_VALUE = {block.value: label for block, label in BLOCKS.items()}

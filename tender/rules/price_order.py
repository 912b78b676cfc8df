"""The correction of a price sheet in the order of 87 art. 59: sheet, words, evident slip of a unit price, unit prices.

A price object is made of a unit price and a quantity, or it is one amount (a fee as an amount). Where it is made of
both, the sheet states beside the price what the two give: beside a unit price the total, beside a total the unit price.
The quantity is the tender document's; a bidder's own figure for it is shown where it differs and changes nothing.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.money import round_fen, show_yuan
from tender.rules import clauses
from tender.rules.prices import MONEY, amount_from_words, percent_text
from tender.rules.words import PriceObject

#: What stands beside the price, by price object; an object that is not named is one amount.
BESIDE = {
    PriceObject.PREMIUM_PER_HEAD: "total",
    PriceObject.FIXED: "total",
    PriceObject.FEE_RATE: "total",
    PriceObject.PROFIT_RATE: "total",
    PriceObject.TOTAL_PREMIUM: "unit_price",
}
#: What counts as evident (明显错位), which the law leaves open and the tender document prints: moved by one to three
#: places, the point of the unit price stands where unit price and total say the same.
PLACES = (1, -1, 2, -2, 3, -3)
_FEN = Decimal("0.01")


@dataclass(frozen=True)
class Declared:
    """A price sheet as it was read. beside: the other of unit price and total, where the sheet states it.

    quantity: as the bidder wrote it; elsewhere: the price that other content of the bid states, at place.
    """

    price: Decimal
    words: str
    beside: Decimal | None = None
    beside_words: str = ""
    quantity: Decimal | None = None
    elsewhere: Decimal | None = None
    place: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the order that found something: its number (1 to 4), what it did, and its article."""

    number: int
    text: str
    clause: str


@dataclass(frozen=True)
class SheetReading:
    """What a price sheet says after the correction order. fault: why the bid is invalid, or None.

    beside: unit price or total after the correction, None where the sheet states none. remark: a quantity that differs.
    """

    price: Decimal
    beside: Decimal | None
    steps: tuple[Step, ...]
    remark: str
    fault: str | None

    @property
    def correction(self) -> str | None:
        """The steps in one sentence, each with its article; None where nothing was corrected."""
        return "；".join(f"{step.text}（{step.clause}）" for step in self.steps) or None


def read_sheet(
    declared: Declared, price_object: PriceObject, ceiling: Decimal, quantity: Decimal | None, rule_set: str
) -> SheetReading:
    """Read a price sheet: correct it in the four steps, then compare with the ceiling.

    Units are those of the price object: yuan, or a fraction for rates. quantity: `splitting.quantity_of`.
    The ceiling itself is allowed.
    """
    reading = correct(declared, price_object, quantity, rule_set)
    if reading.fault is None and reading.price <= 0:
        return replace(reading, fault="报价必须大于零")
    if reading.fault is None and reading.price > ceiling:
        return replace(reading, fault=f"报价 {reading.price} 超过最高限价 {ceiling}")
    return reading


def correct(
    declared: Declared, price_object: PriceObject, quantity: Decimal | None, rule_set: str
) -> SheetReading:
    """The four steps, in their order; fault only where words cannot be read."""
    found: list[tuple[int, str]] = []
    price, beside = declared.price, declared.beside if price_object in BESIDE else None
    if declared.elsewhere is not None and declared.elsewhere != price:
        found.append((1, _sheet_first(declared, price_object)))
    fault = None
    if price_object in MONEY:
        price, said, fault = _words_first(price, declared.words, "")
        found += said
    if beside is not None and declared.beside_words.strip() and fault is None:
        beside, said, fault = _words_first(beside, declared.beside_words, _beside_name(price_object))
        found += said
    if fault is None and beside is not None and quantity:
        price, beside, said = _unit_and_total(price, beside, quantity, price_object)
        found += said
    steps = tuple(Step(number, text, clauses.correction_step(rule_set, number)) for number, text in found)
    return SheetReading(price, beside, steps, _remark(declared.quantity, quantity), fault)


def _sheet_first(declared: Declared, price_object: PriceObject) -> str:
    other, sheet = _shown(declared.elsewhere or Decimal(0), price_object), _shown(declared.price, price_object)
    return f"投标文件其他内容（{declared.place}）所载报价{other}与开标一览表不一致，以开标一览表{sheet}为准"


def _words_first(figure: Decimal, words: str, name: str) -> tuple[Decimal, list[tuple[int, str]], str | None]:
    written = amount_from_words(words)
    if written is None:
        return figure, [], f"{name}大写金额“{words}”无法辨认"
    if written == figure:
        return figure, [], None
    return written, [(2, f"{name}大写金额与小写金额不一致，以大写金额{show_yuan(written)}元为准")], None


def _unit_and_total(
    price: Decimal, beside: Decimal, quantity: Decimal, price_object: PriceObject
) -> tuple[Decimal, Decimal, list[tuple[int, str]]]:
    """Steps 3 and 4 on unit price and total. An evident slip settles the pair: the total governs, nothing is left."""
    by_unit = BESIDE[price_object] == "total"
    unit, total = (price, beside) if by_unit else (beside, price)
    summed = round_fen(Fraction(unit) * Fraction(quantity))
    if summed == total:
        return price, beside, []
    moved, said = _moved(unit, total, quantity, price_object), _shown(unit, price_object)
    if moved is not None:
        text = f"单价{said}{_slip(price_object)}明显错位，以开标一览表总价{show_yuan(total)}元为准"
        steps, unit = [(3, f"{text}，单价修正为{_shown(moved, price_object)}")], moved
    else:
        text = f"总价{show_yuan(total)}元与按单价{said}和数量{quantity:,f}计算的{show_yuan(summed)}元不一致"
        steps, total = [(4, f"{text}，以单价计算结果为准")], summed
    return (unit, total, steps) if by_unit else (total, unit, steps)


def _moved(unit: Decimal, total: Decimal, quantity: Decimal, price_object: PriceObject) -> Decimal | None:
    """The unit price with its point where it evidently belongs, or None; what is reckoned is in whole fen."""
    for places in PLACES:
        moved = unit.scaleb(places)
        if price_object in MONEY and moved != moved.quantize(_FEN):
            continue
        if BESIDE[price_object] == "total":
            same = round_fen(Fraction(moved) * Fraction(quantity)) == total
        else:
            same = moved == round_fen(Fraction(total) / Fraction(quantity))
        if same and moved > 0:
            return moved.quantize(_FEN) if price_object in MONEY else moved
    return None


def _remark(stated: Decimal | None, quantity: Decimal | None) -> str:
    if stated is None or quantity is None or stated == quantity:
        return ""
    return f"开标一览表所载数量{stated:,f}与招标文件的{quantity:,f}不一致，按招标文件的数量计算"


def _beside_name(price_object: PriceObject) -> str:
    return "总价" if BESIDE[price_object] == "total" else "单价"


def _slip(price_object: PriceObject) -> str:
    return "小数点" if price_object in MONEY else "小数点或者百分比"


def _shown(value: Decimal, price_object: PriceObject) -> str:
    return f"{show_yuan(value)}元" if price_object in MONEY else percent_text(value)

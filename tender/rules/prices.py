"""The price sheet (开标一览表): amounts in words, and the figures they are read back to."""

from decimal import Decimal

from core.money import rmb_upper, yuan
from tender.rules.words import PriceObject

#: Objects that are amounts of money, so that words are asked for beside the figures.
MONEY = frozenset(
    {PriceObject.PREMIUM_PER_HEAD, PriceObject.TOTAL_PREMIUM, PriceObject.FEE_AMOUNT, PriceObject.FIXED}
)

_DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def words_of(price: Decimal, price_object: PriceObject) -> str:
    """The words a sheet shows beside the figures: 人民币大写 for money, percent for rates."""
    return rmb_upper(yuan(price)) if price_object in MONEY else f"百分之{percent_text(price)[:-1]}"


def amount_from_words(words: str) -> Decimal | None:
    """人民币大写 back to yuan: '叁拾捌元伍角整' → 38.50; None for what is no amount in words."""
    text = words.strip().removeprefix("人民币").replace("圆", "元")
    whole, _, rest = text.partition("元") if "元" in text else ("", "", text)
    integer = _integer(whole) if whole else 0
    cents = _cents(rest)
    if integer is None or cents is None or (not whole and not cents):
        return Decimal("0.00") if text in ("零元整", "零元") else None
    amount = Decimal(integer) + Decimal(cents).scaleb(-2)
    # What was read must give the same words back; where 零 is said differs between writers and changes nothing.
    return amount if _plain_words(rmb_upper(amount)) == _plain_words(text) else None


def _integer(text: str) -> int | None:
    total = group = digit = 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _UNITS:
            group, digit = group + digit * _UNITS[sign], 0
        elif sign == "万":
            total, group, digit = total + (group + digit) * 10**4, 0, 0
        elif sign == "亿":
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        else:
            return None
    return total + group + digit


def _cents(text: str) -> int | None:
    rest = text.removesuffix("整").removesuffix("正").removeprefix("零")
    cents = 0
    for unit, worth in (("角", 10), ("分", 1)):
        before, found, after = rest.partition(unit)
        if found:
            if before.removeprefix("零") not in _DIGITS:
                return None
            cents, rest = cents + _DIGITS[before.removeprefix("零")] * worth, after
    return None if rest else cents


def _plain_words(text: str) -> str:
    return text.replace("正", "整").removesuffix("整").replace("零", "")


def percent_text(rate: Decimal) -> str:
    """0.03 → '3%', with every digit there is and no more."""
    return f"{format((rate * 100).normalize(), 'f')}%"

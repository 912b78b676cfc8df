"""Money: exact yuan, whole fen, one rounding function, splits that add up, and 人民币大写."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


class MoneyError(ValueError):
    """An amount that is not exact money: a float, a fraction of a fen, or text that is no number."""


def yuan(value: Decimal | int | str) -> Decimal:
    """An exact amount in yuan with two decimals.

    Raises MoneyError for floats, for text that is not a plain number and for fractions of a fen.
    """
    if isinstance(value, (float, bool)):
        raise MoneyError(f"money must be exact, not {type(value).__name__}: {value!r}")
    try:
        amount = Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        raise MoneyError(f"not an amount in yuan: {value!r}") from None
    if not amount.is_finite():
        raise MoneyError(f"not an amount in yuan: {value!r}")
    try:
        exact = amount.quantize(FEN)
    except ArithmeticError:  # more digits than exact arithmetic holds, such as 1e400
        raise MoneyError(f"not an amount in yuan: {value!r}") from None
    if exact != amount:
        raise MoneyError(f"fraction of a fen: {value}")
    return exact + ZERO  # -0.00 becomes 0.00


def round_fen(value: Decimal | Fraction) -> Decimal:
    """The one rounding of money: half up (away from zero) to the fen, exact for any fraction."""
    exact = Fraction(value) * 100
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    if 2 * rest >= exact.denominator:
        whole += 1
    return Decimal(whole if exact >= 0 else -whole).scaleb(-2)


def to_fen(amount: Decimal) -> int:
    """Yuan → whole fen. Raises MoneyError for a fraction of a fen."""
    return int(yuan(amount).scaleb(2))


def from_fen(fen: int) -> Decimal:
    """Whole fen → yuan with two decimals."""
    return Decimal(int(fen)).scaleb(-2)


def split(total: Decimal, weights: Sequence[int | Decimal | Fraction]) -> list[Decimal]:
    """Split an amount by weights with the largest-remainder method; the parts add up to `total` to the fen.

    Equal remainders go to the earlier part. Raises MoneyError when no weight is positive or one is negative.
    """
    shares = [Fraction(weight) for weight in weights]
    whole = sum(shares, Fraction(0))
    if whole <= 0 or any(share < 0 for share in shares):
        raise MoneyError("weights must be non-negative and not all zero")
    fen = to_fen(total)
    sign, fen = (-1, -fen) if fen < 0 else (1, fen)
    exact = [fen * share / whole for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: fen - sum(parts)]:
        parts[index] += 1
    return [from_fen(sign * part) for part in parts]


def show_yuan(amount: Decimal | None) -> str:
    """12345.6 → '12,345.60'; a minus is '−'; nothing is '—'."""
    if amount is None:
        return "—"
    return f"{yuan(amount):,.2f}".replace("-", "−")


def show_rate(rate: Fraction | Decimal | None, places: int = 4) -> str:
    """A rate as signed percent for display only ('+3.4182%'); never used to decide a band."""
    if rate is None:
        return "—"
    scaled = Fraction(rate) * 100
    shown = Decimal(scaled.numerator) / Decimal(scaled.denominator)
    text = f"{shown.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):+.{places}f}%"
    return text.replace("-", "−")


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL = ("", "拾", "佰", "仟")
_LARGE = ("", "万", "亿", "万亿")


def rmb_upper(amount: Decimal) -> str:
    """人民币大写, by 《支付结算办法》: 10.05 → '壹拾元零伍分', 44.80 → '肆拾肆元捌角整'. Up to 10^16 yuan."""
    fen = to_fen(amount)
    if fen < 0:
        return "负" + rmb_upper(-amount)
    whole, cents = divmod(fen, 100)
    if whole >= 10**16:
        raise MoneyError(f"too large to write in words: {amount}")
    jiao, li = divmod(cents, 10)
    text = _upper_integer(whole) + "元" if whole else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    if li:
        if whole and not jiao:
            text += "零"
        return text + _DIGITS[li] + "分"
    return (text or "零元") + "整"


def _upper_integer(number: int) -> str:
    text, pending_zero = "", False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for position in range(len(groups) - 1, -1, -1):
        group = groups[position]
        if not group:
            pending_zero = bool(text)
            continue
        if text and group < 1000:
            pending_zero = True
        words, inner_zero = "", False
        for power in range(3, -1, -1):
            digit = group // 10**power % 10
            if digit:
                words += ("零" if inner_zero and words else "") + _DIGITS[digit] + _SMALL[power]
                inner_zero = False
            else:
                inner_zero = True
        text += ("零" if pending_zero and text else "") + words + _large(position, groups)
        pending_zero = False
    return text


def _large(position: int, groups: list[int]) -> str:
    """万亿 is spoken as 万…亿: the 亿 is said once when the 亿 group itself is empty."""
    if position == 3:
        return "万亿" if not groups[2] else "万"
    return _LARGE[position]

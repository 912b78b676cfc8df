"""How the insured of a lot are divided between its winners: by share on whole persons, or by district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tender.rules.words import PriceObject, SplitMethod


@dataclass(frozen=True)
class Part:
    """One winner's part of a lot: fraction of the insured, whole persons, and where they live."""

    share: Decimal
    insured: int
    area: str


def split_persons(total: int, shares: Sequence[Decimal]) -> list[int]:
    """Divide whole persons by shares with the largest remainder; the parts add up, equal remainders go to the earlier.

    Raises ValueError unless the shares are positive and add up to 1.
    """
    if any(share <= 0 for share in shares) or sum(shares) != 1:
        raise ValueError("shares must be positive and add up to 1")
    exact = [total * Fraction(share) for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def parts_of(method: SplitMethod, split: Sequence[Mapping[str, Any]], insured: int, area: str) -> tuple[Part, ...]:
    """The parts of a lot in the order of its winners, as the tender fixed them (regulation I.9).

    split: one entry a winner, {"share": "0.60"} or {"districts": [...], "insured": n}.
    Raises ValueError where the entries do not cover the insured exactly.
    """
    if method is SplitMethod.SHARE:
        shares = [Decimal(str(entry["share"])) for entry in split]
        return tuple(
            Part(share, persons, area) for share, persons in zip(shares, split_persons(insured, shares), strict=True)
        )
    counts = [int(entry["insured"]) for entry in split]
    if sum(counts) != insured or any(count <= 0 for count in counts):
        raise ValueError(f"the districts hold {sum(counts)} insured, the lot {insured}")
    return tuple(
        Part(_plain(Fraction(count, insured)), count, "、".join(entry["districts"]))
        for entry, count in zip(split, counts, strict=True)
    )


def _plain(share: Fraction) -> Decimal:
    """A share for display and contracts, to ten places; the persons are exact beside it."""
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(Decimal("1e-10"))


def term_total(price_object: PriceObject, price: Decimal, insured: int, years: int, budget: Decimal) -> Fraction:
    """What a price means in yuan over the whole term, exact; round it with `core.money.round_fen`.

    A price per head (bid or fixed) is a price a person-year; an amount is the term's; a rate is of the budget.
    """
    if price_object in (PriceObject.TOTAL_PREMIUM, PriceObject.FEE_AMOUNT):
        return Fraction(price)
    return Fraction(price) * Fraction(quantity_of(price_object, insured, years, budget) or 0)


def unit_of(price_object: PriceObject) -> str:
    """The unit a price object is bid in: yuan a person and year, yuan, or a rate."""
    if price_object in (PriceObject.PREMIUM_PER_HEAD, PriceObject.FIXED):
        return "yuan a person and year"
    return "yuan" if price_object in (PriceObject.TOTAL_PREMIUM, PriceObject.FEE_AMOUNT) else "rate"


def quantity_of(price_object: PriceObject, insured: int, years: int, budget: Decimal) -> Decimal | None:
    """What a unit price is multiplied by: person-years, or the budget in yuan; None for a fee, which is one amount."""
    if price_object in (PriceObject.PREMIUM_PER_HEAD, PriceObject.FIXED, PriceObject.TOTAL_PREMIUM):
        return Decimal(insured * years)
    return None if price_object is PriceObject.FEE_AMOUNT else budget

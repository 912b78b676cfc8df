"""The formulas of a calculation in numbers, so that each can be redone by hand, the same in every language."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from core.money import round_fen, show_yuan
from core.policy.model import Base, Basis, Scored, SharingBand, Side
from settlement.rules.corridor import Corridor
from settlement.rules.figures import percent, times


def band_formula(band: SharingBand, balance: Decimal, base: Decimal) -> str:
    """The band's edges in yuan around the size of the balance, so that the comparison can be redone by hand."""
    lower = f"{times(band.lower, base)} {'≤' if band.lower_closed else '<'} "
    upper = "" if band.upper is None else f" {'≤' if band.upper_closed else '<'} {times(band.upper, base)}"
    return f"{lower}{show_yuan(abs(balance))}{upper}"


def insurer_formula(written: Sequence[tuple[Corridor, int, Decimal]], base: Decimal) -> str:
    """The insurer's part: the share of each portion, then floor and bounds; a loss with its sign before."""
    bands = written[0][0]
    formula = " + ".join(_with_floor(each, place, amount, base) for each, place, amount in written)
    least, most = bands.bounds()
    for word, bound in (("min", most), ("max", least)):
        if bound is not None:
            formula = f"{word}({formula}, {show_yuan(round_fen(bound))})"
    return f"−({formula})" if bands.side is Side.LOSS else formula


def _with_floor(bands: Corridor, place: int, amount: Decimal, base: Decimal) -> str:
    formula, floors = _share(bands, place, show_yuan(abs(amount)), base), bands.floors(place)
    return f"max({formula}, {show_yuan(round_fen(max(floors)))})" if floors else formula


def _share(bands: Corridor, place: int, size: str, base: Decimal) -> str:
    band = bands.bands[place]
    if band.basis is Basis.FIXED:
        return show_yuan(band.amount)
    share = _share_words(bands, place)
    if band.basis is Basis.WHOLE:
        return f"{share} × {size if band.base is Base.BALANCE else show_yuan(base)}"
    edge = times(band.lower, base)
    below = _share(bands, place - 1, edge, base) + " + " if place else ""
    return f"{below}{share} × ({size} − {edge})"


def _share_words(bands: Corridor, place: int) -> str:
    """The share as written, with the score and its limits where they count: 'min((50% × 90%), 45%)'."""
    band, score = bands.bands[place], percent(bands.score)
    words = percent(Fraction(band.share or 0))
    if band.scored is Scored.SHARE:
        words = f"({words} × {score})"
    elif band.scored is Scored.COMPLEMENT:
        words = f"(100% − {words} × {score})"
    words = words if band.share_most is None else f"min({words}, {percent(band.share_most)})"
    return words if band.share_least is None else f"max({words}, {percent(band.share_least)})"

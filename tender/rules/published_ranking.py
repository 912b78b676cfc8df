"""The published inputs of a ranking and their recomputation: whoever has the file can rank the bids again.

The file (format chengban-ranking/1, JSON, every number a decimal in text) holds for each lot the points of the price
block, the seed of the draw (null where no equal bids needed one), and for each valid bid its number, bidder, price and
the members' points by criterion, without the members and in falling order, so that nobody's sheet can be pieced
together. Where a bid has its price sheet as it was announced (`sheet`), its price is corrected again as well, in the
order of 87 art. 59 (`tender.rules.price_order`). What is computed:

    price score = lowest price of the file ÷ price × points of the price block
    total = sum of the means of each criterion + price score, exact, then rounded half up to two decimals
    order = total falling, then price rising, then SHA-256("seed:number") rising
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from core.errors import FileInvalid, N_
from tender.rules.price_order import Declared, SheetReading, correct
from tender.rules.scoring import LotRanking, Offer, Ranked, choose_winners, draw, mean, rank
from tender.rules.words import AwardRule, PriceObject, ScoreBlock

FORMAT = "chengban-ranking/1"
FORMULA = (
    "价格分＝本文件中最低报价÷报价×价格分值；总分＝各评审因素得分的算术平均之和＋价格分，精确计算后四舍五入保留两位小数"
)
TIES = "总分由高到低；总分相同的报价由低到高；报价也相同的按 SHA-256(抽签种子:投标编号) 由小到大"
UNUSABLE = N_("%(file)s is no published ranking")


@dataclass(frozen=True)
class LotOutcome:
    """A lot ranked again from the file: its position, places in order, and the numbers of the winning bids."""

    position: int
    ranking: tuple[Ranked, ...]
    winners: tuple[int, ...]


def recompute(document: Mapping[str, Any], file: str = "ranking.json") -> tuple[LotOutcome, ...]:
    """Rank every lot of a published file again. Raises FileInvalid with the place of every fault."""
    faults: list[tuple[str, str]] = []
    if document.get("format") != FORMAT:
        faults.append(("format", f"expected {FORMAT}"))
    lots = document.get("lots")
    if not isinstance(lots, Sequence) or not lots:
        faults.append(("lots", "no lots"))
    if faults:
        raise FileInvalid(UNUSABLE, faults, file=file)
    rankings = []
    for place, lot in enumerate(lots or ()):
        try:
            rankings.append(LotRanking(int(lot["position"]), int(lot["winners"]), _ranked(lot)))
        except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
            faults.append((f"lots[{place}]", str(fault) or type(fault).__name__))
    if faults:
        raise FileInvalid(UNUSABLE, faults, file=file)
    chosen = choose_winners(rankings, AwardRule(document.get("award_rule", AwardRule.WIN_ALL.value)))
    return tuple(LotOutcome(lot.lot, lot.ranking, won.bids) for lot, won in zip(rankings, chosen, strict=True))


def _ranked(lot: Mapping[str, Any]) -> tuple[Ranked, ...]:
    blocks = {str(row["key"]): ScoreBlock(row["block"]) for row in lot["criteria"]}
    offers = [
        Offer(
            bid=int(bid["number"]),
            bidder=_bidder_number(bid),
            price=Decimal(bid["price"]),
            technical=_block(bid["points"], blocks, ScoreBlock.TECHNICAL),
            commercial=_block(bid["points"], blocks, ScoreBlock.COMMERCIAL),
        )
        for bid in lot["bids"]
    ]
    seed = lot["seed"]
    places = rank(offers, Decimal(lot["price_points"]), draw([offer.bid for offer in offers], str(seed)))
    if seed is None and any(place.tie == "lot" for place in places):
        raise ValueError("seed: bids are equal in total and price, and the draw between them has no seed")
    return places


def _bidder_number(bid: Mapping[str, Any]) -> int:
    """A number that is the same for the same bidder in every lot: what 兼投不兼中 looks at."""
    return int.from_bytes(str(bid["bidder"]).encode())


def _block(points: Mapping[str, Sequence[str]], blocks: Mapping[str, ScoreBlock], block: ScoreBlock) -> Fraction:
    means = [mean([Decimal(value) for value in points[key]]) for key, of in blocks.items() if of is block]
    return sum(means, Fraction(0))


def differences(document: Mapping[str, Any], outcomes: Sequence[LotOutcome]) -> list[str]:
    """Where the results that the file states differ from the recomputed ones; empty when all agree."""
    found = []
    for lot, outcome in zip(document["lots"], outcomes, strict=True):
        stated = {int(bid["number"]): bid.get("result") for bid in lot["bids"]}
        for place in outcome.ranking:
            said = stated.get(place.bid) or {}
            computed = {"rank": place.rank, "total": format(place.total, "f")}
            for name, value in computed.items():
                if str(said.get(name)) != str(value):
                    where = f"lot {outcome.position}, bid {place.bid}"
                    found.append(f"{where}: {name} is stated as {said.get(name)}, computed {value}")
    return found


def corrections(document: Mapping[str, Any]) -> list[tuple[int, int, SheetReading]]:
    """Every price sheet of the file corrected again: position of the lot, number of the bid, reading.

    Raises FileInvalid where a sheet cannot be read.
    """
    found = []
    for lot in document["lots"]:
        for place, bid in enumerate(lot["bids"]):
            sheet = bid.get("sheet")
            if sheet is None:  # files of before the sheets were published
                continue
            try:
                declared = Declared(
                    Decimal(sheet["price"]), str(sheet["price_in_words"]), _decimal(sheet["beside"]),
                    str(sheet["beside_in_words"]), None, _decimal(sheet["elsewhere"]), str(sheet["place"]),
                )  # fmt: skip
                kind, rule_set = PriceObject(lot["price_object"]), str(document["rule_set"])
                reading = correct(declared, kind, _decimal(lot["quantity"]), rule_set)
            except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
                where = f"lots[{lot.get('position')}].bids[{place}].sheet"
                reason = str(fault) or type(fault).__name__
                raise FileInvalid(UNUSABLE, [(where, reason)], file="ranking.json") from fault
            found.append((int(lot["position"]), int(bid["number"]), reading))
    return found


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def wrong_prices(document: Mapping[str, Any]) -> list[str]:
    """Where the price that was ranked is not what the correction of its sheet gives; empty when all agree."""
    ranked = {(lot["position"], bid["number"]): bid["price"] for lot in document["lots"] for bid in lot["bids"]}
    return [
        f"lot {position}, bid {number}: price is stated as {ranked[position, number]}, corrected to {reading.price}"
        for position, number, reading in corrections(document)
        if Decimal(ranked[position, number]) != reading.price
    ]


def shown(points: Fraction) -> str:
    """Exact points as they are shown, to four decimals."""
    exact = Decimal(points.numerator) / Decimal(points.denominator)
    return format(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP), "f")

"""What the demonstration's bidders put into their envelopes: a plan, the proofs that are asked for, and a price."""

from decimal import Decimal
from typing import Any

import rfc8785

from core.money import rmb_upper, round_fen
from demonstration.jilin.case import case
from demonstration.people import listed
from tender import seal
from tender.models import EnvelopeKind, PriceObject
from tender.rules.prices import words_of
from tender.rules.proofs import TITLES, Proof, mandatory
from tender.services.price_sheets import PRICE_FILE

#: Of the service agreement.
YEARS = 3
NAMES = {entry["key"]: entry["name"] for entry in listed()["organisation"]}
#: What a proof of the demonstration says, under the name of the bidder: a line, too short to be compared with others'.
SAYINGS = {
    Proof.HEAD_OFFICE: "总公司授权投标（演示用章）。",
    Proof.ACTUARIAL: "报价充足、合理。总精算师（演示签名）",
    Proof.LEGAL: "投标合规。法律责任人（演示签名）",
    Proof.LISTED: "本公司列于经营资质名单。",
    Proof.SOLVENCY: "综合偿付能力充足率 {solvency}。",
    Proof.NO_COMMISSION: "不支付手续费、佣金。",
}


def files(kind: EnvelopeKind, bidder: dict[str, Any], position: int) -> list[seal.File]:
    """The files of one envelope for the lot at that position; every bidder is a branch."""
    return _price(bidder, position) if kind is EnvelopeKind.PRICE else _offer(bidder, position)


def _price(bidder: dict[str, Any], position: int) -> list[seal.File]:
    """The sheet: the price a head and year, the person-years of the term, and the total that the two give."""
    price, lot = Decimal(bidder["prices"][position - 1]), case()["lots"][position - 1]
    quantity = lot["insured_count"] * YEARS
    total = round_fen(price * quantity)
    sheet = {
        "price": str(price),
        "price_in_words": words_of(price, PriceObject.PREMIUM_PER_HEAD),
        "quantity": str(quantity),
        "total": str(total),
        "total_in_words": rmb_upper(total),
    }
    return [seal.File(PRICE_FILE, rfc8785.dumps(sheet))]


def _offer(bidder: dict[str, Any], position: int) -> list[seal.File]:
    plan = _text(bidder, f"第{position}包承办服务方案", f"综合偿付能力充足率 {bidder['solvency']}")
    proofs = [
        seal.File(f"{TITLES[proof].partition('（')[0]}.txt", _text(bidder, SAYINGS[proof].format(**bidder)), proof)
        for proof in mandatory(branch=True)
    ]
    return [seal.File("承办服务方案.txt", plan), *proofs]


def _text(bidder: dict[str, Any], *lines: str) -> bytes:
    return "\n".join(("演示文件", NAMES[bidder["organisation"]], *lines, "")).encode()

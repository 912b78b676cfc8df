"""The proofs a critical-illness bid must carry by the insurance regulator's rules, and which of them a bid has.

Regulation B.4: the head office (or the branch it authorises) bids; actuaries price, the chief actuary and the head of
legal affairs sign; no commission. Articles 1 to 3 of the bidding rule of 2016 are known: the regulator publishes and
keeps the list of qualified insurers. Of everything else only what the rules ask for is known. So that list has its
articles while that rule is in force; every other proof names its rule, and pages say why no article stands there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Proof(StrEnum):
    """A kind of proof, as it stands in a container's manifest; the order is that of the list."""

    HEAD_OFFICE = "hq_authorisation"
    ACTUARIAL = "actuarial_report"
    LEGAL = "legal_opinion"
    LISTED = "qualification_list_entry"
    SOLVENCY = "solvency_report"
    NO_COMMISSION = "no_commission"


#: What each proof is called in the tender document.
TITLES = {
    Proof.HEAD_OFFICE: "总公司出具的投标授权书（分支机构投标的）",
    Proof.ACTUARIAL: "精算报告（总精算师签字）",
    Proof.LEGAL: "法律责任人出具的法律意见书",
    Proof.LISTED: "保险监管部门公布的大病保险经营资质名单中的记载",
    Proof.SOLVENCY: "最近一期偿付能力报告",
    Proof.NO_COMMISSION: "不支付手续费、佣金的承诺书",
}
#: The rules on bidding, from the day each applies.
_RULES = (
    (date(2013, 3, 12), "保监发〔2013〕19号"),
    (date(2016, 10, 9), "保监发〔2016〕86号"),
    (date(2021, 1, 1), "保监发〔2016〕86号（2021年由银保监办发〔2021〕12号代替）"),
)


#: The articles that are known: (day from which the rule applies, proof) → where it stands.
_ARTICLES = {(date(2016, 10, 9), Proof.LISTED): "《保险公司城乡居民大病保险投标管理暂行办法》第一条至第三条"}


@dataclass(frozen=True)
class Asked:
    """A proof that a tender of some day asks for. branch_only: of a branch, not of a head office.

    clause: the rule, with its article where that is known; article_known says so.
    """

    proof: Proof
    title: str
    clause: str
    branch_only: bool = False
    article_known: bool = False


def asked(on: date) -> tuple[Asked, ...]:
    """The proofs asked for in a tender published on that day, each with the rule it rests on."""
    since, rule = max((entry for entry in _RULES if entry[0] <= on), default=_RULES[0])
    return tuple(
        Asked(
            proof, TITLES[proof], rule + _ARTICLES.get((since, proof), ""), branch_only=proof is Proof.HEAD_OFFICE,
            article_known=(since, proof) in _ARTICLES,
        )
        for proof in Proof
    )  # fmt: skip


def mandatory(*, branch: bool) -> tuple[Proof, ...]:
    """The proofs a bidder must carry. branch: whether it is a branch, which bids with its head office's authority."""
    return tuple(proof for proof in Proof if branch or proof is not Proof.HEAD_OFFICE)


@dataclass(frozen=True)
class Carried:
    """One line of the review: a proof asked for, and the places (from 1) of the bid's files that are said to be it."""

    asked: Asked
    needed: bool
    places: tuple[int, ...]

    @property
    def missing(self) -> bool:
        """Whether a mandatory proof is absent."""
        return self.needed and not self.places


def carried(on: date, said: Sequence[str], *, branch: bool) -> tuple[Carried, ...]:
    """What a bid carries. said: the proof each file of the technical envelope is said to be, '' for none, in order.

    A word that is no proof of the list counts for nothing; whether a file is what it is said to be, people judge.
    """
    places: Mapping[str, list[int]] = {proof.value: [] for proof in Proof}
    for place, word in enumerate(said, 1):
        places.get(word, []).append(place)
    needed = mandatory(branch=branch)
    return tuple(Carried(entry, entry.proof in needed, tuple(places[entry.proof.value])) for entry in asked(on))


def missing(said: Sequence[str], *, branch: bool) -> tuple[Proof, ...]:
    """The mandatory proofs that no file is said to be."""
    return tuple(proof for proof in mandatory(branch=branch) if proof.value not in said)

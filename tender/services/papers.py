"""What every paper of a tender states alike: the contexts that the templates of templates/documents describe."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from core import policy
from core.calendar import china
from core.identity.models import Organisation, User
from core.policy.procurement import cite, limits, open_tender, rule_set
from tender.models import Lot, Tender
from tender.services.preparation import lots_of

METHOD = "综合评分法"
METHOD_TEXT = (
    "投标文件满足招标文件全部实质性要求，且按照评审因素的量化指标评审得分最高的投标人为排名第一的中标候选人；"
    "评标基准价为有效投标中的最低报价，价格得分＝评标基准价÷投标报价×价格分值。"
)
ROUNDING = "成员评分不取舍，取算术平均后总分四舍五入保留两位小数。"
TIE = "得分相同的，按投标报价由低到高排列；得分且投标报价相同的并列，以开标时公布的随机数抽签确定。"
#: The electronic document is provided at all hours.
HOURS = "全天"


def name_of(session: Session, organisation: int) -> str:
    """The full name of an organisation."""
    return session.get_one(Organisation, organisation).name


def person(session: Session, user: int) -> str:
    """A person's name."""
    return session.get_one(User, user).name


def purchaser_of(session: Session, tender: Tender) -> dict[str, str]:
    """`purchaser` of every paper."""
    return {
        "name": name_of(session, tender.purchaser_id),
        "address": tender.purchaser_address,
        "contact": tender.contact_name,
        "telephone": tender.contact_telephone,
    }


def head(tender: Tender, published_on: date) -> dict[str, Any]:
    """`tender` of every paper; published_on: the day of the tender notice."""
    notice_until, workdays = notice_period(tender, published_on)
    return {
        "number": tender.number,
        "title": tender.title,
        "term_from": tender.term_from,
        "term_until": tender.term_until,
        "budget": tender.budget,
        "award_rule": tender.award_rule.value,
        "consortium_allowed": tender.consortium_allowed,
        "queries_once": tender.queries_once,
        "few_valid_go_on": tender.few_valid_go_on,
        "bid_security": tender.bid_security,
        "performance_security_rate": tender.performance_security_rate,
        "performance_return_days": tender.performance_return_days,
        "bid_valid_days": tender.bid_valid_days,
        "opening_place": tender.opening_place,
        "documents_from": tender.documents_from,
        "documents_until": tender.documents_until,
        "documents_hours": HOURS,
        "clarification_until": tender.clarification_until,
        "deadline": tender.deadline,
        "grace_minutes": tender.grace_minutes,
        "key_officers": tender.key_officers,
        "key_quorum": tender.key_quorum,
        "notice_from": published_on,
        "notice_until": notice_until,
        "notice_workdays": workdays,
        "query_workdays": limits(published_on)["T20"].number,
        "media": list(tender.media),
        "provisional": tender.deadline is not None and not china().is_published(tender.deadline.year),
    }


def notice_period(tender: Tender, published_on: date) -> tuple[date, int]:
    """The last day of the tender notice's publication and its length in working days."""
    limit = limits(published_on).get("T01")
    if limit is not None and limit.number is not None:
        return china().add(published_on, limit.number).date, limit.number
    until = tender.documents_until or published_on
    return until, china().between(published_on, until)


def years_of(tender: Tender) -> int:
    """The insurance years of the term."""
    return tender.term_until.year - tender.term_from.year + 1


def lot_context(lot: Lot) -> dict[str, Any]:
    """One entry of `lots`."""
    return {
        "position": lot.position,
        "name": lot.name,
        "scheme": lot.scheme.value,
        "area": lot.area,
        "insured_count": lot.insured_count,
        "price_object": lot.price_object.value,
        "ceiling": lot.ceiling,
        "budget": lot.budget,
        "winners": lot.winners,
        "split_method": lot.split_method.value,
        "split": [_decimals(entry) for entry in lot.split],
    }


def _decimals(entry: dict[str, Any]) -> dict[str, Any]:
    """A split as the papers print it: shares as numbers."""
    return {**entry, "share": decimal(entry["share"])} if "share" in entry else dict(entry)


def lots_context(session: Session, tender: Tender) -> list[dict[str, Any]]:
    """`lots` of the notice and the tender document."""
    return [lot_context(lot) for lot in lots_of(session, tender.id or 0)]


def basis_of(tender: Tender, on: date) -> dict[str, list[str]]:
    """`basis`: the laws and the policy paper the tender rests on."""
    view = policy.view(tender.pack, on)
    laws = open_tender().laws
    order = rule_set(tender.rule_set).price_weight.article.law
    document = f"（{view.identity.document}）" if view.identity.document else ""
    return {
        "texts": [
            f"《{laws['gpl'].title}》及其实施条例",
            _quoted(laws[order].title),
            f"《{view.identity.title}》{document}",
        ]
    }


def _quoted(title: str) -> str:
    """政府采购…办法（财政部令第18号） → 《政府采购…办法》（财政部令第18号）."""
    name, bracket, number = title.partition("（")
    return f"《{name}》{bracket}{number}"


def cited(tender: Tender, step: str, on: date) -> str:
    """The articles a time limit rests on, on that day."""
    return "；".join(cite(article) for article in limits(on)[step].articles)


def decimal(value: Any) -> Decimal:
    """An exact number that was kept as text in a structured column."""
    return Decimal(str(value))


def area_of(session: Session, organisation: int) -> str:
    """Where an organisation is, as far as the house knows."""
    return session.get_one(Organisation, organisation).area

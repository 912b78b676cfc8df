"""The first disclosure of a contract year (D1, J20): what was signed, what it pays, how, when and where."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from contracts.models import Instalment
from core.clock import local_date
from core.documents.show import cn_date
from core.money import show_yuan
from disclosure.papers.subject import GLOSSARY, Subject, payer
from disclosure.rules.benefit_words import benefit_table, examples, in_one_sentence
from disclosure.rules.sharing_words import sharing_rows
from settlement.papers import definition
from settlement.services.calculating import rule_of

_NUMERALS = "零一二三四五六七八九十"


def signing(session: Session, year: Subject, on: date) -> dict[str, Any]:
    """The plain values of the signing disclosure, without what its issue adds (version, corrections, charts).

    on: the day on which it is prepared; a fund that was merged by then is named with its successor.
    """
    contract, terms = year.contract, year.terms[0]
    days = f"{contract.manual_settlement_days}个工作日"
    return {
        "report": {
            "kind": "年度合同签订信息公开",
            "heading": [year.title, f"{contract.year}年度合同签订信息公开"],
            "insurer": year.insurer.name,
            "year": contract.year,
            "summary": in_one_sentence(contract.year, year.agreement.area, year.scheme, terms),
            "facts": [*year.facts(), ["签订日期", cn_date(year.signed_on)]],
        },
        "figures": {
            "insured": contract.insured_count,
            "standard": contract.funding_standard,
            "premium": contract.premium,
            "deductible": terms.deductible,
            "maximum": terms.cap,
            "first_ratio": terms.bands[0].ratio,
            "settlement_days": days,
        },
        "contract": {"rows": _contract_rows(year)},
        "funding": {"text": _funding_text(year, payer(session, contract, on)), "rows": _instalments(session, year)},
        "benefits": benefit_table(year.terms),
        "examples": {
            "rows": examples(terms),
            "note": "示例按起付标准以上部分分段计算，未计医疗救助；实际支付以结算单为准。",
        },
        "process": year.process(),
        "promises": {
            "rows": [
                {"mode": "即时结算", "limit": "出院时", "note": "在定点医疗机构一站式结算，个人只付应由个人负担的部分"},
                {"mode": "异地直接结算", "limit": "出院时", "note": "按规定转诊的，在就医地定点医疗机构结算"},
                {"mode": "手工报销", "limit": f"受理后{days}内", "note": "年度合同约定，自收齐材料之日起计算"},
            ]
        },
        "service_points": _service_points(year),
        "sharing": _sharing(year),
        "complaints": [
            {
                "channel": "承办机构",
                "contact": f"{year.insurer.short_name}　{contract.service['telephone']}",
                "answer": "由承办机构受理并答复",
            },
            {
                "channel": "医疗保险经办机构",
                "contact": f"{year.agency.name}　{year.tender.contact_telephone}",
                "answer": "按信访和投诉规定办理",
            },
        ],
        "contacts": year.contacts(),
        "glossary": [*GLOSSARY, _reading_term(year)],
    }


def _contract_rows(year: Subject) -> list[dict[str, str]]:
    contract, agreement, tender = year.contract, year.agreement, year.tender
    opened = cn_date(tender.deadline) if tender.deadline else "—"
    signed = agreement.agency_signed_at
    return [
        {"name": "招标方式", "text": f"公开招标（{tender.number}），{opened}开标"},
        {
            "name": "服务委托协议",
            "text": f"{agreement.number}，{cn_date(local_date(signed)) if signed else '—'}签订，"
            f"合作期限{agreement.term_from.year}—{agreement.term_until.year}年",
        },
        {"name": "年度保险合同", "text": f"{contract.number}，{cn_date(year.signed_on)}签订"},
        {"name": "保险期间", "text": f"{contract.year}年1月1日0时至12月31日24时"},
        {"name": "投保人", "text": year.agency.name},
        {"name": "承保人", "text": year.insurer.name},
        {"name": "承办地区", "text": agreement.area},
    ]


def _funding_text(year: Subject, fund: str) -> str:
    contract, funding = year.contract, year.policy.funding
    sources = f"资金首先从{funding.sources[0]}中筹集，" if funding and funding.sources else ""
    return (
        f"筹资标准由公开招标确定，每人每年{show_yuan(contract.funding_standard)}元，{sources}由{fund}拨付。"
        f"合同保费按签约参保人数{contract.insured_count:,}人计算，以参保人数清算为准，多退少补。"
    )


def _instalments(session: Session, year: Subject) -> list[dict[str, Any]]:
    contract = year.contract
    parts = session.exec(
        select(Instalment).where(Instalment.contract_id == contract.id).order_by(col(Instalment.position))
    ).all()
    rows: list[dict[str, Any]] = [
        {
            "item": f"第{_NUMERALS[part.position]}期",
            "share": part.amount / contract.premium,
            "due_on": part.due_on,
            "amount": part.amount,
            "total": False,
        }
        for part in parts
    ]
    rows.append({"item": "合同保费", "share": Decimal(1), "due_on": None, "amount": contract.premium, "total": True})
    return rows


def _service_points(year: Subject) -> list[dict[str, str]]:
    """Each area with the service points the contract names for it."""
    service = year.contract.service
    points, telephone = service["service_points"].rstrip("。"), service["telephone"]
    areas = year.agreement.area.split("、")
    return [{"area": area, "name": points, "address": "—", "telephone": telephone} for area in areas]


def _sharing(year: Subject) -> dict[str, Any]:
    contract = year.contract
    rule = rule_of(contract)
    reading = rule.reading(contract.sharing_reading)
    return {
        "text": f"本合同采用{reading.title}：{reading.explanation}",
        "rows": sharing_rows(rule, reading.name),
        "note": f"盈亏率＝{definition(contract, rule)}，按精确分数判断所属档次。依据：{rule.clause}。",
    }


def _reading_term(year: Subject) -> dict[str, str]:
    reading = rule_of(year.contract).reading(year.contract.sharing_reading)
    return {"term": reading.title, "meaning": reading.explanation}

"""The tender document (招标文件) as its template asks for it: the ten matters, history, scoring, draft contract."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from core import policy
from core.policy import PolicyView
from core.policy.model import Cause, Item, Metric, RoundTo, SharingBand, SharingRule, Side
from core.policy.procurement import cite, limits, rule_set
from tender.models import ContractTerms, Criterion, HistoricalYear, Lot, MandatoryField, QualificationCondition, Tender
from tender.rules.low_price import raised
from tender.rules.proofs import asked
from tender.rules.sharing_articles import ALONE, counted_words, further_articles
from tender.services import papers
from tender.services.bidding import signer
from tender.services.preparation import lots_of

FUND = "城乡居民基本医疗保险基金"
HISTORY_NOTE = "金额单位为人民币元；人数、件数为当年实际数。"


def tender_document_context(session: Session, tender: Tender, published_on: date) -> dict[str, Any]:
    """Everything the tender document states, from its rows and the pack as in force in the first year."""
    view = policy.view(tender.pack, tender.term_from)
    lots = lots_of(session, tender.id or 0)
    fields = session.exec(
        select(MandatoryField).where(MandatoryField.tender_id == tender.id).order_by(col(MandatoryField.id))
    ).all()
    texts = {row.key: row.text for row in fields}
    variants = _variants(session, lots, view, _sentences(texts.get("exclusions", "")))
    return {
        "tender": papers.head(tender, published_on),
        "receipt_key": signer(session).public,
        "purchaser": papers.purchaser_of(session, tender),
        "policyholder": {"name": papers.name_of(session, tender.policyholder_id)},
        "basis": papers.basis_of(tender, published_on),
        "lots": papers.lots_context(session, tender),
        "qualification": _conditions(session, tender),
        "proofs": [
            {"title": line.title, "clause": line.clause, "key": line.proof.value} for line in asked(published_on)
        ],
        "requirements": {"texts": _sentences(texts.get("service_requirements", ""))},
        "sharing": variants[0]["sharing"],
        "variants": variants if len(variants) > 1 else [],
        "refunds": refunds_context(published_on),
        "sources": sources_of(view),
        "fund": {"name": FUND},
        "service": _service(texts, tender),
        "agency": None,
        "mandatory": _mandatory(view, fields),
        "history": [_history(session, lot) for lot in lots],
        "criteria": [criterion_context(row) for row in _criteria(session, tender)],
        "method": {
            "name": papers.METHOD,
            "text": papers.METHOD_TEXT,
            "rounding": papers.ROUNDING,
            "tie": papers.TIE,
        },
        "low_price": _low_price(tender),
        "terms": variants[0]["terms"],
        "benefits": benefits_context(view),
        "examples": None,
    }


def _low_price(tender: Tender) -> dict[str, Any] | None:
    """`low_price`: below which parts a price must be explained, in what time; None under a rule set without numbers."""
    rule = rule_set(tender.rule_set).low_price
    if rule is None:
        return None
    said = raised(rule, tender.low_price_ratio)
    names = ("of_mean", "of_second_lowest", "of_ceiling", "minutes")
    return {**{name: getattr(said, name) for name in names}, "clause": cite(rule.article)}


def _variants(
    session: Session, lots: Sequence[Lot], view: PolicyView, exclusions: list[str]
) -> list[dict[str, Any]]:
    """`variants`: the lots that share contract parameters and reading, each group once; one group is no variant."""
    found: list[dict[str, Any]] = []
    for lot in lots:
        terms = session.exec(select(ContractTerms).where(ContractTerms.lot_id == lot.id)).one()
        own = {
            "terms": terms_context(terms, exclusions), "sharing": sharing_context(view, terms.sharing_reading),
            "price_object": lot.price_object.value,
        }  # fmt: skip
        same = next((part for part in found if all(part[key] == own[key] for key in own)), None)
        if same is None:
            found.append({"lots": [lot.position], **own})
        else:
            same["lots"].append(lot.position)
    return found


def refunds_context(on: date) -> dict[str, int | None]:
    """`refunds`: working days after which bid securities go back (T14, T16, T08); None where the law names none."""
    known = limits(on)
    steps = {"losers": "T14", "winners": "T16", "withdrawn": "T08"}
    return {name: known[step].number if step in known else None for name, step in steps.items()}


def _mandatory(view: PolicyView, fields: Sequence[MandatoryField]) -> list[dict[str, str]]:
    document = view.tender.document if view.tender else None
    titles = {item.key: item.title for item in document.fields} if document else {}
    return [{"key": row.key, "title": titles.get(row.key, row.key), "text": row.text} for row in fields]


def _conditions(session: Session, tender: Tender) -> list[dict[str, str]]:
    rows = select(QualificationCondition).where(QualificationCondition.tender_id == tender.id)
    found = session.exec(rows.order_by(col(QualificationCondition.position)))
    return [{"text": row.text, "proof": row.proof, "clause": row.clause} for row in found]


def _criteria(session: Session, tender: Tender) -> list[Criterion]:
    rows = select(Criterion).where(Criterion.tender_id == tender.id).order_by(col(Criterion.position))
    return list(session.exec(rows))


def criterion_context(row: Criterion) -> dict[str, Any]:
    """One line of the scoring table as the papers print it; an open end of an interval is None."""
    return {
        "block": row.block.value,
        "name": row.name,
        "points": row.points,
        "kind": row.kind.value,
        "objective": row.objective,
        "options": [{"from": None, "to": None, **option} for option in row.options],
    }


def _sentences(text: str) -> list[str]:
    """A text of several lines as a list; an empty text is an empty list."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _service(texts: Mapping[str, str], tender: Tender) -> dict[str, str]:
    return {
        "payment_process": texts.get("settlement_method", ""),
        "service_points": "按中标人投标文件承诺设置",
        "telephone": tender.contact_telephone,
    }


def _history(session: Session, lot: Lot) -> dict[str, Any]:
    rows = session.exec(
        select(HistoricalYear).where(HistoricalYear.lot_id == lot.id).order_by(col(HistoricalYear.year))
    ).all()
    names = ("year", "insured_count", "premium", "claims_paid", "beneficiaries", "cases", "compliant_cost")
    years = [{name: getattr(row, name) for name in names} for row in rows]
    return {"lot": lot.position, "name": lot.name, "years": years, "note": HISTORY_NOTE}


def sharing_context(view: PolicyView, reading: str) -> dict[str, Any]:
    """`sharing`: the paper's words, the chosen reading, and every band as that reading treats it."""
    rule = view.sharing
    if rule is None:
        nothing = {"counted": ALONE, "further": [], "unit": "分"}
        return {"title": "按合同约定", "explanation": "", "clause": _no_clause(), "bands": [], **nothing}
    chosen = rule.reading(reading)
    bands: list[SharingBand] = []
    for side in Side:
        for cause in Cause:
            bands += [band for band in rule.bands_for(reading, side, cause) if band not in bands]
    return {
        "title": chosen.title,
        "explanation": chosen.explanation,
        "clause": {"document": rule.clause.document, "article": rule.clause.article, "quote": rule.clause.quote},
        "bands": [asdict(band) for band in bands],
        "counted": counted_words(rule),
        "further": list(further_articles(rule)),
        "unit": "元" if rule.round_to is RoundTo.YUAN else "分",
        **({"target": _target_context(rule)} if rule.needs_agreed_cost else {}),
    }


#: What counts as the cost that is held against the agreed one, as papers name it.
_COSTS = {
    Item.CLAIMS: "已发生赔款",
    Item.EXPENSE: "准予列支费用",
    Item.QUALITY_EXPENSE: "质量改进费用",
    Item.TAXES: "税费",
}


def _target_context(rule: SharingRule) -> dict[str, Any]:
    """`sharing.target`: that the balance is measured against an agreed cost (约定赔付成本), which each annual contract
    names. costs: what is held against it; of_target: whether the rate is taken of it, else of the premium."""
    costs = [_COSTS[item] for item in rule.cost if item in _COSTS]
    return {"costs": costs, "of_target": rule.metric is Metric.COST_TO_TARGET, "amount": None, "part": None}


def _no_clause() -> dict[str, str]:
    return {"document": "", "article": "", "quote": ""}


def sources_of(view: PolicyView) -> dict[str, str]:
    """`sources`: where the value of each contract parameter comes from."""
    parameters = {row.key: str(row.clause) for row in view.benefits.parameters} if view.benefits else {}
    tilt = str(view.benefits.tilts[0].clause) if view.benefits and view.benefits.tilts else ""
    return {
        "funding_standard": "中标通知书",
        "insured_count": "人数确认单",
        "deductible": parameters.get("deductible", ""),
        "bands": parameters.get("bands", ""),
        "maximum": parameters.get("maximum", ""),
        "tilt": tilt,
        "sharing": str(view.sharing.clause) if view.sharing else "",
    }


def terms_context(terms: ContractTerms, exclusions: list[str]) -> dict[str, Any]:
    """`terms` of the draft contract: what the tender fixes; what the award and each year bring is blank."""
    return {
        "funding_standard": None,
        "insured_count": None,
        "premium": None,
        "headcount_on": None,
        "cutoff": None,
        "cutoff_words": f"次年{terms.cutoff_month}月{terms.cutoff_day}日",
        "instalments": [_instalment(entry) for entry in terms.instalments],
        "claims_basis": terms.claims_basis,
        "rate_definition": terms.rate_definition,
        "expense_cap_rate": terms.expense_cap_rate,
        "manual_settlement_days": terms.manual_settlement_days,
        "disclosure_working_days": terms.disclosure_working_days,
        "dispute_working_days": terms.dispute_working_days,
        "assessment": assessment_context(terms),
        "exclusions": exclusions,
    }


def assessment_context(terms: ContractTerms) -> list[dict[str, Any]]:
    """`terms.assessment` of draft contract and agreement: indicators with their weights; empty where none are fixed."""
    return [{"name": part["name"], "weight": papers.decimal(part["weight"])} for part in terms.assessment]


def _instalment(entry: Mapping[str, Any]) -> dict[str, Any]:
    month, day = str(entry["by"]).split("-")
    return {
        "due_on": None,
        "due": f"{int(month)}月{int(day)}日",
        "share": papers.decimal(entry["share"]),
        "amount": None,
    }


def benefits_context(view: PolicyView) -> dict[str, Any]:
    """`benefits` of the draft contract: the tilt is the paper's, the amounts are set for each year."""
    tilt = {}
    for rule in view.benefits.tilts if view.benefits else ():
        for group in rule.groups:
            tilt[group] = {
                "deductible_cut": rule.deductible_cut or papers.decimal("0"),
                "ratio_points": rule.ratio_points or papers.decimal("0"),
                "maximum_lifted": rule.lifts_maximum,
            }
    return {"deductible": None, "bands": [], "band_basis": "excess", "maximum": None, "tilt": tilt}

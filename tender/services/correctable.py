"""What a corrigendum can change, each matter as text that is compared, printed side by side, and written back.

The subject of the procurement and the qualification conditions stand as published: they are listed here so that a
change of them is refused by name and article, never written.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from sqlmodel import Session, select

from core import policy
from core.documents import wording
from core.documents.show import cn_date, cn_time, percent
from core.money import show_yuan
from tender.models import ContractTerms, Lot, Tender
from tender.rules.words import CriterionKind, PriceObject, ScoreBlock, SplitMethod
from tender.services.preparation import field_titles, lots_of, mandatory_fields, put_criteria
from tender.services.review import conditions_of
from tender.services.scoring import criteria_of
from tender.starting import CriterionDraft

#: The head of the tender, as it is called in the notice.
HEAD_TITLES = {
    "deadline": "投标截止时间、开标时间",
    "documents_until": "招标文件提供期限",
    "clarification_until": "提问截止时间",
    "opening_place": "开标地点",
    "contact_name": "联系人",
    "contact_telephone": "联系电话",
    "purchaser_address": "采购人地址",
}
BUDGET = "budget"
#: What may change of a lot, and of the contract parameters fixed for it.
LOT_TITLES = {
    "insured_count": "测算参保人数", "price_object": "报价方式", "ceiling": "最高限价", "budget": "预算金额",
    "winners": "中标人数", "split": "参保人员划分",
}  # fmt: skip
TERM_TITLES = {
    "sharing_reading": "盈亏调控适用方式", "rate_definition": "盈亏率口径", "expense_cap_rate": "费用列支上限",
    "claims_basis": "赔款口径", "cutoff": "赔付截止日", "instalments": "保费拨付", "assessment": "考核指标",
    "manual_settlement_days": "人工结算时限", "disclosure_working_days": "信息披露时限",
    "dispute_working_days": "争议处理时限",
}  # fmt: skip
CRITERIA = "criteria"
#: Two choices of the tender document that are printed and bind the evaluation.
FEW_VALID, LOW_PRICE = "few_valid_go_on", "low_price_ratio"
CHOICE_TITLES = {FEW_VALID: "有效投标不足3家的处理", LOW_PRICE: "异常低价审查比例"}
#: 采购标的 and 资格条件: what no corrigendum changes.
SUBJECT_TITLES = {
    "name": "标的名称", "scheme": "承办险种", "area": "承办区域", "lots": "分包",
    "term": "服务期", "conditions": "资格条件",
}  # fmt: skip
_FIELD = "field-"


@dataclass(frozen=True)
class Matter:
    """One thing a corrigendum can change: its name in the notice, what stands, how a text of it is printed and written.

    subject: what the law keeps as published; it has no `write`.
    """

    title: str
    standing: str
    printed: Callable[[str], str] = str
    write: Callable[[str], None] | None = None
    subject: bool = False


def matters(session: Session, tender: Tender) -> dict[str, Matter]:
    """Every matter of a tender by its key, in the order of the notice."""
    found: dict[str, Matter] = {key: _head(tender, key) for key in HEAD_TITLES}
    found[BUDGET] = _amount("项目预算", tender, "budget")
    titles = field_titles(tender)
    for row in mandatory_fields(session, tender.id or 0):
        found[f"{_FIELD}{row.key}"] = Matter(titles.get(row.key, row.key), row.text, str, _setter(row, "text", str))
    for lot in lots_of(session, tender.id or 0):
        found |= _lot(lot)
        terms = session.exec(select(ContractTerms).where(ContractTerms.lot_id == lot.id)).one_or_none()
        found |= _terms(tender, lot, terms) if terms is not None else {}
    found[CRITERIA] = _table(session, tender)
    found |= _choices(tender)
    texts = [row.text for row in conditions_of(session, tender.id or 0)]
    found["conditions"] = Matter(SUBJECT_TITLES["conditions"], as_json(texts), subject=True)
    found["lots"] = Matter(SUBJECT_TITLES["lots"], str(len(lots_of(session, tender.id or 0))), subject=True)
    found["term"] = Matter(
        SUBJECT_TITLES["term"], f"{tender.term_from.isoformat()}/{tender.term_until.isoformat()}", subject=True
    )
    return found


def _choices(tender: Tender) -> dict[str, Matter]:
    """What follows when fewer than three valid bids are left, and a raised low-price ratio; empty is the rule set's."""
    words = {"True": "评标委员会继续评审", "False": "本包废标"}

    def ratio(text: str) -> str:
        return percent(Decimal(text)) if text else "按规定比例执行"

    return {
        FEW_VALID: Matter(
            CHOICE_TITLES[FEW_VALID], as_text(tender.few_valid_go_on), lambda text: words[text],
            _setter(tender, FEW_VALID, lambda text: text == "True"),
        ),
        LOW_PRICE: Matter(
            CHOICE_TITLES[LOW_PRICE], as_text(tender.low_price_ratio), ratio,
            _setter(tender, LOW_PRICE, lambda text: Decimal(text) if text else None),
        ),
    }  # fmt: skip


def ceiling_text(price_object: PriceObject, ceiling: Decimal) -> str:
    """A ceiling with its unit, as the text that is compared: another price object makes it another ceiling."""
    return f"{price_object.value} {as_text(ceiling)}"


def _ceiling(text: str) -> Decimal:
    return Decimal(text.partition(" ")[2])


def as_text(value: Any) -> str:
    """A plain value as the text that is compared: instants and days in ISO form, numbers without trailing zeros."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value if value is not None else "").strip()


def as_json(value: Any) -> str:
    """A list or mapping as the text that is compared."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _setter(row: Any, name: str, read: Callable[[str], Any]) -> Callable[[str], None]:
    return lambda text: setattr(row, name, read(text))


def _head(tender: Tender, key: str) -> Matter:
    read: Callable[[str], Any] = str
    printed: Callable[[str], str] = str
    if key in ("deadline", "clarification_until"):
        read, printed = datetime.fromisoformat, lambda text: cn_time(datetime.fromisoformat(text)) if text else "—"
    elif key == "documents_until":
        read, printed = date.fromisoformat, lambda text: cn_date(date.fromisoformat(text)) if text else "—"
    return Matter(HEAD_TITLES[key], as_text(getattr(tender, key)), printed, _setter(tender, key, read))


def _amount(title: str, row: Any, name: str) -> Matter:
    standing = as_text(getattr(row, name))
    return Matter(title, standing, lambda text: f"{show_yuan(Decimal(text))}元", _setter(row, name, Decimal))


def _lot(lot: Lot) -> dict[str, Matter]:
    """A lot's matters; who divides the insured and how is one of them, because neither makes sense alone."""
    key, name = f"lot-{lot.position}-", f"第{lot.position}包"

    def ceiling(text: str) -> str:
        return str(wording().priced(text.partition(" ")[0], _ceiling(text)))

    def divide(text: str) -> None:
        said = json.loads(text)
        lot.split_method, lot.split = SplitMethod(said["method"]), said["parts"]

    found = {
        "insured_count": Matter(
            name + LOT_TITLES["insured_count"], as_text(lot.insured_count), lambda text: f"{int(text):,}人",
            _setter(lot, "insured_count", int),
        ),
        "price_object": Matter(
            name + LOT_TITLES["price_object"], lot.price_object.value, lambda text: wording().PRICES[text][0],
            _setter(lot, "price_object", PriceObject),
        ),
        "ceiling": Matter(
            name + LOT_TITLES["ceiling"], ceiling_text(lot.price_object, lot.ceiling), ceiling,
            _setter(lot, "ceiling", _ceiling),
        ),
        "budget": _amount(name + LOT_TITLES["budget"], lot, "budget"),
        "winners": Matter(
            name + LOT_TITLES["winners"], as_text(lot.winners), lambda text: f"{text}家", _setter(lot, "winners", int)
        ),
        "split": Matter(name + LOT_TITLES["split"], division(lot.split_method, lot.split), _divided, divide),
    }  # fmt: skip
    for fixed in ("name", "scheme", "area"):
        value = getattr(lot, fixed)
        found[fixed] = Matter(name + SUBJECT_TITLES[fixed], as_text(getattr(value, "value", value)), subject=True)
    return {key + part: matter for part, matter in found.items()}


def division(method: SplitMethod, parts: Sequence[Mapping[str, Any]]) -> str:
    """Who divides the insured and how, as the text that is compared."""
    plain = [
        {name: as_text(Decimal(str(value))) if name == "share" else value for name, value in part.items()}
        for part in parts
    ]
    return as_json({"method": method.value, "parts": plain})


def _divided(text: str) -> str:
    parts = json.loads(text)["parts"]
    words = [
        f"参保人数的{percent(Decimal(part['share']))}" if "share" in part
        else f"{'、'.join(part['districts'])}（{part['insured']:,}人）"
        for part in parts
    ]  # fmt: skip
    return "；".join(f"第{place}名{word}" for place, word in enumerate(words, 1))


def _terms(tender: Tender, lot: Lot, terms: ContractTerms) -> dict[str, Matter]:
    key, name = f"terms-{lot.position}-", f"第{lot.position}包合同条款："

    def cutoff(text: str) -> None:
        terms.cutoff_month, terms.cutoff_day = (int(part) for part in text.split("-"))

    shown: dict[str, tuple[str, Callable[[str], str], Callable[[str], None]]] = {
        "sharing_reading": (
            terms.sharing_reading, lambda text: _reading(tender, text), _setter(terms, "sharing_reading", str)
        ),
        "rate_definition": (
            terms.rate_definition, lambda text: wording().RATE_DEFINITIONS[text], _setter(terms, "rate_definition", str)
        ),
        "expense_cap_rate": (
            as_text(terms.expense_cap_rate), lambda text: f"保费的{percent(Decimal(text))}",
            _setter(terms, "expense_cap_rate", Decimal),
        ),
        "claims_basis": (
            terms.claims_basis, lambda text: wording().CLAIMS_BASES[text], _setter(terms, "claims_basis", str)
        ),
        "cutoff": (
            f"{terms.cutoff_month}-{terms.cutoff_day}", lambda text: "次年{}月{}日".format(*text.split("-")), cutoff
        ),
        "instalments": (
            shares(terms.instalments, "share"), _instalments, _setter(terms, "instalments", json.loads)
        ),
        "assessment": (shares(terms.assessment, "weight"), _assessment, _setter(terms, "assessment", json.loads)),
    }  # fmt: skip
    for days in ("manual_settlement_days", "disclosure_working_days", "dispute_working_days"):
        shown[days] = (as_text(getattr(terms, days)), lambda text: f"{text}个工作日", _setter(terms, days, int))
    return {
        key + part: Matter(name + TERM_TITLES[part], standing, printed, write)
        for part, (standing, printed, write) in shown.items()
    }


def shares(entries: Sequence[Mapping[str, Any]], part: str) -> str:
    """Instalments or weights as the text that is compared."""
    return as_json([{**entry, part: as_text(Decimal(str(entry[part])))} for entry in entries])


def _instalments(text: str) -> str:
    entries = json.loads(text)
    return "；".join(f"{entry['by'].replace('-', '月')}日前{percent(Decimal(entry['share']))}" for entry in entries)


def _assessment(text: str) -> str:
    entries = json.loads(text)
    return "；".join(f"{entry['name']}{percent(Decimal(entry['weight']))}" for entry in entries) or "按考核办法执行"


def _reading(tender: Tender, name: str) -> str:
    rule = policy.view(tender.pack, tender.term_from).sharing
    return rule.reading(name).title if rule is not None else name


def _table(session: Session, tender: Tender) -> Matter:
    standing = table_text([
        CriterionDraft(
            block=row.block, name=row.name, points=row.points, kind=row.kind, options=tuple(row.options),
            objective=row.objective,
        )
        for row in criteria_of(session, tender.id or 0)
    ])  # fmt: skip
    return Matter("评分标准", standing, _printed_table, lambda text: put_criteria(session, tender, read_table(text)))


def table_text(drafts: Sequence[CriterionDraft]) -> str:
    """A scoring table as the text that is compared."""
    return as_json([
        {
            **asdict(draft), "block": draft.block.value, "kind": draft.kind.value, "points": as_text(draft.points),
            "options": [{name: str(value) for name, value in option.items() if value} for option in draft.options],
        }
        for draft in drafts
    ])  # fmt: skip


def read_table(text: str) -> list[CriterionDraft]:
    """The scoring table that a text stands for."""
    return [
        CriterionDraft(**{
            **line, "block": ScoreBlock(line["block"]), "kind": CriterionKind(line["kind"]),
            "points": Decimal(line["points"]), "options": tuple(line["options"]),
        })
        for line in json.loads(text)
    ]  # fmt: skip


def _printed_table(text: str) -> str:
    """A line a criterion, its levels or intervals behind it."""
    return "\n".join(_printed_line(line) for line in read_table(text))


def _printed_line(line: CriterionDraft) -> str:
    levels = "；".join(wording().level(option).unescape() for option in line.options)
    head = f"{wording().BLOCKS[line.block.value]}　{line.name}　{as_text(line.points)}分"
    return f"{head}：{levels}" if levels else head


def table_changes(before: str, after: str) -> list[tuple[str, str]]:
    """The lines of a scoring table that differ, before and after; '—' where a line is new or gone."""
    left, right = ([_printed_line(line) for line in read_table(text)] for text in (before, after))
    found: list[tuple[str, str]] = []
    for kind, start, end, other, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            found += zip_longest(left[start:end], right[other:last], fillvalue="—")
    return found

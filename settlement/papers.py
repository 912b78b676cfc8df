"""The settlement sheet as a paper: drawn from the frozen lines, with the same digits attached as JSON and XLSX."""

import io
import json
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from openpyxl import Workbook
from sqlmodel import Session, select

from contracts.models import AnnualContract, ServiceAgreement
from contracts.papers import SCHEME_NAMES, contract_title
from core.clock import Clock, local_date
from core.documents.models import IssuedDocument
from core.documents.render import Attachment
from core.documents.services import issue
from core.identity.actor import Actor
from core.identity.models import Organisation, OrganisationKind, User
from core.money import round_fen, show_rate, show_yuan
from core.policy import view
from core.policy.model import Cause as PolicyCause
from core.policy.model import Item, Metric, Period, SharingRule, Side
from settlement.models import (
    AnnualFigures,
    Outcome,
    Settlement,
    SettlementLine,
)
from settlement.services.lines import lines_of
from settlement.sheet_facts import facts_of
from tender.models import Award, Lot

#: What the rate counts, as the sheet prints it (regulation J1).
DEFINITIONS = {
    "claims": "（应收保费－已发生赔款）÷应收保费，费用和利息不计入（年度合同参数12）",
    "claims_and_expense": "（应收保费－已发生赔款－准予列支费用）÷应收保费，不计利息（年度合同参数12）",
    "claims_expense_interest": "（应收保费－已发生赔款－准予列支费用＋专户利息）÷应收保费（年度合同参数12）",
}

#: What the share of a reading is taken of, in the few words a table has room for.
BASES = {"whole": "盈余或亏损总额", "slice": "落在各档内的部分", "floor": "总额，不低于低档所得"}

#: Units of whole numbers.
COUNTED = ("人", "人次", "天", "月")

#: Rows that only sheets have whose rule counts more than the figures of one contract year.
BESIDE = ("26", "27", "28", "29", "30", "31", "32")

GROUPS = (
    ("（一）参保和保费", ("1", "2", "3", "4", "5", "6")),
    ("（二）赔付", ("7", "8", "9")),
    ("（三）费用和其他", ("10", "11", "12", "13", "14", "15", "16")),
    ("（四）合并核算、结转、风险调节、考核和约定成本", BESIDE),
)


def issue_sheet(session: Session, actor: Actor, clock: Clock, sheet: Settlement) -> IssuedDocument:
    """Issue a settlement sheet as PDF, its rows attached as JSON and XLSX; a new version names the old."""
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    agency = cast(Organisation, session.get(Organisation, agreement.policyholder_id))
    lines, rule = lines_of(session, cast(int, sheet.id)), _rule(contract)
    context = {
        "sheet": _head(session, sheet, contract, agreement, agency),
        "groups": _groups(lines),
        "steps": _steps(sheet, lines),
        "check": _check(sheet, rule),
        "readings": _readings(sheet, rule),
        "results": _results(sheet),
        "facts": facts_of(session, sheet),
        "versions": _versions(session, sheet, clock),
        "provisional": _on_account(sheet, rule),
        "signatures": _signatures(session, sheet, agency),
    }
    data = machine_readable(sheet, contract, lines)
    name = f"{sheet.number}-第{sheet.version}版"
    attachments = [
        Attachment(f"{name}.json", data, "决算表各行数据（JSON）"),
        Attachment(f"{name}.xlsx", workbook(lines, local_date(clock.now())), "决算表各行数据（XLSX）"),
    ]
    return issue(
        session,
        actor,
        clock,
        kind="settlement-sheet",
        number=sheet.number,
        title=f"{contract_title(agreement, agency)}{contract.year}年度决算表",
        template="settlement-sheet",
        context=context,
        subject=sheet,
        issuer=agency.name,
        organisation_id=agency.id,
        pack=(sheet.pack, sheet.pack_hash),
        attachments=attachments,
        replaces=_issued_before(session, sheet),
        demonstration=contract.demonstration,
    )


def machine_readable(sheet: Settlement, contract: AnnualContract, lines: list[SettlementLine]) -> bytes:
    """The sheet as canonical JSON: exact strings, the same digits as on the page."""
    facts = {
        "number": sheet.number,
        "version": sheet.version,
        "contract": contract.number,
        "year": contract.year,
        "pack": sheet.pack,
        "pack_hash": sheet.pack_hash,
        "reading": sheet.reading,
        "rate": sheet.rate,
        "outcome": sheet.outcome.value,
        "cause": sheet.cause.value,
        "readings": sheet.readings,
        "rows": [
            {"row": line.row, "label": line.label, "unit": line.unit, "value": line.value, "source": line.source}
            for line in lines
        ],
    }
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, indent=1).encode()


def shown_rate(sheet: Settlement) -> str:
    """The rate for people: signed per cent with four decimals."""
    return show_rate(Fraction(sheet.rate))


def definition(contract: AnnualContract, rule: SharingRule) -> str:
    """What the rate counts: as the contract chose, or the paper's own where it measures against an agreed cost."""
    if Item.TARGET not in rule.income:
        return DEFINITIONS[contract.rate_definition]
    base = "约定赔付成本" if rule.metric is Metric.COST_TO_TARGET else "应收保费"
    return f"（约定赔付成本－实际成本）÷{base}（年度合同参数12、12.1）"


def _rule(contract: AnnualContract) -> SharingRule:
    return cast(SharingRule, view(contract.pack, date(contract.year, 12, 31)).sharing)


def _head(
    session: Session, sheet: Settlement, contract: AnnualContract, agreement: ServiceAgreement, agency: Organisation
) -> dict[str, Any]:
    insurer = cast(Organisation, session.get(Organisation, agreement.insurer_id))
    award = cast(Award, session.get(Award, agreement.award_id))
    lot = cast(Lot, session.get(Lot, award.lot_id))
    reading = _rule(contract).reading(sheet.reading)
    return {
        "heading": f"{agency.area}{SCHEME_NAMES[agreement.scheme]}{contract.year}年度决算表",
        "area": f"第{lot.position}包：{agreement.area}",
        "policyholder": agency.name,
        "insurer": insurer.name,
        "agreement": f"{agreement.number}（{agreement.term_from.year}—{agreement.term_until.year}年）",
        "contract": f"{contract.number}（{local_date(contract.agency_signed_at)}签订）",  # type: ignore[arg-type]
        "year_from": date(contract.year, 1, 1),
        "year_until": contract.covered_until or date(contract.year, 12, 31),
        "cutoff": contract.cutoff,
        "pack": f"{sheet.pack}　{sheet.pack_hash[:12]}",
        "definition": f"{definition(contract, _rule(contract))}；按精确分数判断，不先行舍入",
        "reading": {"name": reading.title, "sentence": reading.explanation, "clause": "年度合同参数14"},
    }


def _groups(lines: list[SettlementLine]) -> list[dict[str, Any]]:
    groups = [
        {"title": title, "rows": [_row(line) for line in lines if main_number(line.row) in numbers]}
        for title, numbers in GROUPS
    ]
    return [group for group in groups if group["rows"]]


def main_number(row: str) -> str:
    """'7a.1' → '7', '4.2' → '4'; steps ('S1') belong to no group."""
    return "" if row.startswith("S") else row.split(".")[0].rstrip("abcd")


def _row(line: SettlementLine) -> dict[str, Any]:
    counted = line.unit in COUNTED
    return {
        "no": line.row,
        "item": line.label,
        "unit": line.unit,
        "value": int(line.value) if counted else None if line.value == "—" else Decimal(line.value),
        "source": line.source,
        "total": line.row in ("3", "4", "7", "12", "26", "27"),
    }


def _steps(sheet: Settlement, lines: list[SettlementLine]) -> list[dict[str, Any]]:
    steps = []
    for line in (line for line in lines if line.row.startswith("S")):
        result: Decimal | str = Decimal(line.value) if line.value else sheet.band
        if "盈亏率（" in line.label:
            result = f"{shown_rate(sheet)}（显示值）"
        note = [line.source] if line.source else []
        steps.append(
            {"name": line.label, "formulas": [line.formula, *note], "result": result, "clause": line.clause or ""}
        )
    return steps


def _check(sheet: Settlement, rule: SharingRule) -> str:
    """That the parts make the whole, and how far the result lies from the nearest boundary (regulation E.5)."""
    near = _nearest_edge(sheet, rule)
    if sheet.insurer_part is None or sheet.fund_part is None:
        return f"未计算：由有关部门会同承保人提出解决方案。{near}"
    whole, insurer, fund = show_yuan(sheet.balance), show_yuan(sheet.insurer_part), show_yuan(sheet.fund_part)
    plus = f"＋（{fund}）" if sheet.fund_part < 0 else f"＋{fund}"
    return f"校验：行20＋行21＝{insurer}{plus}＝{whole}＝行17。{near}"


def _on_account(sheet: Settlement, rule: SharingRule) -> str | None:
    """That a year of a term was paid on account before the term is settled; None for any other sheet."""
    on_account = rule.period is Period.TERM and sheet.outcome is Outcome.PROVISIONAL and sheet.decision_id is not None
    return "协议期内先行结算，期末统一清算" if on_account else None


def _nearest_edge(sheet: Settlement, rule: SharingRule) -> str:
    rate = Fraction(sheet.rate)
    side, name = (Side.SURPLUS, "盈余率") if rate >= 0 else (Side.LOSS, "亏损率")
    edges = [Fraction(band.lower) for band in rule.bands_for(sheet.reading, side, PolicyCause(sheet.cause.value))[1:]]
    if not edges:
        return ""
    edge = min(edges, key=lambda edge: abs(abs(rate) - edge))
    gap = show_rate(abs(abs(rate) - edge)).strip("+%")
    amount = show_yuan(round_fen(abs(abs(rate) - edge) * Fraction(sheet.rate_base or sheet.premium)))
    side_of = "高于" if abs(rate) > edge else "低于" if abs(rate) < edge else "等于"
    return f"本年度{name}{side_of}{show_rate(edge, 0).strip('+')}界线{gap}个百分点（{amount}元）。"


def _readings(sheet: Settlement, rule: SharingRule) -> list[dict[str, Any]]:
    chosen = next(entry for entry in sheet.readings if entry["reading"] == sheet.reading)
    return [
        {
            "name": rule.reading(entry["reading"]).title,
            "chosen": entry["reading"] == sheet.reading,
            "base": BASES.get(entry["reading"], rule.reading(entry["reading"]).title),
            "insurer": _decimal(entry["insurer"]),
            "fund": _decimal(entry["fund"]),
            "difference": None if entry is chosen else _difference(entry["insurer"], chosen["insurer"]),
        }
        for entry in sheet.readings
    ]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _difference(one: str | None, chosen: str | None) -> Decimal | None:
    return None if one is None or chosen is None else Decimal(one) - Decimal(chosen)


def _results(sheet: Settlement) -> list[dict[str, Any]]:
    if sheet.insurer_part is None or sheet.fund_part is None:
        words = "由有关部门会同承保人提出解决方案，凭书面决定定案"
        return [{"name": "承保人和基金份额（行20、21）", "amount": None, "words": words}]
    if min(sheet.insurer_part, sheet.fund_part) < 0 < max(sheet.insurer_part, sheet.fund_part):
        return [_either_way(*way, amount) for way, amount in (
            (("返还基金（行21）", "基金拨付（行21）"), sheet.fund_part),
            (("承保人收益（行20）", "承保人承担（行20）"), sheet.insurer_part),
        )]  # fmt: skip
    if sheet.balance >= 0:
        return [
            {"name": "返还基金（行21）", "amount": sheet.fund_part},
            {"name": "承保人收益（行20）", "amount": sheet.insurer_part},
        ]
    return [
        {"name": "基金分担亏损（行21）", "amount": -sheet.fund_part},
        {"name": "承保人承担亏损（行20）", "amount": -sheet.insurer_part},
    ]


def _either_way(gain: str, burden: str, amount: Decimal) -> dict[str, Any]:
    """A part of a balance that was counted with others: it may lie on either side of zero."""
    return {"name": gain if amount >= 0 else burden, "amount": abs(amount)}


def _versions(session: Session, sheet: Settlement, clock: Clock) -> list[dict[str, Any]]:
    issued = session.scalars(
        select(Settlement)
        .where(Settlement.contract_id == sheet.contract_id, Settlement.issued_at.is_not(None))  # type: ignore[union-attr]
        .order_by(Settlement.version)  # type: ignore[arg-type]
    ).all()
    return [
        {
            "version": one.version,
            "issued_on": local_date(one.issued_at or clock.now()),
            "change": one.change_reason or "",
        }
        for one in issued
    ]


def _signatures(session: Session, sheet: Settlement, agency: Organisation) -> list[dict[str, Any]]:
    def name(user_id: int | None) -> str:
        user = session.get(User, user_id) if user_id else None
        return user.name if user else ""

    figures = cast(AnnualFigures, session.get(AnnualFigures, sheet.figures_id))
    insurer = cast(User, session.get(User, figures.reported_by)).organisation
    finance = session.scalars(
        select(Organisation).where(Organisation.kind == OrganisationKind.FINANCE, Organisation.area == agency.area)
    ).first()
    return [
        {
            "role": "投保人",
            "name": agency.name,
            "people": [
                {"duty": "经办", "name": name(sheet.prepared_by)},
                {"duty": "签发", "name": name(sheet.issued_by)},
            ],
        },
        {
            "role": "承保人",
            "name": insurer.name,
            "people": [
                {"duty": "经办", "name": name(figures.reported_by)},
                {"duty": "确认", "name": name(sheet.insurer_confirmed_by)},
            ],
        },
        {"role": "财政部门", "name": finance.name if finance else "", "people": []},
    ]


def _issued_before(session: Session, sheet: Settlement) -> IssuedDocument | None:
    rows = (
        select(IssuedDocument)
        .where(IssuedDocument.number == sheet.number)
        .order_by(IssuedDocument.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    )
    return session.scalars(rows).one_or_none()


def workbook(lines: list[SettlementLine], day: date) -> bytes:
    """The rows as a workbook (XLSX); its own timestamps are those of the issue, so that the bytes can be reproduced."""
    book = Workbook()
    grid = book.active
    grid.title = "决算表"
    grid.append(["行次", "项目", "单位", "数额", "来源"])
    for line in lines:
        grid.append([line.row, line.label, line.unit, line.value, line.source])
    for row in grid.iter_rows():
        for cell in row:
            cell.data_type = "s"
    return dated(book, day)


def dated(book: Workbook, day: date) -> bytes:
    """The bytes of a workbook whose every timestamp is the given day."""
    moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (openpyxl writes naive instants)
    book.properties.created = book.properties.modified = moment
    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _core_properties(content, day)
            target.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), content)
    return out.getvalue()


def _core_properties(content: bytes, day: date) -> bytes:
    """openpyxl stamps 'modified' with the machine's clock when it saves; put the day of the issue there."""
    stamp = f"{day.isoformat()}T00:00:00Z".encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)


def outcome_words(outcome: Outcome) -> str:
    """The outcome as papers and portal say it."""
    return {"shared": "按规则分担", "provisional": "暂列", "negotiated": "会商解决"}[outcome.value]

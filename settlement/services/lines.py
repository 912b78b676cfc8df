"""The lines of a settlement sheet: its rows and the steps of its calculation, written once with the draft (F.3)."""

from collections.abc import Iterator
from typing import Any, cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment, Instalment, PremiumPayment
from contracts.services.dues import cover_of
from core.clock import local_date
from core.money import show_yuan
from core.policy.model import Item
from settlement.models import AnnualFigures, ClaimFile, PolicyLossDecision, Settlement, SettlementLine
from settlement.rules.retention import Retained
from settlement.rules.sheet import Receipt, SheetFacts, SheetRow, rows
from settlement.rules.together_rows import retention_rows, together_rows
from settlement.services.calculating import Calculation, together_of
from settlement.services.claims import claim_totals

#: Calculation steps as printed.
STEP_LABELS = {
    "expense": "准予列支费用",
    "income": "收入",
    "cost": "支出",
    "balance": "盈亏额（行17）",
    "reserve": "风险调节金",
    "rate": "盈亏率（行18）",
    "band": "适用档次（行19）",
    "insurer": "承保人份额（行20）",
    "fund": "基金份额（行21）",
    "retention": "考核预留返还",
}

#: The same steps where several contract years are counted together.
POOL_LABELS = {
    **STEP_LABELS,
    "balance": "合并核算盈亏额（行26）",
    "rate": "合并核算盈亏率（行18）",
    "insurer": "合并核算承保人份额（行26a）",
    "fund": "合并核算基金份额（行26b）",
}
#: What a pool hands back to the sheet.
OWN_LABELS = {"own_insurer": "本合同承保人份额（行20）", "own_fund": "本合同基金份额（行21）"}


def step_of(label: str) -> str:
    """The step that a printed label stands for."""
    return next(
        step for labels in (STEP_LABELS, POOL_LABELS, OWN_LABELS) for step, one in labels.items() if one == label
    )


def lines_of(session: Session, settlement_id: int) -> list[SettlementLine]:
    """The sheet's rows and calculation steps in order."""
    return list(
        session.scalars(
            select(SettlementLine)
            .where(SettlementLine.settlement_id == settlement_id)
            .order_by(SettlementLine.position)  # type: ignore[arg-type]
        )
    )


def write_lines(session: Session, sheet: Settlement, contract: AnnualContract, calculation: Calculation) -> None:
    """Write the rows of a new draft and the steps of its calculation."""
    position = 0
    for position, row in enumerate(rows_of(session, contract, calculation), start=1):
        session.add(
            SettlementLine(
                settlement_id=sheet.id,
                position=position,
                row=row.row,
                label=row.label,
                unit=row.unit,
                value=row.value,
                formula=row.formula,
                source=row.source,
                clause=row.clause,
            )
        )
    for number, step in enumerate(_steps(calculation), start=1):
        session.add(SettlementLine(settlement_id=sheet.id, position=position + number, row=f"S{number}", **step))


def rows_of(session: Session, contract: AnnualContract, calculation: Calculation) -> tuple[SheetRow, ...]:
    """The rows a sheet of this calculation has. Raises SheetDoesNotAddUp where parts and wholes disagree."""
    own = calculation.basis.of(contract)
    counted = Item.EXPENSE in calculation.written.cost
    facts, part = _facts(session, contract, own.figures, own.file, expense_counts=counted), None
    if calculation.pools:
        part = calculation.part
    own_rows = rows(facts, calculation.account, calculation.chosen, part, calculation.allowed)
    return (*own_rows, *together_rows(together_of(calculation, contract)))


def _steps(calculation: Calculation) -> Iterator[dict[str, Any]]:
    """The steps of the calculation; of a pool first its own, then what is handed back to this sheet."""
    labels = POOL_LABELS if calculation.pools else STEP_LABELS
    for line in calculation.chosen.lines:
        amount = line.amount if line.rate is None else None
        yield {
            "label": labels[line.step],
            "unit": "元" if amount is not None else "",
            "value": "" if amount is None else str(amount),
            "formula": line.formula,
            "source": line.note or "",
            "clause": str(line.clause),
        }
    part = calculation.part
    if calculation.pools is None or part.insurer is None or part.fund is None:
        return
    rest = f"{show_yuan(part.balance)} − {show_yuan(part.insurer)}".replace("− −", "+ ")
    clause = str(calculation.rule.clause)
    for step, formula, amount in (("own_insurer", part.formula, part.insurer), ("own_fund", rest, part.fund)):
        yield {"label": OWN_LABELS[step], "unit": "元", "value": str(amount), "formula": formula, "source": "",
               "clause": clause}  # fmt: skip


def replace_parts(session: Session, sheet: Settlement, decision: PolicyLossDecision) -> None:
    """A decision fills rows 20 and 21; the lines of the draft are rewritten before anything is issued."""
    source = f"联合认定和解决方案，{decision.meeting_held_on} 会议"
    values = {"20": str(decision.insurer_part), "21": str(decision.fund_part)}
    for line in lines_of(session, cast(int, sheet.id)):
        if line.row in values:
            line.value, line.source, line.clause = values[line.row], source, "J15"
            session.add(line)


def replace_retention(session: Session, sheet: Settlement, held: Retained) -> None:
    """What is held back from a decided part: the own rows of the retention, or the only ones, written anew."""
    lines = {line.row: line for line in lines_of(session, cast(int, sheet.id))}
    first = 4 if "29.4" in lines else 1
    last = max(line.position for line in lines.values())
    source = "按联合认定和解决方案中的承保人份额计算"
    for row in retention_rows(held, source, "（本合同）" if first > 1 else "", first=first):
        last += 1
        line = lines.get(row.row) or SettlementLine(settlement_id=sheet.id, position=last, row=row.row, label=row.label,
                                                    unit=row.unit, clause=row.clause, value="", source="")  # fmt: skip
        line.value, line.source = row.value, row.source
        session.add(line)


def _facts(
    session: Session, contract: AnnualContract, figures: AnnualFigures, file: ClaimFile, *, expense_counts: bool
) -> SheetFacts:
    assessments = session.scalars(select(Assessment).where(Assessment.contract_id == contract.id)).all()
    return SheetFacts(
        contract=contract.number,
        contract_count=contract.insured_count,
        cleared_count=cast(int, contract.cleared_count),
        cleared_on=local_date(contract.cleared_at),  # type: ignore[arg-type]
        standard=contract.funding_standard,
        receipts=tuple(_receipts(session, cast(int, contract.id))),
        claims=claim_totals(file),
        claim_file=f"第{file.version}版",
        recovery_cases=figures.recovery_cases,
        expense_cap_rate=contract.expense_cap_rate,
        expense_counts=expense_counts,
        taxes=figures.taxes,
        commission=figures.commission,
        assessment="；".join(f"{one.period}考核得分{one.score:f}" for one in assessments) or "本年度未作考核扣款",
        sources=figures.sources,
        cover=cover_of(contract),
        bridge=contract.bridge_ground is not None and contract.terminated_at is None,
    )


def _receipts(session: Session, contract_id: int) -> list[Receipt]:
    names = "零一二三四五六七八九十"
    positions = dict(
        session.execute(select(Instalment.id, Instalment.position).where(Instalment.contract_id == contract_id)).all()
    )
    payments = session.scalars(
        select(PremiumPayment).where(PremiumPayment.contract_id == contract_id).order_by(PremiumPayment.id)  # type: ignore[arg-type]
    ).all()
    return [
        Receipt(
            f"第{names[positions[payment.instalment_id]]}期" if payment.instalment_id else "参保人数清算补差",
            payment.amount,
            payment.paid_on,
            payment.reference,
        )
        for payment in payments
    ]

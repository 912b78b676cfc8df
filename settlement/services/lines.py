"""The lines of a settlement sheet: its rows and the steps of its calculation, written once with the draft (F.3)."""

from typing import cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, Assessment, Instalment, PremiumPayment
from contracts.services.dues import cover_of
from core.clock import local_date
from settlement.models import AnnualFigures, ClaimFile, PolicyLossDecision, Settlement, SettlementLine
from settlement.rules.account import RateDefinition, YearAccount
from settlement.rules.sharing import SharingResult
from settlement.rules.sheet import Receipt, SheetFacts, SheetRow, rows
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


def lines_of(session: Session, settlement_id: int) -> list[SettlementLine]:
    """The sheet's rows and calculation steps in order."""
    return list(
        session.scalars(
            select(SettlementLine)
            .where(SettlementLine.settlement_id == settlement_id)
            .order_by(SettlementLine.position)  # type: ignore[arg-type]
        )
    )


def write_lines(
    session: Session, sheet: Settlement, contract: AnnualContract, account: YearAccount, result: SharingResult
) -> None:
    """Write the rows of a new draft and the steps of its calculation."""
    figures = session.get_one(AnnualFigures, sheet.figures_id)
    file = session.get_one(ClaimFile, sheet.claim_file_id)
    position = 0
    for position, row in enumerate(rows_of(session, contract, figures, file, account, result), start=1):
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
    for number, line in enumerate(result.lines, start=1):
        amount = line.amount if line.rate is None else None
        session.add(
            SettlementLine(
                settlement_id=sheet.id,
                position=position + number,
                row=f"S{number}",
                label=STEP_LABELS[line.step],
                unit="元" if amount is not None else "",
                value="" if amount is None else str(amount),
                formula=line.formula,
                source=line.note or "",
                clause=str(line.clause),
            )
        )


def rows_of(
    session: Session,
    contract: AnnualContract,
    figures: AnnualFigures,
    file: ClaimFile,
    account: YearAccount,
    result: SharingResult,
) -> tuple[SheetRow, ...]:
    """The rows a sheet of these inputs has. Raises SheetDoesNotAddUp where parts and wholes disagree."""
    return rows(_facts(session, contract, figures, file), account, result)


def replace_parts(session: Session, sheet: Settlement, decision: PolicyLossDecision) -> None:
    """A decision fills rows 20 and 21; the lines of the draft are rewritten before anything is issued."""
    source = f"联合认定和解决方案，{decision.meeting_held_on} 会议"
    values = {"20": str(decision.insurer_part), "21": str(decision.fund_part)}
    for line in lines_of(session, cast(int, sheet.id)):
        if line.row in values:
            line.value, line.source, line.clause = values[line.row], source, "J15"
            session.add(line)


def _facts(session: Session, contract: AnnualContract, figures: AnnualFigures, file: ClaimFile) -> SheetFacts:
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
        expense_counts=RateDefinition(contract.rate_definition) is not RateDefinition.CLAIMS,
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

"""What a settlement sheet says in words beneath its rows: the cause of its result, the transfer, and to which fund."""

from typing import Any, cast

from sqlmodel import Session, select

from contracts.models import AnnualContract
from core.money import ZERO, show_yuan
from settlement.models import (
    Cause,
    LedgerAccount,
    LedgerEntry,
    LedgerMatter,
    PolicyLossDecision,
    Settlement,
    SettlementMember,
    TransferOrder,
)


def facts_of(session: Session, sheet: Settlement) -> list[dict[str, Any]]:
    """Rows 22 and 23: what drove the result, and the transfer that carries it out."""
    facts = [{"name": "盈亏成因（行22）", "text": _cause(session, sheet)}]
    order = session.scalars(select(TransferOrder).where(TransferOrder.settlement_id == sheet.id)).one_or_none()
    if order is None:
        text = "不发生资金划转"
    else:
        fund = fund_posted(session, sheet)
        way = f"承保人自保费收入账户划入{fund}财政专户" if order.to_fund else f"{fund}自财政专户划入承保人保费收入账户"
        text = f"{way} {show_yuan(order.amount)} 元，于 {order.due_on} 前办理"
    if sheet.retention_forfeited is not None and sheet.retention_released is not None:
        held = show_yuan(sheet.retention_released + sheet.retention_forfeited)
        text += (
            f"；本版归基金合计 {show_yuan(sheet.to_fund)} 元，其中盈亏份额 {show_yuan(sheet.fund_part)} 元，"
            f"考核预留 {held} 元减按考核返还承保人 {show_yuan(sheet.retention_released)} 元后未返还 "
            f"{show_yuan(sheet.retention_forfeited)} 元"
        )
    return [*facts, {"name": "划转（行23）", "text": text}]


def fund_posted(session: Session, sheet: Settlement) -> str:
    """The fund that was posted: the payer's, or the one that succeeded it, with whom it succeeded (Q5)."""
    own = (
        LedgerEntry.settlement_id == sheet.id,
        LedgerEntry.account == LedgerAccount.FUND,
        LedgerEntry.matter == LedgerMatter.BALANCE,
    )
    posted = session.scalars(select(LedgerEntry.holder).where(*own, LedgerEntry.reverses_id.is_(None))).one()  # type: ignore[union-attr]
    contract = cast(AnnualContract, session.get(AnnualContract, sheet.contract_id))
    return posted if posted == contract.fund else f"{posted}（承继{contract.fund}）"


def _cause(session: Session, sheet: Settlement) -> str:
    if sheet.decision_id is not None:
        decision = cast(PolicyLossDecision, session.get(PolicyLossDecision, sheet.decision_id))
        rest = -sheet.balance - decision.attributable
        partly = f"，其余 {show_yuan(rest)} 元为经营性亏损" if rest > 0 else ""
        found = f"认定政策性亏损 {show_yuan(decision.attributable)} 元{partly}；" if sheet.balance < 0 else ""
        return (
            f"{found}{decision.finding}"
            f"（{decision.meeting_held_on} 会商，{_signed_by(decision)}签署，决定文件 SHA-256 "
            f"{decision.evidence_sha256[:16]}…）"
        )
    if finding := _amount_found(session, sheet):
        return finding
    if sheet.cause is Cause.POLICY and sheet.balance < 0:
        return "政策调整导致亏损，亏损率未达会商界线，按一般档次分担"
    kind = "盈余" if sheet.balance >= 0 else "亏损"
    return f"经营性{kind}；无政策性亏损（认定金额 {show_yuan(ZERO)} 元）"


def _amount_found(session: Session, sheet: Settlement) -> str:
    """The finding of what is put down to policy, where the rule divides a loss by its causes; '' otherwise."""
    query = select(PolicyLossDecision).join(
        SettlementMember,
        SettlementMember.finding_id == PolicyLossDecision.id,  # type: ignore[arg-type]
    )
    own = (SettlementMember.settlement_id == sheet.id, SettlementMember.contract_id == sheet.contract_id)
    finding = session.scalars(query.where(*own)).one_or_none()
    if finding is None:
        return ""
    return (
        f"认定政策性亏损 {show_yuan(finding.attributable)} 元，按成因分别分担；{finding.finding}"
        f"（{finding.meeting_held_on} 会商，{_signed_by(finding)}签署，认定文件 SHA-256 "
        f"{finding.evidence_sha256[:16]}…）"
    )


def _signed_by(decision: PolicyLossDecision) -> str:
    return "、".join(one["organisation"] for one in decision.signatures)

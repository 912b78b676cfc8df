"""Claim files: received, landed, recomputed under the rules in force on the day, resolved, then accepted."""

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func
from sqlmodel import Session, select

from contracts.models import AnnualContract
from contracts.services.annual import benefit_terms
from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import Invalid, N_, NotFound, Refused
from core.house import files_of
from core.identity.actor import Actor, require
from core.tasks.models import Task
from core.tasks.queue import enqueue
from settlement.claims.engines import Engine
from settlement.claims.format import WORDS
from settlement.claims.landing import Landed, land
from settlement.claims.listing import WholeClaim, whole_claim
from settlement.claims.recompute import Recomputation, recompute
from settlement.models import ClaimFile, ClaimFinding, FindingResolution
from settlement.rules.benefits import YearTerms
from settlement.rules.sheet import ClaimTotals, Part
from settlement.services.figures import own_contract

#: A reason of fewer characters says nothing.
SHORTEST_REASON = 6


def read_claim_file(session: Session, contract_id: int, content: bytes, name: str) -> Landed:
    """Check and land a file outside any transaction. Raises FileInvalid with every fault by row; nothing is written."""
    contract = session.get(AnnualContract, contract_id)
    if contract is None:
        raise NotFound(N_("There is no such contract"))
    return land(content, name, contract.year, contract.number, covered_until=contract.covered_until)


def receive_claim_file(
    session: Session, actor: Actor, clock: Clock, contract_id: int, content: bytes, name: str, landed: Landed
) -> ClaimFile:
    """Keep a claim file as it came and as it was landed; it becomes the next version of the contract year.

    landed: what `read_claim_file` made of the same bytes.
    """
    require(actor, "settlement:report")
    contract = own_contract(session, actor, contract_id)
    now = clock.now()
    files = files_of(session)
    newest = session.scalar(select(func.max(ClaimFile.version)).where(ClaimFile.contract_id == contract_id))
    row = ClaimFile(
        contract_id=contract_id,
        version=(newest or 0) + 1,
        original_name=name,
        original_sha256=files.put(content),
        parquet_sha256=files.put(landed.parquet),
        rows=landed.rows,
        persons=landed.persons,
        reported_benefit=landed.reported_benefit,
        received_by=actor.user_id,
        received_at=now,
    )
    session.add(row)
    audit.record(
        session, now, actor, "settlement:claims:receive", contract, version=row.version, file=row.original_sha256
    )
    return row


def queue_recomputation(session: Session, actor: Actor, clock: Clock, claim_file_id: int) -> Task:
    """Queue the recomputation of a file, done by the scheduler process with progress. Raises Refused a second time."""
    require(actor, "settlement:check_claims")
    if _file(session, claim_file_id).recomputed_at is not None:
        raise Refused(N_("This claim file is already recomputed"))
    return enqueue(session, actor, clock, "settlement.recompute", claim_file_id=claim_file_id)


def claims_to_recompute(session: Session, claim_file_id: int) -> tuple[Path, YearTerms]:
    """The landed file and the terms of its contract year: what `settlement.claims.recompute` takes.

    Whoever recomputes ends the read first: an open one would keep every writer of the embedded database waiting.
    """
    row = _file(session, claim_file_id)
    contract = cast(AnnualContract, session.get(AnnualContract, row.contract_id))
    terms = YearTerms(contract.year, tuple(benefit_terms(session, contract)))
    return files_of(session).path(row.parquet_sha256), terms


def calculate_claims(session: Session, claim_file_id: int, engine: Engine = "duckdb") -> Recomputation:
    """Recompute a landed file under its contract's terms, where nobody else waits for the database."""
    return recompute(*claims_to_recompute(session, claim_file_id), engine)


def record_recomputation(
    session: Session, actor: Actor, clock: Clock, claim_file_id: int, result: Recomputation
) -> ClaimFile:
    """Store what `calculate_claims` found: totals without personal data, and one finding for each differing claim."""
    require(actor, "settlement:check_claims")
    row: ClaimFile | None = locked(session, ClaimFile, claim_file_id)
    if row is None:
        raise NotFound(N_("There is no such claim file"))
    if row.recomputed_at is not None:
        raise Refused(N_("This claim file is already recomputed"))
    now = clock.now()
    row.recomputed_at, row.recomputed_benefit = now, result.totals.whole.benefit
    row.engine, row.terms_hash, row.totals = result.engine, result.terms_hash, result.totals.as_data()
    session.add(row)
    session.add_all(
        ClaimFinding(
            claim_file_id=row.id,
            claim_id=finding.claim_id,
            kind=finding.kind,
            reported=finding.reported,
            recomputed=finding.recomputed,
            explanation=finding.explanation,
        )
        for finding in result.findings
    )
    audit.record(session, now, actor, "settlement:claims:recompute", row, findings=len(result.findings))
    return row


def resolve_finding(
    session: Session, actor: Actor, clock: Clock, finding_id: int, resolution: FindingResolution, reason: str
) -> ClaimFinding:
    """Settle one difference. The sheet always counts the recomputed benefit; the resolution says who was right and why.

    INSURER_CORRECTS may be said by the insurer or the department, DEPARTMENT_ACCEPTS by the department only.
    """
    require(actor, "settlement:resolve_finding")
    finding: ClaimFinding | None = locked(session, ClaimFinding, finding_id)
    if finding is None:
        raise NotFound(N_("There is no such finding"))
    row = _file(session, finding.claim_file_id)
    if actor.is_insurer:
        own_contract(session, actor, row.contract_id)
        if resolution is not FindingResolution.INSURER_CORRECTS:
            raise Refused(N_("Only the department can accept the reported benefit"))
    if finding.resolved_at is not None:
        raise Refused(N_("This finding is already resolved"))
    if not reason.strip():
        raise Invalid(N_("Give the reason"), field="reason")
    finding.resolution, finding.reason = resolution, reason.strip()
    finding.resolved_by, finding.resolved_at = actor.user_id, clock.now()
    session.add(finding)
    audit.record(session, finding.resolved_at, actor, "settlement:finding:resolve", finding, how=resolution.value)
    return finding


def accept_claim_file(session: Session, actor: Actor, clock: Clock, claim_file_id: int) -> ClaimFile:
    """Accept a recomputed file for settlement. Raises Refused while a finding is open or a newer version exists."""
    require(actor, "settlement:check_claims")
    row: ClaimFile | None = locked(session, ClaimFile, claim_file_id)
    if row is None:
        raise NotFound(N_("There is no such claim file"))
    if row.recomputed_at is None:
        raise Refused(N_("Recompute the claim file first"))
    if row.accepted_at is not None:
        raise Refused(N_("This claim file is already accepted"))
    newest = session.scalar(select(func.max(ClaimFile.version)).where(ClaimFile.contract_id == row.contract_id))
    if newest != row.version:
        raise Refused(N_("A newer version of this claim file exists"))
    remaining = len(open_findings(session, claim_file_id))
    if remaining:
        raise Refused(N_("%(count)s findings are not resolved"), count=remaining)
    row.accepted_at, row.accepted_by = clock.now(), actor.user_id
    session.add(row)
    audit.record(session, row.accepted_at, actor, "settlement:claims:accept", row, version=row.version)
    return row


def reveal_claim(session: Session, actor: Actor, clock: Clock, claim_file_id: int, row: int, reason: str) -> WholeClaim:
    """One claim unmasked, for a reason that the audit keeps beside the claim's number (PIPL 28, J21).

    Raises Invalid for a reason too short to say anything, NotFound for a row that the file does not have.
    """
    require(actor, "settlement:reveal_claim")
    file = _file(session, claim_file_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(N_("Say why this claim has to be seen"), field="reason", clause="J21")
    claim = whole_claim(files_of(session).path(file.parquet_sha256), row)
    if claim is None:
        raise NotFound(N_("There is no such claim"))
    audit.record(
        session, clock.now(), actor, "settlement:claim:reveal", file, claim=claim.claim_id, reason=reason.strip()
    )
    return claim


def open_findings(session: Session, claim_file_id: int) -> list[ClaimFinding]:
    """The findings of a file that nobody resolved, in the order of the file."""
    return list(
        session.scalars(
            select(ClaimFinding)
            .where(ClaimFinding.claim_file_id == claim_file_id, ClaimFinding.resolved_at.is_(None))  # type: ignore[union-attr]
            .order_by(ClaimFinding.id)  # type: ignore[arg-type]
        )
    )


def accepted_file(session: Session, contract_id: int) -> ClaimFile | None:
    """The newest accepted claim file of a contract year, or None."""
    return session.scalars(
        select(ClaimFile)
        .where(ClaimFile.contract_id == contract_id, ClaimFile.accepted_at.is_not(None))  # type: ignore[union-attr]
        .order_by(ClaimFile.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    ).one_or_none()


def claim_totals(row: ClaimFile) -> ClaimTotals:
    """What a recomputed file adds up to, as the settlement sheet prints it."""
    data = cast(dict[str, Any], row.totals)
    whole, splits = data["whole"], data["splits"]
    return ClaimTotals(
        persons=whole["beneficiaries"],
        cases=whole["claims"],
        total_cost=Decimal(whole["total_cost"]),
        compliant_cost=Decimal(whole["compliant_cost"]),
        basic_fund_paid=Decimal(whole["basic_fund_paid"]),
        benefit=Decimal(whole["benefit"]),
        by_channel=_parts(splits["channel"], WORDS["channel"]),
        by_group=_parts(splits["group"], WORDS["group"]),
        by_band=_parts(splits["band"], None),
    )


def _parts(split: dict[str, Any], words: dict[str, str] | None) -> tuple[Part, ...]:
    """A split in the order of its words; bands by number, where band 0 lies under the deductible and pays nothing."""
    if words is not None:
        return tuple(
            Part(chinese, split[word]["claims"], Decimal(split[word]["benefit"]))
            for word, chinese in words.items()
            if word in split
        )
    return tuple(
        Part("未达起付标准" if band == "0" else f"第{band}段", tally["claims"], Decimal(tally["benefit"]))
        for band, tally in sorted(split.items())
    )


def _file(session: Session, claim_file_id: int) -> ClaimFile:
    row = session.get(ClaimFile, claim_file_id)
    if row is None:
        raise NotFound(N_("There is no such claim file"))
    return row

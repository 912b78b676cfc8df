"""What a played demonstration leaves in a folder: papers, claim files, filings, open data, books and summary.json."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from sqlmodel import Session, select

from contracts.models import AnnualContract, ServiceAgreement
from contracts.services.annual import benefit_terms
from core.documents.models import IssuedDocument
from core.files import DiskStore
from core.house import House
from core.identity.actor import SYSTEM
from core.identity.models import Organisation
from disclosure.models import Filing
from disclosure.opendata import export as open_data
from settlement.claims.terms import as_toml
from settlement.models import AnnualFigures, ClaimFile, Settlement
from settlement.rules.benefits import YearTerms
from settlement.rules.sharing import exact_text
from settlement.services.reconciliation import as_data, reconciliation


def write(house: House, out: Path) -> None:
    """Write everything; files of an earlier run with the same names are replaced."""
    session = house.db.session
    _papers(session, house.files, out / "documents")
    _packages(session, house.files, out / "filings")
    _claim_files(session, house.files, out / "claims")
    open_data.write(out / "opendata", open_data.open_files(session, house.clock.now()))
    _json(out / "contracts.json", [_contract(session, row) for row in _contracts(session)])
    _json(out / "reconciliation.json", as_data(reconciliation(session, SYSTEM)))
    _json(out / "summary.json", [_year(session, row) for row in _contracts(session)])


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _papers(session: Session, files: DiskStore, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for paper in session.scalars(select(IssuedDocument).order_by(IssuedDocument.id)):  # type: ignore[arg-type]
        name = f"{paper.number}-v{paper.version}-{paper.kind}.pdf"
        (folder / name).write_bytes(files.get(paper.pdf_sha256))


def _packages(session: Session, files: DiskStore, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for filing in session.scalars(select(Filing).where(Filing.package_sha256.is_not(None))):  # type: ignore[union-attr]
        (folder / f"{filing.number}-v{filing.version}.zip").write_bytes(files.get(cast(str, filing.package_sha256)))


def _claim_files(session: Session, files: DiskStore, folder: Path) -> None:
    """Each accepted claim file with the benefit terms of its contract, so that it can be recomputed anywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in session.scalars(select(ClaimFile).where(ClaimFile.accepted_at.is_not(None))):  # type: ignore[union-attr]
        (folder / row.original_name).write_bytes(files.get(row.original_sha256))
        contract = cast(AnnualContract, session.get(AnnualContract, row.contract_id))
        terms = YearTerms(contract.year, tuple(benefit_terms(session, contract)))
        (folder / f"{contract.number}-terms.toml").write_text(as_toml(terms), "utf-8")


def _contracts(session: Session) -> list[AnnualContract]:
    return list(session.scalars(select(AnnualContract).order_by(AnnualContract.year, AnnualContract.number)))  # type: ignore[arg-type]


def _contract(session: Session, contract: AnnualContract) -> dict[str, Any]:
    """A contract year with all that an independent recomputation needs: terms, cleared count, confirmed figures."""
    sheet = _sheet(session, contract)
    figures = cast(AnnualFigures, session.get(AnnualFigures, sheet.figures_id))
    agreement = cast(ServiceAgreement, session.get(ServiceAgreement, contract.agreement_id))
    return {
        "contract": contract.number,
        "agreement": agreement.number,
        "scheme": agreement.scheme.value,
        "insurer": cast(Organisation, session.get(Organisation, agreement.insurer_id)).name,
        "year": contract.year,
        "insured_count": contract.insured_count,
        "cleared_count": contract.cleared_count,
        "funding_standard": str(contract.funding_standard),
        "rate_definition": contract.rate_definition,
        "claims_basis": contract.claims_basis,
        "reading": contract.sharing_reading,
        "recoveries": str(figures.recoveries),
        "reserve_open": str(figures.reserve_open),
        "reserve_close": str(figures.reserve_close),
        "expense": str(figures.direct_expense + figures.allocated_expense),
        "cause": sheet.cause.value,
        "decided_insurer": str(sheet.insurer_part) if sheet.decision_id else None,
        "decided_fund": str(sheet.fund_part) if sheet.decision_id else None,
        "claim_file": f"{contract.number}-理赔明细.csv",
        "benefits": [
            {
                "in_force_from": str(terms.in_force_from),
                "deductible": str(terms.deductible),
                "maximum": None if terms.cap is None else str(terms.cap),
                "bands": [
                    {
                        "lower": str(band.lower),
                        "upper": None if band.upper is None else str(band.upper),
                        "ratio": str(band.ratio),
                    }
                    for band in terms.bands
                ],
                "tilts": {
                    group: {"deductible_cut": str(tilt.deductible_cut), "ratio_points": str(tilt.ratio_points)}
                    for group, tilt in terms.tilts.items()
                },
            }
            for terms in benefit_terms(session, contract)
        ],
    }


def _year(session: Session, contract: AnnualContract) -> dict[str, Any]:
    """One object of summary.json: exact strings, null where nothing is computed."""
    sheet = _sheet(session, contract)
    chosen = next(entry for entry in sheet.readings if entry["reading"] == sheet.reading)
    return {
        "contract": contract.number,
        "year": contract.year,
        "premium": str(sheet.premium),
        "claims": str(sheet.claims),
        "balance": str(sheet.balance),
        "rate": exact_text(Fraction(sheet.rate)),
        "reading": sheet.reading,
        "band": sheet.band,
        "outcome": sheet.outcome.value,
        "insurer": chosen["insurer"],
        "fund": chosen["fund"],
    }


def _sheet(session: Session, contract: AnnualContract) -> Settlement:
    """The newest issued settlement of a contract year."""
    return session.scalars(
        select(Settlement)
        .where(Settlement.contract_id == contract.id, Settlement.issued_at.is_not(None))  # type: ignore[union-attr]
        .order_by(Settlement.version.desc())  # type: ignore[attr-defined]
        .limit(1)
    ).one()

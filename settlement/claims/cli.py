"""Claim files from the command line: recompute one under a year's terms, or invent one for a demonstration."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pyarrow.parquet as pq
from flask import current_app
from sqlalchemy import inspect
from sqlmodel import select

from contracts.models import AnnualContract
from contracts.services.annual import benefit_terms
from core.cli import Commands, answer, as_json
from core.errors import FileInvalid, Invalid, N_
from core.money import show_yuan
from core.policy.library import get, view
from core.policy.terms import check_terms
from settlement.claims.engines import ENGINES, Engine
from settlement.claims.findings import Finding
from settlement.claims.landing import land, landed_terms, landed_year
from settlement.claims.recompute import Recomputation
from settlement.claims.recompute import recompute as recompute_file
from settlement.claims.terms import read_terms
from settlement.claims.writing import as_csv
from settlement.rules.benefits import YearTerms
from settlement.simulating import FILE, Yuan

cli = Commands("claims", help="Claim-level files: recompute the benefits, invent files for a demonstration.")

OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@cli.command("recompute")
@click.argument("file", type=FILE)
@click.option("--pack", required=True, help="The policy pack that the year's terms must keep to.")
@click.option("--year", type=int, required=True, help="The insurance year.")
@click.option(
    "--terms",
    "terms_file",
    type=FILE,
    help="The year's benefit terms as TOML (docs/claims-format.md); else those the landed file or its contract has.",
)
@click.option("--contract", help="The contract number that the file must bear.")
@click.option("--out", type=OUT, required=True, help="Where every claim's result goes, as Parquet.")
@click.option("--engine", type=click.Choice(ENGINES), default="duckdb")
@as_json
def recompute(
    file: Path,
    pack: str,
    year: int,
    terms_file: Path | None,
    contract: str | None,
    out: Path,
    engine: Engine,
    as_json: bool,
) -> None:
    """Recompute the benefit of every claim in FILE (CSV, XLSX, Parquet) and list where the reported one differs."""
    _check_folder(out)
    content = file.read_bytes()
    terms = read_terms(terms_file) if terms_file else landed_terms(content)
    if terms is not None:
        _check_terms(terms, terms_file.name if terms_file else file.name, pack, year)
    found_year = landed_year(content)
    if found_year is not None and found_year != year:
        message = N_("%(file)s holds claims of %(found)s, not of %(year)s")
        raise Invalid(message, file=file.name, found=found_year, year=year)
    with TemporaryDirectory(prefix="chengban-claims-") as folder:
        parquet = file
        if found_year is None:
            parquet = Path(folder) / "landed.parquet"
            parquet.write_bytes(land(content, file.name, year, contract).parquet)
        if terms is None:
            terms = _terms_of_contract(parquet, contract, year)
            _check_terms(terms, file.name, pack, year)
        result = recompute_file(parquet, terms, engine, out)
    answer(_data(result, get(pack, date(year, 1, 1)).hash), as_json, _words(result))


@cli.command("generate")
@click.option("--contract", required=True, help="Number of the invented contract; it starts the random stream.")
@click.option("--year", type=int, required=True)
@click.option("--insured", type=int, required=True, help="Persons insured under the contract.")
@click.option("--benefit", type=Yuan(), required=True, help="What the right benefits come to, in yuan.")
@click.option("--terms", "terms_file", type=FILE, required=True)
@click.option("--seed", default="演示")
@click.option("--out", type=OUT, required=True, help="Where the CSV file goes.")
def generate(contract: str, year: int, insured: int, benefit: Decimal, terms_file: Path, seed: str, out: Path) -> None:
    """Invent the claim file of a demonstration contract year; one claim in a thousand is reported wrong."""
    # The generator needs numpy's arrays; no other command does.
    from settlement.claims.generator import Order
    from settlement.claims.generator import generate as invent

    _check_folder(out)
    terms = read_terms(terms_file)
    _check_year(terms, terms_file.name, year)
    try:
        made = invent(Order(contract, year, insured, benefit, terms, seed))
    except ValueError as wrong:
        raise Invalid(N_("No such claim file can be invented: %(reason)s"), reason=str(wrong)) from wrong
    out.write_bytes(as_csv(made.claims))
    click.echo(f"{made.claims.num_rows} claims, {show_yuan(made.benefit)} yuan, {len(made.planted)} reported wrong")


def _check_folder(out: Path) -> None:
    """Refuse before the work, not after it, where the result could not be written."""
    if not out.absolute().parent.is_dir():
        raise Invalid(N_("There is no folder %(folder)s for the result"), folder=out.parent)
    if not out.exists():
        out.touch()  # a folder that cannot be written says so here
        out.unlink()


def _terms_of_contract(parquet: Path, contract: str | None, year: int) -> YearTerms:
    """The terms of the annual contract that the file names, where this house has signed it."""
    numbers = pq.read_table(parquet, columns=["contract_number"])["contract_number"].drop_null().unique().to_pylist()
    number = contract or (numbers[0] if len(numbers) == 1 else None)
    found = _contract_in_house(number, year) if number else None
    if found is not None:
        return found
    raise Invalid(
        N_(
            "The papers leave deductible, band limits and maximum of %(year)s to the annual contract, and %(contract)s "
            "is no contract of this house: give them with --terms FILE (docs/claims-format.md)"
        ),
        year=year,
        contract=number or "the file",
    )


def _contract_in_house(number: str, year: int) -> YearTerms | None:
    """None too where there is no database: a file can be recomputed with its terms alone."""
    found = current_app.extensions.get("house")
    if found is None:
        return None
    database = found.db
    if not inspect(database.engine).has_table(AnnualContract.__tablename__):
        return None
    row = database.session.scalars(
        select(AnnualContract).where(AnnualContract.number == number, AnnualContract.year == year)
    ).one_or_none()
    return YearTerms(year, tuple(benefit_terms(database.session, row))) if row is not None else None


def _check_terms(terms: YearTerms, source: str, pack: str, year: int) -> None:
    """Refuse terms of another year and terms that do not keep to the pack from the day each begins."""
    _check_year(terms, source, year)
    faults = [
        (f"terms[{day}].{fault.place}", str(fault))
        for day, version in zip(terms.days(), terms.versions, strict=True)
        if (rule := view(pack, day).benefits)
        for fault in check_terms(rule, version)
    ]
    if faults:
        message = N_("The terms in %(file)s do not keep to the policy pack %(pack)s:")
        raise FileInvalid(message, faults, file=source, pack=pack)


def _check_year(terms: YearTerms, source: str, year: int) -> None:
    if terms.year != year:
        raise Invalid(
            N_("%(file)s gives terms of %(found)s, not of %(year)s"), file=source, found=terms.year, year=year
        )


def _data(result: Recomputation, pack_hash: str) -> dict[str, Any]:
    return {
        "pack_hash": pack_hash,
        "terms_hash": result.terms_hash,
        "engine": result.engine,
        **result.totals.as_data(),
        "findings": [_finding_data(finding) for finding in result.findings],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "claim_id": finding.claim_id,
        "row": finding.row,
        "kind": finding.kind,
        "reported": str(finding.reported),
        "recomputed": str(finding.recomputed),
        "explanation": finding.explanation,
    }


def _words(result: Recomputation) -> str:
    whole = result.totals.whole
    lines = [
        f"claims      {whole.claims:>18,}",
        f"persons     {whole.persons:>18,}",
        f"paid to     {whole.beneficiaries:>18,}",
        f"reported    {show_yuan(whole.reported_benefit):>18}",
        f"recomputed  {show_yuan(whole.benefit):>18}",
        f"findings    {whole.findings:>18,}",
    ]
    lines += [
        f"  row {finding.row}  {finding.claim_id}  {show_yuan(finding.reported)} ≠ {show_yuan(finding.recomputed)}"
        f"  {finding.kind}  {finding.explanation['formula']}"
        for finding in result.findings[:20]
    ]
    return "\n".join(lines)

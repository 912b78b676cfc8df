"""The Jilin case as `make demo` plays it: recomputed from its own files without the product's settlement code."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two plays of the case, side by side, each in a process and a folder of its own."""
    folders = (tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second"))
    plays = [
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "play", "--out", str(folder / "out")],
            cwd=ROOT,
            env={**os.environ, "CHENGBAN_DATA": str(folder / "data"), "CHENGBAN_MODE": "demonstration"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for folder in folders
    ]
    for play in plays:
        words, _ = play.communicate(timeout=1800)
        assert play.returncode == 0, words
    return folders[0] / "out", folders[1] / "out"


def read(out: Path, name: str) -> Any:
    """A JSON file of the output."""
    return json.loads((out / name).read_text("utf-8"))


# --- an independent calculation, by hand from the words of 吉政办发〔2016〕57号


def fen(value: Fraction) -> Decimal:
    """Half up to the fen, written independently of core.money."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def benefit(terms: dict[str, Any], group: str, burden: Decimal) -> Decimal:
    """三（三）（四）: bands above the deductible, tilt for the poor, at most the maximum; rounded to the fen."""
    tilt = terms["tilts"].get(group, {"deductible_cut": "0", "ratio_points": "0"})
    deductible = Decimal(terms["deductible"]) * (1 - Decimal(tilt["deductible_cut"]))
    excess, paid = burden - deductible, Decimal(0)
    for band in terms["bands"]:
        lower, upper = Decimal(band["lower"]), Decimal(band["upper"] or "Infinity")
        paid += max(Decimal(0), min(excess, upper) - lower) * (Decimal(band["ratio"]) + Decimal(tilt["ratio_points"]))
    return paid.quantize(Decimal("0.01"), ROUND_HALF_UP)


def claims_paid(out: Path, contract: dict[str, Any]) -> Decimal:
    """All benefits of a claim file, person by person in the order of settlement, under the terms of each day."""
    persons: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (out / "claims" / contract["claim_file"]).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            persons[row["person_id"]].append(row)
    total = Decimal(0)
    for rows in persons.values():
        burden = uncut = paid = Decimal(0)
        for row in sorted(rows, key=lambda row: (row["settled_on"], row["claim_id"])):
            day = date.fromisoformat(row["settled_on"])
            terms = [t for t in contract["benefits"] if date.fromisoformat(t["in_force_from"]) <= day][-1]
            before, burden = burden, burden + Decimal(row["self_paid_compliant"])
            uncut += benefit(terms, row["group"], burden) - benefit(terms, row["group"], before)
            now = min(uncut, Decimal(terms["maximum"]))
            total, paid = total + max(Decimal(0), now - paid), max(paid, now)
    return total


def share(balance: Decimal, premium: Decimal, cause: str) -> tuple[str, Decimal | None]:
    """五（三）, literal reading: (outcome, the insurer's part)."""
    rate = Fraction(balance) / Fraction(premium)
    three, five = Fraction(3, 100), Fraction(5, 100)
    if abs(rate) <= three:
        return "shared", balance
    if rate > five:
        return "shared", fen(Fraction(30, 100) * five * Fraction(premium))
    if rate > three:
        return "shared", fen(Fraction(30, 100) * Fraction(balance))
    if cause == "policy" and -rate >= five:
        return "negotiated", None
    assert -rate <= five, "the case has no operating loss over 5 %"
    return "shared", fen(Fraction(50, 100) * Fraction(balance))


def band(balance: Decimal, premium: Decimal, cause: str) -> str:
    """五（三）: which band a year falls into, in the words of summary.json."""
    rate, three, five = Fraction(balance) / Fraction(premium), Fraction(3, 100), Fraction(5, 100)
    if abs(rate) <= three:
        return "盈余率在3%（含）以内" if rate >= 0 else "亏损率在3%（含）以内"
    if rate > 0:
        return "盈余3%—5%（含）" if rate <= five else "盈余5%以上"
    return "亏损5%（含）以上" if cause == "policy" and -rate >= five else "亏损3%—5%（含）"


def test_the_summary_agrees_with_an_independent_recomputation(runs: tuple[Path, Path]) -> None:
    contracts = {entry["contract"]: entry for entry in read(runs[0], "contracts.json")}
    for year in read(runs[0], "summary.json"):
        contract = contracts[year["contract"]]
        premium = contract["cleared_count"] * Decimal(contract["funding_standard"])
        reserve = Decimal(contract["reserve_close"]) - Decimal(contract["reserve_open"])
        claims = claims_paid(runs[0], contract) - Decimal(contract["recoveries"]) + reserve
        balance = premium - claims
        outcome, insurer = share(balance, premium, contract["cause"])
        told = {name: year[name] for name in ("premium", "claims", "balance", "outcome", "insurer", "fund")}
        assert told == {
            "premium": str(premium),
            "claims": str(claims),
            "balance": str(balance),
            "outcome": outcome,
            "insurer": None if insurer is None else str(insurer),
            "fund": None if insurer is None else str(balance - insurer),
        }, year["contract"]
        assert (year["reading"], year["band"]) == ("whole", band(balance, premium, contract["cause"])), year["contract"]
        assert abs(Fraction(year["rate"]) - Fraction(balance) / Fraction(premium)) < Fraction(1, 10**18)


def test_every_band_of_the_paper_occurs(runs: tuple[Path, Path]) -> None:
    years = read(runs[0], "summary.json")
    rates = [Decimal(year["balance"]) / Decimal(year["premium"]) for year in years]
    assert len(years) == 12
    assert any(abs(rate) <= Decimal("0.03") for rate in rates)
    assert any(Decimal("0.03") < rate <= Decimal("0.05") for rate in rates)
    assert any(rate > Decimal("0.05") for rate in rates)
    assert any(Decimal("-0.05") <= rate < Decimal("-0.03") for rate in rates)
    negotiated = [year for year in years if year["outcome"] == "negotiated"]
    assert negotiated
    assert all(year["insurer"] is None and year["fund"] is None for year in negotiated)


def test_parts_add_up_to_the_balance(runs: tuple[Path, Path]) -> None:
    for year in read(runs[0], "summary.json"):
        if year["insurer"] is not None:
            assert Decimal(year["insurer"]) + Decimal(year["fund"]) == Decimal(year["balance"]), year["contract"]


def test_every_claim_file_has_at_least_twenty_thousand_claims(runs: tuple[Path, Path]) -> None:
    files = sorted((runs[0] / "claims").glob("*.csv"))
    assert len(files) == 12
    for file in files:
        with file.open(encoding="utf-8-sig") as lines:
            assert sum(1 for _ in lines) > 20_000, file.name


def test_two_plays_give_the_same_numbers_and_the_same_papers(runs: tuple[Path, Path]) -> None:
    first, second = runs
    for name in ("summary.json", "contracts.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    papers = {file.name: digest(file) for file in (first / "documents").iterdir()}
    again = {file.name: digest(file) for file in (second / "documents").iterdir()}
    assert papers.keys() == again.keys()
    differing = {name for name in papers if papers[name] != again[name]}
    assert differing == {name for name in papers if prints_a_commitment(name, first, second)}


#: What stands beside a random commitment in a paper: of a bidder to its files, of a supervisor to a secret number.
COMMITMENTS = ("承诺值", "先提交的摘要")


def prints_a_commitment(name: str, first: Path, second: Path) -> bool:
    """Whether a paper's own text prints a random commitment: it is named, and its SHA-256 is not the other play's."""
    text, other = ("".join(words_of(out / "documents" / name).split()) for out in (first, second))
    hashes = set(re.findall("[0-9a-f]{64}", text)) - set(re.findall("[0-9a-f]{64}", other))
    return bool(hashes) and any(word in text for word in COMMITMENTS)


def words_of(file: Path) -> str:
    """The text of a paper."""
    return subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout.decode()


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_every_paper_says_that_it_is_a_demonstration(runs: tuple[Path, Path]) -> None:
    for file in sorted((runs[0] / "documents").glob("*.pdf")):
        assert "演示" in words_of(file).replace(" ", ""), file.name


def test_the_books_of_all_twelve_contract_years_agree_to_zero(runs: tuple[Path, Path]) -> None:
    """Sheet, ledger, transfers and the two dedicated accounts (J16), as `flask settlement reconcile` has them."""
    found = read(runs[0], "reconciliation.json")
    assert (found["unexplained"], len(found["contracts"])) == ("0.00", 12)
    names = {one["name"] for row in found["contracts"] for check in row["checks"] for one in check["named"]}
    assert names == {"findings"}, "what differs is what the recomputation found, and nothing else"

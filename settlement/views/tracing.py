"""Where each row of a sheet comes from: formula, evidence, who reported and confirmed it, what it was before."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlmodel import col, func, select

from contracts.models import AnnualContract, Assessment, PremiumPayment
from core.money import show_yuan
from core.policy.model import Item
from core.web import actor, session
from core.web.filters import chinese, day, fingerprint, moment, number
from settlement.models import AnnualFigures, ClaimFile, ClaimFinding, Settlement, SettlementLine
from settlement.papers import BESIDE, COUNTED, main_number
from settlement.services.calculating import rule_of
from settlement.services.lines import OWN_LABELS, lines_of, step_of
from settlement.services.pools import basis_named
from settlement.services.standing import standing
from settlement.views import access, labels

#: Groups of rows as the sheet prints them, with the numbers of their rows.
GROUPS = (
    ("premium", ("1", "2", "3", "4", "5", "6")),
    ("claims", ("7", "8", "9")),
    ("expense", ("10", "11", "12", "13", "14", "15", "16")),
    ("result", ("17", "18", "19", "20", "21")),
    ("together", BESIDE),
)
#: How the rows that the sheet computes come about.
FORMULAS = {
    "3": "1.2 × 2",
    "3.1": "1.1 × 2",
    "4": "4.1 + 4.2 + …",
    "5": "3 − 4",
    "6": "3 − 3.1",
    "7.6": "7.3 − 7.5 − 7",
    "18": "17 ÷ 3",
    "21": "17 − 20",
}

Step = tuple[str, Any]


@dataclass(frozen=True)
class Row:
    """One row ready for its table. steps: how the figure came about; before: its value in the version before."""

    line: SettlementLine
    name: Any
    shown: str
    unit: Any
    source: Any
    steps: tuple[Step, ...]
    before: str
    total: bool
    counts: bool


@dataclass(frozen=True)
class CalculationStep:
    """One step of the calculation ready for the page. final: one of the two parts."""

    name: Any
    formula: str
    result: str
    clause: str | None
    final: bool


class Tracer:
    """Answers for the rows of one version of a sheet; reads what they rest on once."""

    def __init__(self, sheet: Settlement, contract: AnnualContract) -> None:
        database = session()
        self.sheet, self.contract = sheet, contract
        self.figures = database.get_one(AnnualFigures, sheet.figures_id)
        self.file = database.get_one(ClaimFile, sheet.claim_file_id)
        self.lines = lines_of(database, sheet.id or 0)
        earlier = lines_of(database, sheet.replaces_id) if sheet.replaces_id else []
        self.earlier = {line.row: line.value for line in earlier}
        self.band = self._band_of(sheet)
        self.earlier_band = self._band_of(database.get_one(Settlement, sheet.replaces_id)) if earlier else ""

    def groups(self) -> list[tuple[str, list[Row]]]:
        """The rows in the groups of the printed sheet."""
        every = [
            (name, [self._row(line) for line in self.lines if main_number(line.row) in numbers])
            for name, numbers in GROUPS
        ]
        return [(name, rows) for name, rows in every if rows]

    def steps(self, rate: str, band: str) -> list[CalculationStep]:
        """The steps of the calculation, in order; rate, band: the results of the two steps that have no amount."""
        found = []
        for line in self.lines:
            if not line.row.startswith("S"):
                continue
            name = step_of(line.label)
            result = show_yuan(Decimal(line.value)) if line.value else rate if name == "rate" else band
            # Every step keeps its clause; beside the plain sums it would only be read over.
            clause = line.clause if name in ("expense", "band", "insurer", "own_insurer") else None
            formula, final = line.formula or "", name in self._parts()
            found.append(CalculationStep(labels.step_name(line), formula, result, clause, final))
        return found

    def _parts(self) -> tuple[str, str]:
        """The two steps that end in what the sheet divides: a pool first hands it back."""
        handed_back = any(line.label == OWN_LABELS["own_fund"] for line in self.lines)
        return ("own_insurer", "own_fund") if handed_back else ("insurer", "fund")

    def changes(self) -> list[Row]:
        """The rows that differ from the version before."""
        return [row for _, rows in self.groups() for row in rows if row.before]

    def _row(self, line: SettlementLine) -> Row:
        return Row(
            line=line,
            name=labels.row_name(line),
            shown=self.band if line.row == "19" else shown_value(line.unit, line.value),
            unit=labels.UNITS.get(line.unit, ""),
            source=self._source(line),
            steps=tuple(self._steps(line)),
            before=self._before(line),
            total=line.row in ("3", "4", "7", "12", "17"),
            counts=line.unit in (*COUNTED, "元/人"),
        )

    def _before(self, line: SettlementLine) -> str:
        """The row's value in the version before, '' where it is the same or new."""
        value = self.earlier.get(line.row, line.value)
        if value == line.value:
            return ""
        return self.earlier_band if line.row == "19" else shown_value(line.unit, value)

    def _band_of(self, sheet: Settlement) -> str:
        return labels.band_name(access.band_of(access.year_for(self.contract.id or 0), sheet))

    def _source(self, line: SettlementLine) -> Any:
        """The source in a few words; formulas in row numbers are the same in every language."""
        if line.row in FORMULAS and not self._otherwise(line):
            return gettext("Row %(formula)s", formula=FORMULAS[line.row])
        match main_number(line.row):
            case "7":
                return gettext("Claim file, version %(version)s", version=self.file.version)
            case "1" | "2":
                return gettext("Annual contract %(number)s", number=self.contract.number)
            case "12":
                return gettext("Rows 10 + 11 within the cap") if self._expense_counts() else gettext(
                    "The contract's rate does not count expense"
                )  # fmt: skip
            case "15":
                return gettext("Not allowed; must be zero")
            case "20" | "21" if self.sheet.decision_id:
                url = url_for("settlement.decision", decision_id=self.sheet.decision_id)
                return Markup('<a href="{}">{}</a>').format(url, gettext("Decision of the departments"))
            case "17" | "18" | "20":
                return self._step_by_step()
        return _quoted(line.source)

    def _otherwise(self, line: SettlementLine) -> bool:
        """Whether a row does not come about as its formula says: by a decision, or in a pool."""
        pooled = line.row == "18" and any(one.row == "26" for one in self.lines)
        return pooled or (line.row == "21" and self.sheet.decision_id is not None)

    def _step_by_step(self) -> Markup:
        return Markup('<a href="#steps">{}</a>').format(gettext("Step by step"))

    def _expense_counts(self) -> bool:
        return Item.EXPENSE in rule_of(self.contract).cost

    def _steps(self, line: SettlementLine) -> Iterator[Step]:
        if line.formula:
            yield gettext("How this came about"), line.formula
        elif line.row in FORMULAS and not self._otherwise(line):
            yield gettext("How this came about"), gettext("Row %(formula)s", formula=FORMULAS[line.row])
        yield from self._facts(main_number(line.row), line)
        if before := self._before(line):
            was = Markup("<del>{}</del>").format(before)
            yield gettext("In version %(version)s", version=self.sheet.version - 1), was

    def _facts(self, number_of_row: str, line: SettlementLine) -> Iterator[Step]:
        match number_of_row:
            case "1" | "2" | "3" | "5" | "6":
                yield from self._of_contract()
            case "4":
                yield from self._of_payments()
            case "7":
                yield from self._of_claims()
            case "8" | "9" | "10" | "11" | "12" | "13" | "14" | "15":
                yield gettext("Evidence"), _quoted(line.source)
                yield from self._of_figures()
            case "16":
                yield from self._of_assessment()
            case "17" | "18" | "19" | "20" | "21":
                yield gettext("Calculation"), self._step_by_step()
            case "26" if line.row.startswith(("26.", "26c.")):
                yield from self._of_member(line)
            case "26" | "27":
                yield gettext("Evidence"), _quoted(line.source)
                yield from self._of_sources()
            case "28" | "30" | "31":
                yield gettext("Evidence"), _quoted(line.source)
            case "29":
                yield from self._of_assessment()
            case "32":
                yield gettext("Evidence"), _quoted(line.source)
                place = {"contract_id": self.contract.id, "_anchor": "target"}
                yield gettext("Annual contract"), _link(self.contract.number, "contracts.contract", **place)

    def _of_contract(self) -> Iterator[Step]:
        contract = self.contract
        url = url_for("settlement.year", contract_id=contract.id)
        yield gettext("Annual contract"), Markup('<a href="{}">{}</a>').format(url, contract.number)
        yield gettext("Funding standard"), f"{show_yuan(contract.funding_standard)} {gettext('yuan a head')}"
        if contract.cleared_at:
            who = access.person(contract.cleared_by)
            cleared = _joined(number(contract.cleared_count), who, moment(contract.cleared_at))
            yield gettext("Head count cleared"), cleared

    def _of_payments(self) -> Iterator[Step]:
        rows = select(PremiumPayment).where(PremiumPayment.contract_id == self.contract.id)
        home = {"contract_id": self.contract.id}
        yield gettext("Premium-income account"), _link(self.contract.number, "contracts.contract", **home)
        for row in session().exec(rows.order_by(col(PremiumPayment.paid_on), col(PremiumPayment.id))):
            yield day(row.paid_on), _joined(show_yuan(row.amount), row.reference, access.person(row.recorded_by))

    def _of_claims(self) -> Iterator[Step]:
        file = self.file
        link = Markup('<a href="{}">{}</a>').format(
            url_for("settlement.claim_file", claim_file_id=file.id),
            gettext("Version %(version)s, %(rows)s claims", version=file.version, rows=number(file.rows)),
        )
        yield gettext("Claim file"), link
        yield gettext("File as received"), _joined(file.original_name, fingerprint(file.original_sha256))
        yield gettext("Reported by the insurer"), show_yuan(file.reported_benefit)
        recomputed = _joined(show_yuan(file.recomputed_benefit), moment(file.recomputed_at), file.engine)
        yield gettext("Recomputed"), recomputed
        yield gettext("Accepted"), _joined(access.person(file.accepted_by), moment(file.accepted_at))
        yield gettext("Claims"), _link(gettext("Every claim, masked"), ".claims_list", claim_file_id=file.id)
        if count := findings_count(file.id):
            yield gettext("Findings"), _link(number(count), ".findings", claim_file_id=file.id)

    def _of_figures(self) -> Iterator[Step]:
        row = self.figures
        version = gettext("version %(version)s", version=row.version)
        yield gettext("Reported"), _joined(access.person(row.reported_by), moment(row.reported_at), version)
        yield gettext("Confirmed"), _joined(access.person(row.confirmed_by), moment(row.confirmed_at))
        home = {"contract_id": self.contract.id, "_anchor": "annual"}
        yield gettext("Annual and monthly figures"), _link(version, ".figures", **home)

    def _of_member(self, line: SettlementLine) -> Iterator[Step]:
        """The contract year that a row of the pool stands for; its page only for who may see it."""
        yield gettext("Evidence"), _quoted(line.source)
        members = basis_named(session(), self.sheet).members
        contract = members[int(line.row.split(".")[1]) - 1].contract
        seen = standing(session(), actor(), contract.id or 0) is not None
        link = _link(contract.number, "settlement.year", contract_id=contract.id) if seen else contract.number
        yield gettext("Annual contract"), link

    def _of_sources(self) -> Iterator[Step]:
        """The issued sheets of earlier years."""
        for source in basis_named(session(), self.sheet).sources:
            words = f"{source.sheet.number} {gettext('version %(version)s', version=source.sheet.version)}"
            yield (
                gettext("Sheet of %(year)s", year=source.year),
                _link(words, "settlement.sheet", settlement_id=source.sheet.id),
            )

    def _of_assessment(self) -> Iterator[Step]:
        for row in session().exec(select(Assessment).where(Assessment.contract_id == self.contract.id)):
            score = gettext("score %(score)s, deduction %(amount)s yuan", score=f"{row.score:f}",
                            amount=show_yuan(row.deduction))  # fmt: skip
            yield row.period, _joined(score, access.person(row.decided_by), moment(row.decided_at))


def findings_count(claim_file_id: int | None) -> int:
    """How many claims of a file the rules give another benefit."""
    query = select(func.count()).where(ClaimFinding.claim_file_id == claim_file_id)
    return session().exec(query).one()


def _link(words: str, endpoint: str, **where: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url_for(endpoint, **where), words)


def _quoted(source: str) -> str | Markup:
    """Evidence keeps its Chinese name in every language; a screen reader is told so."""
    return source if chinese() else Markup('<span lang="zh-CN">{}</span>').format(source)


def shown_value(unit: str, value: str) -> str:
    """A stored value as a page writes it; '—' and rates stay as they are printed."""
    if unit in COUNTED:
        return number(int(value))
    try:
        return show_yuan(Decimal(value)) if unit else value
    except InvalidOperation:
        return value


def _joined(*parts: str | None) -> str:
    return gettext(", ").join(part for part in parts if part)

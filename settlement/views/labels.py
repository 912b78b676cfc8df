"""The words the room's pages use for its closed lists, stages, rows and steps, in the reader's language."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext, lazy_gettext

from contracts.models import AnnualContract
from core.identity.models import Organisation
from core.policy.model import Basis, Item, SharingBand, SharingRule, Side
from core.web import Chip
from core.web.filters import chinese, named, percent
from settlement.claims.format import WORDS
from settlement.models import Outcome, RunKind, SettlementLine
from settlement.rules.runs import RunStage
from settlement.rules.sheet import SheetRow, band_text
from settlement.rules.stages import YearStage
from settlement.services.awaiting import Lack

STAGES = {
    YearStage.RUNNING: ("", lazy_gettext("Claims still count")),
    YearStage.COLLECTING: ("run", lazy_gettext("Collecting figures")),
    YearStage.AWAITING: ("wait", lazy_gettext("Something awaited")),
    YearStage.READY: ("run", lazy_gettext("Ready to draft")),
    YearStage.WITH_INSURER: ("wait", lazy_gettext("With the insurer")),
    YearStage.DISPUTED: ("wait", lazy_gettext("In dispute")),
    YearStage.DECISION: ("stop", lazy_gettext("Needs a decision")),
    YearStage.TO_ISSUE: ("wait", lazy_gettext("Ready to issue")),
    YearStage.TRANSFER: ("frozen", lazy_gettext("Issued, transfer due")),
    YearStage.SETTLED: ("ok", lazy_gettext("Settled")),
}
RUN_KINDS = {
    RunKind.DRY: lazy_gettext("Dry run"),
    RunKind.DRAFT: lazy_gettext("Drafting"),
    RunKind.ISSUE: lazy_gettext("Issuing"),
}
RUN_STAGES = {
    RunStage.APPROVAL: ("wait", lazy_gettext("Waits for a second person")),
    RunStage.TURNED_DOWN: ("stop", lazy_gettext("Turned down")),
    RunStage.WORKING: ("run", lazy_gettext("Working")),
    RunStage.FINISHED: ("ok", lazy_gettext("Done")),
}
OUTCOMES = {
    Outcome.SHARED: lazy_gettext("Shared by the rule"),
    Outcome.PROVISIONAL: lazy_gettext("Provisional"),
    Outcome.NEGOTIATED: lazy_gettext("To be agreed by the departments"),
}
OUTCOMES_BY_WORD = {outcome.value: words for outcome, words in OUTCOMES.items()}
READINGS = {
    "whole": lazy_gettext("Whole"),
    "slice": lazy_gettext("Slice"),
    "floor": lazy_gettext("Whole with floor"),
}
#: Names that are long, for the narrow drawing of the curve.
SHORT_READINGS = {"floor": lazy_gettext("Floor")}
#: What the share of a reading is taken of.
BASES = {
    "whole": lazy_gettext("the total surplus or loss"),
    "slice": lazy_gettext("the part inside each band"),
    "floor": lazy_gettext("the total, never less than at a lower rate"),
}
RATE_DEFINITIONS = {
    "claims": lazy_gettext("(a) premium less claims"),
    "claims_and_expense": lazy_gettext("(b) less allowed expense"),
    "claims_expense_interest": lazy_gettext("(c) less allowed expense, plus interest"),
}
GROUPS = {
    "general": lazy_gettext("General residents"),
    "registered_poor": lazy_gettext("Registered poor"),
    "destitute": lazy_gettext("Destitute"),
    "low_income": lazy_gettext("Minimum-living allowance"),
    "returned_poor": lazy_gettext("Returned to poverty"),
}
CHANNELS = {
    "instant": lazy_gettext("Instant settlement"),
    "cross_region": lazy_gettext("Settled in another region"),
    "manual": lazy_gettext("Claimed by hand"),
}
DIMENSIONS = {
    "group": lazy_gettext("Group of persons"),
    "channel": lazy_gettext("Way of settlement"),
    "county": lazy_gettext("County of insurance"),
    "month": lazy_gettext("Month"),
    "band": lazy_gettext("Band of costs"),
}
KINDS = {
    "rounding": lazy_gettext("Rounded otherwise"),
    "without_tilt": lazy_gettext("Tilt for the poor left out"),
    "without_cumulation": lazy_gettext("Year not cumulated"),
    "over_maximum": lazy_gettext("Above the maximum"),
    "other": lazy_gettext("Other difference"),
}
RESOLUTIONS = {
    "insurer_corrects": lazy_gettext("The insurer corrects"),
    "department_accepts": lazy_gettext("The department accepts the reported benefit"),
}
ROWS = {
    "1.1": lazy_gettext("Insured persons at signing"),
    "1.2": lazy_gettext("Insured persons as cleared"),
    "1.3": lazy_gettext("Part of the year covered"),
    "2": lazy_gettext("Funding standard"),
    "3": lazy_gettext("Premium due"),
    "3.1": lazy_gettext("of which contract premium"),
    "4": lazy_gettext("Premium received"),
    "5": lazy_gettext("Premium in arrears"),
    "6": lazy_gettext("Head-count true-up (inside row 3)"),
    "7": lazy_gettext("Claims paid"),
    "7.1": lazy_gettext("Beneficiaries"),
    "7.2": lazy_gettext("Cases"),
    "7.3": lazy_gettext("Total medical costs"),
    "7.4": lazy_gettext("of which compliant costs"),
    "7.5": lazy_gettext("Paid by the basic fund"),
    "7.6": lazy_gettext("Borne by persons (with medical assistance)"),
    "8": lazy_gettext("Recoveries and refusals"),
    "9.1": lazy_gettext("Outstanding claims reserve, opening"),
    "9.2": lazy_gettext("Outstanding claims reserve, closing"),
    "10": lazy_gettext("Direct expense"),
    "11": lazy_gettext("Allocated expense"),
    "12": lazy_gettext("Expense allowed"),
    "13": lazy_gettext("Interest on the dedicated accounts"),
    "14": lazy_gettext("Taxes and levies"),
    "15": lazy_gettext("Commission"),
    "16": lazy_gettext("Assessment deduction (outside the balance)"),
    "19": lazy_gettext("Band applied"),
    "20": lazy_gettext("Insurer's part"),
    "21": lazy_gettext("Fund's part"),
    "26": lazy_gettext("Balance of all that is counted together"),
    "26a": lazy_gettext("Insurers' part of it"),
    "26b": lazy_gettext("Fund's part of it"),
    "27": lazy_gettext("Carried in from earlier years"),
    "27a": lazy_gettext("Balance before anything is carried in"),
    "27b": lazy_gettext("Carried on to later years"),
    "27c": lazy_gettext("of which this contract, by premium"),
    "28.1": lazy_gettext("Risk reserve, opening"),
    "28.2": lazy_gettext("Paid into the risk reserve"),
    "28.3": lazy_gettext("Paid by the risk reserve"),
    "28.4": lazy_gettext("Risk reserve, closing"),
    "29": lazy_gettext("Assessment score"),
    "29.1": lazy_gettext("Held back until the assessment"),
    "29.2": lazy_gettext("Released by the score"),
    "29.3": lazy_gettext("Not released, to the fund"),
    "29.4": lazy_gettext("Held back, of this contract"),
    "29.5": lazy_gettext("Released, of this contract"),
    "29.6": lazy_gettext("Not released, to the fund, of this contract"),
    "30": lazy_gettext("Quality expense"),
    "31": lazy_gettext("Loss put down to policy"),
    "32": lazy_gettext("Agreed cost"),
}
#: Calculation steps by their printed Chinese label.
STEPS = {
    "准予列支费用": lazy_gettext("Expense allowed"),
    "收入": lazy_gettext("Income"),
    "支出": lazy_gettext("Cost: claims, change of the reserve, expense where it counts"),
    "盈亏额（行17）": lazy_gettext("Balance"),
    "风险调节金": lazy_gettext("Risk reserve"),
    "盈亏率（行18）": lazy_gettext("Rate, compared as an exact fraction"),
    "适用档次（行19）": lazy_gettext("Band in which the rate lies"),
    "承保人份额（行20）": lazy_gettext("Insurer's part, half up to the fen"),
    "基金份额（行21）": lazy_gettext("Fund's part: the rest, so that the parts add up"),
    "考核预留返还": lazy_gettext("Retention released by the assessment"),
    "合并核算盈亏额（行26）": lazy_gettext("Balance of all that is counted together"),
    "合并核算盈亏率（行18）": lazy_gettext("Rate of all that is counted together, compared as an exact fraction"),
    "合并核算承保人份额（行26a）": lazy_gettext("Insurers' part of it, half up to the fen"),
    "合并核算基金份额（行26b）": lazy_gettext("Fund's part of it: the rest"),
    "本合同承保人份额（行20）": lazy_gettext("Insurer's part of this contract, handed back by premium"),
    "本合同基金份额（行21）": lazy_gettext("Fund's part of this contract: the rest of its balance"),
}
UNITS = {
    "元": lazy_gettext("yuan"),
    "人": lazy_gettext("persons"),
    "人次": lazy_gettext("cases"),
    "元/人": lazy_gettext("yuan a head"),
    "天": lazy_gettext("days"),
    "月": lazy_gettext("months"),
    "分": lazy_gettext("points"),
}
_PART = re.compile(r"赔付：(.+?)(?:（([\d,]+)人次）)?$")
_MEMBER = re.compile(r"(其中|分配承保人份额|已结算承保人份额)：(.+?)(?:（(\d{4})年）| 第(\d+)版)$")
_CARRIED = re.compile(r"其中：(\d{4})年度结转$")
_INSTALMENT = re.compile(r"第([一二三四五六七八九十])期$")


def stage_chip(stage: YearStage) -> Chip:
    """The stage of a contract year as a mark."""
    return Chip(*STAGES[stage])


def awaited(lack: Lack, insurer: Organisation) -> str:
    """What is missing, of which contract, and who has to bring it."""
    what = gettext(lack.what, number=lack.contract.number)
    who = {
        "insurer": named(insurer),
        "department": gettext("the department"),
        "both": gettext("%(insurer)s and the department", insurer=named(insurer)),
    }[lack.of]
    return gettext("%(what)s (awaited from: %(who)s)", what=what, who=who)


def rate_definition(contract: AnnualContract, rule: SharingRule) -> Any:
    """What the rate counts: as the contract chose, or the paper's own where it measures against an agreed cost."""
    if Item.TARGET in rule.income:
        return gettext("measured against the agreed cost")
    return RATE_DEFINITIONS[contract.rate_definition]


def reading_name(rule: SharingRule, name: str) -> Any:
    """A reading's short name; one that only its pack knows keeps the pack's title."""
    return READINGS.get(name) or rule.reading(name).title


def reading_base(rule: SharingRule, name: str) -> Any:
    """What the share of a reading is taken of, in a few words."""
    return BASES.get(name) or rule.reading(name).explanation


def row_name(line: SettlementLine | SheetRow) -> Any:
    """A row of the sheet in the reader's language; the printed label where the sheet is read in Chinese."""
    if chinese():
        return line.label
    if line.row in ("17", "18"):
        surplus = line.label.startswith("盈余")
        if line.row == "17":
            return gettext("Surplus") if surplus else gettext("Loss")
        return gettext("Surplus rate") if surplus else gettext("Loss rate")
    return ROWS.get(line.row) or _part_name(line.label)


def _part_name(label: str) -> str:
    """Instalments and parts of the claims carry their own words."""
    if found := _INSTALMENT.match(label):
        return gettext("Instalment %(number)s", number="一二三四五六七八九十".index(found[1]) + 1)
    if found := _CARRIED.match(label):
        return gettext("of which from %(year)s", year=found[1])
    if found := _MEMBER.match(label):
        return _member_name(found)
    found = _PART.match(label)
    if not found:
        return gettext("Head-count true-up")
    words = {chinese_word: word for pairs in WORDS.values() for word, chinese_word in pairs.items()}
    word = words.get(found[1], "")
    name = GROUPS.get(word) or CHANNELS.get(word) or _band_number(found[1])
    return gettext("Paid: %(part)s (%(cases)s cases)", part=name, cases=found[2]) if found[2] else str(name)


def _member_name(found: re.Match[str]) -> str:
    """A contract year counted together, or an earlier sheet of its term."""
    if found[1] == "已结算承保人份额":
        return gettext("Insurer's part settled by %(sheet)s, version %(version)s", sheet=found[2], version=found[4])
    if found[1] == "其中":
        return gettext("of which %(number)s (%(year)s)", number=found[2], year=found[3])
    return gettext("Insurer's part handed to %(number)s (%(year)s)", number=found[2], year=found[3])


def _band_number(text: str) -> str:
    number = re.search(r"\d+", text)
    return gettext("band %(number)s", number=number[0]) if number else gettext("under the deductible")


def value_of_split(dimension: str, value: str) -> Any:
    """One value of a split of the claims, in words."""
    match dimension:
        case "group":
            return GROUPS.get(value, value)
        case "channel":
            return CHANNELS.get(value, value)
        case "band":
            return gettext("Under the deductible") if value == "0" else gettext("Band %(number)s", number=value)
        case "month":
            return gettext("Month %(number)s", number=value)
    return value


def step_name(line: SettlementLine) -> Any:
    """A step of the calculation in the reader's language."""
    return STEPS.get(line.label, line.label)


def band_name(band: SharingBand) -> str:
    """A band of rates: as printed for Chinese readers, composed for English ones."""
    if chinese():
        return band_text(band)
    side = gettext("Surplus") if band.side is Side.SURPLUS else gettext("Loss")
    low, high = percent(band.lower), None if band.upper is None else percent(band.upper)
    ends = []
    if band.lower > 0:
        ends.append(gettext("from %(rate)s", rate=low) if band.lower_closed else gettext("over %(rate)s", rate=low))
    if high is not None:
        ends.append(gettext("up to %(rate)s", rate=high) if band.upper_closed else gettext("below %(rate)s", rate=high))
    return " ".join([side, *ends])


def short_treatment(band: SharingBand) -> str:
    """What becomes of the money in a band, for the narrow drawing."""
    if band.basis is Basis.NEGOTIATED or band.provisional:
        return "…"
    return gettext("back") if band.share == 0 else treatment(band)


def treatment(band: SharingBand) -> str:
    """What becomes of the money in a band, in a word or two."""
    if band.basis is Basis.NEGOTIATED:
        return gettext("to be agreed")
    if band.provisional:
        return gettext("provisional amount")
    if band.basis is Basis.FIXED:
        return gettext("fixed amount")
    share = Fraction(band.share or Decimal(0))
    if share == 1:
        return gettext("the insurer's alone")
    if share == 0:
        return gettext("rest to the fund")
    return " : ".join(percent(part).rstrip("%") for part in (band.share, 1 - Decimal(band.share or 0)))

"""The columns of a claim file and the words they may hold (docs/claims-format.md)."""

from dataclasses import dataclass
from typing import Literal

from settlement.rules.benefits import GROUPS

Kind = Literal["code", "pseudonym", "word", "contract", "date", "amount"]

#: Written into a landed file, so that it is known again.
LANDED = "chengban-claims/1"
CHANNELS = ("instant", "cross_region", "manual")


@dataclass(frozen=True)
class Column:
    """One column: its name in code and in Chinese, what it holds, and whether a file must have it."""

    name: str
    chinese: str
    kind: Kind
    required: bool = True


COLUMNS = (
    Column("claim_id", "案件号", "code"),
    Column("person_id", "人员代码", "pseudonym"),
    Column("contract_number", "合同编号", "contract", required=False),
    Column("settled_on", "结算日期", "date"),
    Column("admitted_on", "入院日期", "date", required=False),
    Column("group", "人员类别", "word"),
    Column("county", "参保地", "code"),
    Column("channel", "结算方式", "word"),
    Column("total_cost", "医疗总费用", "amount"),
    Column("compliant_cost", "合规医疗费用", "amount"),
    Column("basic_fund_paid", "基本医保支付", "amount"),
    Column("self_paid_compliant", "个人负担合规费用", "amount"),
    Column("reported_benefit", "大病保险支付", "amount"),
    Column("accepted_on", "受理日期", "date"),
    Column("paid_on", "支付日期", "date"),
)
BY_HEADING = {heading: column for column in COLUMNS for heading in (column.name, column.chinese)}

#: The words of the word columns, each in code and in Chinese.
WORDS = {
    "group": dict(
        zip(GROUPS, ("普通居民", "建档立卡贫困人口", "特困供养人员", "低保对象", "返贫致贫人口"), strict=True)
    ),
    "channel": dict(zip(CHANNELS, ("即时结算", "异地结算", "手工报销"), strict=True)),
}

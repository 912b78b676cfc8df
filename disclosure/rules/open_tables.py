"""The figures of a disclosure as files a machine reads: the same tables as printed, withheld cells included."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

Value = str | int | Decimal | Fraction | date | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class OpenTable:
    """A printed table: its number and title, the names of its columns, and its rows with the row's name first."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def final_accounts_tables(context: Mapping[str, Any]) -> tuple[OpenTable, ...]:
    """Tables 1–8 of the final-accounts disclosure, from its document's context (J20, G8)."""
    year = context["report"]["year"]
    people, accounts, result = context["beneficiaries"], context["accounts"], context["result"]
    shares = [(row["who"], row["ratio"], row["amount"]) for row in result["rows"]]
    if shares:
        shares.append((f"{result['word']}总额", Decimal(1), result["total"]))
    months = [(row["label"], row["cases"], row["amount"]) for row in context["monthly"]["rows"]]
    months.append(("合计", context["monthly"]["cases"], context["monthly"]["amount"]))
    return (
        OpenTable(
            "表1",
            "保费筹集情况",
            ("项目", "参保人数（人）", "筹资标准（元）", "金额（元）"),
            _picked(context["funding"]["rows"], "item", "insured", "standard", "amount"),
        ),
        _benefits("表2", year, context["benefits"]),
        OpenTable(
            "表3",
            "受益人数和赔付金额",
            ("起付标准以上费用段", *(f"{name}（人）" for name in people["columns"]), "各段赔付金额（元）"),
            tuple((row["name"], *row["cells"], row["amount"]) for row in people["rows"]),
        ),
        OpenTable(
            "表4",
            "各结算方式办结情况",
            ("结算方式", "承诺时限", "办结人次", "按期办结（人次）", "按期率", "赔付金额（元）"),
            _picked(context["timeliness"]["rows"], "mode", "promise", "settled", "on_time", "rate", "amount"),
        ),
        OpenTable(
            "表5",
            f"{year}年度收支表",
            ("项目", "行次", "计算关系", "金额（元）"),
            _picked([*accounts["income"], *accounts["spending"]], "item", "no", "relation", "amount"),
        ),
        OpenTable("表6", "按支付月份的人次和赔付支出", ("支付月份", "人次", "赔付支出（元）"), tuple(months)),
        OpenTable("表7", f"{result['word']}分担", ("承受方", "比例", "金额（元）"), tuple(shares)),
        _corrections("表8", context),
    )


def signing_tables(context: Mapping[str, Any]) -> tuple[OpenTable, ...]:
    """Tables 1–9 of the signing disclosure, from its document's context (J20, G8)."""
    return (
        OpenTable("表1", "协议和合同", ("项目", "内容"), _picked(context["contract"]["rows"], "name", "text")),
        OpenTable(
            "表2",
            "合同保费和拨付安排",
            ("项目", "比例", "拨付期限", "金额（元）"),
            _picked(context["funding"]["rows"], "item", "share", "due_on", "amount"),
        ),
        _benefits("表3", context["report"]["year"], context["benefits"]),
        OpenTable(
            "表4",
            "支付示例",
            ("示例", "参保人员", "个人负担合规费用（元）", "大病保险支付（元）", "支付后个人负担（元）"),
            _picked(context["examples"]["rows"], "short", "label", "cost", "pays", "left"),
        ),
        OpenTable(
            "表5",
            "各结算方式的办结时限",
            ("结算方式", "承诺时限", "说明"),
            _picked(context["promises"]["rows"], "mode", "limit", "note"),
        ),
        OpenTable(
            "表6",
            "服务网点",
            ("地区", "网点", "地址", "电话"),
            _picked(context["service_points"], "area", "name", "address", "telephone"),
        ),
        OpenTable(
            "表7",
            "盈亏分担",
            ("年度盈亏率", "承办机构", "基本医保基金"),
            _picked(context["sharing"]["rows"], "band", "insurer", "fund"),
        ),
        OpenTable(
            "表8",
            "投诉和监督渠道",
            ("渠道", "联系方式", "答复"),
            _picked(context["complaints"], "channel", "contact", "answer"),
        ),
        _corrections("表9", context),
    )


def as_csv(tables: Iterable[OpenTable]) -> bytes:
    """One value a line (table, title, row, column, value), UTF-8 with the mark that spreadsheets need."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("表号", "表名", "项目", "栏目", "数值"))
    for table in tables:
        for row in table.rows:
            for column, value in zip(table.columns[1:], row[1:], strict=True):
                if value is not None:
                    writer.writerow((table.name, table.title, _cell(row[0]), column, _cell(value)))
    return out.getvalue().encode("utf-8-sig")


def as_json(number: str, version: int, tables: Iterable[OpenTable]) -> bytes:
    """The tables with the disclosure's number and version; amounts are exact text, rates text of twelve digits."""
    listed = [
        {
            "table": table.name,
            "title": table.title,
            "columns": table.columns,
            "rows": [
                [value if isinstance(value, int) or value is None else _cell(value) for value in row]
                for row in table.rows
            ],
        }
        for table in tables
    ]
    document = {"number": number, "version": version, "tables": listed}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def as_text(value: Value) -> str:
    """A value as a person reads it: exact digits, rates of twelve places, days as ISO dates; '—' for none."""
    return "—" if value is None else _cell(value).removeprefix("'")


def _picked(rows: Iterable[Mapping[str, Any]], *keys: str) -> tuple[Row, ...]:
    return tuple(tuple(row[key] for key in keys) for row in rows)


def _benefits(name: str, year: int, benefits: Mapping[str, Any]) -> OpenTable:
    rows = tuple((row["name"], *row["values"]) for row in benefits["rows"])
    return OpenTable(name, f"{year}年度支付标准", ("项目", *benefits["columns"]), rows)


def _corrections(name: str, context: Mapping[str, Any]) -> OpenTable:
    rows = tuple(
        (f"第{row['version']}版", row["issued_on"], row["change"], row["before"], row["after"])
        for row in context["corrections"]
    )
    return OpenTable(name, "版本和更正内容", ("版本", "发布日期", "更正内容和原因", "更正前", "更正后"), rows)


def _cell(value: Value) -> str:
    """A value as text; what a spreadsheet would take for a formula is led by an apostrophe."""
    if isinstance(value, Fraction):
        with localcontext(prec=12):
            value = Decimal(value.numerator) / Decimal(value.denominator)
    if isinstance(value, Decimal):
        return format(value, "f")
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not isinstance(value, int) else text

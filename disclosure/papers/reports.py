"""A disclosure as a paper: its frozen values with version, corrections and charts, and its data as CSV and JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.charts import report_charts
from core.documents.render import Attachment
from core.documents.show import cn_date
from disclosure.models import DisclosureKind
from disclosure.rules.corrections import changes
from disclosure.rules.frozen import thaw
from disclosure.rules.open_tables import OpenTable, as_csv, as_json, final_accounts_tables, signing_tables

#: Kind → template of templates/documents and the kind of issued paper.
TEMPLATES = {DisclosureKind.SIGNING: "disclosure-signing", DisclosureKind.FINAL_ACCOUNTS: "disclosure-final"}
#: How many differing values a correction lists one by one; more are summed up in a last line.
LISTED_CHANGES = 12


@dataclass(frozen=True)
class Version:
    """One version of a disclosure: when it was or will be published, why it corrects, and its frozen values."""

    version: int
    issued_on: date
    reason: str | None
    data: dict[str, Any]


@dataclass(frozen=True)
class DisclosurePaper:
    """A disclosure ready to be shown or printed."""

    number: str
    version: int
    template: str
    title: str
    context: dict[str, Any]
    tables: tuple[OpenTable, ...]

    @property
    def csv(self) -> bytes:
        """Every public value, one a line."""
        return as_csv(self.tables)

    @property
    def json(self) -> bytes:
        """The same tables as JSON."""
        return as_json(self.number, self.version, self.tables)

    def attachments(self) -> tuple[Attachment, ...]:
        """The data files that travel inside the PDF."""
        span = f"表1至{self.tables[-1].name}全部公开数据"
        return (
            Attachment("年度数据.csv", self.csv, span),
            Attachment("年度数据.json", self.json, f"{span}（JSON）"),
        )


def paper_of(number: str, kind: DisclosureKind, versions: list[Version]) -> DisclosurePaper:
    """The newest of the versions as a paper; the earlier ones fill its record of corrections."""
    newest = versions[-1]
    context = thaw(newest.data)
    earlier = versions[-2] if len(versions) > 1 else None
    report = context["report"]
    words = f"第{newest.version}版" + (f"（替代{cn_date(earlier.issued_on)}第{earlier.version}版）" if earlier else "")
    report["facts"] = [*report["facts"], ["公开文号", number], ["版　　本", words]]
    report["replaces"] = {"version": earlier.version, "issued_on": earlier.issued_on} if earlier else None
    context["corrections"] = _corrections(kind, versions)
    context["charts"] = report_charts(TEMPLATES[kind], context)
    return DisclosurePaper(
        number, newest.version, TEMPLATES[kind], "".join(report["heading"]), context, _tables(kind, context)
    )


def _tables(kind: DisclosureKind, context: dict[str, Any]) -> tuple[OpenTable, ...]:
    return signing_tables(context) if kind is DisclosureKind.SIGNING else final_accounts_tables(context)


def _corrections(kind: DisclosureKind, versions: list[Version]) -> list[dict[str, Any]]:
    first = versions[0]
    rows: list[dict[str, Any]] = [
        {"version": 1, "issued_on": first.issued_on, "change": "首次发布", "before": "—", "after": "—"}
    ]
    for old, new in zip(versions, versions[1:], strict=False):
        rows += _correction(kind, old, new)
    return rows


def _correction(kind: DisclosureKind, old: Version, new: Version) -> list[dict[str, Any]]:
    before, after = (_tables(kind, {**thaw(version.data), "corrections": []}) for version in (old, new))
    found = changes(before, after)
    head = {"version": new.version, "issued_on": new.issued_on}
    reason = new.reason or "更正"
    if not found:
        return [{**head, "change": reason, "before": "—", "after": "—"}]
    rows = [
        {**head, "change": f"{reason}：{change.place}", "before": change.before, "after": change.after}
        for change in found[:LISTED_CHANGES]
    ]
    left = len(found) - LISTED_CHANGES
    if left > 0:
        rows.append({**head, "change": f"另有{left}处数据随之更正，见两版数据文件", "before": "—", "after": "—"})
    return rows

"""What the department keeps before it tenders: the expert pool's entries and the list of qualified insurers."""

import csv
from io import StringIO
from typing import Any

import tender.services as tenders
from core.clock import beijing
from demonstration.people import listed
from demonstration.stage import Stage
from tender.rules.qualified import BRANCH, COLUMNS, HEAD
from tender.services.qualified import keep_list

#: The supervision's list of the demonstration, of Monday, 1 August 2016; its insurers are invented like everybody.
PUBLISHED = beijing(2016, 8, 1, 9)
ISSUER = "演示保险监督管理机构"
TITLE = "大病保险经营资质名单（演示）"


def keep_registers(stage: Stage) -> None:
    """The handler takes over the list of qualified insurers and writes each expert's entry in the pool."""
    handler, people = stage.cast["handler"], listed()
    with stage.at(beijing(2016, 8, 15, 9)) as session:
        keep_list(
            session, handler, stage.clock, published_on=PUBLISHED.date(), issuer=ISSUER, title=TITLE,
            content=_list(people["organisation"]), file_name="大病保险经营资质名单-演示.csv",
        )  # fmt: skip
    for entry in (entry for entry in people["user"] if entry["roles"] == ["expert"]):
        with stage.at() as session:
            tenders.keep_expert(
                session, handler, stage.clock, stage.cast[entry["login"]].user_id,
                specialty=entry["specialty"], employer=entry["employer"],
            )  # fmt: skip
    stage.step("登记大病保险经营资质名单（演示）；评审专家库登记专业领域和工作单位")


def _list(organisations: list[dict[str, Any]]) -> bytes:
    """The list as the supervision's file: each head office, then its provincial branch."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for entry in (entry for entry in organisations if entry["kind"] == "insurer"):
        head, found, _ = entry["name"].partition("演示省分公司")
        if found:
            rows.writerow((head, HEAD, "", ""))
            rows.writerow((entry["name"], BRANCH, entry["area"], head))
    return text.getvalue().encode("utf-8-sig")

"""The files of the open data, made from the public record at one instant and written with their checksums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session

from core.clock import local_date
from core.house import public_url
from disclosure.opendata.exact import dumps
from disclosure.opendata.ocds import LICENSE, package, records, releases
from disclosure.opendata.tables import flat_tables
from disclosure.record import Process, public_processes, public_years

#: Name → what is in it, in Chinese and English.
FILES = {
    "releases.json": ("OCDS 1.1.5 发布包", "OCDS 1.1.5 release package"),
    "records.json": ("OCDS 1.1.5 记录包", "OCDS 1.1.5 record package"),
    "contract-years.csv": ("年度合同", "Contract years"),
    "contract-years.json": ("年度合同", "Contract years"),
    "figures.csv": ("决算公开的全部数据", "All values of the final-accounts disclosures"),
    "figures.json": ("决算公开的全部数据", "All values of the final-accounts disclosures"),
    "settlements.csv": ("年度决算", "Settlements"),
    "settlements.json": ("年度决算", "Settlements"),
    "disclosures.csv": ("信息公开目录", "Disclosures"),
    "disclosures.json": ("信息公开目录", "Disclosures"),
    "README.md": ("说明", "About the data"),
    "LICENSE": ("使用许可", "Licence"),
    "SHA256SUMS": ("指纹清单", "Checksums"),
}


@dataclass(frozen=True)
class OpenFile:
    """One file of the export."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its fingerprint, hex."""
        return sha256(self.content).hexdigest()


def open_files(session: Session, now: datetime) -> list[OpenFile]:
    """Every file of the export, the checksums last; the same record at the same instant gives the same bytes."""
    processes = public_processes(session, now)
    years = public_years(session)
    address = f"{public_url(session)}/opendata"
    found = releases(processes)
    contents = {
        "releases.json": dumps({**package(processes, now, f"{address}/releases.json"), "releases": found}),
        "records.json": dumps({**package(processes, now, f"{address}/records.json"), "records": records(found)}),
    }
    for table in flat_tables(years):
        contents[f"{table.name}.csv"] = table.csv
        contents[f"{table.name}.json"] = table.json
    contents["README.md"] = _readme(processes, now).encode()
    contents["LICENSE"] = f"CC0 1.0\n{LICENSE}\n".encode()
    files = [OpenFile(name, contents[name]) for name in FILES if name in contents]
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    return [*files, OpenFile("SHA256SUMS", sums.encode())]


def write(folder: Path, files: Sequence[OpenFile]) -> None:
    """Write the files into a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)


def _readme(processes: Sequence[Process], now: datetime) -> str:
    demonstration = any(process.tender.demonstration for process in processes)
    head = (
        "演示数据：单位、人员、企业和金额均为虚构。Demonstration data: everything in it is invented.\n\n"
        if demonstration
        else ""
    )
    listed = "\n".join(f"- `{name}`: {chinese} / {english}" for name, (chinese, english) in FILES.items())
    return (
        f"# 大病保险开放数据 / Critical-illness insurance open data\n\n{head}"
        f"截至 {local_date(now).isoformat()}。金额单位为元，逐位准确；人数少于10的以“＜10”或“※”隐去。\n"
        f"As of {local_date(now).isoformat()}. Amounts are exact, in yuan; counts below ten are withheld.\n\n{listed}\n"
    )

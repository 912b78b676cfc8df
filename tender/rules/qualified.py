"""Reading the regulator's list of qualified insurers: one row a head office or provincial branch, faults by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import FileInvalid, N_

#: The columns of an import, and how a level is written.
COLUMNS = ("名称", "级别", "地区", "总公司")
HEAD, BRANCH = "总公司", "省级分公司"
UNUSABLE = N_("%(file)s cannot be taken over: mend these rows")
_LONGEST = 120


@dataclass(frozen=True)
class Entry:
    """One entry of the list."""

    name: str
    is_branch: bool
    area: str = ""
    head_office: str = ""


def plain(name: str) -> str:
    """A company's name as it is compared: without spaces, brackets of one width."""
    return "".join(name.split()).replace("(", "（").replace(")", "）")


def read_entries(rows: Sequence[Mapping[str, str]], file: str) -> tuple[Entry, ...]:
    """The entries of a file. rows: by column, the first is row 2. Raises FileInvalid with every fault by row."""
    faults: list[tuple[str, str]] = []
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        name, level, area, head = (str(row.get(column) or "").strip() for column in COLUMNS)
        if not any((name, level, area, head)):
            continue
        place = f"第{number}行"
        if not name or len(name) > _LONGEST:
            faults.append((place, "名称为空或者过长"))
        elif plain(name) in seen:
            faults.append((place, f"{name} 重复"))
        if level not in (HEAD, BRANCH):
            faults.append((place, f"级别应为“{HEAD}”或者“{BRANCH}”"))
        if level == BRANCH and not (area and head):
            faults.append((place, "省级分公司须填写地区和总公司"))
        seen.add(plain(name))
        entries.append(Entry(name, level == BRANCH, area, head))
    if not entries:
        faults.append(("文件", f"没有内容；首行应为 {'、'.join(COLUMNS)}"))
    if faults:
        raise FileInvalid(UNUSABLE, faults, file=file)
    return tuple(entries)

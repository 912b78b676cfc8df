"""A policy paper like Jilin's with another sharing rule, so that contracts under it can be signed and settled."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.policy import library

CLAUSE = '{ article = "五(三)", quote = "盈余总额的３０％划归承办商业保险机构收益", row = "J14" }'


@contextmanager
def jilin_with(monkeypatch: Any, folder: Path, *more: str, **values: str) -> Iterator[None]:
    """The Jilin paper with these keys of its sharing rule otherwise, and these lines added to it; values: a word, or a
    list as TOML writes it."""
    shutil.copytree(library.POLICIES, folder / "policies")
    path = folder / "policies" / "jilin" / "2016.toml"
    text = path.read_text(encoding="utf-8")
    head, rest = text.split("[[sharing]]", 1)
    rule, bands = rest.split("[[sharing.bands]]", 1)
    for key, value in values.items():
        written = value if value.startswith("[") else f'"{value}"'
        rule = re.sub(rf"(?ms)^{key} = (\[\n.*?^\]|[^\n]*)$", f"{key} = {written}", rule)
    added = "\n".join(line.replace("CLAUSE", CLAUSE) for line in more)
    path.write_text(f"{head}[[sharing]]{rule.rstrip()}\n{added}\n\n[[sharing.bands]]{bands}", encoding="utf-8")
    monkeypatch.setattr(library, "POLICIES", folder / "policies")
    library.packs.cache_clear()
    try:
        yield
    finally:
        library.packs.cache_clear()

"""Invented inputs of every paper, for its tests and for looking at it (python -m core.documents.samples FOLDER)."""

from argparse import ArgumentParser
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tomllib import loads
from typing import Any

from core.charts import report_charts
from core.clock import beijing
from core.documents.render import TEMPLATES
from core.documents.workers import RenderJob, render_many

ISSUED_AT = beijing(2016, 9, 12, 10)


def sample_names() -> list[str]:
    """Every paper that has a sample: templates/documents/samples/<name>.toml."""
    return sorted(path.stem for path in (TEMPLATES / "samples").glob("*.toml") if path.stem != "common")


def sample(name: str) -> dict[str, Any]:
    """The sample context of a paper. Its own tables stand in for those of samples/common.toml, key by key.

    TOML has no null: the text 'none' stands for it. `issued_at` is the paper's own day of issue where it has one;
    a report brings the charts of its figures.
    """
    values = _read("common")
    for key, value in _read(name).items():
        values[key] = values[key] | value if isinstance(value, dict) and key in values else value
    charts = report_charts(name, values)
    return values | {"charts": charts} if charts else values


def sample_job(name: str, issued_at: datetime = ISSUED_AT) -> RenderJob:
    """The sample of a paper as a demonstration document to render."""
    values = sample(name)
    return RenderJob(name, values, values.pop("issued_at", issued_at), demonstration=True)


def _read(name: str) -> dict[str, Any]:
    path = TEMPLATES / "samples" / f"{name}.toml"
    read: dict[str, Any] = _with_null(loads(path.read_text("utf-8"), parse_float=Decimal))
    return read


def _with_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_null(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_null(item) for item in value]
    return None if value == "none" else value


def main() -> None:
    """Write the sample PDFs into a folder, those named or all."""
    line = ArgumentParser(prog="python -m core.documents.samples", description=main.__doc__)
    line.add_argument("folder", type=Path)
    line.add_argument("name", nargs="*", help=", ".join(sample_names()))
    asked = line.parse_args()
    chosen = asked.name or sample_names()
    if unknown := [name for name in chosen if name not in sample_names()]:
        line.error(f"no such paper: {', '.join(unknown)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, document in zip(chosen, render_many([sample_job(name) for name in chosen]), strict=True):
        (asked.folder / f"{name}.pdf").write_bytes(document.pdf)


if __name__ == "__main__":
    main()

"""Compiles the translation catalogues (.po → .mo, not committed) that are newer than what was compiled from them."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"


def compile_all() -> int:
    """Compile every catalogue that changed; returns how many."""
    count = 0
    for source in sorted(TRANSLATIONS.glob("*/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        arriving = target.with_suffix(f".{os.getpid()}.arriving")
        with arriving.open("wb") as file:
            write_mo(file, catalogue)
        arriving.replace(target)
        count += 1
    return count


if __name__ == "__main__":
    if count := compile_all():
        print(f"· compiled {count} translation catalogues", flush=True)

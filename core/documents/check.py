"""What the machine must offer before a document is rendered: the fast subsetter and the fonts the papers are set in."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

#: Font family → the Debian package that holds it. FandolFang and FandolKai are used where installed and not demanded.
FONTS = {
    "Noto Serif CJK SC": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "AR PL UKai CN": "fonts-arphic-ukai",
    "Liberation Serif": "fonts-liberation",
}


#: How the families begin that a paper may be set in; a glyph from any other would be a silent fallback.
FAMILIES = ("Noto Serif CJK", "Noto Sans CJK", "Noto Sans Mono CJK", "AR PL UKai", "Fandol", "GW Latin", "Liberation")


class MachineUnfit(RuntimeError):
    """Something is missing on this machine; the message names the Debian packages that bring it."""


@cache
def check_machine() -> None:
    """Raise MachineUnfit unless documents come out here quickly and in the fonts they were designed in.

    Without libharfbuzz-subset a page takes ten times as long; without the fonts a document would silently be set in
    whatever else is installed, and its bytes would differ from machine to machine.
    """
    from weasyprint.text import ffi

    if shutil.which("fc-list") is None:
        raise MachineUnfit("documents need fc-list to find their fonts: apt-get install fontconfig")
    missing = {} if ffi.harfbuzz_subset is not None else {"libharfbuzz-subset": "libharfbuzz-subset0"}
    missing |= {family: package for family, package in FONTS.items() if not _installed(family)}
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        raise MachineUnfit(f"documents need {', '.join(missing)}: apt-get install {packages}")


def _installed(family: str) -> bool:
    listed = subprocess.run(["fc-list", "-q", family], check=False)
    return listed.returncode == 0


@cache
def latin_font() -> bytes:
    """The file of Liberation Serif: digits and Latin letters of official text, which CSS takes by unicode-range.

    CSS `local()` would make the engine open a path of this machine; so it is handed over as an asset instead.
    """
    pattern = "Liberation Serif:style=Regular"
    found = subprocess.run(["fc-match", "-f", "%{file}", pattern], check=True, capture_output=True)
    return Path(found.stdout.decode()).read_bytes()

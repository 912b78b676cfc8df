"""`make clean-data`: removes what a demonstration keeps in its data folder, and nothing else."""

import shutil
import sys

from core.config import read

DATABASE = "chengban.sqlite3"
OWN = (
    *(DATABASE + journal for journal in ("", "-wal", "-shm", "-journal")),
    "demonstration.json",
    "scheduler.lock",
    "files",
    "cache",
)


def main() -> int:
    """Remove the demonstration's own entries. Returns 1 for a house that is no demonstration."""
    settings = read()
    if not settings.is_demonstration:
        print(f"CHENGBAN_MODE is {settings.mode}: only a demonstration's data is removed", file=sys.stderr)
        return 1
    for name in OWN:
        path = settings.data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"removed the demonstration's data in {settings.data}; `make run` loads it anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())

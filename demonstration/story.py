"""The clock of a served demonstration: the machine's, moved forward by what the loader or a visitor wrote."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import SystemClock
from core.errors import Invalid, N_

#: In the data folder: tells a served house that its demonstration is loaded, and how far its clock is moved.
STORY = "demonstration.json"


class StoryClock:
    """Reads how far the clock is moved each time the file has changed, so that every process moves at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen = 0
        self._shift = timedelta()

    def now(self) -> datetime:
        changed = self.file.stat().st_mtime_ns if self.file.exists() else 0
        if changed != self._seen:
            self._shift = timedelta(seconds=_shift_seconds(self.file)) if changed else timedelta()
            self._seen = changed
        return SystemClock().now() + self._shift

    def move_to(self, moment: datetime) -> None:
        """Move the clock on to a moment. Raises Invalid for one that is past: what happened keeps its order."""
        if moment <= self.now():
            raise Invalid(N_("The demonstration's clock only moves forward"), field="moment")
        write_shift(self.file, moment)


def write_shift(file: Path, moment: datetime) -> None:
    """Let the clock of this file stand at the moment now and go on from there."""
    shift = int((moment - SystemClock().now()).total_seconds())
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"shift_seconds": shift}), "utf-8")
    os.replace(fresh, file)


def _shift_seconds(file: Path) -> int:
    return int(json.loads(file.read_text("utf-8"))["shift_seconds"])

"""The one scheduler process: it leads or stands by, does the queued work and runs the sweeps."""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import text

from core.house import House
from core.tasks.sweeping import run_due
from core.tasks.work import run_waiting

#: The number of our advisory lock on PostgreSQL.
LEADER = 820_271
STANDBY_SECONDS = 1


@contextmanager
def leadership(house: House) -> Iterator[None]:
    """Wait until this process is the house's only scheduler, and stay it; a dead leader frees its place at once."""
    if house.db.engine.dialect.name == "sqlite":
        # The embedded database is on this machine, and so is every process that uses it: a file lock is enough.
        with (house.settings.data / "scheduler.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LEADER}):
            time.sleep(STANDBY_SECONDS)
        yield


def run(house: House) -> None:
    """Run until the process is told to stop. What was under way is begun again by the next scheduler."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    # While a long task runs, every tick finds it busy; that is as it should be and no news.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    with leadership(house):
        scheduler = BlockingScheduler(
            timezone="Asia/Shanghai",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        scheduler.add_job(run_waiting, "interval", seconds=1, args=[house])
        scheduler.add_job(run_due, "interval", seconds=5, args=[house])
        scheduler.start()


def _stop(_signal: int, _frame: Any) -> None:
    """Leave at once: every step is a transaction, so nothing is lost that a clean end would have saved."""
    os._exit(0)

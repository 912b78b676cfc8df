"""Running the sweeps that are due, each once for its due time, whoever starts it."""

import logging
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from core.db import locked, transaction
from core.house import House
from core.tasks.models import JobRun
from core.tasks.registry import Sweep, sweep, sweeps

log = logging.getLogger(__name__)

#: A sweep begun longer ago than this and not ended died with its process; it is run again.
GIVEN_UP = timedelta(minutes=10)
KEPT = timedelta(days=90)


def run_due(house: House) -> list[str]:
    """Run every sweep whose due time has come and has no run yet; returns the names of those that ran."""
    return [each.name for each in sweeps() if _run_once(house, each)]


def _run_once(house: House, each: Sweep) -> bool:
    with house.db.factory() as session:
        try:
            run_id = _begin(house, session, each)
        except IntegrityError:  # another process took this due time between our look and our write
            return False
        if run_id is None:
            return False
        try:
            count, error = each.run(house, session), ""
        except Exception as fault:  # one sweep's fault must not stop the others
            log.exception("sweep failed", extra={"job": each.name})
            count, error = 0, f"{type(fault).__name__}: {fault}"[:500]
        session.rollback()
        with transaction(session):
            run = locked(session, JobRun, run_id)
            run.count, run.error = count, error
            if error:
                run.failed_at = house.clock.now()
            else:
                run.finished_at = house.clock.now()
        return True


def _begin(house: House, session: Session, each: Sweep) -> int | None:
    """Take this due time; None where it is done, failed (the next due time tries again) or being done."""
    with transaction(session):
        now = house.clock.now()
        due = each.due(now)
        run = session.scalar(select(JobRun).where(JobRun.job == each.name, JobRun.due == due).with_for_update())
        if run is None:
            run = JobRun(job=each.name, due=due, started_at=now)
            session.add(run)
        elif run.finished_at or run.failed_at or now - run.started_at < GIVEN_UP:
            return None
        else:
            run.started_at = now
        session.flush()
        return run.id


@sweep("core.forget_job_runs", every=timedelta(days=1))
def forget_old_runs(house: House, session: Session) -> int:
    """Delete the records of sweeps older than ninety days; they prove nothing and only grow."""
    with transaction(session):
        return session.execute(delete(JobRun).where(JobRun.due < house.clock.now() - KEPT)).rowcount

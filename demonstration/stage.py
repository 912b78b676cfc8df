"""The stage a demonstration plays on: a house with a clock to move, its cast, and the report of each step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from core.calendar import china
from core.clock import FixedClock, local_date, local_time
from core.db import transaction
from core.house import House
from core.identity.actor import Actor
from core.identity.approvals import approve
from core.identity.models import Approval
from demonstration.people import Cast


@dataclass
class Stage:
    """What every step of a demonstration is given.

    say: tells the audience one line of progress; cast: who acts; notes: what one step leaves for a later one.
    """

    house: House
    clock: FixedClock
    cast: Cast
    say: Callable[[str], None]
    notes: dict[Any, Any] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session of the play."""
        return self.house.db.session

    @contextmanager
    def at(self, moment: datetime | None = None) -> Iterator[Session]:
        """One act: the clock moved to the moment (or a minute on), one transaction."""
        if moment is not None and moment > self.clock.now():
            self.clock.move_to(moment)
        else:
            self.clock.advance(minutes=1)
        with transaction(self.session) as session:
            yield session

    def approved_by(self, login: str, approval_id: int, after: timedelta = timedelta(minutes=25)) -> Any:
        """A second person approves what the first one asked for, some minutes later."""
        with self.at(self.clock.now() + after) as session:
            return approve(session, self.cast[login], self.clock, approval_id)

    def step(self, text: str) -> None:
        """Report a step with the day it is played on."""
        self.say(f"{local_time(self.clock.now()):%Y-%m-%d}  {text}")


def working(moment: datetime) -> datetime:
    """The same hour on the first working day from the moment on: offices do not work on days off."""
    calendar = china()
    while not calendar.is_working_day(local_date(moment)):
        moment += timedelta(days=1)
    return moment


def both(stage: Stage, moment: datetime, first: str, second: str, ask: Callable[[Session, Actor], Approval]) -> Any:
    """Two people: `first` asks at the moment, `second` approves; returns what the approval did."""
    with stage.at(moment) as session:
        request_id = ask(session, stage.cast[first]).id
    return stage.approved_by(second, request_id)  # type: ignore[arg-type]

"""The shell's own sweep: used forms are forgotten when no open page can repeat them."""

from datetime import timedelta

from sqlmodel import Session

from core.db import transaction
from core.house import House
from core.tasks.registry import sweep
from core.web.acts import forget_used_forms


@sweep("web.forget-used-forms", every=timedelta(days=1))
def forget(house: House, session: Session) -> int:
    """Delete the marks of forms used days ago."""
    with transaction(session):
        return forget_used_forms(session, house.clock.now())

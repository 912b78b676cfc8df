"""The sweep that sends copies of messages by e-mail; business never waits for it."""

from datetime import timedelta

from sqlmodel import Session

from core.house import House
from core.messages.mail import send_copies
from core.tasks.registry import sweep


@sweep("messages.send-copies", every=timedelta(minutes=1))
def send_waiting(house: House, session: Session) -> int:
    """Send the copies that are due. Says 0 always: the number of warnings before a deadline would count bidders."""
    send_copies(house, session)
    return 0

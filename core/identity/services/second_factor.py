"""The second factor: an authenticator's codes, each step accepted once, and one-time recovery codes."""

from collections.abc import Callable

from sqlmodel import Session

from core import audit
from core.clock import Clock
from core.db import locked
from core.errors import N_, Refused
from core.identity.actor import Actor
from core.identity.models import User


def set_second_factor(session: Session, actor: Actor, clock: Clock, method: str, secret: str) -> None:
    """Store the person's authenticator (its encrypted secret), after a code of it was accepted."""
    user = locked(session, User, actor.user_id)
    user.tf_primary_method, user.tf_totp_secret = method, secret
    audit.record(session, clock.now(), actor, "identity:second_factor:set", user)


def remove_second_factor(session: Session, actor: Actor, clock: Clock) -> None:
    """Forget the person's authenticator and recovery codes. Raises Refused where a second factor is required."""
    user = locked(session, User, actor.user_id)
    if not user.organisation.demonstration:
        raise Refused(N_("Your account needs a second factor; set up another one instead"))
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    audit.record(session, clock.now(), actor, "identity:second_factor:remove", user)


def accept_step(session: Session, user_id: int, match: Callable[[int | None], int | None]) -> bool:
    """Accept a code at most once, under the lock on the account.

    match: given the last accepted 30-second step, returns the step the code belongs to if it is later, else None.
    """
    user = locked(session, User, user_id)
    step = match(user.last_totp_step)
    if step is None:
        return False
    user.last_totp_step = step
    return True


def set_recovery_codes(session: Session, actor: Actor, clock: Clock, codes: list[str]) -> None:
    """Store new (encrypted) recovery codes; the ones before are void."""
    user = locked(session, User, actor.user_id)
    user.mf_recovery_codes = list(codes)
    audit.record(session, clock.now(), actor, "identity:recovery_codes:set", user, count=len(codes))


def use_recovery_code(session: Session, actor: Actor, clock: Clock, position: int) -> bool:
    """Take a recovery code out of the list; False if it is no longer there."""
    user = locked(session, User, actor.user_id)
    codes = list(user.mf_recovery_codes or [])
    if not 0 <= position < len(codes):
        return False
    del codes[position]
    user.mf_recovery_codes = codes or None
    audit.record(session, clock.now(), actor, "identity:recovery_codes:use", user, left=len(codes))
    return True

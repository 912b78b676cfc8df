"""Proofs of identity in a request: password, authenticator code, recovery code, each counted against guessing."""

import base64
import hashlib
import io
from collections.abc import Callable
from typing import Any, TypeVar

import segno
from flask import current_app
from flask_security.totp import Totp
from passlib.exc import TokenError
from passlib.totp import TOTP

from core.clock import Clock, FixedClock, SystemClock
from core.db import transaction
from core.house import House
from core.identity import services
from core.identity.login import client_address, place_of
from core.identity.models import User

Proof = TypeVar("Proof")


def prove_password(login_name: str, password: str) -> User | None:
    """The account of this name and password, or None. Raises TooManyFailures; takes equally long for every None."""
    session = _house().db.session
    user = attempt(login_name, "password", lambda: services.check_password(session, login_name, password))
    if user is not None:
        with transaction(session):
            services.renew_hash(session, user.id or 0, password)
    return user


def attempt(login_name: str, factor: str, check: Callable[[], Proof]) -> Proof:
    """Count the attempt, run the check, and forget or record it; returns what the check returns (falsy: it failed)."""
    house, place = _house(), place_of(login_name)
    session = house.db.session
    known = services.knows_device(session, login_name, client_address())
    with transaction(session):
        services.begin_attempt(session, house.clock, place, known_device=known)
    proof = check()
    with transaction(session):
        if proof:
            services.attempt_succeeded(session, place, known_device=known)
        else:
            services.attempt_failed(session, house.clock, place, factor)
    return proof


def authenticator(house: House) -> type[Totp]:
    """Flask-Security's code checker on this house: a code counts once, wrong ones are throttled."""
    # A phone runs on the world's time: a demonstration moved to another year still compares codes with that.
    clock: Clock = house.clock if isinstance(house.clock, FixedClock) else SystemClock()

    class Authenticator(Totp):
        def __init__(self, secrets: dict, issuer: str) -> None:
            super().__init__(secrets, issuer)
            self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=lambda: clock.now().timestamp())

        def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
            return attempt(user.login, "code", lambda: self._accept(token, totp_secret, user.id, window))

        def _accept(self, token: str, secret: str, user_id: int, window: int) -> bool:
            def step_of(last: int | None) -> int | None:
                try:
                    return self._totp.verify(token, secret, window=window, last_counter=last).counter
                except TokenError:
                    return None

            with transaction(house.db.session) as session:
                return services.accept_step(session, user_id, step_of)

        def generate_qrcode(self, username: str, totp: str) -> str:
            picture = io.BytesIO()
            segno.make(self.get_totp_uri(username, totp), error="m").save(picture, kind="svg", scale=5, border=2)
            return "data:image/svg+xml;base64," + base64.b64encode(picture.getvalue()).decode("ascii")

    return Authenticator


def derived_key(house: House, purpose: str) -> str:
    """A key for one purpose (URL-safe base64 of 32 bytes), derived from the house's secret."""
    digest = hashlib.sha256(f"chengban {purpose}\0{house.settings.secret}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def _house() -> House:
    return current_app.extensions["house"]

"""A second factor as a person sets it up on the page and reads it from the authenticator."""

import re
from datetime import datetime

from passlib.totp import TOTP
from werkzeug.test import TestResponse

from tests.support.clients import CheckingClient


def code_at(key: str, now: datetime) -> str:
    """What the authenticator shows for this key at the house's time."""
    return TOTP(key=key.replace(" ", "").replace("-", "")).generate(time=now).token


def set_up(client: CheckingClient, now: datetime, page: TestResponse) -> tuple[str, TestResponse]:
    """Go through the set-up page; returns the key and the page that follows."""
    page = client.submit(page, button="开始" if "开始" in page.text else "Begin")
    found = re.search(r"<dd>([A-Z2-7]{4}(?:-[A-Z2-7]{1,4})+)</dd>", page.text)
    assert found is not None, page.text
    return found[1], client.submit(page, {"code": code_at(found[1], now)})

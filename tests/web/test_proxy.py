"""Behind the proxy of production: the visitor's own address counts, and only as the proxy says it."""

from dataclasses import replace

import pytest
from flask import Flask, request

from core.config import Settings
from core.web.access import public
from wsgi import create_app


@pytest.fixture
def production(settings: Settings) -> Flask:
    """The application as production builds it, with a page that says what it believes."""
    secret = "a secret of more than thirty-two characters"
    app = create_app(replace(settings, mode="production", secret=secret, trusted_hosts=("bids.example",)))
    app.add_url_rule("/seen", view_func=public(lambda: f"{request.remote_addr} {request.scheme}"))
    return app


SEEN = [
    ("one visitor", "203.0.113.7", "https", "203.0.113.7 https"),
    ("a visitor who adds an address of their own", "10.0.0.1, 203.0.113.7", "https", "203.0.113.7 https"),
]


@pytest.mark.parametrize("forwarded, scheme, seen", [case[1:] for case in SEEN], ids=[case[0] for case in SEEN])
def test_the_address_is_the_one_the_proxy_saw(production: Flask, forwarded: str, scheme: str, seen: str) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": scheme, "Host": "bids.example"}
    answer = production.test_client().get("/seen", headers=headers)
    assert answer.get_data(as_text=True) == seen
    production.extensions["house"].db.engine.dispose()


def test_a_demonstration_believes_no_such_header(app: Flask) -> None:
    app.add_url_rule("/seen", view_func=public(lambda: str(request.remote_addr)))
    answer = app.test_client().get("/seen", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.get_data(as_text=True) == "127.0.0.1"

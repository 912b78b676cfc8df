"""What a view may ask of the request it serves: the house, the session, the clock and the acting person."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, current_app, g
from sqlmodel import Session

from core.clock import Clock
from core.house import House
from core.identity.actor import GUEST, Actor


def furnish(app: Flask, house: House, current_actor: Callable[[], Actor]) -> None:
    """Tell the application which house it serves and how it learns who acts."""
    app.extensions["house"] = house
    app.extensions["current_actor"] = current_actor


def house() -> House:
    """The house this application serves."""
    return current_app.extensions["house"]


def session() -> Session:
    """The database session of this request; reads may use it freely, writes go through `perform` or `Form.save`."""
    return house().db.session


def clock() -> Clock:
    """The clock to hand to a service."""
    return house().clock


def now() -> datetime:
    """The instant, for showing; a service that decides reads the clock itself, after its lock."""
    return house().clock.now()


def actor() -> Actor:
    """Who makes this request: GUEST when nobody has signed in; read anew for every request.

    After a failure nobody is asked any more: the page that reports it must not fail on the same database.
    """
    return GUEST if g.get("failed") else current_app.extensions["current_actor"]()

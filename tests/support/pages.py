"""Pages as a test reads them: signed in as a person that a factory made, the words and links of the main part."""

from xml.etree.ElementTree import Element

from flask import Flask
from sqlmodel import Session
from werkzeug.test import TestResponse

from core.identity.actor import Actor
from core.identity.models import User
from tests.conftest import visitor
from tests.factories import identity
from tests.support.clients import CheckingClient
from tests.support.markup import Markup, words


def signed_in(app: Flask, session: Session, person: Actor) -> CheckingClient:
    """A browser in which this person has signed in."""
    client = visitor(app, session)
    client.actor = person
    login = session.get_one(User, person.user_id).login
    session.rollback()
    client.submit(client.get("/login"), {"login": login, "password": identity.PASSWORD}, follow=False)
    return client


def said(page: TestResponse) -> str:
    """The words of a page's main part."""
    markup = Markup(page.get_data(as_text=True))
    return words(markup.all("main")[0])


def links(page: TestResponse) -> list[Element]:
    """The links in a page's main part."""
    markup = Markup(page.get_data(as_text=True))
    return [link for link in markup.all("main")[0].iter("a") if link.get("href")]

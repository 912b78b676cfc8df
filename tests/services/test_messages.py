"""Messages: who gets them, once for an occasion, read by their owner only; copies by e-mail, tried again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from sqlmodel import Session, select

from core import messages
from core.clock import FixedClock, beijing
from core.db import transaction
from core.errors import Invalid, NotFound
from core.house import House
from core.identity.actor import Actor
from core.identity.models import User
from core.messages import mail
from core.messages.models import MailCopy, Message
from core.messages.words import in_chinese
from tests.factories import identity

SUBJECT = "Reply to query No. %(number)s"


def told(session: Session, clock: FixedClock, to: messages.services.Recipients, key: str = "") -> list[Message]:
    """Send the message of these tests."""
    with transaction(session):
        return messages.send(
            session, clock.now(), to=to, subject=SUBJECT, number=7, link="/tenders", clause="政府采购法第53条", key=key
        )


def owners(session: Session) -> list[int]:
    return sorted(row.recipient_id for row in session.exec(select(Message)))


def test_an_organisations_people_are_those_who_hold_the_permission(session: Session, clock: FixedClock) -> None:
    department = identity.organisation(session, clock)
    handler = identity.actor(session, clock, "handler", of=department)
    identity.actor(session, clock, "finance", of=department)
    identity.actor(session, clock, "handler")  # of another department
    gone = identity.user(session, clock, "handler", of=department)
    with transaction(session):
        session.get_one(User, gone.id).disabled_at = clock.now()
    told(session, clock, messages.People(department.id or 0, "tender:answer"))
    assert owners(session) == [handler.user_id]


def test_who_is_meant_twice_gets_one_message(session: Session, clock: FixedClock) -> None:
    department = identity.organisation(session, clock)
    handler = identity.actor(session, clock, "handler", of=department)
    finance = identity.actor(session, clock, "finance", of=department)
    told(session, clock, [messages.People(department.id or 0), messages.Person(handler.user_id)])
    assert owners(session) == [handler.user_id, finance.user_id]


def test_an_occasion_is_told_once_however_often_a_sweep_repeats_it(session: Session, clock: FixedClock) -> None:
    person = identity.actor(session, clock, "handler")
    assert len(told(session, clock, messages.Person(person.user_id), key="tender:7:closing")) == 1
    clock.advance(hours=1)
    assert told(session, clock, messages.Person(person.user_id), key="tender:7:closing") == []
    assert len(told(session, clock, messages.Person(person.user_id), key="tender:8:closing")) == 1


def test_a_message_goes_with_the_act_that_fails(session: Session, clock: FixedClock) -> None:
    person = identity.actor(session, clock, "handler")
    with pytest.raises(RuntimeError), transaction(session):
        messages.send(
            session, clock.now(), to=messages.Person(person.user_id), subject=SUBJECT, number=1, link="/tenders"
        )
        raise RuntimeError
    assert owners(session) == []


@pytest.mark.parametrize("link", ["https://elsewhere.example/", "//elsewhere.example/", "tenders", ""])
def test_a_message_never_leads_to_another_site(session: Session, clock: FixedClock, link: str) -> None:
    person = identity.actor(session, clock, "handler")
    with pytest.raises(ValueError, match="page of this site"), transaction(session):
        messages.send(session, clock.now(), to=messages.Person(person.user_id), subject="Saved", link=link)


def test_only_its_owner_reads_a_message(session: Session, clock: FixedClock) -> None:
    owner, other = (identity.actor(session, clock, "handler") for _ in range(2))
    reference = told(session, clock, messages.Person(owner.user_id))[0].reference
    assert messages.unread(session, owner) == 1
    assert messages.unread(session, other) == 0
    with pytest.raises(NotFound), transaction(session):
        messages.mark_read(session, other, clock, reference)
    first = clock.now()
    for _ in range(2):
        with transaction(session):
            messages.mark_read(session, owner, clock, reference)
        clock.advance(minutes=5)
    assert messages.message_of(session, owner, reference).read_at == first
    assert messages.unread(session, owner) == 0


def test_words_of_a_letter_are_chinese_with_days_as_written_in_china(session: Session, clock: FixedClock) -> None:
    person = identity.actor(session, clock, "handler")
    with transaction(session):
        row = messages.send(
            session, clock.now(), to=messages.Person(person.user_id), link="/tenders", subject="%(a)s, %(b)s, %(c)s",
            a=date(2016, 9, 1), b=beijing(2016, 9, 1, 9, 30), c=3,
        )[0]  # fmt: skip
    assert in_chinese(row) == "2016-09-01, 2016-09-01 09:30, 3"


# Copies by e-mail ----------------------------------------------------------------------------------------------------


class Server:
    """A mail server of these tests; `refuses` answers the next letters with a refusal."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.refuses = 0

    def send_message(self, letter: Any) -> None:
        if self.refuses:
            self.refuses -= 1
            raise SMTPRecipientsRefused({str(letter["To"]): (450, b"later")})
        self.letters.append(letter)


@pytest.fixture
def server(house: House, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A house with a mail server."""
    house.settings = replace(house.settings, smtp="smtp://mail.example", mail_from="notice@department.example")
    house.db.factory.configure(info={**house.db.factory.kw["info"], "mail": True})
    server = Server()

    @contextmanager
    def connection(_settings: object) -> Iterator[Server]:
        yield server

    monkeypatch.setattr(mail, "connection", connection)
    return server


def reader(house: House, clock: FixedClock) -> Actor:
    """A person who wants copies."""
    with house.db.factory() as session:
        person = identity.actor(session, clock, "handler")
        with transaction(session):
            messages.set_mail_address(session, person, clock, "person@department.example")
        return person


def copy_of(session: Session) -> MailCopy:
    return session.exec(select(MailCopy)).one()


def test_no_copy_is_queued_without_a_mail_server_or_an_address(
    house: House, session: Session, clock: FixedClock
) -> None:
    person = identity.actor(session, clock, "handler")
    with transaction(session):
        messages.set_mail_address(session, person, clock, "person@department.example")
    told(session, clock, messages.Person(person.user_id))
    assert session.exec(select(MailCopy)).all() == []
    assert mail.send_copies(house, session) == 0


def test_a_copy_is_sent_once_with_link_and_clause(house: House, clock: FixedClock, server: Server) -> None:
    person = reader(house, clock)
    with house.db.factory() as session:
        message = told(session, clock, messages.Person(person.user_id))[0]
        assert mail.send_copies(house, session) == 1
        assert mail.send_copies(house, session) == 0
        (letter,) = server.letters
        assert letter["Subject"] == "答复第7号质疑"
        assert letter["To"] == "person@department.example"
        assert f"/messages/{message.reference}" in letter.get_content()
        assert "政府采购法第53条" in letter.get_content()
        assert copy_of(session).sent_at == clock.now()


def test_a_refused_copy_is_tried_later_and_given_up_at_last(house: House, clock: FixedClock, server: Server) -> None:
    person = reader(house, clock)
    server.refuses = 99
    with house.db.factory() as session:
        told(session, clock, messages.Person(person.user_id))
        for wait in mail.WAITS:
            assert mail.send_copies(house, session) == 1
            assert copy_of(session).due_at == clock.now() + wait
            clock.advance(seconds=wait.total_seconds() - 1)
            assert mail.send_copies(house, session) == 0
            clock.advance(seconds=1)
        assert mail.send_copies(house, session) == 1
        copy = copy_of(session)
        assert copy.failed_at == clock.now()
        assert copy.fault == "SMTPRecipientsRefused"
        clock.advance(days=9)
        assert mail.send_copies(house, session) == 0


def test_a_mail_server_that_is_away_costs_nothing_but_time(
    house: House, clock: FixedClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = reader(house, clock)

    def away(_settings: object) -> None:
        raise ConnectionRefusedError

    with house.db.factory() as session:
        told(session, clock, messages.Person(person.user_id))
        with monkeypatch.context() as patch:
            patch.setattr(mail, "connection", away)
            mail.send_copies(house, session)
        assert copy_of(session).fault == "ConnectionRefusedError"
        clock.advance(seconds=timedelta(minutes=1).total_seconds())
        mail.send_copies(house, session)
        assert len(server.letters) == 1


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@c.example", "a@c.example, d@c.example", "x" * 250 + "@c.cn"])
def test_what_is_no_address_is_refused(session: Session, clock: FixedClock, address: str) -> None:
    person = identity.actor(session, clock, "handler")
    with pytest.raises(Invalid), transaction(session):
        messages.set_mail_address(session, person, clock, address)

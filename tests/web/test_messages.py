"""The pages of messages: the number in the bar, one's own list, reading, and where copies go."""

from collections.abc import Callable

from sqlmodel import Session

from core import messages
from core.clock import FixedClock
from core.db import transaction
from tests.support.clients import CheckingClient
from tests.support.markup import words

Login = Callable[..., CheckingClient]


def send(session: Session, clock: FixedClock, client: CheckingClient) -> str:
    """A message to the person of this client; its reference."""
    with transaction(session):
        sent = messages.send(
            session, clock.now(), to=messages.Person(client.actor.user_id), subject="Reply to query No. %(number)s",
            number=7, link="/policies", clause="政府采购法第53条",
        )  # fmt: skip
        return sent[0].reference


def test_a_message_is_counted_read_and_leads_to_where_to_act(
    login: Login, session: Session, clock: FixedClock
) -> None:
    handler = login("handler")
    assert 'class="unread"' not in handler.get("/desk").text
    reference = send(session, clock, handler)
    assert "条未读" in handler.get("/desk").text
    listed = handler.get("/messages/")
    assert "答复第7号质疑" in listed.text
    assert f"/messages/{reference}" in listed.text
    went = handler.submit(handler.get(f"/messages/{reference}"), button="标为已读", follow=False)
    assert went.location == "/policies"
    assert 'class="unread"' not in handler.get("/desk").text
    assert "前往办理" in handler.get(f"/messages/{reference}").text


def test_all_messages_are_marked_at_once(login: Login, session: Session, clock: FixedClock) -> None:
    handler = login("handler")
    for _ in range(3):
        send(session, clock, handler)
    handler.submit(handler.get("/messages/"), button="全部标为已读")
    assert 'class="unread"' not in handler.get("/messages/?state=read").text


def test_anothers_message_is_not_there(login: Login, session: Session, clock: FixedClock) -> None:
    reference = send(session, clock, login("handler"))
    other = login("insurer_signer")
    assert other.get(f"/messages/{reference}").status_code == 404
    assert reference not in other.get("/messages/").text


def test_an_address_for_copies_is_kept_and_taken_back(login: Login) -> None:
    handler = login("handler")
    page = handler.get("/messages/copies")
    assert "尚未配置邮件服务器" in page.text
    wrong = handler.submit(page, {"address": "nobody"})
    assert wrong.status_code == 400
    assert 'value="nobody"' in wrong.text
    handler.submit(page, {"address": "person@department.example"})
    assert "person@department.example" in handler.get("/messages/copies").text
    handler.submit(handler.get("/messages/copies"), {"address": ""})
    assert "person@department.example" not in handler.get("/messages/copies").text


def test_the_bar_is_english_too(login: Login, session: Session, clock: FixedClock) -> None:
    handler = login("handler")
    send(session, clock, handler)
    handler.get("/language/en")
    assert "Messages" in words_of(handler)


def words_of(client: CheckingClient) -> str:
    from tests.support.markup import Markup

    return " ".join(words(part) for part in Markup(client.get("/desk").text).all("header"))

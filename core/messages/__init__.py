"""Messages: what the house tells a person, shown on their own page, and a copy by e-mail where that is set up."""

from core.messages.services import (
    People,
    Person,
    mark_all_read,
    mark_read,
    message_of,
    send,
    set_mail_address,
    unread,
)

__all__ = ["People", "Person", "mark_all_read", "mark_read", "message_of", "send", "set_mail_address", "unread"]

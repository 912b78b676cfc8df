"""A message in words: in the reader's language on a page, in Chinese by e-mail."""

from typing import Any

from flask_babel import gettext

from core.clock import local_time
from core.messages.models import Message
from core.messages.services import params_of
from core.web.filters import day, moment
from core.web.language import chinese_words


def shown(message: Message) -> str:
    """The message for the page, in the reader's language."""
    words: str = message.subject["message"]
    return gettext(words, **{name: _on_page(value) for name, value in params_of(message).items()})


def in_chinese(message: Message) -> str:
    """The message for a letter, outside any request."""
    words = chinese_words(message.subject["message"])
    params = {name: _in_letter(value) for name, value in params_of(message).items()}
    return words % params if params else words


def _on_page(value: Any) -> Any:
    return moment(value) if hasattr(value, "tzinfo") else day(value) if hasattr(value, "isoformat") else value


def _in_letter(value: Any) -> Any:
    if hasattr(value, "tzinfo"):
        return f"{local_time(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if hasattr(value, "isoformat") else value

"""Templates: each compiles, uses filters that exist, and holds no words that the language switch cannot reach."""

import re

import pytest
from flask import Flask
from jinja2 import TemplateSyntaxError

from core.documents.render import environment
from tests.support.sources import ROOT, listed, templates

NOT_WORDS = re.compile(r"{#.*?#}|{{.*?}}|{%.*?%}|<!--.*?-->|<[^>]*>", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
#: The name of the other language is written in that language; 承 and 办 stand in our emblem.
SAME_IN_BOTH = {"中文", "承", "办"}


def test_every_template_compiles(app: Flask) -> None:
    broken = []
    for path in templates():
        pages_or_papers = environment() if "documents" in path.parts else app.jinja_env
        try:
            pages_or_papers.compile(path.read_text("utf-8"), path.name)
        except TemplateSyntaxError as error:
            broken.append(f"{path.relative_to(ROOT)}:{error.lineno}: {error.message}")
    assert not broken, listed(broken)


def test_words_of_pages_go_through_the_language_switch() -> None:
    """Official documents are Chinese; every page is in both languages."""
    fixed = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in templates()
        if "documents" not in path.parts
        for word in CHINESE.findall(NOT_WORDS.sub(" ", path.read_text("utf-8")))
        if word not in SAME_IN_BOTH
    ]
    assert not fixed, listed(fixed)


@pytest.mark.parametrize("forbidden", [" style=", "<style", "|safe", "javascript:", " onclick=", " onchange="])
def test_pages_hold_nothing_that_the_security_policy_forbids(forbidden: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in templates()
        if "documents" not in path.parts and forbidden in path.read_text("utf-8")
    ]
    assert not found, listed(found)

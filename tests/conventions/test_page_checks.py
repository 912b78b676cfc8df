"""The checks that every fetched page passes do find what they are for."""

import pytest
from flask import Flask

from tests.support.markup import faults

GOOD = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>招标</title></head><body><main><h1>招标</h1>'
    '<p><a href="/time">时间</a></p>{}</main></body></html>'
)

FAULTY = [
    ("two headings", "<h1>again</h1>", "one h1 is needed"),
    ("an id twice", '<p id="a"></p><p id="a"></p>', "id 'a' is there 2 times"),
    ("a reference to nothing", '<p aria-describedby="hint">x</p>', "refers to id 'hint'"),
    ("a field without a label", '<input name="budget">', "<input name='budget'> has no label"),
    ("a post without a token", '<form method="post"><button>发布</button></form>', "posts without a csrf_token"),
    ("a form to nowhere", '<form action="/nowhere"><button>查</button></form>', "no route serves it"),
    ("a form of another method", '<form action="/time" method="post"><input type="hidden" name="csrf_token">'
     "<button>发布</button></form>", "no route serves it (405)"),
    ("a form without a button", '<form action="/time"><input type="hidden" name="q"></form>', "has no button"),
    ("a dead link", '<a href="/nowhere">去</a>', "no route serves it (404)"),
    ("a link to nothing", '<a href="#">去</a>', "points to nothing"),
    ("a script as address", '<a href="javascript:void(0)">去</a>', "not an address to follow"),
    ("a link without words", '<a href="/time"></a>', "says nothing"),
    ("an inline style", '<p style="color:red">x</p>', "has an inline style"),
    ("an inline handler", '<p onclick="x()">x</p>', "has an inline onclick"),
    ("an inline script", "<script>x()</script>", "an inline <script>"),
    ("an image without words", '<img src="/static/icon.svg">', "has no alt"),
    ("broken nesting", "<p><table><tr><th>x</th></tr></p>", "line 1"),
]


@pytest.mark.parametrize("body, fault", [case[1:] for case in FAULTY], ids=[case[0] for case in FAULTY])
def test_a_faulty_page_is_found(app: Flask, body: str, fault: str) -> None:
    assert any(fault in found for found in faults(GOOD.format(body), app)), faults(GOOD.format(body), app)


def test_a_good_page_has_no_fault(app: Flask) -> None:
    field = '<form action="/time"><label>年度 <input name="year"></label><button>查</button></form>'
    assert faults(GOOD.format(field), app) == []

"""The checking client: every page that any test fetches is checked, and forms are sent as a browser would send them."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from core.identity.actor import GUEST, Actor
from tests.support.markup import Markup, faults, words

Values = dict[str, Any]


class CheckingClient(FlaskClient):
    """Fetches pages and fails on any fault of theirs. `actor` is who is signed in."""

    actor: Actor = GUEST
    #: Ends what the test's own session holds, so that a request never waits for the test.
    release: Callable[[], None] | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.release is not None:
            self.release()
        response = super().open(*args, **kwargs)
        for answered in (*response.history, response):
            # A body over 500 kB waits in a temporary file, which Werkzeug's client leaves to the garbage collector.
            answered.request.environ["wsgi.input"].close()
        self._check(response)
        return response

    def _check(self, response: TestResponse) -> None:
        policy = response.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, f"{response.request.path} has no Content-Security-Policy"
        assert "unsafe" not in policy, f"{response.request.path} weakens its Content-Security-Policy: {policy}"
        if response.mimetype != "text/html" or response.location:
            return
        found = faults(response.get_data(as_text=True), self.application)
        assert not found, "\n".join([f"{response.request.method} {response.request.path}:", *found])

    def submit(
        self,
        page: TestResponse,
        values: Values | None = None,
        *,
        action: str = "",
        button: str | None = None,
        follow: bool = True,
    ) -> TestResponse:
        """Fill in and send a form of a fetched page, hidden fields and all.

        action: part of the form's action where the page has several; button: the words of the button to press.
        Raises AssertionError for a field or button that the form does not have.
        """
        markup = Markup(page.get_data(as_text=True))
        form = _form(markup, action, button)
        data = _typed(form)
        for name, value in (values or {}).items():
            assert name in _names(form), f"the form has no field {name!r}, only {sorted(_names(form))}"
            data.setlist(name, value if isinstance(value, list) else [value])
        pressed = _button(form, button)
        if pressed is not None and pressed.get("name"):
            data.add(pressed.attrib["name"], pressed.get("value", ""))
        target = form.get("action") or page.request.full_path.rstrip("?")
        if pressed is not None and pressed.get("formaction"):
            target = pressed.attrib["formaction"]
        if form.get("method", "get").lower() == "get":
            return self.get(target, query_string=data, follow_redirects=follow)
        return self.post(target, data=data, headers={"Referer": page.request.url}, follow_redirects=follow)


def _form(markup: Markup, action: str, button: str | None) -> Element:
    """The page's form with this action and button; forms that post come before those that only search."""
    fitting = [
        form
        for form in markup.all("form")
        if action in form.get("action", "") and _button(form, button) is not None
    ]
    fitting.sort(key=lambda form: form.get("method", "get").lower() != "post" or "csrf_token" not in _names(form))
    main = [form for form in fitting if any(above.tag == "main" for above in markup.above(form))]
    found = main or fitting
    assert found, f"no form with action {action!r} and button {button!r} on the page"
    return found[0]


def _button(form: Element, said: str | None) -> Element | None:
    buttons = [button for button in form.iter("button") if button.get("type", "submit") == "submit"]
    buttons += [button for button in form.iter("input") if button.get("type") == "submit"]
    for button in buttons:
        if said is None or said in (words(button) or button.get("value", "")):
            return button
    return None


def _names(form: Element) -> set[str]:
    return {field.attrib["name"] for tag in ("input", "select", "textarea", "button") for field in form.iter(tag)
            if "name" in field.attrib}


def _typed(form: Element) -> MultiDict[str, Any]:
    """What the form would send untouched."""
    data: MultiDict[str, Any] = MultiDict()
    for field in form.iter():
        name = field.get("name")
        if not name or "disabled" in field.attrib:
            continue
        if field.tag == "input" and field.get("type", "text") not in ("submit", "button", "file", "reset", "image"):
            if field.get("type") not in ("checkbox", "radio") or "checked" in field.attrib:
                data.add(name, field.get("value", "on" if field.get("type") == "checkbox" else ""))
        elif field.tag == "textarea":
            data.add(name, (field.text or "").removeprefix("\n"))
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if "selected" in option.attrib]
            if not chosen and "multiple" not in field.attrib:
                chosen = options[:1]
            for option in chosen:
                data.add(name, option.get("value", words(option)))
    return data

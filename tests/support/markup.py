"""What every HTML page of the house must satisfy; each fault is one line that says where."""

import warnings
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

#: Fields that name themselves or are not for people.
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
#: Served by a room that is being built right now.
LANDING = {"/"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage", "aria-details")


class Markup:
    """One parsed page."""

    def __init__(self, text: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # html5lib's own
            self.root: Element = parser.parse(text)
        self.errors = [f"line {place[0]}: {code} {data or ''}" for place, code, data in parser.errors]
        self.parents = {child: parent for parent in self.root.iter() for child in parent}

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.root.iter() if element.tag in tags]

    def above(self, element: Element) -> Iterator[Element]:
        """The elements that hold this one, nearest first."""
        while (parent := self.parents.get(element)) is not None:
            yield parent
            element = parent

    def ids(self) -> list[str]:
        return [element.attrib["id"] for element in self.root.iter() if "id" in element.attrib]


def words(element: Element) -> str:
    """The text inside, spaces made single."""
    return " ".join("".join(element.itertext()).split())


def faults(text: str, app: Flask) -> list[str]:
    """Everything that is wrong with a page of this application."""
    page = Markup(text)
    return [
        *page.errors,
        *_document(page),
        *_ids(page),
        *_labels(page),
        *_forms(page, app),
        *_links(page, app),
        *_inline(page),
    ]


def _document(page: Markup) -> Iterator[str]:
    if page.root.get("lang") not in ("zh-CN", "en"):
        yield f"<html lang={page.root.get('lang')!r}> names no language of ours"
    titles = [words(title) for title in page.all("title") if page.parents[title].tag == "head"]
    if len(titles) != 1 or not titles[0].strip(" ·"):
        yield f"one title that says something is needed, not {titles}"
    headings = [words(heading) for heading in page.all("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 is needed, not {headings}"
    if len(page.all("main")) != 1:
        yield "one <main> is needed"
    for image in page.all("img"):
        if "alt" not in image.attrib:
            yield f"<img src={image.get('src')!r}> has no alt"
    for table in page.all("table"):
        if not any(element.tag == "th" for element in table.iter()):
            yield "a table has no header cell"


def _ids(page: Markup) -> Iterator[str]:
    ids = page.ids()
    for name, count in Counter(ids).items():
        if count > 1 or not name or " " in name:
            yield f"id {name!r} is there {count} times or is no name"
    known = set(ids)
    for element in page.root.iter():
        named = [name for reference in REFERENCES for name in element.get(reference, "").split()]
        named += [element.attrib["for"]] if element.tag == "label" and "for" in element.attrib else []
        for name in named:
            if name not in known:
                yield f"<{element.tag}> refers to id {name!r}, which is not on the page"


def _labels(page: Markup) -> Iterator[str]:
    labelled = {label.get("for") for label in page.all("label") if words(label)}
    for field in page.all("input", "select", "textarea"):
        if field.tag == "input" and field.get("type", "text") in UNLABELLED:
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        if not named and not any(above.tag == "label" for above in page.above(field)):
            yield f"<{field.tag} name={field.get('name')!r}> has no label"
    for button in page.all("button"):
        if not words(button) and not button.get("aria-label"):
            yield "a button says nothing"


def _forms(page: Markup, app: Flask) -> Iterator[str]:
    for form in page.all("form"):
        method = form.get("method", "get").upper()
        action = form.get("action")
        if action is not None and (fault := _unserved(app, action, method)):
            yield f"<form action={action!r} method={method}>: {fault}"
        names = {field.get("name") for field in form.iter("input")}
        if method == "POST" and "csrf_token" not in names:
            yield f"<form action={action!r}> posts without a csrf_token"
        files = any(field.get("type") == "file" for field in form.iter("input"))
        if files and form.get("enctype") != "multipart/form-data":
            yield f"<form action={action!r}> sends a file without multipart/form-data"
        if not any(field.get("type", "submit") == "submit" for field in form.iter("button")) and not any(
            field.get("type") == "submit" for field in form.iter("input")
        ):
            yield f"<form action={action!r}> has no button to send it"


def _links(page: Markup, app: Flask) -> Iterator[str]:
    known = set(page.ids())
    for link in page.all("a"):
        target = link.get("href")
        if target is None:
            yield f"<a>{words(link)}</a> leads nowhere; use a button or text"
        elif target.startswith("#") and target[1:] not in known:
            yield f"<a href={target!r}> points to nothing on the page"
        elif fault := _unserved(app, target, "GET"):
            yield f"<a href={target!r}>: {fault}"
        if not words(link) and not link.get("aria-label") and not any(image.get("alt") for image in link.iter("img")):
            yield f"<a href={target!r}> says nothing"
    for element in [*page.all("script"), *page.all("link"), *page.all("img")]:
        source = element.get("src") or element.get("href")
        if source and not source.startswith("data:") and (fault := _unserved(app, source, "GET")):
            yield f"<{element.tag}> loads {source!r}: {fault}"


def _inline(page: Markup) -> Iterator[str]:
    """The Content-Security-Policy forbids what is inline, so it would silently not work."""
    for element in page.root.iter():
        for name in element.attrib:
            if name == "style" or str(name).startswith("on"):
                yield f"<{element.tag}> has an inline {name}"
        if element.tag == "style":
            yield "an inline <style>"
        if element.tag == "script" and "src" not in element.attrib and element.get("type") != "application/ld+json":
            yield "an inline <script>"


def _unserved(app: Flask, target: str, method: str) -> str | None:
    """Why no route of ours serves this address; None for one that is served, or is somebody else's on purpose."""
    parts = urlsplit(target)
    if parts.scheme == "mailto" or (parts.scheme == "https" and parts.netloc):
        return None
    if parts.scheme and parts.scheme != "http":
        return "not an address to follow"
    if not parts.path or parts.path in LANDING:
        return None
    try:
        app.url_map.bind("localhost").match(parts.path, method=method)
    except RequestRedirect:
        return None
    except HTTPException as error:
        return f"no route serves it ({error.code})"
    return None

"""Every page that a role reaches by links is there, and one of each kind passes axe and fits a phone."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import html5lib
from playwright.sync_api import Page

from tests.e2e.conftest import Tour
from tests.support.browser import DESK, PHONE

#: Somebody of every role of the demonstration, and a guest.
PEOPLE = (
    None, "handler", "approver", "finance", "supervisor", "officer1", "expert1", "changyue1", "changyue2",
    "sysadmin", "security1", "auditor",
)  # fmt: skip
#: How many pages of one kind (numbers aside) each person opens.
OF_A_KIND = 2


@dataclass
class Walk:
    """What one person has come across; kinds: addresses without their numbers."""

    page: Page
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def pages(self, start: str) -> Iterator[tuple[str, str]]:
        """Address and kind of every page there is, each opened without a script; a dead link is a fault."""
        waiting, known = deque([start]), {start}
        while waiting:
            path = waiting.popleft()
            answer = self.page.request.get(path)
            if answer.status >= 400:
                self.faults.append(f"{answer.status} {path}")
            if answer.status >= 400 or "text/html" not in answer.headers.get("content-type", ""):
                continue
            yield path, kind_of(path)
            for link in links(answer.text(), urlsplit(answer.url).path):
                if link not in known and self.kinds[kind_of(link)] < OF_A_KIND:
                    self.kinds[kind_of(link)] += 1
                    known.add(link)
                    waiting.append(link)


def kind_of(path: str) -> str:
    """An address with its numbers, names of packs and papers left out."""
    return re.sub(r"(?<=/)[^/]*[0-9][^/]*", "0", path)


def links(text: str, base: str) -> list[str]:
    """The pages of this house a page links to; those that change the language or carry a query are left out."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    found = [urlsplit(urljoin(base, link.get("href") or "")) for link in tree.iter("a")]
    return [
        url.path
        for url in found
        if not url.netloc and not url.query and url.scheme in ("", "http") and not url.path.startswith("/language/")
    ]


def test_every_page_that_a_role_reaches_is_there(tour: Tour) -> None:
    looked_at: set[str] = set()
    faults = []
    for login in PEOPLE:
        page = tour.person(login) if login else tour.new_page()
        walk = Walk(page)
        for path, kind in walk.pages("/desk" if login else "/"):
            if kind not in looked_at:
                looked_at.add(kind)
                tour.go(page, path)
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]
                tour.fits(page)
                page.set_viewport_size(DESK)  # type: ignore[arg-type]
        faults += [f"{login or 'guest'}: {fault}" for fault in walk.faults]
        page.context.close()
    assert faults == []
    assert len(looked_at) > 60

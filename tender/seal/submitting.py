"""Sends a sealed bid from a machine of the bidder's own: uploads in pieces that resume, submits, keeps the receipt.

It talks to the pages that a browser uses, with a session of a signed-in person, and needs nothing but Python and this
folder. Who submits must have taken the documents and recorded the bid security on the bid page.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from core.errors import Invalid, N_, Refused
from tender.seal.receipts import verify_receipt

#: How often a line that breaks is tried again; the waits double, half a minute at most.
TRIES, LONGEST_WAIT = 8, 30


@dataclass
class PageForm:
    """A form of a page: where it is sent and the fields it comes with."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(given.get("action", "")))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "input" and self.forms and given.get("name") and given.get("type") != "checkbox":
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def form(self, ending: str) -> PageForm | None:
        """The form that is sent to an address with this ending."""
        return next((one for one in self.forms if one.action.split("?")[0].endswith(ending)), None)


class Visitor:
    """A signed-in visit to the house. page: the address of the bid page."""

    def __init__(self, page: str, cookies: CookieJar) -> None:
        self.page = page
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(cookies))

    def ask(self, path: str, content: bytes | None = None, method: str = "GET", token: str = "") -> bytes:
        """The answer's bytes; a line that breaks is tried again. Raises Refused with the house's own words."""
        headers = {"Referer": self.page} | ({"X-CSRFToken": token} if token else {})
        if method == "PUT":
            headers["Content-Type"] = "application/octet-stream"
        for attempt in range(TRIES + 1):
            if attempt:
                time.sleep(min(LONGEST_WAIT, 0.5 * 2 ** (attempt - 1)))
            try:
                request = Request(urljoin(self.page, path), data=content, headers=headers, method=method)  # noqa: S310 - the bidder's own choice of address
                with self._opener.open(request, timeout=60) as answer:
                    body: bytes = answer.read()
                    return body
            except HTTPError as answer:
                if answer.code < 500 and answer.code not in (408, 429):
                    raise _refusal(answer) from None
            except (URLError, HTTPException, OSError):
                continue
        raise Refused(N_("The house cannot be reached; what has arrived stays, the same command goes on"))

    def send(self, path: str, fields: Mapping[str, str]) -> bytes:
        """Send a form."""
        return self.ask(path, urlencode(fields).encode(), "POST")

    def read(self, path: str) -> _Page:
        """A page's forms and links."""
        return _Page(self.ask(path).decode("utf-8", "replace"))


class _At(Refused):
    """The house says where the next piece begins."""

    def __init__(self, offset: int) -> None:
        super().__init__(N_("The next piece begins at byte %(offset)s"), offset=offset)
        self.offset = offset


def _refusal(answer: HTTPError) -> Refused:
    try:
        said = json.loads(answer.read())
    except (ValueError, OSError):
        return Refused(N_("The house refuses with %(code)s: look at the bid page"), code=answer.code)
    if "offset" in said:
        return _At(int(said["offset"]))
    return Refused(N_("The house refuses: %(words)s"), words=str(said.get("error", answer.code)))


def sign_in(visitor: Visitor, login: str, password: str, code: str = "") -> None:
    """Sign in with name and password, and the second factor's code where the house asks for one."""
    asked = visitor.read("/login").form("/login")
    if asked is None:
        raise Refused(N_("There is no sign-in page at this address"))
    answer = _Page(visitor.send("/login", {**asked.fields, "login": login, "password": password}).decode())
    second = next((one for one in answer.forms if "code" in one.fields), None)
    if second is not None and code:
        visitor.send(second.action, {**second.fields, "code": code})


def upload(visitor: Visitor, lot: int, kind: str, ciphertext: bytes, commitment: str) -> None:
    """Upload an envelope in pieces; what is there already is not sent again."""
    token = _token(visitor)
    digest = sha256(ciphertext).hexdigest()
    begin = {"csrf_token": token, "size": str(len(ciphertext)), "sha256": digest, "commitment": commitment}
    state = json.loads(visitor.send(f"{visitor.page}/{lot}/uploads/{kind}", begin))
    offset, piece = int(state["offset"]), int(state["piece"])
    while offset < len(ciphertext):
        part = ciphertext[offset : offset + piece]
        try:
            offset = int(json.loads(visitor.ask(f"{state['url']}?offset={offset}", part, "PUT", token))["offset"])
        except _At as elsewhere:
            offset = elsewhere.offset
    visitor.ask(f"{state['url']}/finish", b"", "POST", token)


def _token(visitor: Visitor) -> str:
    page = visitor.read(visitor.page)
    if page.form("/login") is None:
        for form in page.forms:
            if token := form.fields.get("csrf_token"):
                return token
    raise Refused(N_("This session is not signed in, or the page is no bid page"))


def submit(visitor: Visitor, lot: int) -> None:
    """Press “Submit the bid”; the page's own token makes a repetition one submission."""
    form = visitor.read(visitor.page).form(f"/bid/{lot}/submit")
    if form is None:
        message = N_("The page offers no submission: bidding is open, the bid security recorded, and you may submit?")
        raise Refused(message)
    visitor.send(form.action, {**form.fields, f"{lot}-submit-entitled": "y"})


@dataclass(frozen=True)
class Kept:
    """A receipt as the house gave it, with its number and what it says."""

    number: str
    file: bytes
    statement: dict[str, Any]


def receipt(visitor: Visitor, ciphertexts: Mapping[str, bytes], key: str | None) -> Kept:
    """The genuine receipt that names these ciphertexts by kind. Raises Refused where there is none, as when late.

    key: the house's public key, as the tender notice prints it.
    """
    wanted = {kind: sha256(content).hexdigest() for kind, content in ciphertexts.items()}
    late = False
    for link in dict.fromkeys(link for link in visitor.read(visitor.page).links if "/receipts/" in link):
        content = visitor.ask(link)
        try:
            statement = verify_receipt(content, key)
        except ValueError as fault:
            raise Refused(N_("The receipt does not hold: %(reason)s"), reason=str(fault)) from fault
        held = statement.get("envelopes", {})
        if {kind: held.get(kind, {}).get("ciphertext_sha256") for kind in wanted} == wanted:
            return Kept(link.rsplit("/", 1)[1], content, statement)
        late = late or statement.get("reason") == "late"
    if late:
        raise Refused(N_("Too late: the bid was refused. The certificate stands on the bid page"))
    raise Refused(N_("There is no receipt for these files: nothing was submitted"))


def commitment_beside(sealed: Path) -> str:
    """The commitment from the recovery file that `flask seal pack` wrote beside the sealed one."""
    recovery = sealed.with_name(sealed.name.removesuffix(".age") + ".recovery.json")
    try:
        return str(json.loads(recovery.read_text("utf-8"))["commitment"])
    except (OSError, ValueError, KeyError) as fault:
        raise Invalid(N_("Its recovery file %(file)s is not beside it"), file=str(recovery)) from fault

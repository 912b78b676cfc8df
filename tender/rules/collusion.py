"""Hints that bidders may have acted together (87号令第37条): explained, each with its evidence, never a decision.

A hint says what two or more bids have in common. It makes no bid invalid: the committee looks, asks and decides, and a
common program, a common adviser or chance explains many of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import partial
from hashlib import sha256
from itertools import combinations

from tender.rules.file_facts import FileFacts

#: Two texts are alike from this part of common shingles on (of the shorter text); a house parameter, shown on the page.
ALIKE = Decimal("0.60")
#: Texts shorter than this many shingles are too short to compare.
LEAST_SHINGLES = 40
#: From so many prices on equal steps say something.
LEAST_PRICES = 4


class HintKind(Enum):
    """What bids have in common, by the numbers of 87号令第37条."""

    ACCOUNT = "account"
    PERSON = "person"
    SAME_FILE = "same_file"
    AUTHOR = "author"
    CREATED = "created"
    TEXT = "text"
    STEPS = "steps"
    MIRRORED = "mirrored"


CLAUSES = {
    HintKind.ACCOUNT: "87号令第37条（六）",
    HintKind.PERSON: "87号令第37条（三）",
    HintKind.SAME_FILE: "87号令第37条（五）",
    HintKind.AUTHOR: "87号令第37条（一）",
    HintKind.CREATED: "87号令第37条（一）",
    HintKind.TEXT: "87号令第37条（四）",
    HintKind.STEPS: "87号令第37条（四）",
    HintKind.MIRRORED: "87号令第37条（四）",
}


@dataclass(frozen=True)
class Offer:
    """A bid as far as hints need it. people: contacts and addresses as written; price: None before its opening."""

    bid: int
    bidder: int
    lot: int
    account: str = ""
    people: tuple[str, ...] = ()
    files: tuple[FileFacts, ...] = ()
    price: Decimal | None = None


@dataclass(frozen=True)
class Hint:
    """What bids of different bidders have in common, with the evidence a person can check."""

    kind: HintKind
    bids: tuple[int, ...]
    evidence: tuple[str, ...]

    @property
    def clause(self) -> str:
        """The number of the article."""
        return CLAUSES[self.kind]

    @property
    def key(self) -> str:
        """Names the hint in notes: the same facts give the same key."""
        return sha256(f"{self.kind.value}|{self.bids}|{self.evidence}".encode()).hexdigest()


def hints(offers: Sequence[Offer], asked: frozenset[int] = frozenset()) -> tuple[Hint, ...]:
    """Every hint of a tender's opened bids, in the order of the article.

    asked: shingles of the tender document, whose words every bidder repeats; they are left out of the comparison.
    """
    finders = (_accounts, _people, _files, partial(_texts, asked=asked), _steps, _mirrored)
    order, found = list(HintKind), {hint for find in finders for hint in find(offers)}
    return tuple(sorted(found, key=lambda hint: (order.index(hint.kind), hint.bids, hint.evidence)))


def _shared(kind: HintKind, values: Sequence[tuple[str, Offer, str]]) -> Iterator[Hint]:
    """One hint for each value that bids of different bidders share. values: (what is compared, offer, evidence)."""
    groups: dict[str, list[tuple[Offer, str]]] = defaultdict(list)
    for value, offer, evidence in values:
        groups[value].append((offer, evidence))
    for members in groups.values():
        if len({offer.bidder for offer, _evidence in members}) > 1:
            bids = tuple(sorted({offer.bid for offer, _evidence in members}))
            yield Hint(kind, bids, tuple(dict.fromkeys(evidence for _offer, evidence in members)))


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _accounts(offers: Sequence[Offer]) -> Iterator[Hint]:
    yield from _shared(HintKind.ACCOUNT, [(_plain(one.account), one, one.account) for one in offers if one.account])


def _people(offers: Sequence[Offer]) -> Iterator[Hint]:
    values = [(_plain(person), one, person) for one in offers for person in one.people if _plain(person)]
    yield from _shared(HintKind.PERSON, values)


def _files(offers: Sequence[Offer]) -> Iterator[Hint]:
    pairs = [(one, file) for one in offers for file in one.files]
    yield from _shared(HintKind.SAME_FILE, [(file.sha256, one, file.name) for one, file in pairs])
    written = [(_plain(name), one, name) for one, file in pairs for name in (file.author, file.changed_by) if name]
    yield from _shared(HintKind.AUTHOR, written)
    made = [
        (f"{file.created}|{file.program}", one, f"{file.name}  {file.created}  {file.program}".strip())
        for one, file in pairs
        if file.created
    ]
    yield from _shared(HintKind.CREATED, made)


def _texts(offers: Sequence[Offer], asked: frozenset[int]) -> Iterator[Hint]:
    """Pairs of documents whose own words are alike; the very same file is a hint of its own."""
    pairs = [(one, file, file.shingles - asked) for one in offers for file in one.files]
    long_enough = [entry for entry in pairs if len(entry[2]) >= LEAST_SHINGLES]
    for (first, mine, here), (second, other, there) in combinations(long_enough, 2):
        if first.bidder == second.bidder or mine.sha256 == other.sha256:
            continue
        part = Decimal(len(here & there)) / min(len(here), len(there))
        if part >= ALIKE:
            shown = f"{(part * 100).quantize(Decimal(1))}%"
            yield Hint(HintKind.TEXT, tuple(sorted((first.bid, second.bid))), (mine.name, other.name, shown))


def _steps(offers: Sequence[Offer]) -> Iterator[Hint]:
    """Prices of a lot with one and the same step between neighbours."""
    for lot in sorted({one.lot for one in offers}):
        priced = sorted((one.price, one.bid) for one in offers if one.lot == lot and one.price is not None)
        prices = [price for price, _bid in priced]
        steps = {later - earlier for earlier, later in zip(prices, prices[1:], strict=False)}
        if len(prices) >= LEAST_PRICES and len(steps) == 1 and steps != {Decimal(0)}:
            evidence = (" → ".join(f"{price:f}" for price in prices), f"{steps.pop():f}")
            yield Hint(HintKind.STEPS, tuple(sorted(bid for _price, bid in priced)), evidence)


def _mirrored(offers: Sequence[Offer]) -> Iterator[Hint]:
    """Two bidders whose distance in one lot is turned round, to the same amount, in another."""
    prices = {(one.bidder, one.lot): one for one in offers if one.price is not None}
    bidders, lots = sorted({key[0] for key in prices}), sorted({key[1] for key in prices})
    for first, second in combinations(bidders, 2):
        for here, there in combinations(lots, 2):
            four = [prices.get(key) for key in ((first, here), (second, here), (first, there), (second, there))]
            if None in four:
                continue
            one, two, three, last = four
            near, far = one.price - two.price, three.price - last.price  # type: ignore[union-attr, operator]
            if near and near == -far:
                pairs = ((one, two, near), (three, last, far))
                shown = tuple(f"{a.price:f} − {b.price:f} = {gap:f}" for a, b, gap in pairs)  # type: ignore[union-attr]
                yield Hint(HintKind.MIRRORED, tuple(sorted(entry.bid for entry in four)), shown)  # type: ignore[union-attr]

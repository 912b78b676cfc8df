"""The life of a procurement as a timeline: what happened, what goes on, what comes next, each with its paper."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from core.clock import local_date
from core.documents.models import IssuedDocument
from core.money import show_rate, show_yuan
from core.web import Chip
from core.web.filters import named, number, wan
from disclosure.models import Disclosure
from disclosure.record import Process, PublicYear, newest_versions
from disclosure.views.labels import paper_kind
from disclosure.views.public_files import paper_url


@dataclass(frozen=True)
class Line:
    """One line under an event: its words and the page it leads to."""

    words: str
    url: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Event:
    """One event. state: done, done bind, now or next; shown: the time as printed; url: the page of its paper."""

    at: date
    shown: str
    title: Any
    state: str
    note: str = ""
    url: str | None = None
    chip: Chip | None = None
    lines: tuple[Line, ...] = field(default=())


def life(process: Process, papers: list[IssuedDocument], now: datetime) -> list[Event]:
    """Every event of a procurement in order of time."""
    events = [
        *_procurement(process, newest_versions(papers)),
        *_agreements(process),
        *(_year(process, year, now) for year in sorted({one.contract.year for one in process.years})),
        *_end(process, now),
    ]
    return sorted(events, key=lambda event: event.at)


def _procurement(process: Process, papers: list[IssuedDocument]) -> Iterator[Event]:
    notes = {"tender_notice": _tender_note(process), "award_notice": _award_note(process)}
    for paper in papers:
        if paper.subject_type not in ("tender", "opening") or paper.kind == "tender_document":
            continue
        day = local_date(paper.published_at)  # type: ignore[arg-type]
        state = "done bind" if paper.kind == "award_notice" else "done"
        yield Event(day, day.isoformat(), paper_kind(paper), state, notes.get(paper.kind, ""), paper_url(paper))
    if process.is_open and process.tender.deadline is not None:
        day = local_date(process.tender.deadline)
        yield Event(day, day.isoformat(), gettext("Bids close"), "next")


def _tender_note(process: Process) -> str:
    words = ngettext(
        "Open tender, %(num)s lot, budget %(budget)s (10,000 yuan).",
        "Open tender, %(num)s lots, budget %(budget)s (10,000 yuan).",
        len(process.lots),
        budget=wan(process.tender.budget),
    )
    if process.bidders is not None:
        words += " " + gettext("%(count)s insurers bid.", count=process.bidders)
    return words


def _award_note(process: Process) -> str:
    return " ".join(
        gettext(
            "Lot %(lot)s, place %(place)s: %(insurer)s, %(price)s yuan a person a year.",
            lot=one.lot.position,
            place=one.award.place,
            insurer=named(one.insurer),
            price=show_yuan(one.award.price),
        )
        for one in process.awards
    )


def _agreements(process: Process) -> Iterator[Event]:
    signed = [one.agreement for one in process.awards if one.agreement is not None]
    if not signed:
        return
    day = max(local_date(agreement.agency_signed_at) for agreement in signed)  # type: ignore[arg-type]
    first = signed[0]
    note = gettext(
        "%(count)s agreements, %(start)s to %(end)s.", count=len(signed), start=first.term_from, end=first.term_until
    )
    yield Event(day, day.isoformat(), gettext("Service agreements signed"), "done bind", note)


def _year(process: Process, year: int, now: datetime) -> Event:
    own = [one for one in process.years if one.contract.year == year]
    settled = [one for one in own if one.sheet is not None]
    running = local_date(now).year == year
    finished = len(settled) == len(own)
    chip = None if finished else Chip("run", gettext("Cover is in force")) if running else None
    if not finished and local_date(now).year > year:
        chip = Chip("wait", gettext("Settlement is being checked"))
    state = "done" if finished else "now" if local_date(now).year >= year else "next"
    lines = [line for one in own for line in _lines(one)]
    shown = gettext("Year %(year)s", year=year)
    title = gettext("Insurance year %(number)s", number=year - process.tender.term_from.year + 1)
    return Event(date(year, 1, 1), shown, title, state, chip=chip, lines=tuple(lines))


def _lines(year: PublicYear) -> Iterator[Line]:
    contract = year.contract
    who = f"{gettext('Lot %(number)s', number=year.lot.position)} {named(year.insurer)}"
    yield Line(
        gettext(
            "%(who)s: annual contract %(number)s, %(insured)s insured, premium %(premium)s (10,000 yuan)",
            who=who,
            number=contract.number,
            insured=number(contract.insured_count),
            premium=wan(contract.premium),
        )
    )
    if year.signing is not None:
        yield _disclosed(year.signing, gettext("%(who)s: signing disclosure", who=who))
    if year.final is not None and year.sheet is not None:
        result = gettext(
            "%(who)s: settlement %(rate)s, %(band)s",
            who=who,
            rate=show_rate(year.rate, 2),
            band=year.sheet.band,
        )
        yield _disclosed(year.final, result)


def _disclosed(row: Disclosure, words: str) -> Line:
    version = gettext("version %(version)s", version=row.version)
    day = local_date(row.published_at).isoformat()  # type: ignore[arg-type]
    return Line(f"{words}, {day}, {version}", url_for("portal.report", number=row.number))


def _end(process: Process, now: datetime) -> Iterator[Event]:
    if not process.awards:
        return
    last = process.tender.term_until
    state = "done" if local_date(now) > last else "next"
    yield Event(last, last.isoformat(), gettext("The agreements end"), state)

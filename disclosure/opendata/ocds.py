"""The public record as OCDS 1.1.5: a process for each tender, one for each annual contract under it (call-off)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from core.clock import BEIJING, local_time
from disclosure.opendata.parties import Parties
from disclosure.record import Process, PublicYear
from tender.models import PriceObject
from tender.rules.stages import Stage

#: The example prefix of the standard; an operator registers its own with the Open Contracting Partnership.
PREFIX = "ocds-abc123"
#: What is used beyond the core, dependencies first: name → address of the pinned version.
EXTENSIONS = {
    "location": "open-contracting-extensions/ocds_location_extension/v1.1.5",
    "lots": "open-contracting-extensions/ocds_lots_extension/v1.1.5",
    "bids": "open-contracting-extensions/ocds_bid_extension/v1.1.5",
    "techniques": "open-contracting-extensions/ocds_techniques_extension/5568b00",
    "bidOpening": "open-contracting-extensions/ocds_bidOpening_extension/47c5765",
    "contract_completion": "open-contracting-extensions/ocds_contract_completion_extension/5c07b62",
    "metrics": "open-contracting-extensions/ocds_metrics_extension/v1.1",
}
LICENSE = "https://creativecommons.org/publicdomain/zero/1.0/"
_STATUS = {
    Stage.AWARDED: "complete",
    Stage.FAILED: "unsuccessful",
    Stage.CANCELLED: "cancelled",
}


def package(processes: Sequence[Process], published: datetime, address: str) -> dict[str, Any]:
    """What a release package and a record package say of themselves; `releases` or `records` are added."""
    publisher = processes[0].purchaser.name if processes else "承办"
    return {
        "uri": address,
        "version": "1.1",
        "extensions": [f"https://raw.githubusercontent.com/{place}/extension.json" for place in EXTENSIONS.values()],
        "publishedDate": instant(published),
        "publisher": {"name": publisher},
        "license": LICENSE,
    }


def releases(processes: Sequence[Process]) -> list[dict[str, Any]]:
    """Every release, oldest first: each tells what was public from its date on."""
    found = [
        release
        for process in processes
        for release in (*_tender_releases(process), *(one for year in process.years for one in _year_releases(year)))
    ]
    return sorted(found, key=lambda release: (release["date"], release["id"]))


def records(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Releases by process, with what they come to; each release holds all that was public, so the last one is it."""
    by_process: dict[str, list[dict[str, Any]]] = {}
    for release in found:
        by_process.setdefault(release["ocid"], []).append(release)
    return [
        {
            "ocid": ocid,
            "releases": own,
            "compiledRelease": {**own[-1], "id": f"{ocid}-compiled", "tag": ["compiled"]},
        }
        for ocid, own in sorted(by_process.items())
    ]


def ocid_of_tender(process: Process) -> str:
    """The identifier of the tender's process."""
    return f"{PREFIX}-{process.tender.number}"


def _tender_releases(process: Process) -> Iterator[dict[str, Any]]:
    ocid = ocid_of_tender(process)
    tender = process.tender
    parties = Parties()
    parties.add(process.purchaser, "buyer", "procuringEntity")
    base = {"ocid": ocid, "initiationType": "tender", "language": "zh"}
    at = instant(tender.published_at)
    ended = process.stage in _STATUS
    first = _tender(process, "active")
    yield {
        **base,
        "id": f"{ocid}-tender",
        "date": at,
        "tag": ["tender"],
        "parties": parties.listed(),
        "buyer": parties.reference(process.purchaser),
        "tender": first,
    }
    if not ended or not process.awards:
        return
    for bid in process.bids:
        parties.add(bid.bidder, "tenderer")
    for one in process.awards:
        parties.add(one.insurer, "supplier")
    yield {
        **base,
        "id": f"{ocid}-award",
        "date": instant(tender.awarded_at or max(one.award.decided_at for one in process.awards)),
        "tag": ["award"],
        "parties": parties.listed(),
        "buyer": parties.reference(process.purchaser),
        "tender": _tender(process, _STATUS[process.stage]),
        **({"bids": _bids(process, parties)} if process.bids else {}),
        "awards": [_award(process, one, parties) for one in process.awards],
    }
    signed = [one for one in process.awards if one.agreement is not None]
    if signed:
        yield {
            **base,
            "id": f"{ocid}-contract",
            "date": instant(max(one.agreement.agency_signed_at for one in signed)),  # type: ignore[type-var, union-attr]
            "tag": ["contract"],
            "parties": parties.listed(),
            "buyer": parties.reference(process.purchaser),
            "tender": _tender(process, _STATUS[process.stage]),
            **({"bids": _bids(process, parties)} if process.bids else {}),
            "awards": [_award(process, one, parties) for one in process.awards],
            "contracts": [_agreement(one) for one in signed],
        }


def _tender(process: Process, status: str) -> dict[str, Any]:
    tender = process.tender
    prices = {lot.id: lot.ceiling for lot in process.lots if lot.price_object is PriceObject.PREMIUM_PER_HEAD}
    winners = max((lot.winners for lot in process.lots), default=1)
    found: dict[str, Any] = {
        "id": tender.number,
        "title": tender.title,
        "status": status,
        "procuringEntity": {"id": Parties.key(process.purchaser), "name": process.purchaser.name},
        "value": money(tender.budget),
        "procurementMethod": "open",
        "procurementMethodDetails": "公开招标",
        "mainProcurementCategory": "services",
        "techniques": {
            "hasFrameworkAgreement": True,
            "frameworkAgreement": {
                "minimumParticipants": winners,
                "maximumParticipants": winners,
                "method": "withoutReopeningCompetition",
            },
        },
        "lots": [
            {
                "id": str(lot.position),
                "title": lot.name,
                "status": "unsuccessful" if lot.failed_at else status,
                "value": money(lot.budget),
                "contractPeriod": period(tender.term_from, tender.term_until),
            }
            for lot in process.lots
        ],
        "items": [
            {
                "id": str(lot.position),
                "description": f"{lot.name}参保人员",
                "quantity": lot.insured_count,
                "unit": {"name": "人", **({"value": money(prices[lot.id])} if lot.id in prices else {})},
                "relatedLot": str(lot.position),
            }
            for lot in process.lots
        ],
    }
    if tender.deadline is not None:
        found["tenderPeriod"] = {"startDate": instant(tender.published_at), "endDate": instant(tender.deadline)}
        found["bidOpening"] = {"date": instant(tender.deadline), "description": tender.opening_place}
    if process.bidders is not None and status != "active":
        found["numberOfTenderers"] = process.bidders
    return found


def _bids(process: Process, parties: Parties) -> dict[str, Any]:
    statistics = [
        {
            "id": f"bids-{lot.position}",
            "measure": "bids",
            "value": sum(1 for bid in process.bids if bid.lot.id == lot.id),
            "relatedLot": str(lot.position),
        }
        for lot in process.lots
    ]
    details = [
        {
            "id": f"B{bid.bid.id}",
            "date": instant(process.tender.price_opened_at),
            "status": "disqualified" if bid.result and bid.result.invalid_ground else "valid",
            "tenderers": [parties.reference(bid.bidder)],
            **({"value": money(bid.price.term_total)} if bid.price else {}),
            "relatedLots": [str(bid.lot.position)],
        }
        for bid in process.bids
    ]
    return {"statistics": statistics, "details": details}


def _award(process: Process, one: Any, parties: Parties) -> dict[str, Any]:
    award = one.award
    known = {f"B{bid.bid.id}" for bid in process.bids}
    related = f"B{award.bid_id}"
    return {
        "id": award_id(one.lot.position, award.place),
        "title": f"第{one.lot.position}包第{award.place}名",
        "description": award.area,
        "status": "active",
        "date": instant(award.decided_at),
        "value": money(award.term_total),
        "suppliers": [parties.reference(one.insurer)],
        "contractPeriod": period(process.tender.term_from, process.tender.term_until),
        "relatedLots": [str(one.lot.position)],
        **({"relatedBid": related} if related in known else {}),
    }


def award_id(lot: int, place: int) -> str:
    """The award of a lot's winner: 'A-1-2'."""
    return f"A-{lot}-{place}"


def _agreement(one: Any) -> dict[str, Any]:
    agreement = one.agreement
    return {
        "id": agreement.number,
        "awardID": award_id(one.lot.position, one.award.place),
        "title": "大病保险服务委托协议",
        "status": "terminated" if agreement.terminated_at else "active",
        "period": period(agreement.term_from, agreement.term_until),
        "value": money(one.award.term_total),
        "dateSigned": instant(agreement.agency_signed_at),
    }


def _year_releases(year: PublicYear) -> Iterator[dict[str, Any]]:
    """A call-off process: the annual contract when announced, and its year once the final accounts are public."""
    contract = year.contract
    ocid = f"{PREFIX}-{contract.number}"
    parties = Parties()
    parties.add(year.policyholder, "buyer", "payer")
    parties.add(year.insurer, "supplier", "payee")
    lot = str(year.lot.position)
    base = {
        "ocid": ocid,
        "initiationType": "tender",
        "language": "zh",
        "parties": parties.listed(),
        "buyer": parties.reference(year.policyholder),
        "tender": {
            "id": contract.number,
            "title": f"{year.tender.title}第{lot}包{contract.year}年度",
            "status": "complete",
            "procurementMethod": "open",
            "competitive": False,
            "lots": [{"id": lot, "title": year.lot.name, "status": "complete"}],
        },
        "awards": [
            {
                "id": f"{contract.number}-A",
                "status": "active",
                "date": instant(contract.agency_signed_at),
                "value": money(contract.premium),
                "suppliers": [parties.reference(year.insurer)],
                "relatedLots": [lot],
            }
        ],
        "relatedProcesses": [
            {
                "id": "1",
                "relationship": ["framework"],
                "scheme": "ocid",
                "identifier": f"{PREFIX}-{year.tender.number}",
            }
        ],
    }
    signed = _annual_contract(year)
    yield {
        **base,
        "id": f"{ocid}-contract",
        "date": instant(contract.notice_published_at),
        "tag": ["award", "contract"],
        "contracts": [signed],
    }
    if year.final is not None and year.sheet is not None and year.final.published_at is not None:
        yield {
            **base,
            "id": f"{ocid}-implementation-{year.final.version}",
            "date": instant(year.final.published_at),
            "tag": ["implementation"],
            "contracts": [{**signed, "implementation": _implementation(year)}],
        }


def _annual_contract(year: PublicYear) -> dict[str, Any]:
    contract = year.contract
    return {
        "id": contract.number,
        "awardID": f"{contract.number}-A",
        "title": f"{contract.year}年度保险合同",
        "status": "active" if contract.terminated_at is None else "terminated",
        "period": period(date(contract.year, 1, 1), date(contract.year, 12, 31)),
        "value": money(contract.premium),
        "items": [
            {
                "id": "insured",
                "description": "参保人员",
                "quantity": contract.insured_count,
                "unit": {"name": "人", "value": money(contract.funding_standard)},
                "relatedLot": str(year.lot.position),
            }
        ],
        "dateSigned": instant(contract.agency_signed_at),
    }


def _implementation(year: PublicYear) -> dict[str, Any]:
    """Premium, claims, balance and its parts as metrics; what the year finally cost the fund as final value."""
    sheet: Any = year.sheet
    span = period(date(year.contract.year, 1, 1), date(year.contract.year, 12, 31))
    amounts = [
        ("premium", "应收保费", sheet.premium),
        ("claims", "已发生赔款", sheet.claims),
        ("balance", "盈亏额", sheet.balance),
    ]
    if sheet.insurer_part is not None and sheet.fund_part is not None:
        amounts += [("insurer", "承保人份额", sheet.insurer_part), ("fund", "基金份额", sheet.fund_part)]
    metrics = [
        {
            "id": key,
            "title": title,
            "observations": [{"id": str(year.contract.year), "period": span, "value": money(amount)}],
        }
        for key, title, amount in amounts
    ]
    found: dict[str, Any] = {"metrics": metrics}
    if sheet.fund_part is not None:
        found["finalValue"] = money(sheet.premium - sheet.to_fund)
        found["finalValueDetails"] = "应收保费减返还基金，或者加基金分担的亏损"
    return found


def money(amount: Decimal) -> dict[str, Any]:
    """An amount in yuan with its exact digits."""
    return {"amount": amount, "currency": "CNY"}


def instant(at: datetime | None) -> str:
    """An instant in Beijing time with its offset. Raises ValueError for none: only what happened is published."""
    if at is None:
        raise ValueError("an event that did not happen cannot be published")
    return local_time(at).isoformat(timespec="seconds")


def period(start: date, end: date) -> dict[str, str]:
    """From the first second of a day to the last of another, in Beijing."""
    return {
        "startDate": datetime.combine(start, time(), BEIJING).isoformat(),
        "endDate": datetime.combine(end, time(23, 59, 59), BEIJING).isoformat(),
    }

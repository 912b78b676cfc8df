"""What no schema checks: references resolve, bids come after the opening, periods end after they begin, sums hold."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any


def sense_faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a package contradicts itself: (place, reason)."""
    found: list[tuple[str, str]] = []
    listed = document.get("releases") or [
        release
        for record in document.get("records", [])
        for release in (*record["releases"], record["compiledRelease"])
    ]
    seen = set()
    for number, release in enumerate(listed):
        place = f"/releases/{number}"
        for key in ("ocid", "id", "date", "tag", "initiationType"):
            if not release.get(key):
                found.append((f"{place}/{key}", "is missing"))
        if (release.get("id"), tuple(release.get("tag", ()))) in seen:
            found.append((f"{place}/id", "is used twice"))
        seen.add((release.get("id"), tuple(release.get("tag", ()))))
        found += [(f"{place}{where}", reason) for where, reason in _release(release)]
    return found


def _release(release: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parties = {party["id"] for party in release.get("parties", [])}
    tender = release.get("tender", {})
    lots = {lot["id"] for lot in tender.get("lots", [])}
    bids = {bid["id"] for bid in release.get("bids", {}).get("details", [])}
    awards = {award["id"] for award in release.get("awards", [])}
    for where, item in _walk(release, ""):
        key = where.rsplit("/", 1)[-1]
        if key == "relatedLot" and item not in lots:
            yield where, f"no such lot: {item}"
        if key == "relatedBid" and item not in bids:
            yield where, f"no such bid: {item}"
        if key == "awardID" and item not in awards:
            yield where, f"no such award: {item}"
        if key == "relatedLots":
            yield from ((where, f"no such lot: {lot}") for lot in item if lot not in lots)
        if key in ("tenderers", "suppliers"):
            yield from ((where, f"no such party: {one['id']}") for one in item if one["id"] not in parties)
        if key in ("buyer", "procuringEntity") and item["id"] not in parties:
            yield where, f"no such party: {item['id']}"
        if isinstance(item, dict) and "startDate" in item and "endDate" in item and item["startDate"] > item["endDate"]:
            yield where, "ends before it begins"
        if key == "currency" and item != "CNY":
            yield where, f"amounts are in CNY, not {item}"
    opened = tender.get("bidOpening", {}).get("date")
    if bids and (opened is None or _at(release["date"]) < _at(opened)):
        yield "/bids/details", "bids are published before the opening"


def _walk(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{place}/{key}", item
            yield from _walk(item, f"{place}/{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, f"{place}/{number}")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)

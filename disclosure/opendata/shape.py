"""The fields we publish and of which type: what an export is held to even without the OCDS schema at hand."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Number = (int, Decimal)
_VALUE: dict[str, Any] = {"amount": Number, "currency": str}
_PERIOD: dict[str, Any] = {"startDate": str, "endDate": str}
_PARTY: dict[str, Any] = {"id": str, "name": str}
_UNIT: dict[str, Any] = {"name": str, "value": _VALUE}
_ITEM: dict[str, Any] = {"id": str, "description": str, "quantity": Number, "unit": _UNIT, "relatedLot": str}
_LOT: dict[str, Any] = {"id": str, "title": str, "status": str, "value": _VALUE, "contractPeriod": _PERIOD}
_TENDER: dict[str, Any] = {
    "id": str,
    "title": str,
    "status": str,
    "procuringEntity": _PARTY,
    "value": _VALUE,
    "procurementMethod": str,
    "procurementMethodDetails": str,
    "mainProcurementCategory": str,
    "competitive": bool,
    "techniques": {
        "hasFrameworkAgreement": bool,
        "frameworkAgreement": {"minimumParticipants": int, "maximumParticipants": int, "method": str},
    },
    "lots": [_LOT],
    "items": [_ITEM],
    "tenderPeriod": _PERIOD,
    "bidOpening": {"date": str, "description": str},
    "numberOfTenderers": int,
}
_BIDS: dict[str, Any] = {
    "statistics": [{"id": str, "measure": str, "value": Number, "relatedLot": str}],
    "details": [{"id": str, "date": str, "status": str, "tenderers": [_PARTY], "value": _VALUE, "relatedLots": [str]}],
}
_AWARD: dict[str, Any] = {
    "id": str,
    "title": str,
    "description": str,
    "status": str,
    "date": str,
    "value": _VALUE,
    "suppliers": [_PARTY],
    "contractPeriod": _PERIOD,
    "relatedLots": [str],
    "relatedBid": str,
}
_CONTRACT: dict[str, Any] = {
    "id": str,
    "awardID": str,
    "title": str,
    "status": str,
    "period": _PERIOD,
    "value": _VALUE,
    "items": [_ITEM],
    "dateSigned": str,
    "implementation": {
        "metrics": [{"id": str, "title": str, "observations": [{"id": str, "period": _PERIOD, "value": _VALUE}]}],
        "finalValue": _VALUE,
        "finalValueDetails": str,
    },
}
_RELEASE: dict[str, Any] = {
    "ocid": str,
    "id": str,
    "date": str,
    "tag": [str],
    "initiationType": str,
    "language": str,
    "parties": [
        {
            "id": str,
            "name": str,
            "identifier": {"scheme": str, "id": str, "legalName": str},
            "roles": [str],
        }
    ],
    "buyer": _PARTY,
    "tender": _TENDER,
    "bids": _BIDS,
    "awards": [_AWARD],
    "contracts": [_CONTRACT],
    "relatedProcesses": [{"id": str, "relationship": [str], "scheme": str, "identifier": str}],
}
_PACKAGE: dict[str, Any] = {
    "uri": str,
    "version": str,
    "extensions": [str],
    "publishedDate": str,
    "publisher": {"name": str},
    "license": str,
}
RELEASES: dict[str, Any] = {**_PACKAGE, "releases": [_RELEASE]}
RECORDS: dict[str, Any] = {
    **_PACKAGE,
    "records": [{"ocid": str, "releases": [_RELEASE], "compiledRelease": _RELEASE}],
}


def shape_faults(value: Any, shape: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Where a value departs from its shape: (place, reason)."""
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            yield place, f"is {_kind(value)}, not an object"
            return
        for key, item in value.items():
            if key not in shape:
                yield f"{place}/{key}", "is a field we do not publish"
            else:
                yield from shape_faults(item, shape[key], f"{place}/{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield place, f"is {_kind(value)}, not a list"
            return
        for number, item in enumerate(value):
            yield from shape_faults(item, shape[0], f"{place}/{number}")
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        yield place, f"is {_kind(value)}"


def _kind(value: Any) -> str:
    return {str: "a text", bool: "true or false", int: "a number", Decimal: "a number", dict: "an object"}.get(
        type(value), "a list" if isinstance(value, list) else "nothing"
    )

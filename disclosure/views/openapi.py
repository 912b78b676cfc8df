"""The OpenAPI document of the JSON API, written out where its answers are described."""

from typing import Any

_PAGING = [
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 1}},
    {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}},
]
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
_VERSION = {"name": "version", "in": "query", "schema": {"type": "integer", "minimum": 1}}
_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer"}
_AMOUNT: dict[str, Any] = {
    "type": "string",
    "pattern": r"^-?\d+\.\d+$",
    "description": "An exact amount in yuan; a loss is negative.",
}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}

_SCHEMAS: dict[str, dict[str, Any]] = {
    "Process": {
        "number": _TEXT,
        "title": _TEXT,
        "stage": _TEXT,
        "purchaser": _TEXT,
        "budget": _AMOUNT,
        "published_at": _INSTANT,
        "deadline": {"type": ["string", "null"], "format": "date-time"},
        "pack": _TEXT,
        "demonstration": {"type": "boolean"},
        "lots": {"type": "array", "items": {"type": "object"}},
        "awards": {"type": "array", "items": {"type": "object"}},
    },
    "Notice": {
        "number": _TEXT,
        "version": _COUNT,
        "kind": _TEXT,
        "title": _TEXT,
        "published_at": _INSTANT,
        "check_code": _TEXT,
        "sha256": _TEXT,
        "demonstration": {"type": "boolean"},
        "pdf": {"type": "string", "format": "uri"},
        "files": {"type": "array", "items": {"type": "object"}},
    },
    "Contract": {
        "contract": _TEXT,
        "year": _TEXT,
        "tender": _TEXT,
        "insurer": _TEXT,
        "insured": _TEXT,
        "funding_standard": _AMOUNT,
        "premium": _AMOUNT,
    },
    "Settlement": {
        "contract": _TEXT,
        "year": _TEXT,
        "premium": _AMOUNT,
        "claims": _AMOUNT,
        "balance": _AMOUNT,
        "rate": _TEXT,
        "rate_exact": _TEXT,
        "outcome": _TEXT,
        "insurer": _AMOUNT,
        "fund": _AMOUNT,
    },
    "Disclosure": {"number": _TEXT, "kind": _TEXT, "clause": _TEXT, "due_on": _TEXT, "published_at": _INSTANT},
}
#: Collection → schema of an entry, what it lists, whether one entry can be asked for by number.
_COLLECTIONS = {
    "processes": ("Process", "Published procurements", True),
    "notices": ("Notice", "Public papers", True),
    "contracts": ("Contract", "Announced contract years", True),
    "settlements": ("Settlement", "Settlements whose final accounts are published", False),
    "disclosures": ("Disclosure", "Published disclosures", True),
}


def document(address: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document for a house at this public address."""
    paths: dict[str, Any] = {}
    for name, (schema, summary, single) in _COLLECTIONS.items():
        paths[f"/{name}"] = {"get": _operation(summary, _PAGING, _list_of(schema))}
        if single:
            paths[f"/{name}/{{number}}"] = {
                "get": _operation(f"{summary}: one", [_NUMBER, _VERSION], _reference(schema))
            }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Chengban: critical-illness insurance, public record",
            "version": "1",
            "license": {"name": "CC0 1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
        },
        "servers": [{"url": f"{address}/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": {name: {"type": "object", "properties": fields} for name, fields in _SCHEMAS.items()}
        },
    }


def _operation(summary: str, parameters: list[dict[str, Any]], answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": answer}}},
            "404": {"description": "There is no such public entry"},
        },
    }


def _list_of(schema: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["total", "page", "size", "items"],
        "properties": {
            "total": _COUNT,
            "page": _COUNT,
            "size": _COUNT,
            "items": {"type": "array", "items": _reference(schema)},
        },
    }


def _reference(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}

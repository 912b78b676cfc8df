"""JSON with exact numbers: a Decimal is written digit by digit, never through a float."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any


def dumps(value: Any) -> bytes:
    """The value as UTF-8 JSON, keys in their order, indented by one."""
    return ("".join(_written(value, 0)) + "\n").encode()


def loads(content: bytes) -> Any:
    """JSON as written by `dumps`: numbers with decimals come back as Decimal. Raises ValueError for what is no JSON."""
    return json.loads(content, parse_float=Decimal)


def _written(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield format(value, "f")
    elif isinstance(value, dict) and value:
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield f"{',' if number else ''}\n{' ' * (depth + 1)}{json.dumps(key, ensure_ascii=False)}: "
            yield from _written(item, depth + 1)
        yield f"\n{' ' * depth}}}"
    elif isinstance(value, list | tuple) and value:
        yield "["
        for number, item in enumerate(value):
            yield f"{',' if number else ''}\n{' ' * (depth + 1)}"
            yield from _written(item, depth + 1)
        yield f"\n{' ' * depth}]"
    else:
        yield json.dumps(value, ensure_ascii=False)

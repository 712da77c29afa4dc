"""Reads and writes JSON with orjson where it is installed, else with the standard library."""

import json
from typing import Any, Callable

Dumps = Callable[[Any], bytes]

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]


class ExactNumber:
    """A JSON number that no double holds, kept as its digits."""

    __slots__ = ("digits",)

    def __init__(self, digits: str) -> None:
        self.digits = digits


def _digits_of_exact(value: object) -> str:
    if isinstance(value, ExactNumber):
        return value.digits
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _orjson_dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_digits_of_exact)


def _stdlib_dumps(value: Any) -> bytes:
    text = json.dumps(
        value, ensure_ascii=False, separators=(",", ":"), default=_digits_of_exact
    )
    return text.encode()


def _stdlib_loads(raw: bytes) -> Any:
    return json.loads(raw.decode(), parse_constant=refuse_constant)


def refuse_constant(name: str) -> None:
    """Python's parser takes NaN and Infinity, which are not JSON."""
    raise ValueError(f"{name} is not JSON")


loads: Callable[[bytes], Any] = _stdlib_loads if orjson is None else orjson.loads
dumps: Dumps = _stdlib_dumps if orjson is None else _orjson_dumps


def dumps_text(value: Any) -> str:
    """JSON text of a value; an exact number becomes a string of its digits."""
    return dumps(value).decode()

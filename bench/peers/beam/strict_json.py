"""Bytes to a JSON object that is safe to read: exact numbers, no duplicate or forbidden keys, bounded depth."""

import json
import re
from typing import Any, Dict, List, Optional, Set, Tuple
from unicodedata import category

from jsontext import ExactNumber, loads, refuse_constant

MAX_MESSAGE_BYTES = 1024 * 1024
MAX_DEPTH = 32
FORBIDDEN_KEYS = frozenset(("__proto__", "constructor", "prototype"))

#: What JavaScript, and with it the contract, takes for white space.
WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)

#: Unicode's Default_Ignorable_Code_Point, where it is neither a control nor a format character, and the blank of Braille.
_FILLING = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9))))
)

#: What is taken off around an id: white space, and characters that no reader sees.
INVISIBLE = (
    WHITESPACE + _FILLING + "".join(filter(lambda one: category(one) in ("Cc", "Cf"), map(chr, range(0x10000))))
)

Fields = Dict[str, Any]
#: The object, where there is one, and the rules the bytes break.
Reading = Tuple[Optional[Fields], List[str]]

_MAX_SAFE_INTEGER = 2**53 - 1
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]+")

#: Digits and points as zeros: a number a double may not hold shows as a long run of them.
_DIGITS_TO_ZEROS = bytes.maketrans(b"0123456789.", b"0" * 11)
_LONG_RUN = b"0" * 16
#: Below this a double has fewer digits; its like is left to the exact parser.
_TINY = 1e-300
#: More keys than any message has bytes.
_UNSURE = MAX_MESSAGE_BYTES


def read_object(raw: bytes) -> Reading:
    """Never raises: whatever the bytes are, the answer is an object, reason codes, or both."""
    if not raw:
        return None, ["empty"]
    if len(raw) > MAX_MESSAGE_BYTES:
        return None, ["too_large"]
    fields = _read_fast(raw)
    return _read_exactly(raw) if fields is None else (fields, [])


def _read_fast(raw: bytes) -> Optional[Fields]:
    """The object where a plain parser is certainly right about it, else None: nearly all messages pass here."""
    if b"\\" in raw or b"proto" in raw or b"constructor" in raw:
        return None
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        return None
    if _LONG_RUN in raw.translate(_DIGITS_TO_ZEROS):
        return None
    try:
        value = loads(raw)
    except ValueError:
        return None
    if type(value) is not dict:
        return None
    timestamp = value.get("timestamp")
    colons = timestamp.count(":") if type(timestamp) is str else 0
    # Every key has a colon: with none beyond those accounted for, no key came twice.
    return value if raw.count(b":") == colons + _count_keys(value) else None


def _count_keys(fields: Fields) -> int:
    """Keys of all objects inside; more than there can be where a number is not certainly exact."""
    count = len(fields)
    for value in fields.values():
        if type(value) is not str:
            count += _count_inside(value)
    return count


def _count_inside(value: Any) -> int:
    kind = type(value)
    if kind is dict:
        return _count_keys(value)
    if kind is list:
        return sum(map(_count_inside, value))
    if kind is float and -_TINY < value < _TINY:
        return _UNSURE
    if kind is float or kind is int:
        return 0 if -_MAX_SAFE_INTEGER <= value <= _MAX_SAFE_INTEGER else _UNSURE
    return 0


def _read_exactly(raw: bytes) -> Reading:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None, ["not_utf8"]
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.strip(WHITESPACE):
        return None, ["empty"]
    is_deep = _depth(_STRING.sub('"', text)) > MAX_DEPTH
    inspector = _Inspector()
    try:
        value = inspector.decoder.decode(text)
    except (ValueError, RecursionError):
        return None, ["nested_too_deep" if is_deep else "not_json"]
    if is_deep:
        inspector.found.add("nested_too_deep")
    elif type(value) is not dict:
        return None, ["not_an_object"]
    reasons = [reason for reason in _IN_ORDER if reason in inspector.found]
    return (value if type(value) is dict else None), reasons


#: As the contract tells them.
_IN_ORDER = ("nested_too_deep", "duplicate_key", "forbidden_key", "not_unicode")


class _Inspector:
    """Collects what is not acceptable about objects while they are parsed, those of repeated keys too."""

    def __init__(self) -> None:
        self.found: Set[str] = set()
        self.decoder = json.JSONDecoder(
            parse_float=_exact_number,
            parse_int=_exact_number,
            parse_constant=refuse_constant,
            object_pairs_hook=self._inspect,
        )

    def _inspect(self, pairs: List[Tuple[str, Any]]) -> Fields:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            self.found.add("duplicate_key")
        for key, value in pairs:
            if key in FORBIDDEN_KEYS:
                self.found.add("forbidden_key")
            if not is_unicode(key) or not _is_unicode_inside(value):
                self.found.add("not_unicode")
        return fields


def _is_unicode_inside(value: Any) -> bool:
    """Objects inside were looked at when they were parsed."""
    if isinstance(value, str):
        return is_unicode(value)
    return not isinstance(value, list) or all(map(_is_unicode_inside, value))


def _depth(outline: str) -> int:
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", outline):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _exact_number(text: str) -> Any:
    if not is_safe(text):
        return ExactNumber(text)
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def is_safe(text: str) -> bool:
    """True where a double holds the number as it is written."""
    if _INTEGER.fullmatch(text):
        return len(text) <= 17 and abs(int(text)) <= _MAX_SAFE_INTEGER
    try:
        number = float(text)
    except ValueError:
        return False
    if number.is_integer() and abs(number) > _MAX_SAFE_INTEGER:
        return False
    return _significant(text) == _significant(repr(number))


def _significant(text: str) -> str:
    mantissa = re.split("[eE]", text.lstrip("-"))[0]
    return mantissa.lstrip("0.").rstrip("0.").replace(".", "")


def is_unicode(text: str) -> bool:
    """False for a lone surrogate, which has no UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

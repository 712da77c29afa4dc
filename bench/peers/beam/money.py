"""Money as BigQuery's NUMERIC takes it: exact decimal text, never a float on the way."""

import re
from typing import Optional, Tuple

_numeral = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?").fullmatch

_MAX_INTEGER_DIGITS = 29
_MAX_DECIMALS = 9
_MAX_EXPONENT = 100

#: Decimal text, or the rule it breaks.
Money = Tuple[Optional[str], Optional[str]]


def to_money(numeral: str) -> Money:
    """A JSON numeral (`45000.00`, `4.5e4`) as plain decimal text without idle zeros."""
    match = _numeral(numeral)
    if not match:
        return None, "amount_not_a_number"
    minus, whole, fraction, exponent_text = match.groups("")
    digits = whole + fraction
    if minus or not digits.strip("0"):
        return None, "amount_not_positive"
    if not exponent_text:
        return _written(whole.lstrip("0"), fraction.rstrip("0"))
    return _shifted(digits, len(whole), exponent_text)


def _shifted(digits: str, point: int, exponent_text: str) -> Money:
    magnitude = exponent_text.lstrip("+-").lstrip("0")
    is_negative = exponent_text.startswith("-")
    if len(magnitude) > 3 or int(magnitude or 0) > _MAX_EXPONENT:
        return None, "amount_too_many_decimals" if is_negative else "amount_too_large"
    point += -int(magnitude or 0) if is_negative else int(magnitude or 0)
    padded = "0" * max(0, -point) + digits
    at = max(0, point)
    return _written(padded[:at].ljust(at, "0").lstrip("0"), padded[at:].rstrip("0"))


def _written(whole: str, fraction: str) -> Money:
    if len(whole) > _MAX_INTEGER_DIGITS:
        return None, "amount_too_large"
    if len(fraction) > _MAX_DECIMALS:
        return None, "amount_too_many_decimals"
    return (f"{whole or '0'}.{fraction}" if fraction else whole), None

"""The field rules of contract v1, each with its own reason code."""

from typing import Any, Dict, List, Optional

from currencies import CURRENCIES
from jsontext import ExactNumber
from money import to_money
from strict_json import INVISIBLE, Fields
from timestamps import Instant, to_utc

MAX_TEXT = 256
MAX_LONG_TEXT = 1024
MAX_SAFE_INTEGER = 2**53 - 1

_REQUIRED = ("order_id", "customer_id", "car_model")
_IDS = frozenset(
    ("order_id", "customer_id", "event_id", "partner_id", "gclid", "gbraid", "wbraid", "vehicle_vin")
)
_OPTIONAL = {
    "event_id": MAX_TEXT,
    "partner_id": MAX_TEXT,
    "currency": 0,
    "email": MAX_LONG_TEXT,
    "phone": MAX_TEXT,
    "gclid": MAX_LONG_TEXT,
    "gbraid": MAX_LONG_TEXT,
    "wbraid": MAX_LONG_TEXT,
}
_COMMON = {"type", "timestamp", "consent", "vehicle", "schema_version", *_REQUIRED, *_OPTIONAL}
KNOWN = {"purchase": _COMMON | {"amount"}, "cancellation": _COMMON | {"reason", "amount", "partial"}}
_VEHICLE_TEXTS = ("vin", "make", "model")
KNOWN_OF_VEHICLE = {*_VEHICLE_TEXTS, "year"}

#: Columns of a staging row that stem from the event; an absent one is null.
Event = Dict[str, Any]


def check_fields(
    fields: Fields, kind: str, event: Event, reasons: List[str]
) -> Optional[Instant]:
    """Fills the event and the reasons in the order of the contract."""
    if kind == "purchase":
        _check_amount(fields.get("amount"), event, reasons)
    elif kind == "cancellation":
        _check_cancellation(fields, event, reasons)
    for name in _REQUIRED:
        value = fields.get(name)
        if type(value) is str and _is_plain(value):
            event[name] = value
        else:
            _check_required(fields, name, MAX_TEXT, event, reasons)
    instant = _check_timestamp(fields, event, reasons)
    if len(fields) > len(event) or event["type"] is None:
        _check_optional(fields, event, reasons)
    if kind == "unclear" and fields.get("amount") is not None:
        _check_amount(fields["amount"], event, reasons)
    if kind == "cancellation":
        event["partial"] = _is_partial(fields)
    return instant


def is_absent(value: Any) -> bool:
    """A blank text means the same as an absent field."""
    return value is None or (type(value) is str and not value.strip(INVISIBLE))


def _is_plain(value: str) -> bool:
    """True for most ids: short, and with nothing around them that is to be taken off."""
    return 0 < len(value) <= MAX_TEXT and "!" <= value[0] <= "~" and "!" <= value[-1] <= "~"


def _is_partial(fields: Fields) -> bool:
    """An amount makes it a cancellation of a part, unless the partner says that it is not."""
    partial = fields.get("partial")
    return fields.get("amount") is not None if partial is None else partial


def _check_cancellation(fields: Fields, event: Event, reasons: List[str]) -> None:
    _check_required(fields, "reason", MAX_LONG_TEXT, event, reasons)
    if fields.get("amount") is not None:
        _check_amount(fields["amount"], event, reasons)
    if type(fields.get("partial", False)) not in (bool, type(None)):
        reasons.append("partial_not_a_boolean")


def _check_required(
    fields: Fields, name: str, limit: int, event: Event, reasons: List[str]
) -> None:
    value = fields.get(name)
    if value is None:
        reasons.append(f"{name}_missing")
    else:
        _check_text(value, name, limit, event, reasons)


def _check_text(value: Any, name: str, limit: int, event: Event, reasons: List[str]) -> None:
    if type(value) is not str:
        reasons.append(f"{name}_not_a_string")
        return
    text = value.strip(INVISIBLE) if name in _IDS else value
    event[name] = text
    if len(text) > limit:
        reasons.append(f"{name}_too_long")
    elif not text.strip(INVISIBLE):
        reasons.append(f"{name}_empty")


def _check_amount(value: Any, event: Event, reasons: List[str]) -> None:
    kind = type(value)
    if kind is float or kind is int:
        decimal, fault = to_money(repr(value))
    elif kind is ExactNumber:
        decimal, fault = to_money(value.digits)
    else:
        decimal, fault = None, "amount_missing" if value is None else "amount_not_a_number"
    if fault:
        reasons.append(fault)
    event["amount"] = decimal


def _check_timestamp(fields: Fields, event: Event, reasons: List[str]) -> Optional[Instant]:
    value = fields.get("timestamp")
    instant = to_utc(value) if type(value) is str else None
    if instant:
        event["timestamp"] = instant[0]
        if len(value) <= MAX_TEXT:
            return instant
    before = len(reasons)
    _check_required(fields, "timestamp", MAX_TEXT, {}, reasons)
    if not instant and len(reasons) == before:
        reasons.append("timestamp_malformed")
    return instant


def _check_optional(fields: Fields, event: Event, reasons: List[str]) -> None:
    for name, limit in _OPTIONAL.items():
        value = fields.get(name)
        if is_absent(value):
            continue
        if limit:
            _check_text(value, name, limit, event, reasons)
        else:
            _check_currency(value, event, reasons)
    if fields.get("consent") is not None:
        _check_consent(fields["consent"], event, reasons)
    if fields.get("vehicle") is not None:
        _check_vehicle(fields["vehicle"], event, reasons)
    if not is_absent(fields.get("schema_version")):
        _check_schema_version(fields["schema_version"], event, reasons)


def _check_currency(value: Any, event: Event, reasons: List[str]) -> None:
    if type(value) is not str:
        reasons.append("currency_not_a_string")
    elif value not in CURRENCIES:
        reasons.append("currency_unknown")
    else:
        event["currency"] = value


def _check_consent(value: Any, event: Event, reasons: List[str]) -> None:
    if type(value) is not dict:
        reasons.append("consent_not_an_object")
        return
    if any(len(key) > MAX_TEXT for key in value):
        reasons.append("consent_key_too_long")
    if any(type(choice) is not bool for key, choice in value.items() if len(key) <= MAX_TEXT):
        reasons.append("consent_not_a_boolean")
    event["consent"] = value


def _check_vehicle(value: Any, event: Event, reasons: List[str]) -> None:
    if type(value) is not dict:
        reasons.append("vehicle_not_an_object")
        return
    for name in _VEHICLE_TEXTS:
        text = value.get(name)
        if not is_absent(text):
            _check_text(text, f"vehicle_{name}", MAX_TEXT, event, reasons)
    year = value.get("year")
    if year is None:
        return
    whole = _whole(year)
    if whole is None:
        reasons.append("vehicle_year_not_an_integer")
    elif not 1886 <= whole <= 2100:
        reasons.append("vehicle_year_out_of_range")
    event["vehicle_year"] = whole


def _whole(value: Any) -> Optional[int]:
    kind = type(value)
    if kind is int or (kind is float and value.is_integer()):
        return int(value) if abs(value) <= MAX_SAFE_INTEGER else None
    return None


def _check_schema_version(value: Any, event: Event, reasons: List[str]) -> None:
    whole = _whole(value)
    if whole is not None:
        event["schema_version"] = str(whole)
    elif type(value) is str and len(value.strip(INVISIBLE)) <= MAX_TEXT:
        event["schema_version"] = value.strip(INVISIBLE)
    else:
        reasons.append("schema_version_malformed")

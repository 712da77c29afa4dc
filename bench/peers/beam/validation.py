"""Holds one message to contract v1: an event under the names of its staging row, or every rule it breaks."""

import hashlib
from typing import Any, Dict, List, NamedTuple, Optional

from currencies import CURRENCIES
from jsontext import ExactNumber, dumps, dumps_text
from money import to_money
from strict_json import WHITESPACE, Fields, read_object
from timestamps import Instant, to_utc

MAX_TEXT = 256
MAX_LONG_TEXT = 1024
MINUTE_MS = 60_000
DAY_MS = 86_400_000
MAX_FUTURE_MS = 10 * MINUTE_MS
MAX_AGE_MS = 1825 * DAY_MS
UNKNOWN_PARTNER = "unknown"
MAX_SAFE_INTEGER = 2**53 - 1

_REQUIRED = ("order_id", "customer_id", "car_model")
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
_KNOWN = {"purchase": _COMMON | {"amount"}, "cancellation": _COMMON | {"reason"}}
_VEHICLE_TEXTS = ("vin", "make", "model")
_KNOWN_OF_VEHICLE = {*_VEHICLE_TEXTS, "year"}

#: Columns of a staging row that stem from the event; an absent one is null.
Event = Dict[str, Any]


class Verdict(NamedTuple):
    """An accepted message has an event and its instant; a rejected one has reasons and what could be read of it."""

    event: Optional[Event]
    reasons: List[str]
    identity: Dict[str, Optional[str]]
    age_ms: int = 0


def read_event(raw: bytes, attributes: Dict[str, str], publish_ms: int) -> Verdict:
    """A pure function of the message: the time rules compare with its publish time."""
    fields, fault = read_object(raw)
    if fields is None:
        return _rejected([fault or "not_json"], {}, attributes)
    attribute = attributes.get("partner_id")
    if attribute is not None and fields.get("partner_id") is None:
        fields["partner_id"] = attribute
    kind = fields.get("type")
    if kind != "purchase" and kind != "cancellation":
        return _rejected([_type_fault(kind)], fields, attributes)
    event: Event = {"type": kind}
    reasons: List[str] = []
    instant = _check_fields(fields, kind, event, reasons)
    if reasons or instant is None:
        return _rejected(reasons, fields, attributes)
    age_ms = publish_ms - instant[1]
    if -age_ms > MAX_FUTURE_MS:
        return _rejected(["timestamp_in_future"], fields, attributes)
    if age_ms > MAX_AGE_MS:
        return _rejected(["timestamp_too_old"], fields, attributes)
    return _accepted(event, fields, age_ms)


def _accepted(event: Event, fields: Fields, age_ms: int) -> Verdict:
    partner = event.setdefault("partner_id", UNKNOWN_PARTNER)
    if "event_id" not in event:
        words = [partner, event["type"], event["order_id"], event["timestamp"]]
        event["event_id"] = f"derived-{digest(words)}"
    extras = _extras(fields, event["type"])
    if extras:
        event["additional_properties"] = dumps_text(extras)
    identity = {
        "partner_id": partner,
        "type": event["type"],
        "event_id": event["event_id"],
        "order_id": event["order_id"],
    }
    return Verdict(event, [], identity, age_ms)


def digest(words: List[str]) -> str:
    """32 hexadecimal digits that stand for these words in this order."""
    return hashlib.sha256(dumps(words)).hexdigest()[:32]


def _check_fields(
    fields: Fields, kind: str, event: Event, reasons: List[str]
) -> Optional[Instant]:
    """Fills the event and the reasons in the order of the contract."""
    if kind == "purchase":
        _check_amount(fields.get("amount"), event, reasons)
    else:
        _check_required(fields, "reason", MAX_LONG_TEXT, event, reasons)
    for name in _REQUIRED:
        value = fields.get(name)
        if type(value) is str and _fits(value, MAX_TEXT):
            event[name] = value
        else:
            _check_required(fields, name, MAX_TEXT, event, reasons)
    instant = _check_timestamp(fields, event, reasons)
    if len(fields) > len(event):
        _check_optional(fields, event, reasons)
    return instant


def _fits(value: str, limit: int) -> bool:
    return len(value) <= limit and bool(value.strip(WHITESPACE))


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
    event[name] = value
    if len(value) > limit:
        reasons.append(f"{name}_too_long")
    if not value.strip(WHITESPACE):
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
        if value is None:
            continue
        if type(value) is str and _fits(value, limit):
            event[name] = value
        elif limit:
            _check_text(value, name, limit, event, reasons)
        else:
            _check_currency(value, event, reasons)
    if fields.get("consent") is not None:
        _check_consent(fields["consent"], event, reasons)
    if fields.get("vehicle") is not None:
        _check_vehicle(fields["vehicle"], event, reasons)
    if fields.get("schema_version") is not None:
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
    for key, choice in value.items():
        if len(key) > MAX_TEXT:
            reasons.append("consent_key_too_long")
        elif type(choice) is not bool:
            reasons.append("consent_not_a_boolean")
    event["consent"] = value


def _check_vehicle(value: Any, event: Event, reasons: List[str]) -> None:
    if type(value) is not dict:
        reasons.append("vehicle_not_an_object")
        return
    for name in _VEHICLE_TEXTS:
        text = value.get(name)
        if text is not None:
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
    elif type(value) is str and _fits(value, MAX_TEXT):
        event["schema_version"] = value
    else:
        reasons.append("schema_version_malformed")


def _extras(fields: Fields, kind: str) -> Fields:
    """Every field the contract does not name."""
    known = _KNOWN[kind]
    extras = {} if fields.keys() <= known else _without(fields, known)
    vehicle = fields.get("vehicle")
    if vehicle and not vehicle.keys() <= _KNOWN_OF_VEHICLE:
        extras["vehicle"] = _without(vehicle, _KNOWN_OF_VEHICLE)
    return extras


def _without(fields: Fields, known: set) -> Fields:
    return {name: value for name, value in fields.items() if name not in known}


def _type_fault(kind: Any) -> str:
    if kind is None:
        return "type_missing"
    return "type_unknown" if type(kind) is str else "type_not_a_string"


def _rejected(reasons: List[str], fields: Fields, attributes: Dict[str, str]) -> Verdict:
    partner = fields.get("partner_id")
    kind = fields.get("type")
    identity = {
        "partner_id": _readable(attributes.get("partner_id") if partner is None else partner)
        or UNKNOWN_PARTNER,
        "type": kind if kind == "purchase" or kind == "cancellation" else None,
        "event_id": _readable(fields.get("event_id")),
        "order_id": _readable(fields.get("order_id")),
    }
    return Verdict(None, list(dict.fromkeys(reasons)), identity)


def _readable(value: Any) -> Optional[str]:
    """A rejected message's ids are measured in UTF-16, as the contract does there."""
    if type(value) is not str or not _fits(value, MAX_TEXT):
        return None
    return value if len(value.encode("utf-16-le")) <= 2 * MAX_TEXT else None

"""Holds one message to contract v1: an event under the names of its staging row, or every rule it breaks."""

import hashlib
import re
from typing import Any, Dict, List, NamedTuple, Optional

from fields import KNOWN, KNOWN_OF_VEHICLE, MAX_TEXT, Event, check_fields, is_absent
from jsontext import dumps, dumps_text
from strict_json import INVISIBLE, Fields, read_object
from timestamps import Instant, to_utc

MINUTE_MS = 60_000
DAY_MS = 86_400_000
MAX_FUTURE_MS = 10 * MINUTE_MS
MAX_AGE_MS = 1825 * DAY_MS
UNKNOWN_PARTNER = "unknown"


class Verdict(NamedTuple):
    """An accepted message has an event and its instant; a rejected one has reasons and what could be read of it."""

    event: Optional[Event]
    reasons: List[str]
    identity: Dict[str, Optional[str]]
    age_ms: int = 0


def read_event(raw: bytes, attributes: Dict[str, str], publish_ms: int) -> Verdict:
    """A pure function of the message: the time rules compare with its publish time."""
    fields, reasons = read_object(raw)
    if fields is None:
        return _rejected(reasons, {}, attributes)
    attribute = attributes.get("partner_id")
    if attribute is not None and is_absent(fields.get("partner_id")):
        fields["partner_id"] = attribute
    kind = fields.get("type")
    is_known = kind == "purchase" or kind == "cancellation"
    if not is_known:
        reasons.append(_type_fault(kind))
    event: Event = {"type": kind}
    instant = check_fields(fields, kind if is_known else _nearest_type(fields), event, reasons)
    age_ms = _age_ms(instant, publish_ms)
    if -age_ms > MAX_FUTURE_MS:
        reasons.append("timestamp_in_future")
    if age_ms > MAX_AGE_MS:
        reasons.append("timestamp_too_old")
    if reasons:
        return _rejected(reasons, fields, attributes)
    return _accepted(event, fields, age_ms)


def _age_ms(instant: Optional[Instant], publish_ms: int) -> int:
    return publish_ms - instant[1] if instant else 0


def _nearest_type(fields: Fields) -> str:
    kind = fields.get("type")
    name = kind[:MAX_TEXT].strip(INVISIBLE).lower() if type(kind) is str else ""
    if name.startswith("purchase"):
        return "purchase"
    if name.startswith("cancel"):
        return "cancellation"
    has_amount = fields.get("amount") is not None
    if has_amount == (fields.get("reason") is not None):
        return "unclear"
    return "purchase" if has_amount else "cancellation"


def _accepted(event: Event, fields: Fields, age_ms: int) -> Verdict:
    partner = event.setdefault("partner_id", UNKNOWN_PARTNER)
    contents = content_hash(event)
    event.setdefault("event_id", f"derived-{contents}")
    event["content_hash"] = contents
    extras = _extras(fields, event["type"])
    if extras:
        event["additional_properties"] = dumps_text(extras)
    identity = {
        "partner_id": partner,
        "type": event["type"],
        "event_id": event["event_id"],
        "order_id": event["order_id"],
        "content_hash": contents,
    }
    return Verdict(event, [], identity, age_ms)


#: In the order of the hash of the contract's implementation.
_CONTENTS = (
    "type",
    "event_id",
    "partner_id",
    "order_id",
    "customer_id",
    "car_model",
    "amount",
    "partial",
    "reason",
    "currency",
    "timestamp",
    "email",
    "phone",
    "gclid",
    "gbraid",
    "wbraid",
    "consent",
    "vehicle_vin",
    "vehicle_make",
    "vehicle_model",
    "vehicle_year",
    "schema_version",
)


def content_hash(event: Event) -> str:
    """Stands for the values of the contract's fields; an absent field and null are the same."""
    words: List[str] = []
    for name in _CONTENTS:
        word = _word_of(event.get(name))
        if word is not None:
            words += (name, word)
    return digest(words)


def _word_of(value: Any) -> Optional[str]:
    if type(value) is str or value is None:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    return _consent_word(value) if type(value) is dict else str(value)


def _consent_word(consent: Dict[str, bool]) -> Optional[str]:
    """Whatever the order of the categories, which JavaScript sorts by UTF-16."""
    if not consent:
        return None
    names = sorted(consent, key=lambda name: name.encode("utf-16-be"))
    return dumps_text([[name, consent[name]] for name in names])


def digest(words: List[str]) -> str:
    """32 hexadecimal digits that stand for these words in this order."""
    return hashlib.sha256(dumps(words)).hexdigest()[:32]


def _extras(fields: Fields, kind: str) -> Fields:
    """Every field the contract does not name."""
    known = KNOWN[kind]
    extras = {} if fields.keys() <= known else _without(fields, known)
    vehicle = fields.get("vehicle")
    if vehicle and not vehicle.keys() <= KNOWN_OF_VEHICLE:
        extras["vehicle"] = _without(vehicle, KNOWN_OF_VEHICLE)
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
        "partner_id": _readable(attributes.get("partner_id") if is_absent(partner) else partner)
        or UNKNOWN_PARTNER,
        "type": kind if kind == "purchase" or kind == "cancellation" else None,
        "event_id": _readable(fields.get("event_id")),
        "order_id": _readable(fields.get("order_id")),
    }
    return Verdict(None, list(dict.fromkeys(reasons)), identity)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _readable(value: Any) -> Optional[str]:
    if type(value) is not str:
        return None
    text = value.strip(INVISIBLE)
    return _LONE_SURROGATE.sub("\ufffd", text) if 0 < len(text) <= MAX_TEXT else None

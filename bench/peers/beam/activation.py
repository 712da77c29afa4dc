"""The Segment call an accepted event becomes."""

import hashlib
import re
from typing import Any, Dict, Optional

from fields import Event
from strict_json import WHITESPACE
from validation import DAY_MS

ADS_WINDOW_MS = {"purchase": 90 * DAY_MS, "cancellation": 54 * DAY_MS}
GOOGLE_ADS = "Google Ads Conversions"

_BLANK = re.escape(WHITESPACE)
_is_email = re.compile(f"[^{_BLANK}@]+@[^{_BLANK}@]+\\.[^{_BLANK}@]+").fullmatch
_GMAIL = frozenset(("gmail.com", "googlemail.com"))
_PHONE_FILLING = str.maketrans("", "", WHITESPACE + "().-/")
_is_e164 = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch

Call = Dict[str, Any]


def to_call(event: Event, message_id: str) -> Call:
    """A track call; `message_id` is what Segment deduplicates by."""
    is_purchase = event["type"] == "purchase"
    consent = {"ad_user_data": False, "ad_personalization": False, **event.get("consent", {})}
    scope = _scope(event["partner_id"])
    properties: Dict[str, Any] = {
        "order_id": f"{scope}:{event['order_id']}",
        "partner_id": scope,
        "partner_order_id": event["order_id"],
        "partner_customer_id": event["customer_id"],
    }
    if "currency" in event:
        properties["currency"] = event["currency"]
    identifiers: Dict[str, str] = {}
    if is_purchase:
        identifiers = _identifiers(event)
        _add_purchase(properties, event)
        properties.update(identifiers)
    properties["ad_user_data_consent_state"] = _state(consent["ad_user_data"])
    properties["ad_personalization_consent_state"] = _state(consent["ad_personalization"])
    return {
        "type": "track",
        "messageId": message_id,
        "userId": f"{scope}:{event['customer_id']}",
        "event": "Order Completed" if is_purchase else "Order Cancelled",
        "timestamp": event["timestamp"][:23] + "Z",
        "properties": properties,
        "context": {"consent": {"categoryPreferences": consent}},
        "integrations": {GOOGLE_ADS: not is_purchase or bool(identifiers)},
    }


def _scope(partner: str) -> str:
    """Sets the ids of partners apart. A partner id that is personal is not hidden here as it is in the pipeline."""
    return partner.replace("%", "%25").replace(":", "%3A")


def _add_purchase(properties: Dict[str, Any], event: Event) -> None:
    price = float(event["amount"])
    product = {
        "product_id": event.get("vehicle_vin") or event["car_model"],
        "name": event["car_model"],
        "price": price,
        "quantity": 1,
    }
    if "vehicle_make" in event:
        product["brand"] = event["vehicle_make"]
    if "vehicle_model" in event:
        product["variant"] = event["vehicle_model"]
    properties["total"] = price
    properties["products"] = [product]


def _state(is_granted: bool) -> str:
    return "GRANTED" if is_granted else "DENIED"


def _identifiers(event: Event) -> Dict[str, str]:
    """Exactly one click id, since Google refuses two, and hashed contact data."""
    identifiers: Dict[str, str] = {}
    for name in ("gclid", "gbraid", "wbraid"):
        if name in event:
            identifiers[name] = event[name]
            break
    if "email" in event:
        email = hashed_email(event["email"])
        if email:
            identifiers["email"] = email
    if "phone" in event:
        phone = hashed_phone(event["phone"])
        if phone:
            identifiers["phone"] = phone
    return identifiers


def hashed_email(email: str) -> Optional[str]:
    """SHA-256 of the address as Google normalises it, or None where it is none."""
    address = email.strip(WHITESPACE).lower()
    if not _is_email(address):
        return None
    local, _, domain = address.rpartition("@")
    if domain in _GMAIL:
        address = f"{local.split('+', 1)[0].replace('.', '')}@{domain}"
    return _sha256(address)


def hashed_phone(phone: str) -> Optional[str]:
    """SHA-256 of the number in E.164, or None where its country cannot be known."""
    number = phone.translate(_PHONE_FILLING)
    if number.startswith("00"):
        number = "+" + number[2:]
    return _sha256(number) if _is_e164(number) else None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""The Segment call an accepted event becomes."""

from typing import Any, Dict, List, NamedTuple, Optional

from fields import Event
from identifiers import identifiers_of
from validation import DAY_MS

ADS_WINDOW_MS = {"purchase": 90 * DAY_MS, "cancellation": 54 * DAY_MS}
GOOGLE_ADS = "Google Ads Conversions"

Call = Dict[str, Any]


class Activation(NamedTuple):
    """A call, why its event is excluded from Google Ads, or None, and the identifiers that are left out."""

    call: Call
    excluded: Optional[str]
    omitted: List[str]


def to_activation(event: Event, message_id: str) -> Activation:
    """A track call; `message_id` is what Segment deduplicates by."""
    is_purchase = event["type"] == "purchase"
    identifiers, omitted = identifiers_of(event) if is_purchase else ({}, [])
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
    if is_purchase:
        _add_purchase(properties, event)
        properties.update(identifiers)
    properties["ad_user_data_consent_state"] = _state(consent["ad_user_data"])
    properties["ad_personalization_consent_state"] = _state(consent["ad_personalization"])
    excluded = _exclusion(identifiers, consent) if is_purchase else None
    call = {
        "type": "track",
        "messageId": message_id,
        "userId": f"{scope}:{event['customer_id']}",
        "event": "Order Completed" if is_purchase else "Order Cancelled",
        "timestamp": event["timestamp"][:23] + "Z",
        "properties": properties,
        "context": {"consent": {"categoryPreferences": consent}},
        "integrations": {GOOGLE_ADS: excluded is None},
    }
    return Activation(call, excluded, omitted)


def _exclusion(identifiers: Dict[str, str], consent: Dict[str, bool]) -> Optional[str]:
    if not identifiers:
        return "no_usable_identifier"
    is_granted = consent["ad_user_data"] and consent["ad_personalization"]
    return None if is_granted else "consent_denied"


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

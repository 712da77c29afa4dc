"""The Segment call that the first purchase of an order becomes."""

from typing import Any, Dict, List, NamedTuple, Optional

from fields import Event
from identifiers import CLICK_IDS, identifiers_of
from validation import DAY_MS

ADS_WINDOW_MS = {"purchase": 90 * DAY_MS, "cancellation": 54 * DAY_MS}
GOOGLE_ADS = "Google Ads Conversions"

Call = Dict[str, Any]


class Activation(NamedTuple):
    """A call, why its event is excluded from Google Ads, or None, and the identifiers that are left out."""

    call: Call
    excluded: Optional[str]
    omitted: List[str]
    click_id: Optional[str]


def to_activation(purchase: Event, message_id: str) -> Activation:
    """The track call of the first purchase of an order; `message_id` is what Segment deduplicates by."""
    identifiers, omitted = identifiers_of(purchase)
    consent = {"ad_user_data": False, "ad_personalization": False, **purchase.get("consent", {})}
    excluded = _exclusion(identifiers, consent)
    call = {
        "type": "track",
        "messageId": message_id,
        "userId": f"{_scope(purchase['partner_id'])}:{purchase['customer_id']}",
        "event": "Order Completed",
        "timestamp": purchase["timestamp"][:23] + "Z",
        "properties": {
            **_properties(purchase),
            **identifiers,
            "ad_user_data_consent_state": _state(consent["ad_user_data"]),
            "ad_personalization_consent_state": _state(consent["ad_personalization"]),
        },
        "context": {"consent": {"categoryPreferences": consent}, **_traits(identifiers)},
        "integrations": {GOOGLE_ADS: excluded is None},
    }
    click_id = next((name for name in CLICK_IDS if name in identifiers), None)
    return Activation(call, excluded, omitted, click_id)


def _properties(purchase: Event) -> Dict[str, Any]:
    scope = _scope(purchase["partner_id"])
    properties: Dict[str, Any] = {
        "order_id": f"{scope}:{purchase['order_id']}",
        "partner_id": scope,
        "partner_order_id": purchase["order_id"],
        "partner_customer_id": purchase["customer_id"],
        "total": float(purchase["amount"]),
        "products": [_product(purchase)],
    }
    if "currency" in purchase:
        properties["currency"] = purchase["currency"]
    return properties


def _traits(identifiers: Dict[str, str]) -> Dict[str, Any]:
    traits = {name: identifiers[name] for name in ("email", "phone") if name in identifiers}
    return {"traits": traits} if traits else {}


def _exclusion(identifiers: Dict[str, str], consent: Dict[str, bool]) -> Optional[str]:
    if not identifiers:
        return "no_usable_identifier"
    is_granted = consent["ad_user_data"] and consent["ad_personalization"]
    return None if is_granted else "consent_denied"


def _scope(partner: str) -> str:
    """Sets the ids of partners apart. A partner id that is personal is not hidden here as it is in the pipeline."""
    return partner.replace("%", "%25").replace(":", "%3A")


def _product(purchase: Event) -> Dict[str, Any]:
    product = {
        "product_id": purchase.get("vehicle_vin") or purchase["car_model"],
        "name": purchase["car_model"],
        "price": float(purchase["amount"]),
        "quantity": 1,
    }
    if "vehicle_make" in purchase:
        product["brand"] = purchase["vehicle_make"]
    if "vehicle_model" in purchase:
        product["variant"] = purchase["vehicle_model"]
    return product


def _state(is_granted: bool) -> str:
    return "GRANTED" if is_granted else "DENIED"

"""The rows and calls one message becomes, as the tables and Segment take them."""

from base64 import b64decode, b64encode
from functools import lru_cache
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from activation import ADS_WINDOW_MS, to_activation
from fields import Event
from jsontext import dumps, dumps_text, loads
from timestamps import to_utc
from validation import Verdict, digest, read_event

#: Segment takes 32 KB a call; its own libraries add some 250 bytes to each.
MAX_CALL_BYTES = 30_750

#: `insertId` and columns, as insertAll takes a row.
Row = Dict[str, Any]


class Message(NamedTuple):
    """One message as Pub/Sub delivered it."""

    id: str
    time: str
    attributes: Dict[str, str]
    raw: bytes


class WrittenEvent(NamedTuple):
    """The rows and the call of one accepted event; the call is None where none is sent."""

    is_purchase: bool
    staging: Row
    call: Optional[bytes]
    activation: Row


class Delivery(NamedTuple):
    """Everything a batch of messages becomes; `activations` follow the calls they stand for."""

    audit: List[Row]
    purchases: List[Row]
    cancellations: List[Row]
    calls: List[bytes]
    activations: List[Row]


def read_message(line: bytes) -> Message:
    """One line of the file; bytes that are not UTF-8 travel as `base64` instead of `data`."""
    fields = loads(line)
    data = fields.get("data")
    raw = b64decode(fields["base64"]) if data is None else data.encode()
    return Message(fields["id"], fields["time"], fields["attributes"], raw)


def judge(message: Message) -> Verdict:
    """The contract's verdict on a message."""
    return read_event(message.raw, message.attributes, _published_ms(message.time))


@lru_cache(maxsize=4096)
def _published_ms(time: str) -> int:
    published = to_utc(time)
    return published[1] if published else 0


def plan(messages: Sequence[Message], batch_id: str, namespace: str) -> Delivery:
    """Validates a batch and builds every row and call of it."""
    delivery = Delivery([], [], [], [], [])
    for message in messages:
        verdict = judge(message)
        delivery.audit.append(audit_row(message, verdict, batch_id))
        if verdict.event is not None:
            written = write_event(message, verdict, batch_id, namespace)
            table = delivery.purchases if written.is_purchase else delivery.cancellations
            table.append(written.staging)
            delivery.activations.append(written.activation)
            if written.call:
                delivery.calls.append(written.call)
    return delivery


def write_event(
    message: Message, verdict: Verdict, batch_id: str, namespace: str
) -> WrittenEvent:
    """What an accepted event becomes; the event is used up."""
    event = verdict.event or {}
    words = [event["partner_id"], event["type"], event["order_id"], event["event_id"]]
    origin = {"message_id": message.id, "publish_time": message.time, "batch_id": batch_id}
    call, outcome = activate(event, verdict.age_ms, namespace)
    columns = {
        **verdict.identity,
        "customer_id": event["customer_id"],
        "amount": event.get("amount"),
        **outcome,
        **origin,
    }
    return WrittenEvent(
        event["type"] == "purchase",
        {
            "insertId": digest([*words, verdict.identity["content_hash"], message.id, message.time]),
            "json": staging_columns(event, origin),
        },
        call,
        {"insertId": digest([*words, message.id]), "json": columns},
    )


def activate(event: Event, age_ms: int, namespace: str) -> Tuple[Optional[bytes], Row]:
    """The call of an event, or None where there is none, and the columns that say what became of it."""
    is_purchase = event["type"] == "purchase"
    order = digest([event["partner_id"], event["order_id"]])
    segment_id = f"{namespace}:{order}:{'completed' if is_purchase else 'cancelled'}"
    columns = {"segment_message_id": segment_id, "omitted_identifiers": []}
    if age_ms > ADS_WINDOW_MS[event["type"]]:
        return None, {**columns, **_TOO_OLD}
    if not is_purchase:
        return None, {**columns, **_WAITING}
    return _send(event, columns)


_TOO_OLD = {
    "outcome": "not_activated",
    "reason": "outside_ads_window",
    "google_ads": "excluded",
    "google_ads_reason": "outside_ads_window",
}

#: Every cancellation: no call is made of one before Segment has the purchase of its order.
_WAITING = {"outcome": "waiting", "reason": "purchase_awaited"}


def _send(purchase: Event, columns: Row) -> Tuple[Optional[bytes], Row]:
    activation = to_activation(purchase, columns["segment_message_id"])
    call = dumps(activation.call)
    is_too_large = len(call) > MAX_CALL_BYTES
    return None if is_too_large else call, {
        **columns,
        "outcome": "failed" if is_too_large else "accepted",
        "reason": "call_too_large" if is_too_large else None,
        "call": activation.call["event"],
        "value": purchase["amount"],
        "currency": purchase.get("currency"),
        "told_at": activation.call["timestamp"],
        "click_id": activation.click_id,
        "google_ads": "excluded" if activation.excluded else "intended",
        "google_ads_reason": activation.excluded,
        "omitted_identifiers": activation.omitted,
    }


def staging_columns(event: Event, origin: Dict[str, str]) -> Event:
    """Completes an event to the columns of its staging row; the event is used up."""
    if "consent" in event:
        event["consent"] = dumps_text(event["consent"])
    event.update(origin)
    return event


def audit_row(message: Message, verdict: Verdict, batch_id: str) -> Row:
    """The message exactly as received, and what was decided of it."""
    columns = {
        "message_id": message.id,
        "publish_time": message.time,
        "data": b64encode(message.raw).decode(),
        "attributes": dumps_text(message.attributes),
        "part": 0,
        "parts": 1,
        "decision": "accepted" if verdict.event is not None else "rejected",
        "reasons": verdict.reasons,
        **verdict.identity,
        "batch_id": batch_id,
    }
    return {"insertId": message.id, "json": columns}

"""A Pub/Sub subscription through Google's client: pulls batches of messages, and acknowledges them."""

from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, List, NamedTuple, Tuple

from google.cloud.pubsub_v1 import SubscriberClient
from google.pubsub_v1.types import PullResponse

from rows import Message

#: Pub/Sub answers a pull with no more.
MAX_MESSAGES = 1_000
#: An acknowledge request may have 512 KiB, and an ack id some 200 bytes.
_MAX_ACK_IDS = 2_000
_TIMEOUT_SECONDS = 60


class Address(NamedTuple):
    """A subscription by its full name; the server is Google's, or the one of PUBSUB_EMULATOR_HOST."""

    path: str
    max_messages: int


class Subscription:
    """Calls that fail are repeated by Google's client, as it does by default; one that still fails raises."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client = SubscriberClient()

    def pull(self) -> Tuple[List[Message], List[str]]:
        """Messages and the ids that acknowledge them; none where the subscription stays empty for a while."""
        path, most = self._address
        response = self._client.pull(
            subscription=path, max_messages=most, timeout=_TIMEOUT_SECONDS
        )
        # The plain message beneath the client's own type is read several times as fast.
        received = PullResponse.pb(response).received_messages
        return [_to_message(one.message) for one in received], [one.ack_id for one in received]

    def acknowledge(self, ack_ids: List[str]) -> None:
        """Returns once the server has taken them."""
        for first in range(0, len(ack_ids), _MAX_ACK_IDS):
            self._client.acknowledge(
                subscription=self._address.path,
                ack_ids=ack_ids[first : first + _MAX_ACK_IDS],
                timeout=_TIMEOUT_SECONDS,
            )

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


def _to_message(message: Any) -> Message:
    published = message.publish_time
    time = _to_rfc3339(published.seconds, published.nanos // 1000)
    return Message(message.message_id, time, dict(message.attributes), message.data)


@lru_cache(maxsize=4096)
def _to_rfc3339(seconds: int, micros: int) -> str:
    """Microseconds, the precision BigQuery keeps."""
    second = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{micros:06}Z"

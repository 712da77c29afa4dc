"""BigQuery's insertAll and Segment's batch call over connections that stay open."""

import time
from base64 import b64encode
from datetime import datetime, timezone
from http.client import HTTPConnection, HTTPException
from typing import Dict, Iterator, List, NamedTuple, Optional
from urllib.parse import urlsplit

from jsontext import dumps, loads
from rows import Delivery, Row

MAX_ROWS = 5_000
MAX_SEGMENT_BYTES = 450_000
RETRIES = 3
TIMEOUT_SECONDS = 60
_FIRST_PAUSE_SECONDS = 0.2
_JSON = {"content-type": "application/json"}


class SinkError(RuntimeError):
    """A sink did not take a request, after every retry; the bundle fails."""


class Request(NamedTuple):
    """One POST; the name says whose connection it takes."""

    name: str
    path: str
    headers: Dict[str, str]
    body: bytes


class Endpoint:
    """One kept connection to a host: a request may be sent before the answer to it is read."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._connection: Optional[HTTPConnection] = None

    def send(self, request: Request) -> None:
        """Writes the request; its answer is read by `receive`."""
        if self._connection is None:
            self._connection = HTTPConnection(
                self._address.hostname or "", self._address.port, timeout=TIMEOUT_SECONDS
            )
        path = self._address.path.rstrip("/") + request.path
        self._connection.request("POST", path, request.body, request.headers)

    def receive(self, request: Request) -> None:
        """Raises SinkError where the answer is not a full yes."""
        if self._connection is None:
            raise SinkError(f"{request.name}: no connection")
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise SinkError(f"{request.name} answered {response.status}: {answer[:200]!r}")
        if b"insertErrors" in answer and loads(answer).get("insertErrors"):
            raise SinkError(f"{request.name} refused rows: {answer[:200]!r}")

    def close(self) -> None:
        """Drops the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Sinks:
    """Delivers whole batches, one connection a table; not for two threads at once."""

    def __init__(self, bigquery_url: str, segment_url: str, write_key: str) -> None:
        self._urls = {"bigquery": bigquery_url, "segment": segment_url}
        self._write_key = write_key
        token = b64encode(f"{write_key}:".encode()).decode()
        self._segment_headers = {**_JSON, "authorization": f"Basic {token}"}
        self._endpoints: Dict[str, Endpoint] = {}

    def deliver(self, delivery: Delivery) -> None:
        """Audit log and staging at the same time, then Segment, then what became of each call."""
        self._post_all(
            [
                *self._inserts("audit_log", delivery.audit),
                *self._inserts("staging_purchase", delivery.purchases),
                *self._inserts("staging_cancellation", delivery.cancellations),
            ]
        )
        self.activate(delivery.calls)
        self.insert("activation_log", delivery.activations)

    def insert(self, table: str, rows: List[Row]) -> None:
        """Writes rows to one table."""
        self._post_all(list(self._inserts(table, rows)))

    def activate(self, calls: List[bytes]) -> None:
        """Sends calls to Segment."""
        self._post_all(list(self._batches(calls)))

    def close(self) -> None:
        """Closes every connection."""
        for endpoint in self._endpoints.values():
            endpoint.close()

    def _inserts(self, table: str, rows: List[Row]) -> Iterator[Request]:
        path = f"/projects/local/datasets/streaming/tables/{table}/insertAll"
        for first in range(0, len(rows), MAX_ROWS):
            body = {
                "kind": "bigquery#tableDataInsertAllRequest",
                "skipInvalidRows": True,
                "rows": rows[first : first + MAX_ROWS],
            }
            yield Request(table, path, _JSON, dumps(body))

    def _batches(self, calls: List[bytes]) -> Iterator[Request]:
        for number, chunk in enumerate(_chunks(calls)):
            sent_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            body = b'{"batch":[%b],"writeKey":%b,"sentAt":%b}' % (
                b",".join(chunk),
                dumps(self._write_key),
                dumps(sent_at.replace("+00:00", "Z")),
            )
            yield Request(f"segment {number}", "/v1/batch", self._segment_headers, body)

    def _post_all(self, requests: List[Request]) -> None:
        """Sends every request before it reads the first answer, each on a connection of its own."""
        failed: List[Request] = []
        for request in requests:
            if not self._attempt(request, "send"):
                failed.append(request)
        for request in requests:
            if request not in failed and not self._attempt(request, "receive"):
                failed.append(request)
        for request in failed:
            self._retry(request)

    def _attempt(self, request: Request, step: str) -> bool:
        endpoint = self._endpoint(request)
        try:
            getattr(endpoint, step)(request)
        except (OSError, HTTPException, SinkError):
            endpoint.close()
            return False
        return True

    def _retry(self, request: Request) -> None:
        endpoint = self._endpoint(request)
        fault: Optional[Exception] = None
        for attempt in range(RETRIES):
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
            try:
                endpoint.send(request)
                return endpoint.receive(request)
            except (OSError, HTTPException, SinkError) as error:
                endpoint.close()
                fault = error
        raise SinkError(f"{request.name}: {fault}") from fault

    def _endpoint(self, request: Request) -> Endpoint:
        url = self._urls["segment" if request.name.startswith("segment") else "bigquery"]
        return self._endpoints.setdefault(request.name, Endpoint(url))


def _chunks(calls: List[bytes]) -> Iterator[List[bytes]]:
    chunk: List[bytes] = []
    size = 0
    for call in calls:
        if chunk and size + len(call) + 1 > MAX_SEGMENT_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(call)
        size += len(call) + 1
    if chunk:
        yield chunk

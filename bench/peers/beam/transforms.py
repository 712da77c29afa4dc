"""The steps of the pipeline: read messages in batches, and deliver batches."""

import os
import sys
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import apache_beam as beam
from apache_beam.metrics import Metrics

from clock import now_ms
from rows import Delivery, Message, plan, read_message
from sinks import Sinks
from subscription import Address, Subscription

METRICS = "peer"

#: Pulls a worker has outstanding while it validates, as many as our bridge.
PULLS = 2

#: Python's own 5 ms keep the threads that read and write waiting behind the one that validates.
SWITCH_SECONDS = 0.0005

#: A part of the file: from the first line that begins at or after the first byte, to the last that begins before the second.
Span = Tuple[int, int]


class Batch(NamedTuple):
    """Messages, and the ids that acknowledge them; a file has none."""

    messages: List[Message]
    ack_ids: List[str]


def batch_of_lines(lines: Sequence[bytes]) -> Batch:
    """A batch of a file's lines."""
    return Batch([read_message(line) for line in lines], [])


def spans_of(path: str, count: int) -> List[Span]:
    """The file in parts of the same size."""
    size = os.path.getsize(path)
    cuts = [size * number // count for number in range(count + 1)]
    return list(zip(cuts, cuts[1:]))


class ReadSpan(beam.DoFn):
    """A span of the file in batches: no work for Beam per line, fused with what follows."""

    def __init__(self, path: str, batch_size: int) -> None:
        self._path = path
        self._batch_size = batch_size

    def process(self, span: Span) -> Iterator[Batch]:
        first, end = span
        with open(self._path, "rb", buffering=1 << 20) as file:
            if first > 0:
                file.seek(first - 1)
                file.readline()
            lines: List[bytes] = []
            position = file.tell()
            while position < end:
                line = file.readline()
                if not line:
                    break
                position += len(line)
                lines.append(line)
                if len(lines) == self._batch_size:
                    yield batch_of_lines(lines)
                    lines = []
            if lines:
                yield batch_of_lines(lines)


class Pull(beam.DoFn):
    """Pulls until the subscription is empty, the next batches while one is validated."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._subscription: Optional[Subscription] = None
        self._read_at = Metrics.distribution(METRICS, "read_at_ms")

    def setup(self) -> None:
        self._subscription = Subscription(self._address)

    def process(self, _puller: int) -> Iterator[Batch]:
        if self._subscription is None:
            raise RuntimeError("setup() has not run")
        pull = self._subscription.pull
        self._read_at.update(now_ms())
        with ThreadPoolExecutor(max_workers=PULLS) as pool:
            waiting = deque(pool.submit(pull) for _ in range(PULLS))
            while waiting:
                messages, ack_ids = waiting.popleft().result()
                if messages:
                    waiting.append(pool.submit(pull))
                    yield Batch(messages, ack_ids)

    def teardown(self) -> None:
        if self._subscription is not None:
            self._subscription.close()


class Targets(NamedTuple):
    """Where batches go, and the subscription they came from, if any."""

    bigquery_url: str
    segment_url: str
    write_key: str
    namespace: str
    subscription: Optional[Address]


class Deliver(beam.DoFn):
    """Validates a batch, writes all that it becomes and acknowledges it then; a sink that refuses fails the bundle.

    A batch is written while the next one is validated, so that the bundle does not wait for the network.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._sinks: Optional[Sinks] = None
        self._subscription: Optional[Subscription] = None
        self._writer: Optional[ThreadPoolExecutor] = None
        self._under_way: "Optional[Future[None]]" = None
        self._events = Metrics.counter(METRICS, "events")
        self._read_at = Metrics.distribution(METRICS, "read_at_ms")
        self._written_at = Metrics.distribution(METRICS, "written_at_ms")

    def setup(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        targets = self._targets
        self._sinks = Sinks(targets.bigquery_url, targets.segment_url, targets.write_key)
        if targets.subscription:
            self._subscription = Subscription(targets.subscription)
        self._writer = ThreadPoolExecutor(max_workers=1)

    def process(self, batch: Batch) -> Iterable[None]:
        if self._writer is None:
            raise RuntimeError("setup() has not run")
        self._read_at.update(now_ms())
        delivery = plan(batch.messages, f"beam/{uuid.uuid4()}", self._targets.namespace)
        self._wait()
        self._under_way = self._writer.submit(self._write, delivery, batch.ack_ids)
        self._events.inc(len(batch.messages))
        return ()

    def finish_bundle(self) -> None:
        self._wait()

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.shutdown()
        for open_one in (self._sinks, self._subscription):
            if open_one is not None:
                open_one.close()

    def _write(self, delivery: Delivery, ack_ids: List[str]) -> None:
        if self._sinks is None:
            raise RuntimeError("setup() has not run")
        self._sinks.deliver(delivery)
        if self._subscription is not None:
            self._subscription.acknowledge(ack_ids)

    def _wait(self) -> None:
        """The batch before is written, or its error is this bundle's."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
            self._written_at.update(now_ms())

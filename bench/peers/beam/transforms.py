"""The steps of the pipeline: reads a file in batches of lines, and delivers batches."""

import os
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Iterable, Iterator, List, NamedTuple, Optional, Tuple

import apache_beam as beam
from apache_beam.metrics import Metrics

from rows import plan
from sinks import Sinks

METRICS = "peer"

#: A part of the file: from the first line that begins at or after the first byte, to the last that begins before the second.
Span = Tuple[int, int]


def spans_of(path: str, count: int) -> List[Span]:
    """The file in parts of the same size."""
    size = os.path.getsize(path)
    cuts = [size * number // count for number in range(count + 1)]
    return list(zip(cuts, cuts[1:]))


class ReadBatches(beam.DoFn):
    """A span of the file as batches of lines: no work for Beam per line, fused with what follows."""

    def __init__(self, path: str, batch_size: int) -> None:
        self._path = path
        self._batch_size = batch_size

    def process(self, span: Span) -> Iterator[List[bytes]]:
        first, end = span
        with open(self._path, "rb", buffering=1 << 20) as file:
            if first > 0:
                file.seek(first - 1)
                file.readline()
            batch: List[bytes] = []
            position = file.tell()
            while position < end:
                line = file.readline()
                if not line:
                    break
                position += len(line)
                batch.append(line)
                if len(batch) == self._batch_size:
                    yield batch
                    batch = []
            if batch:
                yield batch


class Targets(NamedTuple):
    """Where batches go."""

    bigquery_url: str
    segment_url: str
    write_key: str
    namespace: str


class Deliver(beam.DoFn):
    """Validates a batch of lines and writes all that it becomes; a sink that refuses fails the bundle.

    A batch is written while the next one is validated, so that the bundle does not wait for the network.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._sinks: Optional[Sinks] = None
        self._writer: Optional[ThreadPoolExecutor] = None
        self._under_way: "Optional[Future[None]]" = None
        self._events = Metrics.counter(METRICS, "events")
        self._read_at = Metrics.distribution(METRICS, "read_at_ms")

    def setup(self) -> None:
        targets = self._targets
        self._sinks = Sinks(targets.bigquery_url, targets.segment_url, targets.write_key)
        self._writer = ThreadPoolExecutor(max_workers=1)

    def process(self, lines: List[bytes]) -> Iterable[None]:
        if self._sinks is None or self._writer is None:
            raise RuntimeError("setup() has not run")
        self._read_at.update(int(time.time() * 1000))
        delivery = plan(lines, f"beam/{uuid.uuid4()}", self._targets.namespace)
        self._wait()
        self._under_way = self._writer.submit(self._sinks.deliver, delivery)
        self._events.inc(len(lines))
        return ()

    def finish_bundle(self) -> None:
        self._wait()

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.shutdown()
        if self._sinks is not None:
            self._sinks.close()

    def _wait(self) -> None:
        """The batch before is written, or its error is this bundle's."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

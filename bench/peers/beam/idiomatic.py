"""The pipeline as Beam's guides have it: an element a message, a step a purpose, an output a table."""

import uuid
from typing import Any, Iterable, Iterator, List, Optional, Tuple

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from clock import now_ms
from rows import Message, Row, audit_row, judge, write_event
from sinks import Sinks
from transforms import METRICS, Targets

AUDIT = "audit_log"
PURCHASES = "staging_purchase"
CANCELLATIONS = "staging_cancellation"
ACTIVATIONS = "activations"

#: A call, or None where it is held back, and the row that says what became of it.
Activation = Tuple[Optional[bytes], Row]


def deliver(messages: beam.PCollection, targets: Targets, batch_size: int) -> None:
    """Validates each message, and writes what it becomes in batches."""
    outputs = messages | "Validate" >> beam.ParDo(Validate(targets.namespace)).with_outputs()
    for table in (AUDIT, PURCHASES, CANCELLATIONS):
        rows = outputs[table] | f"Batch {table}" >> _batches_of(batch_size)
        _ = rows | f"Insert {table}" >> beam.ParDo(Insert(targets, table))
    activations = outputs[ACTIVATIONS] | "Batch calls" >> _batches_of(batch_size)
    settled = activations | "Activate" >> beam.ParDo(Activate(targets))
    _ = settled | "Insert activation_log" >> beam.ParDo(Insert(targets, "activation_log"))


def _batches_of(size: int) -> beam.PTransform:
    return beam.BatchElements(min_batch_size=size, max_batch_size=size)


class Validate(beam.DoFn):
    """An output for each table, and one for the calls."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._batch_id = ""
        self._events = Metrics.counter(METRICS, "events")
        self._read_at = Metrics.distribution(METRICS, "read_at_ms")

    def start_bundle(self) -> None:
        self._batch_id = f"beam/{uuid.uuid4()}"
        self._read_at.update(now_ms())

    def process(self, message: Message) -> Iterator[Any]:
        verdict = judge(message)
        self._events.inc()
        yield TaggedOutput(AUDIT, audit_row(message, verdict, self._batch_id))
        if verdict.event is not None:
            event = write_event(message, verdict, self._batch_id, self._namespace)
            yield TaggedOutput(PURCHASES if event.is_purchase else CANCELLATIONS, event.staging)
            yield TaggedOutput(ACTIVATIONS, (event.call, event.activation))


class _Writes(beam.DoFn):
    """Has connections to the sinks of its own."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._written_at = Metrics.distribution(METRICS, "written_at_ms")

    def setup(self) -> None:
        targets = self._targets
        self._sinks = Sinks(targets.bigquery_url, targets.segment_url, targets.write_key)

    def teardown(self) -> None:
        self._sinks.close()


class Insert(_Writes):
    """Writes batches of rows to one table."""

    def __init__(self, targets: Targets, table: str) -> None:
        super().__init__(targets)
        self._table = table

    def process(self, rows: List[Row]) -> Iterable[None]:
        self._sinks.insert(self._table, rows)
        self._written_at.update(now_ms())
        return ()


class Activate(_Writes):
    """Sends batches of calls; its output are the rows that say what became of them."""

    def process(self, activations: List[Activation]) -> Iterator[List[Row]]:
        self._sinks.activate([call for call, _ in activations if call])
        yield [row for _, row in activations]

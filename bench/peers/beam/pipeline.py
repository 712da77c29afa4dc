"""The Apache Beam peer: events of a subscription or a file, validated, into BigQuery and Segment; prints one JSON line of figures."""

import argparse
import json
import platform
import resource
from typing import Any, Dict, List, Tuple

import apache_beam as beam
from apache_beam.coders import BytesCoder
from apache_beam.io import ReadFromText
from apache_beam.metrics import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult

import idiomatic
from rows import read_message
from subscription import Address
from transforms import METRICS, Deliver, Pull, ReadSpan, Targets, spans_of

MODES = ("in_memory", "multi_threading", "multi_processing")
SOURCES = ("subscription", "text", "spans")
#: Parts of the file for each worker, so that the slower one takes fewer.
SPANS_OF_WORKER = 4


def main() -> None:
    """Runs once and prints the figures."""
    arguments = _parser().parse_args()
    pipeline = beam.Pipeline(options=_options(arguments))
    _build(pipeline, arguments)
    result = pipeline.run()
    result.wait_until_finish()
    events, started_at, finished_at = _progress(result)
    figures = {
        "events": events,
        "startedAt": started_at,
        "finishedAt": finished_at,
        "cpuSeconds": _cpu_seconds(),
        "runner": f"FnApiRunner {arguments.mode} x{arguments.workers}",
        "source": arguments.source,
        "beam": beam.__version__,
        "python": platform.python_version(),
    }
    print(json.dumps(figures), flush=True)


def _options(arguments: argparse.Namespace) -> PipelineOptions:
    # Without flags of its own, PipelineOptions would read this program's.
    return PipelineOptions(
        flags=[],
        runner="FnApiRunner",
        direct_running_mode=arguments.mode,
        direct_num_workers=arguments.workers,
    )


def _cpu_seconds() -> float:
    """Of this process and of the workers it has waited for, their start included."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 2)


def _targets(arguments: argparse.Namespace) -> Targets:
    return Targets(
        arguments.bigquery,
        arguments.segment,
        arguments.write_key,
        arguments.namespace,
        _address(arguments) if arguments.source == "subscription" else None,
    )


def _address(arguments: argparse.Namespace) -> Address:
    return Address(arguments.of, arguments.batch_size)


def _build(pipeline: beam.Pipeline, arguments: argparse.Namespace) -> None:
    """Of a text file as Beam's guides have it, else in batches from the source on."""
    targets = _targets(arguments)
    if arguments.source == "text":
        lines = pipeline | "Read" >> ReadFromText(arguments.of, coder=BytesCoder())
        messages = lines | "Parse" >> beam.Map(read_message)
        idiomatic.deliver(messages, targets, arguments.batch_size)
    else:
        batches = _batches(pipeline, arguments)
        _ = batches | "Deliver" >> beam.ParDo(Deliver(targets))


def _batches(pipeline: beam.Pipeline, arguments: argparse.Namespace) -> beam.PCollection:
    """Batches of messages, without work for Beam per message."""
    if arguments.source == "subscription":
        pullers = pipeline | "Pullers" >> beam.Create(list(range(arguments.workers)))
        return pullers | beam.Reshuffle() | "Pull" >> beam.ParDo(Pull(_address(arguments)))
    spans = spans_of(arguments.of, SPANS_OF_WORKER * arguments.workers)
    parts = pipeline | "Spans" >> beam.Create(spans) | beam.Reshuffle()
    return parts | "Read" >> beam.ParDo(ReadSpan(arguments.of, arguments.batch_size))


def _progress(result: PipelineResult) -> Tuple[int, int, int]:
    """Events, and when the first was asked for and the last was written."""
    query: Dict[str, List[Any]] = result.metrics().query(MetricsFilter().with_namespace(METRICS))
    events = sum(metric.committed for metric in query["counters"])
    times = [metric.committed for metric in query["distributions"]]
    if not times:
        return events, 0, 0
    return events, min(time.min for time in times), max(time.max for time in times)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", choices=SOURCES, required=True)
    parser.add_argument("--of", required=True, help="subscription, or NDJSON file of messages")
    parser.add_argument("--bigquery", required=True, help="base URL of BigQuery's REST API")
    parser.add_argument("--segment", required=True, help="base URL of Segment's HTTP API")
    parser.add_argument("--write-key", default="bench")
    parser.add_argument("--namespace", default="bench")
    parser.add_argument("--mode", choices=MODES, default="multi_processing")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=500)
    return parser


if __name__ == "__main__":
    main()

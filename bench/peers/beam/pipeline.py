"""The Apache Beam peer: events of a file, validated, into BigQuery and Segment; prints one JSON line of figures."""

import argparse
import json
import platform
import resource
import time
from typing import Any, Dict, List, Tuple

import apache_beam as beam
from apache_beam.coders import BytesCoder
from apache_beam.io import ReadFromText
from apache_beam.metrics import MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult

from transforms import METRICS, Deliver, ReadBatches, Targets, spans_of

MODES = ("in_memory", "multi_threading", "multi_processing")


def main() -> None:
    """Runs once and prints the figures."""
    arguments = _parser().parse_args()
    pipeline = beam.Pipeline(options=_options(arguments))
    targets = Targets(
        arguments.bigquery, arguments.segment, arguments.write_key, arguments.namespace
    )
    _ = _batches(pipeline, arguments) | "Deliver" >> beam.ParDo(Deliver(targets))
    called_at = _now_ms()
    result = pipeline.run()
    result.wait_until_finish()
    finished_at = _now_ms()
    events, started_at = _progress(result)
    figures = {
        "events": events,
        "calledAt": called_at,
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


def _now_ms() -> int:
    return int(time.time() * 1000)


def _cpu_seconds() -> float:
    """Of this process and of the workers it has waited for, their start included."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 2)


def _batches(pipeline: beam.Pipeline, arguments: argparse.Namespace) -> beam.PCollection:
    """Batches of lines: read by spans, without work for Beam per line, or by Beam's own text source."""
    size = arguments.batch_size
    if arguments.source == "text":
        return (
            pipeline
            | "Read" >> ReadFromText(arguments.events, coder=BytesCoder())
            | "Batch" >> beam.BatchElements(min_batch_size=size, max_batch_size=size)
        )
    spans = spans_of(arguments.events, arguments.spans)
    return (
        pipeline
        | "Spans" >> beam.Create(spans)
        | "Spread" >> beam.Reshuffle()
        | "Read" >> beam.ParDo(ReadBatches(arguments.events, size))
    )


def _progress(result: PipelineResult) -> Tuple[int, int]:
    query: Dict[str, List[Any]] = result.metrics().query(MetricsFilter().with_namespace(METRICS))
    events = sum(metric.committed for metric in query["counters"])
    return events, min(metric.committed.min for metric in query["distributions"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", required=True, help="NDJSON file, one message a line")
    parser.add_argument("--bigquery", required=True, help="base URL of BigQuery's REST API")
    parser.add_argument("--segment", required=True, help="base URL of Segment's HTTP API")
    parser.add_argument("--write-key", default="bench")
    parser.add_argument("--namespace", default="bench")
    parser.add_argument("--mode", choices=MODES, default="multi_processing")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--source", choices=("spans", "text"), default="spans")
    parser.add_argument("--batch-size", type=int, default=500)
    parser.add_argument("--spans", type=int, default=8)
    return parser


if __name__ == "__main__":
    main()

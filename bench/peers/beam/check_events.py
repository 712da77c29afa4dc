"""Prints what the Beam peer decides of every message on stdin, one JSON line a message: for the parity test."""

import sys
from typing import Any, Dict

from jsontext import dumps, loads
from rows import plan, read_message


def verdict_of(line: bytes) -> Dict[str, Any]:
    """The rows and the call of one message, as the pipeline would send them."""
    delivery = plan([read_message(line)], "batch", "namespace")
    staged = delivery.purchases + delivery.cancellations
    return {
        "audit": delivery.audit[0]["json"],
        "staging": staged[0]["json"] if staged else None,
        "call": loads(delivery.calls[0]) if delivery.calls else None,
        "activation": delivery.activations[0]["json"] if delivery.activations else None,
    }


def main() -> None:
    """Reads NDJSON messages until the end of stdin."""
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(dumps(verdict_of(line)) + b"\n")


if __name__ == "__main__":
    main()

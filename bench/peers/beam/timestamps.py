"""RFC 3339 with any offset to UTC microseconds, the precision BigQuery keeps."""

import re
from datetime import date
from functools import lru_cache
from typing import Optional, Tuple

_rfc3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
).fullmatch

_EPOCH = date(1970, 1, 1).toordinal()
_DAY_SECONDS = 86_400
_DAYS_OF_400_YEARS = 146_097

#: `2025-11-01T19:32:00.000000Z` and milliseconds since the epoch.
Instant = Tuple[str, int]


def to_utc(text: str) -> Optional[Instant]:
    """None where `text` is not an RFC 3339 date-time that exists on the calendar; a leap second is refused."""
    match = _rfc3339(text)
    if not match:
        return None
    day_text, hour, minute, second, fraction, sign, offset_hour, offset_minute = match.groups()
    day = _ordinal(day_text)
    if day is None or hour > "23" or minute > "59" or second > "59":
        return None
    micros = f"{fraction[:6]:0<6}" if fraction else "000000"
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    if not sign:
        if day < 1:
            return None
        iso = f"{day_text}T{hour}:{minute}:{second}.{micros}Z"
        return iso, ((day - _EPOCH) * _DAY_SECONDS + seconds) * 1000 + int(micros[:3])
    if offset_hour > "23" or offset_minute > "59":
        return None
    offset = int(offset_hour) * 3600 + int(offset_minute) * 60
    return _moved(day * _DAY_SECONDS + seconds + (offset if sign == "-" else -offset), micros)


def _moved(seconds: int, micros: str) -> Optional[Instant]:
    day, rest = divmod(seconds, _DAY_SECONDS)
    if not 1 <= day <= date.max.toordinal():
        return None
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    epoch_ms = (seconds - _EPOCH * _DAY_SECONDS) * 1000 + int(micros[:3])
    return f"{date.fromordinal(day).isoformat()}T{clock}.{micros}Z", epoch_ms


@lru_cache(maxsize=4096)
def _ordinal(text: str) -> Optional[int]:
    """The day's number, 1 for the first of the year 1; the year 0 lies before."""
    year = int(text[:4])
    try:
        day = date(year or 400, int(text[5:7]), int(text[8:])).toordinal()
    except ValueError:
        return None
    return day if year else day - _DAYS_OF_400_YEARS

"""Cleans a text that a partner sent as an identifier, and recognises texts that stand for no value."""

import hashlib
import re
from typing import Optional
from unicodedata import category, normalize

#: What JavaScript's `\s` still matches in a cleaned text.
SPACE = " \u2028\u2029"

#: What JavaScript's `.` matches in a cleaned text.
ANY = "[^\u2028\u2029]"

_QUOTES = "\"'`“”„‘’«»"
_quoted = re.compile(f"[{_QUOTES}]({ANY}*)[{_QUOTES}]").fullmatch
_APOSTROPHE = re.compile(r"^'(?=\+?[0-9])")
_DECORATION = re.compile(f"[()\\[\\]<>\"'_{SPACE}]+")
_is_hash = re.compile("[0-9a-fA-F]{64}").fullmatch

_PLACEHOLDERS = frozenset(
    "|".join(
        (
            "",
            "undefined|null|nil|none|nan|na|n a|n/a|#n/a|#na|void|not set|not provided|not available",
            "not applicable|not given|no value|false|true|0|-|--|---|.|?|x|xx|xxx|test|tbd|todo",
            "object object|object|string|value|unknown|missing|absent|empty|blank|default|n.a.",
            "anonymous|direct|organic|referral|cpc|no gclid|keine|keine angabe|k.a.|unbekannt",
            "gclid|gbraid|wbraid|email|e-mail|mail|phone|telephone|telefon",
        )
    ).split("|")
)


def sha256(text: str) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


_HASHED_PLACEHOLDERS = frozenset((*map(sha256, _PLACEHOLDERS), "0" * 64))


def clean_text(text: str) -> str:
    """The text in compatibility form, without invisible characters and without quotation marks around it."""
    plain = text if text.isascii() and text.isprintable() else _plain(text)
    plain = plain.strip(SPACE)
    quoted = _quoted(plain)
    return _APOSTROPHE.sub("", quoted[1] if quoted else plain).strip(SPACE)


def _plain(text: str) -> str:
    return "".join(map(_plain_character, normalize("NFKC", text)))


def _plain_character(character: str) -> str:
    kind = category(character)
    if kind == "Cf":
        return ""
    if kind == "Pd" or character == "\u2212":
        return "-"
    return " " if kind in ("Zs", "Cc") else character


def is_placeholder(text: str) -> bool:
    """True for a text that is written where there is no value: `undefined`, `(not set)`, `N/A`."""
    return _DECORATION.sub(" ", text.lower()).strip(SPACE) in _PLACEHOLDERS


def hash_in(text: str) -> Optional[str]:
    """The SHA-256 in lower case where the text is one, or None."""
    return text.lower() if _is_hash(text) else None


def is_hash_of_placeholder(digest: str) -> bool:
    """True where a partner hashed a text that stands for no value."""
    return digest in _HASHED_PLACEHOLDERS


def utf16_length(text: str) -> int:
    """The length as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

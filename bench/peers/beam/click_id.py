"""A click id of Google as a partner sent it: alone, in a URL or a cookie, or not at all."""

import re
from typing import Optional
from urllib.parse import unquote

from clean_text import ANY, SPACE, clean_text, is_placeholder, utf16_length
from unusable import Unusable

MAX_IDENTIFIER = 2048

_is_url = re.compile(
    r"://|^www\.|^[/?&#]|%3d|(?:gclid|gbraid|wbraid)=", re.IGNORECASE | re.ASCII
).search
_is_template = re.compile(
    rf"[{{}}<>\[\]$]|%7[bd]|^%{ANY}*%\Z|^__{ANY}*__\Z", re.IGNORECASE | re.ASCII
).search
_COOKIE = re.compile(r"^GCL\.[0-9]+\.")
_is_click_id = re.compile(r"(?=.*[A-Za-z])[\w.~-]+={0,2}", re.ASCII).fullmatch
_REMAINDER = re.compile("[&#?]")
_PARAMETER = {
    name: re.compile(
        rf"(?:^|[?&#;{SPACE}/]){name}=([^&#;{SPACE}]*)", re.IGNORECASE | re.ASCII
    ).search
    for name in ("gclid", "gbraid", "wbraid")
}
_is_malformed = re.compile("%(?![0-9a-fA-F]{2})").search


def read_click_id(name: str, text: str) -> str:
    """The click id as Google made it; raises Unusable where there is none."""
    clean = _clean(text)
    if not _is_url(clean):
        return _bare_click_id(_clean(clean))
    found = _parameter_of(name, clean)
    if found is None:
        raise Unusable("not_in_url")
    return _bare_click_id(_clean(found))


def _clean(text: str) -> str:
    if utf16_length(text) > MAX_IDENTIFIER:
        raise Unusable("malformed")
    clean = clean_text(text)
    if is_placeholder(clean):
        raise Unusable("placeholder")
    return clean


def _bare_click_id(text: str) -> str:
    """Without the remainder of a query behind it, and the prefix of Google's cookie in front of it."""
    if _is_template(text):
        raise Unusable("template")
    first = _REMAINDER.split(_COOKIE.sub("", text), maxsplit=1)[0]
    if not _is_click_id(first):
        raise Unusable("malformed")
    return first


def _parameter_of(name: str, url: str) -> Optional[str]:
    """The value of the parameter, also of a URL that is encoded as a whole, or None."""
    while True:
        found = _PARAMETER[name](url)
        if found:
            return _decoded(found[1])
        plain = _decoded(url)
        if plain == url:
            return None
        url = plain


def _decoded(text: str) -> str:
    """As JavaScript decodes a component of a URI; a malformed text stays as it is."""
    if "%" not in text or _is_malformed(text):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text

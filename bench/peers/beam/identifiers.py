"""The identifiers of a purchase by which Google Ads attributes it, and those that are left out."""

from typing import Callable, Dict, List, Tuple

from clean_text import clean_text, hash_in, is_hash_of_placeholder, is_placeholder, sha256
from click_id import read_click_id
from email_address import normalised_address
from fields import Event
from phone import to_e164
from unusable import Unusable

#: In the order in which one of them is chosen, because Google refuses two.
CLICK_IDS = ("gclid", "gbraid", "wbraid")

#: What can be used, and what is left out as `activation_log` has it: `phone_unparseable`.
Identifiers = Tuple[Dict[str, str], List[str]]


def identifiers_of(event: Event) -> Identifiers:
    """At most one click id, the e-mail address and the phone number; the contact data are hashed."""
    usable: Dict[str, str] = {}
    omitted: List[str] = []
    for name in CLICK_IDS:
        if name in event:
            _read_click_id(name, event[name], usable, omitted)
    for name, normalise in _CONTACTS:
        if name in event:
            try:
                usable[name] = _hashed(event[name], normalise)
            except Unusable as fault:
                omitted.append(f"{name}_{fault}")
    return usable, omitted


def _read_click_id(name: str, text: str, usable: Dict[str, str], omitted: List[str]) -> None:
    try:
        click_id = read_click_id(name, text)
    except Unusable as fault:
        omitted.append(f"{name}_{fault}")
        return
    if usable:
        omitted.append(f"{name}_superseded")
    else:
        usable[name] = click_id


_CONTACTS: Tuple[Tuple[str, Callable[[str], str]], ...] = (
    ("email", normalised_address),
    ("phone", to_e164),
)


def _hashed(text: str, normalise: Callable[[str], str]) -> str:
    """SHA-256 of the normalised text; a text that is a SHA-256 already passes in lower case."""
    clean = clean_text(text)
    if is_placeholder(clean):
        raise Unusable("placeholder")
    digest = hash_in(clean)
    if digest is None:
        return sha256(normalise(clean))
    if is_hash_of_placeholder(digest):
        raise Unusable("placeholder")
    return digest

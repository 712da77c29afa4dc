"""An e-mail address as Google Ads normalises it."""

import re
from unicodedata import category

from clean_text import SPACE, utf16_length
from unusable import Unusable

#: RFC 5321.
MAX_LOCAL = 64
MAX_DOMAIN = 255

_GMAIL = frozenset(("gmail.com", "googlemail.com"))
_PREFIX = re.compile(rf"^(?:mailto|smtp|e-?mail|mail)[{SPACE}]*[:=][{SPACE}/]*", re.IGNORECASE | re.ASCII)
_END = re.compile(r"[.,;:]\Z")
_is_local = re.compile(rf'[^{SPACE}@<>()\[\],;:\\"]+').fullmatch
_is_ascii_top_level = re.compile("[a-z]{2,}|xn--[a-z0-9-]+").fullmatch


def normalised_address(text: str) -> str:
    """Dots and what follows a plus sign do not count at Gmail; raises Unusable for what is not one address."""
    address = _bare_address(text)
    local, at, domain = address.partition("@")
    if not (at and _is_mailbox(local) and _is_domain(domain)):
        raise Unusable("malformed")
    if domain not in _GMAIL:
        return address
    mailbox = local.replace(".", "").split("+", 1)[0]
    if not mailbox:
        raise Unusable("malformed")
    return f"{mailbox}@{domain}"


def _bare_address(text: str) -> str:
    """Without a label such as `mailto:`, a display name and punctuation at its end."""
    opening = text.rfind("<") if text.endswith(">") else -1
    address = text if opening < 0 else text[opening + 1 : -1]
    target = _PREFIX.sub("", address.strip(SPACE)).split("?", 1)[0]
    return _END.sub("", target.replace("%40", "@", 1)).strip(SPACE).lower()


def _is_mailbox(local: str) -> bool:
    return utf16_length(local) <= MAX_LOCAL and _is_local(local) is not None


def _is_domain(domain: str) -> bool:
    if utf16_length(domain) > MAX_DOMAIN:
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(map(_is_label, labels)) and _is_top_level(labels[-1])


def _is_label(label: str) -> bool:
    if not label or label[0] == "-" or label[-1] == "-":
        return False
    return all(character == "-" or category(character)[0] in "LMN" for character in label)


def _is_top_level(label: str) -> bool:
    if _is_ascii_top_level(label):
        return True
    kinds = [category(character)[0] for character in label]
    return len(kinds) > 1 and kinds[0] == "L" and set(kinds) <= {"L", "M"}

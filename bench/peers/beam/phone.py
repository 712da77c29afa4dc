"""A phone number in E.164; no partner of the benchmark has a default country."""

import re
from typing import Optional

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from clean_text import ANY, SPACE, utf16_length
from unusable import Unusable

#: No way of writing one phone number takes more.
MAX_PHONE = 100

_FLAGS = re.IGNORECASE | re.ASCII
_REWRITES = (
    (
        re.compile(
            "^(?:tel|telephone|telefon|tlf|fon|phone|mobile|mobil|handy|mob|cell|cellphone|callto"
            rf"|sms|whatsapp)\b[{SPACE}.:/]*",
            _FLAGS,
        ),
        "",
    ),
    (re.compile(rf";(?:phone-context|isub)={ANY}*\Z", _FLAGS), ""),
    (
        re.compile(
            rf"[{SPACE},;(-]*(?:extension|extn|ext|durchwahl|dw|poste|anexo|interno|x|#)"
            rf"[{SPACE}.:=]*[0-9]{{1,7}}\)?\Z",
            _FLAGS,
        ),
        "",
    ),
    (re.compile(r"^([0-9]{7,})\.0\Z"), r"\1"),
    (re.compile(r"^\(\+"), "+("),
    (re.compile(rf"^\+[{SPACE}+]*(?:00)?"), "+"),
)
_is_number = re.compile(rf"\+?[0-9{SPACE}().\-/]+").fullmatch
_has_digit = re.compile("[0-9]").search
_INTERNATIONAL_ZEROS = re.compile(rf"^00(?=[{SPACE}().-]*[1-9])")
_is_repeated_digit = re.compile(r"([0-9])\1*").fullmatch


def to_e164(text: str) -> str:
    """The first reading that has a possible length for its country; raises Unusable where there is none."""
    number = _bare_number(text)
    with_plus = _INTERNATIONAL_ZEROS.sub("+", number)
    for reading in (with_plus, with_plus.replace("(0)", "", 1), number):
        e164 = _parsed(reading)
        if e164 is not None:
            return e164
    raise Unusable("unparseable" if number.startswith(("+", "00")) else "country_unknown")


def _bare_number(text: str) -> str:
    """The number without a label, an extension and parameters of a `tel:` URI."""
    if utf16_length(text) > MAX_PHONE:
        raise Unusable("unparseable")
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text, count=1)
    text = text.strip(SPACE)
    if not (_is_number(text) and _has_digit(text)):
        raise Unusable("unparseable")
    return text


def _parsed(text: str) -> Optional[str]:
    if not (text.startswith("+") and text.isascii()):
        return None
    try:
        number = phonenumbers.parse(text)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if _is_repeated_digit(phonenumbers.national_significant_number(number)):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)

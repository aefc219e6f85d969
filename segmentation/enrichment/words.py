"""Numbers and foreign text as words for people: `2,400`, `43%`, `€1.22M`."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

MISSING = "n/a"
LABEL_LENGTH = 40
_SMALL = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
# Letters, digits and the marks that turn up inside names; everything else could be markup.
_NOT_IN_LABELS = re.compile(r"[^\w \-/&.%]+|_+")


def count(value: float) -> str:
    """Return a whole number with thousands separators.

    >>> count(2400)
    '2,400'
    """
    return f"{value:,.0f}" if math.isfinite(value) else MISSING


def share(value: float) -> str:
    """Return a share between 0 and 1 as a percentage.

    >>> share(0.43), share(0.004), share(0.0001)
    ('43%', '0.4%', '<0.1%')
    """
    if not math.isfinite(value):
        return MISSING
    if value == 0 or abs(value) >= 0.00995:
        return f"{value:.0%}"
    return f"{value:.1%}" if abs(value) >= 0.001 else "<0.1%" if value > 0 else ">-0.1%"


def amount(value: float, currency: str = "") -> str:
    """Return an amount of money with three significant digits.

    >>> amount(1_222_345, "€"), amount(520_600, "€"), amount(54.3, "€"), amount(-999_960)
    ('€1.22M', '€521k', '€54.3', '-1M')
    """
    if not math.isfinite(value):
        return MISSING
    sign = "-" if value < 0 else ""
    return f"{sign}{clean(currency)}{number(abs(value))}"


def number(value: float) -> str:
    """Return any number with three significant digits and k, M or B for large ones.

    >>> number(12.345), number(0.00123), number(1234), number(40)
    ('12.3', '0.00123', '1.23k', '40')
    """
    if not math.isfinite(value):
        return MISSING
    rounded = float(f"{value:.3g}")
    for size, unit in _UNITS:
        if abs(rounded) >= size:
            return f"{rounded / size:.3g}{unit}"
    return f"{rounded:.3g}"


def measure(value: float, unit: str, currency: str = "") -> str:
    """Return a value in the unit of its column.

    >>> measure(54.3, "currency", "€"), measure(0.43, "share"), measure(12.4, "months")
    ('€54.3', '43%', '12.4 months')
    """
    if unit == "currency":
        return amount(value, currency)
    if unit == "share":
        return share(value)
    return f"{number(value)} months" if unit == "months" else number(value)


def how_many(number_of: int, noun: str) -> str:
    """Return a small whole number in words, with its noun.

    >>> how_many(1, "segment"), how_many(3, "segment"), how_many(40, "segment")
    ('one segment', 'three segments', '40 segments')
    """
    spelled = _SMALL[number_of] if number_of < len(_SMALL) else count(number_of)
    return f"{spelled} {noun}{'' if number_of == 1 else 's'}"


def joined(parts: Sequence[str]) -> str:
    """Return a list as people write it.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else list(parts))


def clean(text: object) -> str:
    r"""Return text without control, formatting and bidirectional characters.

    >>> clean("a\u202eb\x00c")
    'abc'
    """
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(
        c for c in plain if unicodedata.category(c)[0] not in "C" and c not in "\u2028\u2029"
    )


def label(text: object) -> str:
    """Return foreign text as a short label: letters, digits and a few marks only.

    >>> label("=cmd|'x'")
    'cmd x'
    """
    spaced = re.sub(r"\s", " ", str(text))
    plain = " ".join(_NOT_IN_LABELS.sub(" ", clean(spaced)).split()).strip("-/&.% ")
    return plain[:LABEL_LENGTH].strip() or "Unnamed"

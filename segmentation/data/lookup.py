"""Find customers by what somebody types."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, islice

MAX_SUGGESTIONS = 50
NEIGHBOURS = 5


class CustomerIndex:
    """Ids of customers, sorted once, so that a search in a million takes no time.

    Parameters
    ----------
    ids : iterable of str
        In the order of the customer table.
    """

    def __init__(self, ids: Iterable[str]):
        self.ids = [str(i) for i in ids]
        self._rows = {name: row for row, name in enumerate(self.ids)}
        lowered = [name.lower() for name in self.ids]
        self._order = sorted(range(len(lowered)), key=lowered.__getitem__)
        self._sorted = [lowered[row] for row in self._order]

    def row(self, text: str) -> int | None:
        """Return the row of the customer with this id; case counts only if it must."""
        for exact in (text, text.strip()):  # an id may itself begin or end with a blank
            if exact in self._rows:
                return self._rows[exact]
        alike = list(islice(self._starting(text.strip().lower(), exact=True), 2))
        return alike[0] if len(alike) == 1 else None

    def suggest(self, text: str, limit: int = MAX_SUGGESTIONS) -> list[str]:
        """Return ids that start with a text, then ids that hold it; else the next in order.

        Nothing for an empty text. An id that is the text itself is not suggested.
        """
        wanted = text.strip().lower()
        if not wanted:
            return []
        inside = (
            row
            for row, name in zip(self._order, self._sorted, strict=True)
            if wanted in name and not name.startswith(wanted)
        )
        rows = chain(self._starting(wanted), inside)
        found = [self.ids[row] for row in islice(rows, limit + 1)]
        if not found:
            place = bisect_left(self._sorted, wanted)
            near = self._order[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]
            found = [self.ids[row] for row in near]
        return [name for name in found if name != text.strip()][:limit]

    def _starting(self, wanted: str, *, exact: bool = False) -> Iterator[int]:
        for place in range(bisect_left(self._sorted, wanted), len(self._sorted)):
            name = self._sorted[place]
            if not (name == wanted if exact else name.startswith(wanted)):
                return
            yield self._order[place]

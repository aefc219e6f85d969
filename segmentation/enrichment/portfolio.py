"""Segments beside each other: who brings the revenue, and by how much they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from segmentation.data.schema import DEPARTMENT_VALUE, hierarchy
from segmentation.enrichment.profiles import SegmentProfile

MOST = 0.5
NOTICEABLE = 0.02  # a difference between two shares below this is not worth a sentence
WEIGHTY = 0.05


@dataclass(frozen=True)
class Totals:
    """Sums over all customers; None where the table has no such column."""

    customers: int
    revenue: float | None
    orders: float | None


def totals(customers: pd.DataFrame) -> Totals:
    """Add up a customer table; revenue is that of all departments if there is no other."""
    names = ["total_revenue"] if "total_revenue" in customers.columns else []
    names = names or [DEPARTMENT_VALUE + n for n in hierarchy(map(str, customers.columns))]
    revenue = float(customers[names].sum().sum()) if names else None
    orders = customers.get("total_purchases")
    return Totals(len(customers), revenue, None if orders is None else float(orders.sum()))


def complete_months(monthly: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return the months of a sales table without a last one that was cut short.

    Parameters
    ----------
    monthly : DataFrame
        Columns month (datetime, its first day) and measures.
    as_of : str
        ISO date to which the data reach; empty if unknown, then every month stays.
    """
    if not as_of:
        return monthly
    ends = monthly["month"] + pd.offsets.MonthEnd(0)
    return monthly[ends <= pd.Timestamp(as_of)]


def has_revenue(profiles: Sequence[SegmentProfile]) -> bool:
    """Return whether revenue can be shared out among the segments."""
    return all(math.isfinite(profile.revenue_share) for profile in profiles)


def by_value(profiles: Sequence[SegmentProfile]) -> list[SegmentProfile]:
    """Return segments with customers, the most revenue first; without revenue, the largest."""
    weights = {p.segment: p.revenue_share if has_revenue(profiles) else p.size for p in profiles}
    found = [profile for profile in profiles if profile.size]
    return sorted(found, key=lambda profile: (-weights[profile.segment], profile.segment))


def leaders(profiles: Sequence[SegmentProfile]) -> list[SegmentProfile]:
    """Return the fewest segments that bring more than half of the revenue.

    Empty if they are not clearly fewer customers than that: then nobody leads.
    """
    if not has_revenue(profiles):
        return []
    found: list[SegmentProfile] = []
    for profile in by_value(profiles):
        found.append(profile)
        if revenue_share(found) > MOST:
            break
    weighty = revenue_share(found) - customer_share(found) >= WEIGHTY
    return found if weighty and len(found) < len(profiles) else []


def above_share(profiles: Sequence[SegmentProfile]) -> list[SegmentProfile]:
    """Return the segments whose share of revenue is noticeably above that of customers."""
    return [p for p in profiles if p.revenue_share - p.percentage / 100 >= NOTICEABLE]


def customer_share(profiles: Sequence[SegmentProfile]) -> float:
    """Return the share of all customers in these segments, 0 to 1."""
    return sum(profile.percentage for profile in profiles) / 100


def revenue_share(profiles: Sequence[SegmentProfile]) -> float:
    """Return the share of all revenue that these segments bring, 0 to 1."""
    return sum(profile.revenue_share for profile in profiles)

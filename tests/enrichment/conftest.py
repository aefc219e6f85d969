"""Customers of the four kinds that the synthetic generator makes, small and in the open."""

import numpy as np
import pandas as pd
import pytest

KINDS = ("VIP Champions", "Loyal Regulars", "Promising Customers", "At-Risk")
# Medians of orders, order value, recency in days, lifetime in months; size.
MEDIANS = {
    "VIP Champions": (36, 135, 10, 36, 60),
    "Loyal Regulars": (20, 72, 25, 28, 120),
    "Promising Customers": (5, 82, 20, 5, 110),
    "At-Risk": (6, 58, 170, 15, 110),
}


def _make(seed: int = 0, scale: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return customers and their kinds (positions in KINDS)."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), [MEDIANS[kind][-1] for kind in KINDS])
    medians = np.array([MEDIANS[kind][:-1] for kind in KINDS])[labels]
    values = medians * rng.lognormal(0, 0.35, medians.shape)
    orders, price, recency, lifetime = values.T
    orders = np.maximum(1, orders.round()).astype(int)
    revenue = (orders * price).round(2) * scale
    shoes = revenue * np.where(labels == 0, 0.6, 0.2)
    return pd.DataFrame(
        {
            "customer_id": [f"{number:05d}" for number in range(len(labels))],
            "total_purchases": orders,
            "total_revenue": revenue,
            "avg_order_value": revenue / orders,
            "recency_days": recency.round().astype(int),
            "frequency_per_month": orders / np.maximum(1, lifetime),
            "customer_lifetime_months": lifetime,
            "return_rate": rng.beta(1, 20, len(labels)),
            "dept_total_value_shoes": shoes,
            "dept_total_value_home": revenue - shoes,
            "class_total_value_shoes_boots": shoes,
            "email": "someone@example.org",
            "true_segment": [KINDS[label] for label in labels],
        }
    ), labels


@pytest.fixture
def make_customers():
    """Return the function (seed, scale) -> (customers, kinds)."""
    return _make


@pytest.fixture
def customers() -> pd.DataFrame:
    return _make()[0]


@pytest.fixture
def labels() -> np.ndarray:
    return _make()[1]

"""A customer table with what is known about its origin."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from segmentation.data.schema import fingerprint


@dataclass(frozen=True, eq=False)
class Dataset:
    """Customers and where they came from.

    Attributes
    ----------
    name : str
        For people: a file name, "Synthetic customers", "Complete Journey supermarket".
    customers : DataFrame of shape (n_customers, n_columns)
        Validated by `segmentation.data.schema.validate_customers`.
    source : str
        "synthetic", "sample" or "file".
    as_of : str
        ISO date to which recency is counted; empty if unknown.
    currency : str
        Sign before amounts, such as "€"; empty if unknown.
    monthly : DataFrame or None
        Columns month (datetime), revenue, orders, customers; None without transactions.
    notes : tuple of str
        What was recognised, left out or assumed while reading.
    """

    name: str
    customers: pd.DataFrame
    source: str
    as_of: str = ""
    currency: str = ""
    monthly: pd.DataFrame | None = None
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the customer table."""
        return fingerprint(self.customers)

    def save(self, directory: Path) -> None:
        """Write the dataset to a directory: JSON and Parquet."""
        directory.mkdir(parents=True, exist_ok=True)
        self.customers.to_parquet(directory / "customers.parquet", index=False)
        if self.monthly is not None:
            self.monthly.to_parquet(directory / "monthly.parquet", index=False)
        facts = {
            "name": self.name,
            "source": self.source,
            "as_of": self.as_of,
            "currency": self.currency,
            "notes": list(self.notes),
        }
        (directory / "dataset.json").write_text(json.dumps(facts), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Dataset:
        """Read a dataset that `save` wrote."""
        facts = json.loads((directory / "dataset.json").read_text(encoding="utf-8"))
        monthly = directory / "monthly.parquet"
        return cls(
            customers=pd.read_parquet(directory / "customers.parquet"),
            monthly=pd.read_parquet(monthly) if monthly.exists() else None,
            notes=tuple(facts.pop("notes")),
            **facts,
        )

"""Customers that many tests share."""

import pandas as pd
import pytest

from segmentation.data.dataset import Dataset
from segmentation.data.generator import RetailDataGenerator


@pytest.fixture(scope="session")
def customers() -> pd.DataFrame:
    return RetailDataGenerator(seed=42).generate_customer_data(300)


@pytest.fixture(scope="session")
def dataset(customers) -> Dataset:
    return Dataset("Synthetic", customers, "synthetic", as_of="2025-01-01", currency="€")

"""Generated customers, all columns."""

from __future__ import annotations

from benchmarks.data import SEED
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians
from segmentation.data.generator import RetailDataGenerator

CUSTOMERS = 1_000_000
MILLION_BAR = 10.0


def run(customers: int, runs: int) -> Report:
    """Measure the generation of customers."""
    RetailDataGenerator(seed=SEED).generate_customer_data(10)

    def generate() -> tuple[int, int]:
        return RetailDataGenerator(seed=SEED).generate_customer_data(customers).shape

    found = medians({"ours": generate}, runs)["ours"]
    allowed = MILLION_BAR * max(customers / CUSTOMERS, 0.01)
    row = Row("customers", found.seconds, quality=f"{found.result[1]} columns")
    bar = Bar(
        f"1,000,000 customers in {MILLION_BAR:g} s",
        f"{found.seconds:.1f} s for {customers:,}",
        found.seconds <= allowed,
    )
    return Report("generator", customers, [row], [bar])

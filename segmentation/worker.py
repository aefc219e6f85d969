"""The process that parses untrusted files and trains: requests in, events out, as JSON lines.

Start it with ``python -m segmentation.worker``. A request is one line on standard input::

    {"id": "7", "task": "fit", "method": "gmm", "parameters": {"n_clusters": 4},
     "data": "<folder of a Dataset>", "out": "<folder for the result>"}
    {"id": "8", "task": "read", "path": "<file>", "name": "till.csv", "as_of": null,
     "out": "<folder for the Dataset>"}
    {"id": "9", "task": "bic", "parameters": {"reg_covar": 0.1}, "data": "<folder of a Dataset>",
     "out": "<folder for the table>"}

Events on standard output carry the request's id: ``progress`` (fraction, message), then one of
``done`` or ``error`` (message). Results travel as files. To cancel, end the process.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pandas as pd

from segmentation.data.dataset import Dataset
from segmentation.data.reader import read_dataset
from segmentation.data.samples import load_supermarket
from segmentation.methods.base import Progress
from segmentation.methods.gmm import GMMCustomerSegmentation
from segmentation.methods.registry import METHODS

logger = logging.getLogger(__name__)
TABLE = "table.parquet"


def fit(request: dict, progress: Progress) -> None:
    """Fit one method to a saved dataset and save the result."""
    dataset = Dataset.load(Path(request["data"]))
    model = METHODS[request["method"]](**request["parameters"])
    model.fit(dataset.customers, progress=progress)
    progress(1.0, "Measuring the result")
    model.result(dataset.customers).save(Path(request["out"]))


def read(request: dict, progress: Progress) -> None:
    """Parse an uploaded file and save it as a dataset."""
    progress(0.1, "Reading the file")
    dataset = read_dataset(
        Path(request["path"]), as_of=request.get("as_of"), name=request.get("name")
    )
    dataset.save(Path(request["out"]))


def sample(request: dict, progress: Progress) -> None:
    """Build the supermarket sample and save it as a dataset."""
    progress(0.1, "Adding up 1.47 million receipt lines")
    load_supermarket().save(Path(request["out"]))


def bic(request: dict, progress: Progress) -> None:
    """Fit mixtures of many sizes and shapes and save the table of their information criteria."""
    dataset = Dataset.load(Path(request["data"]))
    # One quick fit: the table needs no more of it than the scaling.
    model = GMMCustomerSegmentation(**request["parameters"] | {"n_init": 1})
    table = model.fit(dataset.customers).bic_table(dataset.customers, progress=progress)
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    table.to_parquet(out / TABLE, index=False)


def read_table(out: Path) -> pd.DataFrame:
    """Return the table that a task left in its folder."""
    return pd.read_parquet(out / TABLE)


TASKS: dict[str, Callable[[dict, Progress], None]] = {
    "fit": fit,
    "read": read,
    "sample": sample,
    "bic": bic,
}


def handle(request: dict, send: Callable[[dict], None]) -> None:
    """Carry out one request and send its events."""
    job = request["id"]

    def progress(fraction: float, message: str) -> None:
        send({"id": job, "event": "progress", "fraction": fraction, "message": message})

    try:
        TASKS[request["task"]](request, progress)
    except ValueError as error:
        send({"id": job, "event": "error", "message": str(error)})
    except Exception:  # noqa: BLE001  the worker must outlive any request
        # The log gets the place but not the words of the error: they may quote cell values.
        kind, _, trace = sys.exc_info()
        places = []
        while trace is not None:
            places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        logger.error("%s at %s", kind.__name__ if kind else "error", " > ".join(places))
        message = "This did not work, for a reason the program did not foresee. Try other settings."
        send({"id": job, "event": "error", "message": message})
    else:
        send({"id": job, "event": "done"})


def serve(requests: TextIO, events: TextIO) -> None:
    """Handle requests until the input ends."""

    def send(event: dict) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    send({"id": "", "event": "ready"})
    for line in requests:
        handle(json.loads(line), send)


def main() -> None:
    """Serve standard input and output; what libraries print goes to the log instead."""
    logging.basicConfig(level=logging.WARNING)
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, events)


if __name__ == "__main__":
    main()

"""Seconds and memory, measured alike for ours and for every peer."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

ROOT = Path(__file__).parents[1]
T = TypeVar("T")


@dataclass(frozen=True)
class Timed(Generic[T]):
    """Median seconds of several calls, and what the last call returned."""

    seconds: float
    result: T


def seconds_of(task: Callable[[], T]) -> Timed[T]:
    """Return the seconds of one call and its result."""
    started = time.perf_counter()
    result = task()
    return Timed(time.perf_counter() - started, result)


def medians(tasks: Mapping[str, Callable[[], T]], runs: int) -> dict[str, Timed[T]]:
    """Call every task `runs` times, in turns so that all see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    results: dict[str, T] = {}
    for _ in range(runs):
        for name, task in tasks.items():
            results.pop(name, None)
            timed = seconds_of(task)
            seconds[name].append(timed.seconds)
            results[name] = timed.result
    return {name: Timed(statistics.median(seconds[name]), results[name]) for name in tasks}


def in_fresh_process(
    call: str, *arguments: object, prefix: str = "", **environment: str
) -> dict[str, float]:
    """Run `benchmarks.<module>.<function>(*arguments)` in a process of its own.

    Parameters
    ----------
    call : str
        Such as "memory.fit".
    *arguments : values that JSON knows
    prefix : str
        Shell command before it, such as "ulimit -v 1000".
    **environment : str
        Variables to set.

    Returns
    -------
    dict
        What the function returns.
    """
    module, function = call.split(".")
    code = (
        f"import json, sys; from benchmarks import {module} as m; "
        f"print(json.dumps(m.{function}(*json.loads(sys.argv[1]))))"
    )
    shell = f'{prefix}; exec "$@"' if prefix else 'exec "$@"'
    command = ["bash", "-c", shell, "-", sys.executable, "-c", code, json.dumps(arguments)]
    answer = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise RuntimeError(f"{call} failed ({answer.returncode}):\n{answer.stderr[-2_000:]}")
    return json.loads(answer.stdout.splitlines()[-1])


def status(field: str) -> float:
    """Return a field of /proc/self/status, such as "VmHWM", in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def extra_memory(task: Callable[[], T]) -> tuple[float, T]:
    """Return the MB that a call needed at its peak beyond those in use before, and its result.

    `ru_maxrss` cannot be reset, and reading the data may have set it; Linux's VmHWM can.
    """
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS")
    result = task()
    return status("VmHWM") - before, result

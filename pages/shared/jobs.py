"""Long work in a worker process: start, progress, cancel, result.

One worker process serves all sessions, one job at a time: a training uses all cores anyway. Every
session sees its own jobs only.
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from segmentation.data.dataset import Dataset

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
_JOBS = "jobs"


@dataclass(eq=False)
class Job:
    """One piece of long work and how far it is."""

    label: str
    request: dict
    folder: Path
    dataset: Dataset | None = None
    status: str = "queued"  # then running, and one of done, failed, cancelled
    fraction: float = 0.0
    message: str = ""
    started: float = field(default_factory=time.monotonic)
    ahead: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {"done", "failed", "cancelled"}

    @property
    def inputs(self) -> Path:
        """Folder of what the work is done on; removed when it ends."""
        return self.folder / "in"

    @property
    def out(self) -> Path:
        """Folder of the outcome."""
        return self.folder / "out"

    @property
    def status_text(self) -> str:
        """Where the work is, in words."""
        if self.status == "queued":
            return f"waiting, {self.ahead} ahead" if self.ahead else "waiting"
        left = ""
        if 0.05 < self.fraction < 1:
            passed = time.monotonic() - self.started
            left = f", {passed * (1 - self.fraction) / self.fraction:.0f} s left"
        return f"{self.message or 'starting'}{left}"


class Worker:
    """Owner of the worker process and of the queue before it."""

    def __init__(self) -> None:
        self._queue: deque[Job] = deque()
        self._change = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._current: Job | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="segmentation-")
        threading.Thread(target=self._run, daemon=True).start()

    def submit(
        self,
        label: str,
        request: dict,
        dataset: Dataset | None = None,
        upload: tuple[str, bytes] | None = None,
    ) -> Job:
        """Put a request in the queue; a dataset or an upload is handed over as files."""
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        job = Job(label, request, folder, dataset)
        # A session that ends forgets its jobs without a word; their files go with them.
        weakref.finalize(job, shutil.rmtree, folder, ignore_errors=True)
        if upload is not None:
            name, content = upload
            job.inputs.mkdir()
            path = job.inputs / name
            path.write_bytes(content)
            job.request = request | {"path": str(path)}
        with self._change:
            self._queue.append(job)
            self._count()
            self._change.notify()
        return job

    def cancel(self, job: Job) -> None:
        """Drop a job; a running one ends with its process, which starts anew for the next."""
        with self._change:
            if job.finished:
                return
            job.status = "cancelled"
            if job in self._queue:
                self._queue.remove(job)
            self._count()
            if job is self._current and self._process is not None:
                # Forgotten at once: a killed process still looks alive to whoever asks too soon.
                self._process.kill()
                self._process = None

    def _count(self) -> None:
        busy = self._current is not None and not self._current.finished
        for position, job in enumerate(self._queue):
            job.ahead = position + busy

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._queue)
                job = self._current = self._queue.popleft()
                job.status, job.started = "running", time.monotonic()
                self._count()
            try:
                self._carry_out(job)
            except Exception as error:  # noqa: BLE001  the queue must outlive any job
                # Only the kind: the words may quote cells of the data.
                logger.error("A job ended with %s", type(error).__name__)
                self._give_up(job, "The worker process could not do this work.")
            shutil.rmtree(job.inputs, ignore_errors=True)
            with self._change:
                self._current = None
                self._count()
            del job  # or its files would wait for the next job

    def _carry_out(self, job: Job) -> None:
        request = job.request | {"id": "job", "out": str(job.out)}
        if job.dataset is not None:
            job.dataset.save(job.inputs)
            request["data"] = str(job.inputs)
        with self._change:
            if job.finished:
                return
            process = self._started()
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and not job.finished:
                job.fraction, job.message = event["fraction"], event["message"]
            elif event["event"] == "done":
                return self._finish(job, "done", "")
            elif event["event"] == "error":
                return self._finish(job, "failed", event["message"])
        self._give_up(job, "The worker process ended unexpectedly, perhaps for lack of memory.")

    def _give_up(self, job: Job, message: str) -> None:
        """Let a job fail and its process go: nobody knows what it would answer next."""
        with self._change:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        self._finish(job, "failed", message)

    def _finish(self, job: Job, status: str, message: str) -> None:
        with self._change:
            if not job.finished:
                job.status, job.message = status, message

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "segmentation.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=ROOT,
            )
        return self._process


@st.cache_resource(show_spinner=False)
def _worker() -> Worker:
    return Worker()


def _mine() -> dict[str, Job]:
    return st.session_state.setdefault(_JOBS, {})


def start(
    slot: str,
    label: str,
    request: dict,
    dataset: Dataset | None = None,
    upload: tuple[str, bytes] | None = None,
) -> None:
    """Start work under a name of this session; work running under that name is cancelled.

    `upload` is a safe file name with the content; the worker finds its path in the request.
    """
    cancel(slot)
    _mine()[slot] = _worker().submit(label, request, dataset, upload)


def get(slot: str) -> Job | None:
    """Return the job of that name, if there is one."""
    return _mine().get(slot)


def active() -> list[Job]:
    """Return this session's unfinished jobs."""
    return [job for job in _mine().values() if not job.finished]


def cancel(slot: str) -> None:
    """Cancel and forget the job of that name."""
    job = _mine().pop(slot, None)
    if job is not None:
        _worker().cancel(job)
        shutil.rmtree(job.folder, ignore_errors=True)


def cancel_all(but: str) -> None:
    """Cancel and forget all jobs of this session but one."""
    for slot in [slot for slot in _mine() if slot != but]:
        cancel(slot)


def take_finished(slots: Iterable[str]) -> dict[str, Job]:
    """Return the jobs of those names that are done, and forget them.

    Call `discard` after loading the outcome.
    """
    done = {slot: job for slot in slots if (job := get(slot)) and job.status == "done"}
    for slot in done:
        del _mine()[slot]
    return done


def discard(job: Job) -> None:
    """Remove the files of a job."""
    shutil.rmtree(job.folder, ignore_errors=True)

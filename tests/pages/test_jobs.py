"""The queue before the worker process must outlive any job."""

import gc
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from pages.shared import jobs
from pages.shared.jobs import Job, Worker

ECHO = """
import json, sys, time
for line in sys.stdin:
    task = json.loads(line)["task"]
    if task == "slow":
        print(json.dumps({"event": "progress", "fraction": 0.5, "message": "half"}), flush=True)
        time.sleep(60)
    if task == "die":
        sys.exit(1)
    print("half a li" if task == "garbage" else json.dumps({"event": "done"}), flush=True)
"""


@pytest.fixture
def worker(monkeypatch) -> Worker:
    popen = subprocess.Popen

    class SlowToDie(popen):
        def poll(self):
            return None  # as just after a kill, when the system has not yet ended the process

    def start(command, **settings):
        return SlowToDie([sys.executable, "-c", ECHO], **settings)

    monkeypatch.setattr(jobs, "subprocess", SimpleNamespace(Popen=start, PIPE=subprocess.PIPE))
    return Worker()


def wait(job: Job, status: str) -> None:
    end = time.monotonic() + 20
    while job.status != status and not (job.finished or time.monotonic() > end):
        time.sleep(0.01)
    assert job.status == status, job.message


@pytest.mark.parametrize("task", ["garbage", "die"])
def test_the_next_job_runs_after_one_that_breaks_the_process(worker, task):
    broken, following = worker.submit("a", {"task": task}), worker.submit("b", {"task": "quick"})
    wait(broken, "failed")
    assert "worker process" in broken.message
    wait(following, "done")


def test_the_next_job_runs_after_one_whose_data_cannot_be_saved(worker, caplog):
    def save(folder):
        raise ValueError("cannot save anna@example.com")

    broken = worker.submit("a", {"task": "quick"}, SimpleNamespace(save=save))
    following = worker.submit("b", {"task": "quick"})
    wait(broken, "failed")
    wait(following, "done")
    assert "ValueError" in caplog.text
    assert "anna@example.com" not in caplog.text + broken.message


def test_a_cancelled_job_does_not_take_the_next_one_with_it(worker):
    slow = worker.submit("a", {"task": "slow"})
    while slow.fraction == 0:
        time.sleep(0.01)
    following = worker.submit("b", {"task": "quick"})
    worker.cancel(slow)
    wait(following, "done")
    assert slow.status == "cancelled"


def test_a_job_cancelled_before_its_process_hears_of_it_leaves_the_next_one_alone(worker):
    wait(worker.submit("a", {"task": "quick"}), "done")  # the process is warm now
    saving, go_on = threading.Event(), threading.Event()

    def save(folder):
        saving.set()
        go_on.wait(20)

    slow = worker.submit("b", {"task": "quick"}, SimpleNamespace(save=save))
    following = worker.submit("c", {"task": "quick"})
    assert saving.wait(20)
    worker.cancel(slow)
    go_on.set()
    wait(following, "done")


def test_files_go_with_a_job_that_its_session_forgets(worker):
    job = worker.submit("a", {"task": "quick"}, upload=("a.csv", b"x"))
    wait(job, "done")
    folder = job.folder
    assert folder.exists()
    del job
    end = time.monotonic() + 5
    while folder.exists() and time.monotonic() < end:
        gc.collect()
        time.sleep(0.01)
    assert not folder.exists()

"""One task per stage: the stage runner does the work, and its exit code decides what happens to the message."""

import json
import multiprocessing
import os
import subprocess
from itertools import chain, repeat
from typing import Any

from celery.exceptions import Reject

from . import app

OK, DATA, TEMPORARY = 0, 65, 75  # exit codes of the stage runner; any other one is a crash
CRASH_PAUSE = 5.0  # seconds: a broken worker must not use up a message's deliveries at once
BACK_OFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between attempts while a service is down; the last one repeats
# Set when the worker begins to stop. Created before the pool forks, so that the pool's processes see it too.
stopping = multiprocessing.Event()


def run_stage(*args: Any, **kwargs: Any) -> None:
    # Only the stage runner validates messages, so pass on unexpected arguments too.
    message = json.dumps(args[0] if len(args) == 1 and not kwargs else {"args": args, "kwargs": kwargs})
    pauses = chain(BACK_OFF, repeat(BACK_OFF[-1]))
    while (code := _stage_runner(message)) == TEMPORARY:
        if stopping.wait(next(pauses)):
            raise Reject("the worker stops while a service is down", requeue=True)
    if code == DATA:
        raise Reject("the stage runner rejects the message", requeue=False)
    if code != OK:
        stopping.wait(CRASH_PAUSE)
        raise Reject(f"the stage runner ended with {code}", requeue=True)


for stage in ("discover_next_phase", "submit_codex_job", "apply_and_publish"):
    app.task(run_stage, name=f"spec_workflow_runs.{stage}")


def _stage_runner(message: str) -> int:
    program = os.environ.get("FLEET_STAGE_RUNNER", "/opt/fleet/runtime/stage.js")
    # Start a new session, so that a signal for the worker does not end the stage.
    return subprocess.run(["node", program], check=False, input=message, text=True, start_new_session=True).returncode

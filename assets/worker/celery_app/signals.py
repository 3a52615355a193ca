"""Signal handlers of the worker: a last check before it consumes, JSON log lines, and the stop of waiting tasks."""

import json
import logging
import os
import subprocess
from typing import Any

from celery.signals import after_setup_logger, after_setup_task_logger, worker_init, worker_shutting_down

from . import app, tasks
from .consumer import ConsumingFile

app.steps["consumer"].add(ConsumingFile)


@worker_init.connect
def refuse_to_start_when_a_check_fails(**_: Any) -> None:
    program = os.environ.get("FLEET_PREFLIGHT", "/opt/fleet/runtime/preflight.js")
    code = subprocess.run(["node", program, "--cheap"], check=False, stdin=subprocess.DEVNULL).returncode
    if code != 0:
        # Celery ignores any other exception here and starts to consume.
        raise SystemExit(code)


@worker_shutting_down.connect
def stop_waiting(**_: Any) -> None:
    tasks.stopping.set()


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "time": int(record.created * 1000), "name": "celery"}
        return json.dumps({**line, "msg": super().format(record)})


@after_setup_logger.connect
@after_setup_task_logger.connect
def write_json_lines(logger: logging.Logger, **_: Any) -> None:
    for handler in logger.handlers:
        handler.setFormatter(JsonLines())

"""The consumer. It declares nothing, rejects messages it cannot read, and touches a file while it is alive."""

import os
from pathlib import Path
from typing import Any, ClassVar

from celery.bootsteps import StartStopStep
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer


class PassiveConsumer(Consumer):
    """Celery's consumer without delayed delivery, which would declare 28 queues of its own for quorum queues."""

    class Blueprint(Consumer.Blueprint):
        default_steps: ClassVar = [step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step]

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        # Celery would acknowledge, and so lose, a message it cannot read.
        message.reject_log_error(get_logger(__name__), self.connection_errors)


class ConsumingFile(StartStopStep):
    """Touches `consumers/<queue>` every two seconds while the queue is consumed."""

    requires: ClassVar = {"celery.worker.consumer.tasks:Tasks"}

    def start(self, consumer: Any) -> None:
        directory = Path(os.environ.get("FLEET_STATE_DIRECTORY", "/run/fleet"), "consumers")
        directory.mkdir(parents=True, exist_ok=True)
        self.files = [directory / name for name in consumer.app.amqp.queues.consume_from]
        self.touch()
        self.timer = consumer.timer.call_repeatedly(2.0, self.touch)

    def stop(self, _: Any) -> None:
        self.timer.cancel()
        for file in self.files:
            file.unlink(missing_ok=True)

    def touch(self) -> None:
        for file in self.files:
            file.touch()

"""Celery settings. They declare no queue: the broker's definitions do, and the worker's user has no right to."""

import os
from pathlib import Path
from urllib.parse import quote, urlsplit

from kombu import Exchange, Queue


def _variable(name: str, default: str, *aliases: str) -> str:
    return next((os.environ[key] for key in (name, *aliases) if key in os.environ), default)


def _password() -> str:
    if "RABBITMQ_PASSWORD" in os.environ:
        return os.environ["RABBITMQ_PASSWORD"]
    file = _variable("RABBITMQ_PASSWORD_FILE", "/run/secrets/rabbitmq_password")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SystemExit(f"{file} cannot be read ({error.strerror}): mount it or set RABBITMQ_PASSWORD_FILE") from None


def _broker_url() -> str:
    url = urlsplit(_variable("CELERY_BROKER_URL", "amqp://rabbitmq:5672//"))
    login = f"{quote(_variable('RABBITMQ_USER', 'worker'), safe='')}:{quote(_password(), safe='')}"
    return url._replace(netloc=f"{login}@{url.netloc.rpartition('@')[2]}").geturl()


def _queue(name: str) -> Queue:
    # With this argument Celery knows that it is a quorum queue and limits prefetch per consumer; quorum queues refuse a
    # limit per channel.
    return Queue(name, _exchange, routing_key=name, no_declare=True, queue_arguments={"x-queue-type": "quorum"})


_exchange = Exchange(_variable("CELERY_DEFAULT_EXCHANGE", "speckit"), type="topic", no_declare=True)

# Do not set broker_url: Celery would replace it by the variable CELERY_BROKER_URL, which has no credentials.
broker_read_url = broker_write_url = _broker_url()
broker_heartbeat = 20
broker_connection_max_retries = None

task_default_exchange = _exchange.name
task_default_queue = _variable("CELERY_DEFAULT_QUEUE", "speckit")
task_queues = [
    _queue(task_default_queue),
    _queue(_variable("SPEC_WORKFLOW_CODEX_QUEUE", "codex", "CODEX_QUEUE")),
    _queue(_variable("GEMINI_CELERY_QUEUE", "gemini")),
]
task_create_missing_queues = False
task_ignore_result = True

# Celery acknowledges a message when its stage is done and rejects it after an unexpected error.
task_acks_late = True
task_reject_on_worker_lost = True
task_acks_on_failure_or_timeout = False
worker_prefetch_multiplier = 1
worker_detect_quorum_queues = True
# A stage goes on when the connection to the broker breaks; its lease prevents a second run by the redelivered message.
worker_cancel_long_running_tasks_on_connection_loss = False

worker_consumer = "celery_app.consumer:PassiveConsumer"
worker_enable_remote_control = False
worker_send_task_events = False

"""The fleet's Celery application: the stage runner handles each message, its exit code decides the broker's answer."""

from celery import Celery

from . import settings

app = Celery("codex-fleet", include=["celery_app.tasks", "celery_app.signals"])
app.config_from_object(settings)

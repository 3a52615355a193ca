"""The fleet's Celery application: it hands each message to the stage runner and answers the broker with its verdict."""

from celery import Celery

from . import settings

app = Celery("codex-fleet", include=["celery_app.tasks", "celery_app.signals"])
app.config_from_object(settings)

"""The intake as it is, with a spool of its own: what the measurement of it under load serves."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings

django.setup()
settings.DATA_DIR = Path(os.environ["CHAOS_FOLDER"])

from config.intake import application

__all__ = ["application"]

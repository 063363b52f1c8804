"""The dashboard with the intake in front of it, in a chaos run."""

from tests.chaos import pace

pace.prepare()

from config.wsgi import application

__all__ = ["application"]

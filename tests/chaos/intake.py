"""The intake as a process of its own, in a chaos run."""

from tests.chaos import pace

pace.prepare()

from config.intake import application

__all__ = ["application"]

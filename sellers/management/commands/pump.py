"""Run the pump until SIGTERM or Ctrl-C."""

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from sellers.queue.pumping import Pump


class Command(BaseCommand):
    help = "Listen for asked work and wake the workers; refresh tokens; watch over leases. Run one; a second stands by."

    def handle(self, *args: Any, **options: Any) -> None:
        pump = Pump()

        def stop(number: int, frame: FrameType | None) -> None:
            pump.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write("The pump runs.")
        pump.run()
        pump.finish()

"""One life of the shop: what can happen to it, in words that the machine puts into any order."""

from __future__ import annotations

from sellers.models import Work
from sellers.queue import work
from tests.faults import processes
from tests.machine.outside import Outside
from tests.machine.staff import Staff
from tests.machine.workers import Workers

TRANSIENT = ("ServerError", "BadResponse", "TimedOut", "ConnectFailed", "ConnectionLost", "Conflict", "lease_expired")


class Life(Outside, Workers, Staff):
    """Everybody."""

    def comes_to_rest(self, *, with_nets: bool) -> None:
        """Faults end, what was told arrives, workers do the rest; without nets nobody looks again by himself."""
        self.world.faults.clear()
        self.world.drop_notifications(0)
        self.deliver_all()
        if with_nets:
            self.stage.was_equal_for_an_hour()
            self.poll()
            self.read_missed()
            self.look_around()
        for _ in range(4):
            self.time_passes()
            self.tick()
            self._staff_tries_again()
            processes.time_passes()
            processes.work_off()
            self.deliver_all()

    def _staff_tries_again(self) -> None:
        """What failed because Mercado Libre had trouble for long, or workers died at it again and again."""
        dead = Work.objects.filter(state="dead", last_error_class__in=TRANSIENT)
        work.retry(dead.values_list("pk", flat=True))

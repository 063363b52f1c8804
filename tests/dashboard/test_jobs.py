"""Jobs: progress that moves, stop, go on."""

import pytest

from dashboard import jobs
from sellers.models import Job, Work
from ui.stored import told


@pytest.fixture
def running(shop):
    return shop.job()


def test_the_list_narrows_by_state(viewer, shop, running):
    shop.job(state="failed", title="Broken")

    found = [row.record.title for row in viewer.get("/jobs/?state=failed").context["page"].object_list]

    assert found == ["Broken"]


def test_a_running_job_reads_itself_again(viewer, running):
    whole = viewer.get(f"/jobs/{running.pk}/").content.decode()
    part = viewer.get(f"/jobs/{running.pk}/", headers={"HX-Request": "true", "HX-Target": "job"}).content.decode()

    assert 'hx-trigger="load delay:1s"' in whole
    assert part.strip().startswith('<div id="job"')
    assert "640" in part


def test_a_finished_job_stands_still(viewer, shop):
    done = shop.job(state="done", done=1000)

    assert "load delay" not in viewer.get(f"/jobs/{done.pk}/").content.decode()


def test_cancel_asks_and_names_who_did(operator, running):
    operator.post(f"/jobs/{running.pk}/cancel/")

    running.refresh_from_db()
    assert running.cancel_requested
    assert told(running.message) == "a-operator asked it to stop."


def test_a_job_that_is_over_is_not_cancelled(operator, shop):
    done = shop.job(state="done")

    operator.post(f"/jobs/{done.pk}/cancel/")

    assert not Job.objects.get(pk=done.pk).cancel_requested


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_stopped_job_goes_on_from_where_it_stopped(operator, shop, state):
    stopped = shop.job(state=state, cancel_requested=True, checkpoint={"after": 7}, finished_at=shop.now)
    shop.work(None, "job", str(stopped.pk), state="dead" if state == "failed" else "idle", last_error_at=shop.now)

    operator.post(f"/jobs/{stopped.pk}/resume/")

    stopped.refresh_from_db()
    assert (stopped.state, stopped.cancel_requested, stopped.checkpoint) == ("queued", False, {"after": 7})
    assert stopped.finished_at is None
    assert Work.objects.get(kind="job").state == "ready"


def test_a_running_job_is_not_started_twice(operator, running):
    assert jobs.resume(running, by=operator.user) is False
    assert not Work.objects.exists()


def test_a_failed_job_says_why(viewer, shop):
    failed = shop.job(state="failed", message="Row 14 is <b>not</b> a number.")

    body = viewer.get(f"/jobs/{failed.pk}/").content.decode()

    assert "Row 14 is &lt;b&gt;not&lt;/b&gt; a number." in body

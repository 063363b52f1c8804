"""The list of times in which calls were held back: since when, until when, why, how it ended."""

import pytest

from dashboard.queries import held_back
from sellers.brakes import breakers
from sellers.models import Breaker


def moment(scope, state, at):
    """The breaker went into a state at a time."""
    event = Breaker.pgh_event_model.objects.filter(pgh_obj=scope, state=state).latest("pgh_id")
    type(event).objects.filter(pk=event.pk).update(pgh_created_at=at)


@pytest.fixture
def casa(shop):
    return shop.seller("CASA", mode="live")


def outage(scope, words="GET /items/MLA1 503", *, probes=1, ends=True):
    """Calls are held back, some single calls are tried, the last of which is answered."""
    breakers.open_one(scope, words)
    for number in range(probes):
        Breaker.objects.filter(pk=scope).update(probe_at="2000-01-01T00:00:00Z")
        breakers.take_probes(oauth=scope == breakers.OAUTH)
        breakers.probed(scope, good=ends and number == probes - 1)


def test_an_outage_is_one_row_with_its_end_and_what_was_tried(shop, casa):
    scope = breakers.scope_of(casa.pk)
    outage(scope, probes=3)
    outage(scope, "GET /orders/search no answer", probes=1, ends=False)

    later, first = held_back.rows().order_by("-pgh_id")

    assert (first.words, first.tried, first.ended_at is not None) == ("GET /items/MLA1 503", 3, True)
    assert (later.words, later.ended_at) == ("GET /orders/search no answer", None)
    assert first.pgh_obj.account == casa


def test_the_page_says_since_when_until_when_why_and_how_it_ended(viewer, shop, casa):
    scope = breakers.scope_of(casa.pk)
    outage(scope, probes=3)
    moment(scope, "closed", shop.now)
    Breaker.pgh_event_model.objects.filter(state="open").update(pgh_created_at=shop.ago(minutes=12))

    body = viewer.get("/sellers/held-back/").content.decode()

    for words in (
        "CASA",
        "Other sellers went on",
        "GET /items/MLA1 503",
        "after 12 min",
        "3 calls were tried; the last",
    ):
        assert words in body, words


@pytest.mark.parametrize(
    ("probes", "ends", "words"),
    [
        (0, False, "No call was tried yet"),
        (1, False, "1 call was tried, without an answer."),
        (2, False, "2 calls were tried, without an answer."),
        (1, True, "The first call that was tried was answered."),
        (2, True, "2 calls were tried; the last one was answered."),
    ],
)
def test_how_it_ended_or_has_not_yet(viewer, casa, probes, ends, words):
    outage(breakers.scope_of(casa.pk), probes=probes, ends=ends)

    body = viewer.get("/sellers/held-back/").content.decode()

    assert words in body
    assert ("Still held back" in body) is not ends


def test_a_seller_s_list_has_its_own_and_those_of_all(viewer, shop, casa):
    other = shop.seller("OTRA")
    for scope in (breakers.scope_of(casa.pk), breakers.scope_of(other.pk), breakers.ML, breakers.OAUTH):
        outage(scope)

    def shown(address):
        return [row.record.pgh_obj_id for row in viewer.get(address).context["table"].rows]

    assert shown("/sellers/held-back/") == ["oauth", "ml", f"seller:{other.pk}", f"seller:{casa.pk}"]
    assert shown(f"/sellers/held-back/?seller={casa.pk}") == ["ml", f"seller:{casa.pk}"]
    assert "No calls were made for any seller" in viewer.get("/sellers/held-back/").content.decode()


def test_it_is_found_from_the_sellers_and_the_seller(viewer, casa):
    assert 'href="/sellers/held-back/"' in viewer.get("/sellers/").content.decode()
    assert f'href="/sellers/held-back/?seller={casa.pk}"' in viewer.get(f"/sellers/{casa.pk}/").content.decode()

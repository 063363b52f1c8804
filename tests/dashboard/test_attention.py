"""What needs attention, and in which order: the decision's table."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from dashboard.attention import Fact, decide, renewal_is_late
from dashboard.attention_rules import RULES, Kind

NOW = datetime(2026, 11, 21, 10, 42, tzinfo=UTC)


def ago(**length):
    return NOW - timedelta(**length)


def kinds(*facts):
    return [item.kind for item in decide(facts, NOW)]


def test_nothing_counted_is_nothing_shown():
    assert decide([], NOW) == []
    assert decide([Fact(kind, count=0) for kind in Kind], NOW) == []


OF_EVERYTHING = {Kind.INSTALLATION, Kind.ML_DOWN, Kind.TOKENS_DOWN, Kind.STOPPED}


@pytest.mark.parametrize("kind", sorted(set(Kind) - OF_EVERYTHING))
def test_every_kind_has_a_sentence_with_its_number_or_its_name(kind):
    one, many = (decide([Fact(kind, count=count, who="TIENDA")], NOW)[0] for count in (1, 7))

    assert "TIENDA" in one.sentence or "1" in one.sentence
    assert "TIENDA" in many.sentence or "7" in many.sentence
    assert "%(" not in one.sentence + many.sentence
    assert one.todo


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_leads_to_a_page_that_exists(kind):
    rule = RULES[kind]
    if kind is Kind.PROCESS:
        assert rule.url_name == ""
    else:
        of_one = rule.url_name in ("dashboard:seller", "inventory:stores", "inventory:mass_zero")
        assert reverse(rule.url_name, args=[1] if of_one else []).startswith("/")


def test_what_does_harm_already_comes_first_by_how_bad_it_is():
    facts = [
        Fact(Kind.UNLINKED_ORDERS, since=ago(hours=3)),
        Fact(Kind.OVERSOLD),
        Fact(Kind.RECONNECT, since=ago(minutes=1), who="SUR"),
        Fact(Kind.PROCESS, since=ago(minutes=2), who="pump"),
    ]

    assert kinds(*facts) == [Kind.PROCESS, Kind.RECONNECT, Kind.OVERSOLD, Kind.UNLINKED_ORDERS]


def test_what_will_do_harm_follows_the_soonest_first():
    facts = [
        Fact(Kind.BELOW_FLOOR, since=ago(minutes=1)),  # in a day
        Fact(Kind.UNLINKED_ORDERS, since=ago(minutes=1)),  # in 29 minutes
        Fact(Kind.TOKEN, harm_at=NOW + timedelta(minutes=8), who="SUR"),  # in 8 minutes
        Fact(Kind.DRIFT, since=ago(minutes=45)),  # since 15 minutes
    ]

    assert kinds(*facts) == [Kind.DRIFT, Kind.TOKEN, Kind.UNLINKED_ORDERS, Kind.BELOW_FLOOR]


def test_of_two_alike_the_older_comes_first():
    old, new = Fact(Kind.RECONNECT, since=ago(hours=9), who="OLD"), Fact(Kind.RECONNECT, since=ago(hours=1), who="NEW")

    assert [item.sentence.split()[0] for item in decide([new, old], NOW)] == ["OLD", "NEW"]


def test_a_fact_narrows_its_rules_list():
    (item,) = decide([Fact(Kind.PUSHES_REFUSED, count=3, query={"kind": "price"}, words="no")], NOW)

    assert item.query == {"tab": "failed", "kind": "price"}
    assert item.words == "no"


@pytest.mark.parametrize(
    ("life", "left", "late"),
    [
        (timedelta(hours=6), timedelta(minutes=16), False),
        (timedelta(hours=6), timedelta(minutes=14), True),
        (timedelta(hours=6), timedelta(minutes=-5), True),
        (timedelta(seconds=60), timedelta(seconds=20), False),  # short lives are renewed late
        (timedelta(seconds=60), timedelta(seconds=5), True),
    ],
)
def test_a_renewal_is_late_near_the_end(life, left, late):
    assert renewal_is_late(obtained_at=NOW + left - life, expires_at=NOW + left, now=NOW) is late

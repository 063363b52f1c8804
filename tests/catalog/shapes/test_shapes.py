"""What became of a listing, and what is done about it: the tables."""

import pytest

from catalog.shapes.shapes import RULES, Kind, Proposal, Rule, Shape, changes, rule_of

PLAIN = Shape({0: "MLAU1"}, "cross_docking")
COLOURS = Shape({11: "MLAU1", 12: "MLAU2"}, "cross_docking")
KIT = Shape({0: "MLAU1"}, "cross_docking", is_kit=True)


@pytest.mark.parametrize(
    ("before", "after", "linked", "kinds"),
    [
        (PLAIN, PLAIN, {0}, []),
        (COLOURS, COLOURS, {11, 12}, []),
        # Its variations become listings, while ML does it and afterwards.
        (COLOURS, Shape(COLOURS.units, "cross_docking", is_migrating=True), {11}, ["migrated"]),
        (Shape(COLOURS.units, "", is_migrating=True), Shape({0: "MLAU1"}, "", is_migrating=True), {11}, []),
        # The item in the place of its variations, and the other way round.
        (COLOURS, PLAIN, {11}, ["flattened"]),
        (PLAIN, COLOURS, {0}, ["flattened"]),
        # Some go, some stay; or others come in their place.
        (COLOURS, Shape({11: "MLAU1"}, "cross_docking"), {11, 12}, ["variations_gone"]),
        (COLOURS, Shape({21: "MLAU3", 22: "MLAU4"}, "cross_docking"), {11}, ["variations_gone"]),
        (COLOURS, Shape({11: "MLAU1"}, "cross_docking"), {11}, []),  # the one that went was never linked
        (COLOURS, Shape({11: "MLAU1", 12: "MLAU2", 13: ""}, "cross_docking"), {11, 12}, []),  # one more is no loss
        (PLAIN, KIT, {0}, ["became_kit"]),
        (KIT, PLAIN, {0}, ["kit_ended"]),
        (PLAIN, Shape({0: "MLAU1"}, "fulfillment"), {0}, ["logistics"]),
        (Shape({0: "MLAU1"}, "fulfillment"), Shape({0: "MLAU1"}, ""), {0}, ["logistics"]),
        (Shape({0: "MLAU1"}, ""), PLAIN, {0}, []),  # it was not known before
        (PLAIN, Shape({0: "MLAU9"}, "cross_docking"), {0}, ["regrouped"]),
        (Shape({0: ""}, "cross_docking"), PLAIN, {0}, []),  # user products came
        (COLOURS, Shape({11: "MLAU9", 12: "MLAU2"}, "cross_docking"), {12}, []),
        (COLOURS, Shape({0: "MLAU1"}, "fulfillment", is_kit=True), {11}, ["flattened", "became_kit", "logistics"]),
        # Nothing is ever written to what is not linked.
        (COLOURS, PLAIN, set(), []),
        (PLAIN, KIT, set(), []),
    ],
)
def test_what_became_of_a_listing(before, after, linked, kinds):
    assert [str(one.kind) for one in changes(before, after, linked=linked)] == kinds


def test_the_facts_of_a_change_are_told():
    (found,) = changes(COLOURS, Shape({11: "MLAU1"}, "cross_docking"), linked={11, 12})

    assert (found.before, found.after) == ({"units": [11, 12], "gone": [12]}, {"units": [11]})


@pytest.mark.parametrize(
    ("kind", "freezes", "needs_person", "proposal"),
    [
        ("migrated", True, True, "move"),
        ("flattened", True, True, "move"),
        ("variations_gone", False, True, "move"),
        ("relisted", True, True, "move"),
        ("became_kit", True, True, "unlink"),
        ("kit_ended", True, True, "look"),
        ("logistics", False, False, "none"),
        ("regrouped", False, False, "none"),
    ],
)
def test_what_is_done_about_each(kind, freezes, needs_person, proposal):
    assert rule_of(kind) == Rule(freezes, needs_person, Proposal(proposal))


def test_every_kind_has_a_rule_and_what_freezes_has_somebody_who_ends_it():
    assert set(RULES) == set(Kind)
    assert all(rule.needs_person for rule in RULES.values() if rule.freezes)
    assert all((rule.proposal is Proposal.NONE) is not rule.needs_person for rule in RULES.values())

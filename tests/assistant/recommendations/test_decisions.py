"""What people decide of a recommendation is kept and shown again."""

from assistant.recommendations.decisions import Decision, Decisions, recommendation_id


def test_the_last_decision_counts(tmp_path):
    decisions = Decisions(tmp_path / "catalog")
    assert decisions.latest() == {}
    decisions.add(Decision("a", "accepted", by="Mara"))
    decisions.add(Decision("b", "rejected", "zu teuer"))
    kept = decisions.add(Decision("a", "rejected"))
    latest = decisions.latest()
    assert list(latest) == ["a", "b"]
    assert latest["a"] == kept
    assert kept.at.startswith("20")
    assert latest["b"].comment == "zu teuer"


def test_the_same_advice_on_the_same_group_has_one_id():
    first = recommendation_id("win_back", "cancellations", {"kunden.region": "Bern"})
    assert first == recommendation_id("win_back", "cancellations", {"kunden.region": "Bern"})
    others = {
        recommendation_id("win_back", "cancellations", {"kunden.region": "Genf"}),
        recommendation_id("win_back", "cancellations", None),
        recommendation_id("starter_offer", "cancellations", {"kunden.region": "Bern"}),
        recommendation_id("win_back", "orders", {"kunden.region": "Bern"}),
    }
    assert len(others) == 4
    assert first not in others

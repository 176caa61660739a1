import dataclasses

import pytest

from assistant.model_check import check_model
from catalog.proposal import propose, write
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import Term
from connectors.clock import Clock
from connectors.config import SiloSettings
from connectors.errors import ConfigurationError
from connectors.schema import ColumnStats, ForeignKey, SiloSchema
from tests.catalog.places import table

CLOCK = Clock.from_environment(None)


def proposed(*tables, terms=(), only=None, **kinds):
    names = dict.fromkeys(t.silo for t in tables)
    silos = [SiloSettings(name=n, kind=kinds.get(n, n), url="sqlite://") for n in names]
    return propose(SiloSchema(tables), silos, terms=terms, only=only)


def orders(**parts):
    columns = (
        "id BIGINT",
        "customer_id BIGINT",
        "ordered_at TIMESTAMP",
        "amount_eur DECIMAL(10, 2)",
    )
    return table("shop.main.orders", *columns, *parts.pop("more", ()), primary_key=("id",), **parts)


def test_an_order_table_gives_revenue_with_its_currency_time_and_reason():
    revenue = proposed(orders()).model().metrics["revenue"]
    assert revenue.expression == "SUM(orders.amount_eur)"
    assert (revenue.unit, revenue.time) == ("EUR", "orders.ordered_at")
    assert revenue.labels == {"de": "Umsatz", "en": "revenue"}
    assert revenue.proposed is not None
    assert 0 < revenue.proposed.score <= 1
    assert "amount_eur" in revenue.proposed.reason


def test_cents_count_in_whole_units():
    cents = table("shop.main.orders", "id BIGINT", "total_cents INTEGER", primary_key=("id",))
    field = proposed(cents).model().datasets["orders"].field("total_cents")
    assert field is not None
    assert field.expression == "total_cents / 100.0"


@pytest.mark.parametrize(
    ("column", "always"),
    [
        ("deleted_at TIMESTAMP", "deleted_at IS NULL"),
        ("geloescht_am DATE", "geloescht_am IS NULL"),
        ("is_deleted BOOLEAN", "NOT COALESCE(is_deleted, FALSE)"),
        ("deleted TINYINT", "COALESCE(deleted, 0) = 0"),
        ("_fivetran_deleted BOOLEAN", "NOT COALESCE(_fivetran_deleted, FALSE)"),
        ("storniert BOOLEAN", "NOT COALESCE(storniert, FALSE)"),
    ],
)
def test_marks_of_deletion_become_a_filter(column, always):
    assert proposed(orders(more=(column,))).model().datasets["orders"].always == always


def test_a_history_counts_the_newest_row_of_each_key():
    history = table(
        "crm.main.ticket_history",
        "id BIGINT",
        "changed_at TIMESTAMP",
        "status VARCHAR",
        primary_key=("id", "changed_at"),
    )
    dataset = proposed(history).model().datasets["ticket_history"]
    assert dataset.latest == (("id",), "changed_at")
    assert dataset.primary_key == ("id",)


def test_the_business_time_is_what_happened_not_the_upkeep():
    times = ("updated_at TIMESTAMP", "created_at TIMESTAMP", "_fivetran_synced TIMESTAMP")
    tickets = table("desk.main.tickets", "id BIGINT", *times, primary_key=("id",))
    assert proposed(tickets).model().metrics["tickets"].time == "tickets.created_at"


def test_declared_and_named_references_become_relationships():
    lines = table(
        "shop.main.order_lines",
        "id BIGINT",
        "order_id BIGINT",
        "product_id BIGINT",
        primary_key=("id",),
        foreign_keys=(ForeignKey(("order_id",), "main.orders", ("id",)),),
    )
    products = table("shop.main.products", "id BIGINT", "name VARCHAR", primary_key=("id",))
    found = proposed(orders(), lines, products).model().relationships
    scores = {r.to_dataset: r.proposed.score for r in found if r.proposed}
    assert scores == {"orders": 1.0, "products": 0.8}


def test_numbers_of_two_systems_are_no_link_unless_their_ranges_fit():
    people = {"id": ColumnStats(minimum="1", maximum="50")}
    customers = table("crm.main.customers", "id BIGINT", primary_key=("id",), stats=people)
    far = {"customer_id": ColumnStats(minimum="1", maximum="900")}
    near = {"customer_id": ColumnStats(minimum="3", maximum="49")}
    assert proposed(customers, orders(stats=far)).model().relationships == ()
    (step,) = proposed(customers, orders(stats=near)).model().relationships
    assert (step.from_columns, step.to_columns) == (("customer_id",), ("id",))


def test_a_person_is_found_by_mail_across_silos():
    people = table("crm.main.kunden", "id BIGINT", "email VARCHAR", primary_key=("id",),
                   sensitivity={"email": "contact"})  # fmt: skip
    hashed = table("cdp.main.profiles", "key VARCHAR", "email_sha256 VARCHAR", "seen_at TIMESTAMP",
                   sensitivity={"email_sha256": "contact"})  # fmt: skip
    (step,) = proposed(people, hashed).model().relationships
    assert (step.normaliser, step.to_dataset) == ("sha256", "kunden")


def test_a_score_up_to_five_in_a_survey_is_no_nps():
    columns = ("id BIGINT", "asked_on DATE", "score INTEGER")
    for most, expected in (("5", False), ("10", True)):
        stats = {"score": ColumnStats(minimum="0", maximum=most, distinct=int(most) + 1)}
        survey = table("survey.main.answers", *columns, primary_key=("id",), stats=stats)
        assert ("nps" in proposed(survey).model().metrics) is expected


def test_a_personal_column_is_no_dimension_even_with_few_values():
    stats = {"vorname": ColumnStats(distinct=2, values=("Anna", "Beat"))}
    people = table("crm.main.kunden", "id BIGINT", "vorname VARCHAR", "region VARCHAR",
                   primary_key=("id",), stats=stats)  # fmt: skip
    dimensions = [f.name for f in proposed(people).model().datasets["kunden"].fields if f.dimension]
    assert dimensions == ["region"]


def test_an_archive_is_left_out_with_the_reason():
    archive = table("crm.main.kunden_archiv", "id BIGINT", primary_key=("id",))
    made = proposed(archive, orders())
    assert list(made.left_out) == ["crm.main.kunden_archiv"]
    assert "crm" not in made.datasets


def test_no_phrase_stands_for_two_metrics():
    other = dataclasses.replace(orders(), silo="dwh")
    metrics = proposed(orders(), other).model().metrics.values()
    phrases = [p.lower() for m in metrics for p in {*m.labels.values(), *m.synonyms}]
    assert sorted(phrases) == sorted(set(phrases))
    totals = [
        m.expression for m in metrics if m.name.startswith("revenue") and "/" not in m.expression
    ]
    assert sorted(totals) == ["SUM(dwh_orders.amount_eur)", "SUM(shop_orders.amount_eur)"]


def test_names_of_one_silo_do_not_depend_on_which_silo_is_asked_for():
    other = dataclasses.replace(orders(), silo="dwh")
    whole, part = proposed(orders(), other), proposed(orders(), other, only="dwh")
    assert [d.name for d in part.datasets["dwh"]] == [d.name for d in whole.datasets["dwh"]]
    assert list(part.datasets) == ["dwh"]


def test_a_proposal_reads_back_as_it_was_and_fits_the_tables(tmp_path):
    reserved = table("shop.main.order", "id BIGINT", "case VARCHAR", "group INTEGER",
                     "2nd VARCHAR", "select DECIMAL(8, 2)", primary_key=("id",))  # fmt: skip
    made = proposed(orders(), reserved)
    write(made, tmp_path)
    model = load_semantic_model(tmp_path)
    assert dataclasses.replace(model, raw={}) == made.model()
    assert check_model(model, SiloSchema([orders(), reserved]), CLOCK) == ()


def test_existing_files_stay_unless_force_is_set(tmp_path):
    (tmp_path / "shop.yaml").write_text("semantic_model: []\n")
    with pytest.raises(ConfigurationError, match=r"shop\.yaml .* would be overwritten"):
        write(proposed(orders()), tmp_path)
    assert (tmp_path / "shop.yaml").read_text() == "semantic_model: []\n"
    write(proposed(orders()), tmp_path, force=True)
    assert "orders" in load_semantic_model(tmp_path).datasets


def test_terms_are_linked_to_metric_value_or_dataset_with_a_score():
    stats = {"channel": ColumnStats(distinct=2, values=("App", "Laden"))}
    terms = [
        Term(("Erlös", "turnover"), "What customers paid"),
        Term(("Ladengeschäft",), "Order with the channel Laden"),
        Term(("Kaffeekasse",), "Money for biscuits"),
    ]
    found = proposed(orders(more=("channel VARCHAR",), stats=stats), terms=terms).terms
    assert found[0].metric == "revenue"
    assert found[1].sql == "shop.main.orders.channel = 'Laden'"
    assert all(term.proposed and term.proposed.score >= 0.6 for term in found[:2])
    assert (found[2].metric, found[2].sql, found[2].dataset, found[2].proposed) == (None,) * 4


def test_a_link_people_made_stays():
    terms = [Term(("Umsatz",), "Ours", metric="average_order_value")]
    assert proposed(orders(), terms=terms).terms == tuple(terms)

"""What a search brings along: all datasets of a table, parts of metrics, short terms."""

from catalog.documents import documents, metric_inputs, metric_tables
from catalog.search import FEW_TERMS, Search
from catalog.semantic_model import Dataset, Field, Metric, SemanticModel, Term
from connectors.schema import Column, SiloSchema, Table

TABLES = [
    Table("dwh", "main", "orders", (Column("id", "INTEGER"), Column("amount", "DOUBLE"))),
    Table("ads", "main", "spend", (Column("cost", "DOUBLE"),)),
]
AMOUNT, COST = Field("amount", "amount"), Field("cost", "cost")
METRICS = (
    Metric("revenue", "SUM(orders.amount)"),
    Metric("cost", "SUM(spend.cost)"),
    Metric("profit", "revenue - cost"),
    Metric("margin", "100.0 * profit / revenue"),
)
FILLERS = tuple(Term((f"filler{n}",), "nothing") for n in range(FEW_TERMS))


def model(*terms: Term) -> SemanticModel:
    datasets = (
        Dataset("orders", "dwh.main.orders", fields=(AMOUNT,), always="amount > 0"),
        Dataset("refunds", "dwh.main.orders", fields=(AMOUNT,), always="amount < 0"),
        Dataset("spend", "ads.main.spend", fields=(COST,)),
    )
    return SemanticModel(
        {d.name: d for d in datasets}, (), {m.name: m for m in METRICS}, glossary=terms
    )


def found(question: str, *terms: Term):
    schema, known = SiloSchema(TABLES), model(*terms)
    return Search(schema, known, documents(schema, known), None).find(question, "en", None, 5)


def test_all_datasets_over_a_table_come_along_in_their_order():
    names = [dataset.name for dataset in found("orders").datasets if dataset.source[0] == "d"]
    assert names == ["orders", "refunds"]


def test_a_table_is_found_by_the_words_of_each_of_its_datasets():
    assert found("refunds").tables[0].name == "orders"


def test_a_metric_brings_the_metrics_it_is_made_of():
    names = [metric.name for metric in found("margin").metrics]
    assert names[0] == "margin"
    assert {"profit", "revenue", "cost"} <= set(names)


def test_the_inputs_of_a_metric_are_told_at_any_depth():
    known = model()
    assert set(metric_inputs("margin", known)) == {"profit", "revenue", "cost"}
    assert metric_tables(known.metrics["margin"], known) == {"dwh.main.orders", "ads.main.spend"}


def test_few_terms_come_all_the_found_ones_first():
    terms = found("margin", Term(("x",), "nothing"), Term(("margin",), "what is left")).terms
    assert [term.forms[0] for term in terms] == ["margin", "x"]


def test_of_many_terms_a_short_one_is_found_by_its_word():
    terms = found("What is the AR per country?", *FILLERS, Term(("AR",), "activity ratio")).terms
    assert [term.forms[0] for term in terms][:1] == ["AR"]
    assert len(terms) < FEW_TERMS

"""A MetricQuery over a semantic model as canonical SQL, with units, labels, definitions, links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from assistant.answer import Definition, LinkUse
from assistant.compiler.blocks import Block, dimension_name, find_field, number, quoted
from assistant.compiler.formulas import DIALECT, additive, bases, expanded, formula
from assistant.compiler.paths import path, reachable
from assistant.language import text
from assistant.metric_query import Dimension, MetricQuery, Part, Period
from catalog.semantic_model import Language, Metric, Relationship, SemanticModel

DIFFERENCES = frozenset({"percent", "points", "ratio"})


@dataclass(frozen=True)
class Compiled:
    """SQL of a metric query and what its columns mean.

    Attributes:
        sql: Canonical SQL. Columns: dimensions, metrics, then per metric ``_previous`` and
            ``_change`` (with a comparison), then ``_share`` of the first (when asked for).
        units: Unit by column; None for dimensions.
        labels: Name by column in the asker's language.
        codes: Meaning of coded values by column and value as text.
    """

    sql: str
    units: Mapping[str, str | None]
    labels: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    definitions: tuple[Definition, ...]
    links: tuple[LinkUse, ...]


def compile_query(query: MetricQuery, model: SemanticModel, language: Language) -> Compiled:
    """Write the query as SQL. Nothing is asked of any silo.

    Rows: one per group; a row of the base dataset without a partner has null dimensions. Order:
    time ascending, else the asked order, else the first metric descending; nulls last.

    Raises:
        BindError: A metric, field or path is not in the model.
    """
    if query.made:
        own = {metric.name: metric for metric in query.made}
        model = replace(model, metrics={**model.metrics, **own})
    made = _Writer(query, model, language)
    sql = made.sql()
    return Compiled(
        sql, made.units(), made.labels(), made.codes(), made.definitions(), made.links()
    )


@dataclass(frozen=True)
class _Group:
    """Metrics of one dataset under the same conditions."""

    dataset: str
    metrics: tuple[str, ...] = ()
    part: Part | None = None
    place: int = 0

    @property
    def name(self) -> str:
        """Unique in its query."""
        if self.part is not None:
            return f"{self.dataset}_{self.part.metric}"
        return f"{self.dataset}_{self.place}" if self.place else self.dataset


class _Writer:
    """One query being written."""

    def __init__(self, query: MetricQuery, model: SemanticModel, language: Language) -> None:
        self.query = query
        self.model = model
        self.language = language
        self.dimensions = [dimension_name(d, query) for d in query.dimensions]
        self.used: dict[str, Relationship] = {}

    def sql(self) -> str:
        """The whole statement."""
        if not self.query.metrics:
            return self._block(_Group(self.query.dimensions[0].dataset), None) + self._tail()
        if self.query.mean_over is not None:
            return self._mean()
        groups = self._groups()
        plain = not (self.query.comparison or self.query.share or self.query.having)
        derived = any(formula(m, self.model).dataset is None for m in self.query.metrics)
        if len(groups) == 1 and plain and not derived:
            return self._block(groups[0], self.query.period) + self._tail()
        return self._composed(groups)

    def _groups(self) -> list["_Group"]:
        """What is read in one SELECT each: a dataset's metrics, every part by itself."""
        parts = {part.metric: part for part in self.query.parts}
        groups = []
        for dataset, metrics in bases(self.query.metrics, self.model).items():
            whole = [name for name in metrics if name not in parts]
            times = list(dict.fromkeys(self._time(name) for name in whole))
            for place, time in enumerate(times):
                same = tuple(name for name in whole if self._time(name) == time)
                groups.append(_Group(dataset, same, place=place))
            groups += [_Group(dataset, (m,), parts[m]) for m in metrics if m in parts]
        return groups

    def _time(self, metric: str) -> str | None:
        return self.model.metrics[metric].time if self.query.period else None

    def _mean(self) -> str:
        """Mean over the units of time that have rows."""
        first = self._groups()[0]
        time = next(m.time for m in (self.model.metrics[n] for n in first.metrics) if m.time)
        dataset, _, name = time.partition(".")
        step = Dimension(dataset, name, self.query.mean_over)
        dimensions = (step, *self.query.dimensions)
        inner = replace(self.query, mean_over=None, dimensions=dimensions, limit=None, order=None)
        writer = _Writer(replace(inner, having=()), self.model, self.language)
        steps = writer.sql().rpartition(" ORDER BY ")[0]
        self.used.update(writer.used)
        means = [f"AVG({quoted(name)}) AS {quoted(name)}" for name in self.query.metrics]
        groups = [quoted(name) for name in self.dimensions]
        sql = f"SELECT {', '.join((*groups, *means))} FROM ({steps}) AS steps"
        sql += f" GROUP BY {', '.join(groups)}" if groups else ""
        return f"SELECT * FROM ({sql}) AS result{self._tail()}"

    def _block(self, group: "_Group", period: Period | None) -> str:
        block = Block(self.model, group.dataset)
        sql = block.select(group.metrics, self.query, period, group.part)
        self.used.update(block.used)
        return sql

    def _composed(self, groups: Sequence["_Group"]) -> str:
        """Base blocks as WITH tables, joined on the dimensions, derived metrics on top."""
        tables, values = self._period_tables(groups, self.query.period, "now")
        if self.query.comparison:
            more, before = self._period_tables(groups, self.query.comparison, "before")
            tables, values = {**tables, **more}, {**values, **before}
        columns = [f"{self._merged(d, tables)} AS {quoted(d)}" for d in self.dimensions]
        columns += [f"{sql} AS {quoted(name)}" for name, sql in values.items()]
        whole = f"SELECT {', '.join(columns)} FROM {self._joined(tables)}"
        if self.dimensions and len(tables) > 1:
            whole += f" WHERE {self._some_value(groups, tables)}"
        with_ = [f"{quoted(name)} AS ({sql})" for name, sql in tables.items()]
        with_.append(f"result AS ({whole})")
        select = f"SELECT {self._outputs()} FROM result{self._tail(composed=True)}"
        return f"WITH {', '.join(with_)} {select}"

    def _some_value(self, groups: Sequence["_Group"], tables: Mapping[str, str]) -> str:
        """At least one metric has a value: sums of nothing become 0 only beside others."""
        names = {table: group.metrics for group in groups for table in tables
                 if table.rpartition("_")[0] == group.name}  # fmt: skip
        nulls = [
            f"{quoted(t)}.{quoted(m)} IS NULL" for t, metrics in names.items() for m in metrics
        ]
        return f"NOT ({' AND '.join(nulls)})"

    def _period_tables(
        self, groups: Sequence["_Group"], period: Period | None, moment: str
    ) -> tuple[dict[str, str], dict[str, str]]:
        """WITH tables of one period, and each asked metric as an expression over them."""
        tables = {f"{group.name}_{moment}": self._block(group, period) for group in groups}
        owners = {m: f"{group.name}_{moment}" for group in groups for m in group.metrics}
        suffix = "" if moment == "now" else "_previous"
        values = {f"{m}{suffix}": self._value(m, owners) for m in self.query.metrics}
        return tables, values

    def _value(self, metric: str, owners: Mapping[str, str]) -> str:
        """A metric over the WITH tables; sums and counts of missing groups are 0."""
        tree = exp.Paren(this=expanded(metric, self.model))
        for column in list(tree.find_all(exp.Column)):
            owned: exp.Expr = exp.column(
                exp.to_identifier(column.name, quoted=True),
                table=exp.to_identifier(owners[column.name], quoted=True),
            )
            if additive(self.model.metrics[column.name], self.model):
                owned = exp.Coalesce(this=owned, expressions=[exp.Literal.number(0)])
            column.replace(owned)
        sql: str = tree.this.sql(DIALECT)
        return sql

    def _merged(self, dimension: str, tables: Mapping[str, str]) -> str:
        parts = [f"{quoted(table)}.{quoted(dimension)}" for table in tables]
        return parts[0] if len(parts) == 1 else f"COALESCE({', '.join(parts)})"

    def _joined(self, tables: Mapping[str, str]) -> str:
        """All tables side by side: on equal dimensions, nulls equal; one row each without any."""
        first, *others = tables
        sql = quoted(first)
        earlier = [first]
        for name in others:
            if not self.dimensions:
                sql += f" CROSS JOIN {quoted(name)}"
                continue
            keys = [self._same(d, earlier, name) for d in self.dimensions]
            sql += f" FULL JOIN {quoted(name)} ON {' AND '.join(keys)}"
            earlier.append(name)
        return sql

    def _same(self, dimension: str, earlier: list[str], name: str) -> str:
        parts = [f"{quoted(table)}.{quoted(dimension)}" for table in earlier]
        left = parts[0] if len(parts) == 1 else f"COALESCE({', '.join(parts)})"
        return f"{left} IS NOT DISTINCT FROM {quoted(name)}.{quoted(dimension)}"

    def _outputs(self) -> str:
        outputs = [quoted(name) for name in (*self.dimensions, *self.query.metrics)]
        for name in self.query.metrics if self.query.comparison else ():
            now, before = quoted(name), quoted(f"{name}_previous")
            outputs += [before, f"{self._change(name, now, before)} AS {quoted(f'{name}_change')}"]
        if self.query.share:
            first = quoted(self.query.metrics[0])
            share = f"100.0 * {first} / NULLIF(SUM({first}) OVER (), 0)"
            outputs.append(f"{share} AS {quoted(f'{self.query.metrics[0]}_share')}")
        return ", ".join(outputs)

    def _change(self, metric: str, now: str, before: str) -> str:
        if self.model.metrics[metric].unit in DIFFERENCES:
            return f"{now} - {before}"
        return f"100.0 * ({now} - {before}) / NULLIF({before}, 0)"

    def _tail(self, *, composed: bool = False) -> str:
        """HAVING on the result, order and limit; of a composed result, groups with a value."""
        having = [f"{quoted(h.metric)} {h.operator} {number(h.value)}" for h in self.query.having]
        if composed and self.dimensions:
            values = [quoted(name) for name in self.query.metrics]
            # SQLite's COALESCE takes two or more.
            value = values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"
            having.insert(0, f"NOT {value} IS NULL")
        sql = f" WHERE {' AND '.join(having)}" if having else ""
        if self.dimensions:
            sql += f" ORDER BY {', '.join(self._order())}"
        if self.query.limit is not None:
            sql += f" LIMIT {self.query.limit}"
        return sql

    def _order(self) -> Iterator[str]:
        direction = "DESC" if self.query.descending else "ASC"
        times = [n for n, d in zip(self.dimensions, self.query.dimensions, strict=True) if d.grain]
        first = self.query.metrics[0] if self.query.metrics and not times else None
        order = self.query.order or first
        if order is not None:
            yield f"{quoted(order)} {direction} NULLS LAST"
        for name in dict.fromkeys((*times, *self.dimensions)):
            if name != order:
                yield f"{quoted(name)} ASC NULLS LAST"

    def units(self) -> dict[str, str | None]:
        """Unit by column."""
        units: dict[str, str | None] = dict.fromkeys(self.dimensions)
        for name in self.query.metrics:
            unit = self.model.metrics[name].unit
            units[name] = unit
            if self.query.comparison:
                units[f"{name}_previous"] = unit
                units[f"{name}_change"] = unit if unit in DIFFERENCES else "percent"
        if self.query.share:
            units[f"{self.query.metrics[0]}_share"] = "percent"
        return units

    def labels(self) -> dict[str, str]:
        """Name by column in the asker's language."""
        labels = {}
        for name, dimension in zip(self.dimensions, self.query.dimensions, strict=True):
            field = find_field(self.model, dimension.dataset, dimension.field)
            labels[name] = field.labels.get(self.language, field.name)
            if dimension.grain:
                labels[name] = text(f"grain.{dimension.grain}", self.language)
        for name in self.query.metrics:
            label = self.label(self.model.metrics[name])
            labels[name] = label
            for part in ("previous", "change", "share"):
                labels[f"{name}_{part}"] = text(f"column.{part}", self.language, metric=label)
        return labels

    def codes(self) -> dict[str, dict[str, str]]:
        """Meaning of coded values by column, in the asker's language."""
        found = {}
        for name, dimension in zip(self.dimensions, self.query.dimensions, strict=True):
            codes = find_field(self.model, dimension.dataset, dimension.field).codes
            if codes:
                found[name] = {
                    str(code): labels.get(self.language, str(code))
                    for code, labels in codes.items()
                }
        return found

    def label(self, metric: Metric) -> str:
        """A metric's name in the asker's language."""
        return metric.labels.get(self.language, metric.name.replace("_", " "))

    def definitions(self) -> tuple[Definition, ...]:
        """The asked metrics and those they are made of."""
        names: dict[str, None] = {}
        for name in self.query.metrics:
            names.update(dict.fromkeys((name, *formula(name, self.model).inputs)))
        metrics = [self.model.metrics[name] for name in names]
        return tuple(Definition(self.label(m), m.expression, m.source) for m in metrics)

    def links(self) -> tuple[LinkUse, ...]:
        """Links between silos the answer stands on."""
        return tuple(
            LinkUse(
                f"{self._table(step.from_dataset)}.{', '.join(step.from_columns)}",
                f"{self._table(step.to_dataset)}.{', '.join(step.to_columns)}",
                step.normaliser,
                step.match_rate,
                step.fan_out,
            )
            for step in self.used.values()
            if self._silo(step.from_dataset) != self._silo(step.to_dataset)
        )

    def _table(self, dataset: str) -> str:
        return self.model.datasets[dataset].source

    def _silo(self, dataset: str) -> str:
        return self._table(dataset).split(".")[0]


__all__ = ["Compiled", "additive", "compile_query", "path", "reachable"]

"""Variants of a test: which one did better, where people were split as planned."""

from dataclasses import dataclass

from scipy import stats

from assistant.answer import Insight
from assistant.insights.base import Evidence, Scene
from assistant.insights.sizes import size_metric, sized
from assistant.insights.statistics import Estimate, share_difference
from assistant.metric_query import Dimension
from assistant.understanding.words import fold

NAMES = ("variant", "testgruppe", "test_group", "ab_group", "experiment")
CONTROLS = frozenset({"a", "control", "kontrolle", "kontrollgruppe", "original", "0", "baseline"})
MIN_COUNT = 30
MOST_VARIANTS = 6
UNEVEN = 0.001
LEVEL = 0.05


class Detector:
    """Shares of variants against the control's, by Newcombe's interval (1998, method 10).

    Only of a dimension that is asked for and named a variant, and of percentages whose observations
    are counted. First whether as many people saw each variant as equal parts would let expect
    (chi-square, 0.1 %; Fabijan et al. 2019): if not, this alone is said, as the groups are not
    comparable. All variants together at 5 % (Bonferroni). An experiment lets a cause be named.
    """

    kind = "variant"

    def detect(self, scene: Scene) -> list[Insight]:
        """One finding a variant that differs from the control, or one about the split."""
        dimension = _dimension(scene)
        size = size_metric(scene)
        if dimension is None or size is None or not size.exact or scene.metric.unit != "percent":
            return []
        evidence = scene.ask(sized(scene, size, (dimension,), scene.query.period))
        sides = {row[0]: (float(row[2]), float(row[1])) for row in evidence.rows if _known(row)}
        if not 2 <= len(sides) <= MOST_VARIANTS or min(n for n, _ in sides.values()) < MIN_COUNT:
            return []
        test = _Test(scene, dimension, sides, evidence)
        scene.count_tests(len(sides))
        uneven = test.uneven()
        return [uneven] if uneven else test.better()


def _dimension(scene: Scene) -> Dimension | None:
    plain = [d for d in scene.query.dimensions if d.grain is None]
    named = [d for d in plain if any(name in fold(d.field) for name in NAMES)]
    return named[0] if len(named) == len(plain) == 1 else None


def _known(row: list[object]) -> bool:
    return all(value is not None for value in row)


@dataclass(frozen=True)
class _Test:
    """(people, percent) by variant."""

    scene: Scene
    dimension: Dimension
    sides: dict[object, tuple[float, float]]
    evidence: Evidence

    @property
    def control(self) -> object:
        """The one named so, else the first by name."""
        named = [value for value in self.sides if fold(str(value)) in CONTROLS]
        return named[0] if named else min(self.sides, key=str)

    def uneven(self) -> Insight | None:
        """The split was not as planned."""
        counts = [n for n, _ in self.sides.values()]
        p_value = float(stats.chisquare(counts).pvalue)
        if p_value > UNEVEN:
            return None
        share = max(counts) / sum(counts)
        most = max(self.sides, key=lambda value: self.sides[value][0])
        said = self._said("variant_uneven", most, share=self.scene.number(100 * share, "percent"))
        found = Estimate(share * len(counts) - 1, (0.0, 0.0), p_value)
        return self._insight("sample_ratio", said, most, found, bare=True)

    def better(self) -> list[Insight]:
        """Variants that differ from the control."""
        others = [value for value in self.sides if value != self.control]
        found = (self._against(value, LEVEL / len(others)) for value in others)
        return [insight for insight in found if insight is not None]

    def _against(self, variant: object, level: float) -> Insight | None:
        """One variant against the control, where it differs."""
        n, rate = self.sides[self.control]
        m, other = self.sides[variant]
        estimate = share_difference(m * other / 100, m, n * rate / 100, n)
        if estimate is None or not rate or not estimate.certain or estimate.p_value > level:
            return None
        scene = self.scene
        low, high = (scene.number(100 * bound, "points") for bound in estimate.interval)
        said = self._said(
            "variant_rise" if other > rate else "variant_fall",
            variant,
            value=scene.number(other),
            control=str(self.control),
            before=scene.number(rate),
            low=low,
            high=high,
            n=scene.number(n + m, "count"),
        )
        return self._insight("variant", said, variant, estimate.relative(rate / 100))

    def _said(self, key: str, variant: object, **more: str) -> str:
        scene = self.scene
        return scene.text(
            key,
            metric=scene.label(scene.metric),
            dimension=scene.dimension_label(self.dimension),
            group=scene.said(variant, self.dimension),
            **more,
        )

    def _insight(
        self, kind: str, said: str, value: object, found: Estimate, *, bare: bool = False
    ) -> Insight:
        metric, (n, rate) = self.scene.metric, self.sides[value]
        control = self.sides[self.control]
        change = 0.0 if bare else rate - control[1]
        return Insight(
            id="",
            type=kind,
            statement=said,
            metric=metric.name,
            segment={f"{self.dimension.dataset}.{self.dimension.field}": value},
            value=rate,
            baseline=control[1],
            effect=found.effect,
            interval=None if bare else found.interval,
            n=round(n + control[0]),
            p_value=found.p_value,
            direction=self.scene.direction(change),
            evidence_sql=(self.evidence.sql,),
            silos=self.evidence.silos,
            touchpoint=metric.touchpoint,
            unit=metric.unit,
        )

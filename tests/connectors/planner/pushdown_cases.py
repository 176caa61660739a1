"""What is pushed where, one case a line. Each runs in every silo that has its columns.

A case names the silos that run it whole; in all others it must stay, and explain must say why.
``V`` shows a value, ``P`` filters by it, ``Q`` is a whole query with ``{t}`` for the table.
"""

from dataclasses import dataclass

from catalog.normalisers import normalise

LINK_KEYS = {
    "e164(CH)": ("+41795", "pg my"), "e164(US)": ("+12125550123", "pg my"),
    "digits": ("0041795", "pg my"), "lower(trim)": ("a", "pg my lite"),
    "sha256": ("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4f72b9807785afee48bb", "pg my"),
}  # fmt: skip
ALL = ("pg", "my", "lite", "ansi")
PML = "pg my lite"


@dataclass(frozen=True)
class Case:
    """One query.

    Attributes:
        sql: With ``{t}`` for the table.
        pushed: Silos that run it whole.
        silos: Silos that have its columns.
    """

    sql: str
    pushed: tuple[str, ...]
    silos: tuple[str, ...] = ALL

    def __str__(self) -> str:
        """For the test's name."""
        return self.sql.replace("SELECT id, ", "").replace(" AS x FROM {t}", "")


def Q(sql: str, pushed: str = "", silos: str = "pg my lite ansi") -> Case:
    """A whole query."""
    return Case(sql, tuple(pushed.split()), tuple(silos.split()))


def V(value: str, pushed: str = "", silos: str = "pg my lite ansi") -> Case:
    """A value of every row."""
    return Q(f"SELECT id, {value} AS x FROM {{t}}", pushed, silos)


def P(condition: str, pushed: str = "", silos: str = "pg my lite ansi") -> Case:
    """The rows for which a condition holds."""
    return Q(f"SELECT id FROM {{t}} WHERE {condition}", pushed, silos)


def linked(normaliser: str, column: str) -> str:
    """What a link compares; the braces of its patterns are none of this file's."""
    return normalise(normaliser, column).replace("{", "{{").replace("}", "}}")


TEXT = [
    *(P(f"{c} = 'a'", PML) for c in "tucl"),
    *(P(f"{c} <> 'a'", PML) for c in "tucl"),
    *(P(f"NOT ({c} = 'a')", PML) for c in "tu"),
    P("t = u", PML),
    P("t = c", PML),
    P("c = l", PML),
    P("u = l", PML),
    P("c = 'ab'", PML),
    P("c = 'ab  '", PML),
    P("c = 'zz'", PML),
    P("l = 'ü'", PML),
    P("l = '漢'", PML),
    P("t IN ('a', 'ss', 'ä')", PML),
    P("t NOT IN ('a', 'ss')", PML),
    P("u IN ('a', NULL)", PML),
    P("l IN ('a', 'Ü', '漢')", PML),
    P("t = ''", PML),
    P("t > 'B'", PML),
    P("u <= 'a'", PML),
    P("t BETWEEN 'A' AND 'b'", PML),
    P("t < u", PML),
    P("e = 'zu'", PML),
    P("e > 'alt'", PML),
    P("c < 'ab'", PML),
    P("t = 'a\\b'", "pg lite"),
    Q("SELECT t, count(*) AS x FROM {t} GROUP BY t", PML),
    Q("SELECT u, count(*) AS x FROM {t} GROUP BY u", PML),
    Q("SELECT c, count(*) AS x FROM {t} GROUP BY c", PML),
    Q("SELECT DISTINCT l FROM {t}", PML),
    Q("SELECT DISTINCT u, c FROM {t}", PML),
    Q("SELECT count(DISTINCT t) AS x, count(DISTINCT u) AS y FROM {t}", PML),
    Q("SELECT min(t) AS a, max(t) AS b, min(u) AS c, max(e) AS d FROM {t}", PML),
    Q("SELECT id, t FROM {t} ORDER BY t, id", PML),
    Q("SELECT id, u FROM {t} ORDER BY u DESC, id LIMIT 7", PML),
    Q("SELECT id FROM {t} ORDER BY e NULLS FIRST, id", PML),
    Q("SELECT id, coalesce(t, u) AS x FROM {t} ORDER BY coalesce(t, u), id", PML),
    Q("SELECT max(coalesce(u, t)) AS x FROM {t}", PML),
    P("substring(t, 1, 1) < 'B'", PML),
    Q("SELECT CASE WHEN i > 0 THEN 'a' ELSE 'A' END AS x, count(*) AS n FROM {t} GROUP BY 1", PML),
    P("CASE WHEN i > 0 THEN 'a' ELSE 'A' END = 'a'", PML),
    Q("SELECT x, count(*) AS n FROM (SELECT coalesce(u, 'A') AS x FROM {t}) AS s GROUP BY x", PML),
    Q("SELECT id FROM (SELECT id, t AS x FROM {t}) AS s WHERE x = 'a'", PML),
    V("coalesce(t, u)", PML + " ansi"),
    V("nullif(t, 'a')", PML),
    V("nullif(u, t)", PML),
    V("CASE WHEN t = 'a' THEN u ELSE t END", PML),
    P("t IS NULL", PML + " ansi"),
    V("CAST(t AS VARCHAR(2))", PML),
    P("CAST(t AS TEXT) = 'a'", PML),
    *(P(f"t LIKE '{p}'", PML) for p in ("a%", "A_", "%b%", "_", "%\u00e4", "[a]%", "")),
    P("t NOT LIKE 'a%'", PML),
    P("c LIKE 'a%'", PML),
    P("u LIKE 'a'", PML),
    P("t LIKE u"),
    P("t LIKE 'a\\%'"),
    V("substring(t, 2, 3)", PML),
    V("substring(c, 2, 3)", PML),
    V("substring(t, 0, 2)"),
    V("substring(t, -2, 2)"),
    P("t ILIKE 'A%'"),
    V("lower(t)"),
    V("upper(t)"),
    P("lower(t) = 'a'"),
    *(P(f"regexp_matches({c}, '[^ -~]')", PML) for c in "tucle"),
    P("NOT regexp_matches(t, '[^ -~]')", PML),
    P("regexp_matches(t, 'a')"),
    *(
        P(f"{f}({c}) {o} OR regexp_matches({c}, '[^ -~]')", PML)
        for c in "tucle"
        for f, o in (("lower", "= 'a'"), ("upper", "IN ('A', 'ZU', 'AB')"), ("lower", "LIKE '%a'"))
    ),
    P("lower(trim(t)) = 'a' OR regexp_matches(t, '[^ -~]')", PML),
    P("lower(substring(u, 1, 1)) > 'a' OR regexp_matches(u, '[^ -~]')", PML),
    P("lower(t) = upper(u) OR regexp_matches(t, '[^ -~]') OR regexp_matches(u, '[^ -~]')", PML),
    P("lower(t) = 'ä' OR regexp_matches(t, '[^ -~]')", PML),
    P("lower(t || 'Ä') = 'aä' OR regexp_matches(t, '[^ -~]')"),
    P("lower(t) = upper(u) OR regexp_matches(t, '[^ -~]')"),
    *(
        P(f"{linked(name, c)} = '{key}' OR regexp_matches({c}, '[^ -~]')", where)
        for c in "tc"
        for name, (key, where) in LINK_KEYS.items()
    ),
    P("regexp_replace(t, '[^0-9]', '', 'g') = '41' OR regexp_matches(t, '[^ -~]')", "pg my"),
    P("regexp_replace(t, '[^0-9]', '') = '41' OR regexp_matches(t, '[^ -~]')"),
    P("regexp_replace(t, 'a|ab', '', 'g') = '41' OR regexp_matches(t, '[^ -~]')"),
    P("regexp_replace(t, '[^0-9]', '', 'g') = '41'"),
    P("sha256(t) = 'ab' OR regexp_matches(t, '[^ -~]')", "pg my"),
    V("sha256(t)"),
]
NUMBERS = [
    *(
        P(f"{c} {o}", PML + " ansi")
        for c, o in (
            ("i", "= 1"),
            ("i", "<> 1"),
            ("b", "= 9223372036854775807"),
            ("b", "> -5"),
            ("s", "IN (1, 2)"),
            ("i", "NOT IN (1, NULL)"),
            ("i", "BETWEEN -1 AND 7"),
            ("n", "= 0.1"),
            ("n", "> -0.05"),
            ("n", "< 2.255"),
            ("i", "> 0.5"),
            ("n", "= 7"),
            ("f", "= 0.1"),
            ("f", ">= 0"),
            ("f", "< 1e300"),
            ("n", "> i"),
            ("b", "= i"),
            ("NOT (i", "= 1)"),
            ("i = 1 OR n", "> 2"),
            ("i", "IS NOT NULL"),
        )
    ),
    P("w = 12345678901234567890.12345678", "pg my"),
    P("w > 0", "pg my"),
    P("b = f", "pg my"),
    P("n < f", PML + " ansi"),
    P("f = 'nan'::DOUBLE"),
    P("o = 18446744073709551615", "my", "my"),
    P("o > 7", "my", "my"),
    P("o > i", "my", "my"),
    Q("SELECT o, count(*) AS x FROM {t} GROUP BY o", "my", "my"),
    Q("SELECT min(o) AS a, max(o) AS b, count(DISTINCT o) AS c FROM {t}", "my", "my"),
    Q("SELECT id, o FROM {t} ORDER BY o DESC NULLS LAST, id LIMIT 9", "my", "my"),
    Q("SELECT sum(o) AS x FROM {t}", "", "my"),
    V("s + 1", "pg my"),
    V("s + id", "pg my"),
    P("s + 100 > 99", "pg my"),
    P("n * 2 > 3", "pg my"),
    V("n + 0.5", "pg my"),
    V("n * s", "pg my"),
    V("n - s", "pg my"),
    V("CASE WHEN s > 0 THEN -n END", PML + " ansi"),
    V("-f", PML + " ansi"),
    P("-s = -1", PML + " ansi"),
    V("f + 1"),
    V("(s + 1) / nullif(s, 0)", PML),
    V("(s - id) / nullif(s, 0)", PML),
    P("i > 0 AND n <= 2", PML + " ansi"),
    Q("SELECT a.id FROM {t} AS a WHERE a.i > 0", PML + " ansi"),
    V("w + 1", "pg my"),
    V("n / nullif(s, 0)", PML),
    V("s / nullif(i, 0)", PML),
    V("(n * 2) / nullif(s, 0)", PML),
    V("i / s"),
    V("f / nullif(n, 0)", PML),
    V("coalesce(n, i)", PML + " ansi"),
    V("coalesce(i, 0)", PML + " ansi"),
    V("nullif(n, 0)", PML + " ansi"),
    V("CASE WHEN n > 0 THEN n ELSE 0 END", PML + " ansi"),
    V("CASE i WHEN 1 THEN 'x' ELSE 'y' END", PML),
    V("CAST(s AS DOUBLE)", PML),
    V("CAST(i AS BIGINT)", PML),
    V("CAST(n AS DOUBLE)", "pg my"),
    P("CAST(id AS SMALLINT) = 3"),
    V("CAST(s AS DECIMAL(7, 2))", "pg my"),
    V("CAST(n AS DECIMAL(14, 4))", "pg my"),
    V("CAST(n AS DECIMAL(12, 1))"),
    V("CAST(id AS DECIMAL(5, 2))"),
    P("CAST(s / 2 AS INTEGER) = 1"),
    P("CAST(s * 1.5 AS INTEGER) > 1"),
    V("TRY_CAST(t AS INTEGER)"),
    Q("SELECT sum(i) AS a, sum(s) AS b, count(*) AS c, count(n) AS d, avg(i) AS e FROM {t}", PML),
    Q("SELECT sum(b) AS a FROM {t}", "pg my", "pg my ansi"),
    Q("SELECT sum(n) AS a, avg(n) AS b, sum(w) AS c FROM {t}", "pg my"),
    Q("SELECT sum(f) AS a, avg(f) AS b FROM {t} WHERE f < 100", PML),
    Q("SELECT sum(DISTINCT s) AS a FROM {t}", PML),
    Q("SELECT avg(DISTINCT s) AS a FROM {t}", PML),
    Q("SELECT avg(DISTINCT n) AS a FROM {t}", "pg my"),
    Q("SELECT min(n) AS a, max(b) AS b, min(f) AS c, max(f) AS d, min(s) AS e FROM {t}", PML),
    Q("SELECT max(o) AS a, count(DISTINCT o) AS b FROM {t}", "my", "my"),
    Q("SELECT n, count(*) AS x FROM {t} GROUP BY n HAVING count(*) > 1", PML),
    Q("SELECT f, count(*) AS x FROM {t} GROUP BY f", PML),
    Q("SELECT DISTINCT i FROM {t}", PML),
    Q("SELECT id, i FROM {t} ORDER BY i DESC, id LIMIT 5 OFFSET 2", PML),
    Q("SELECT id, f FROM {t} ORDER BY f, id", PML),
    Q("SELECT id, n FROM {t} ORDER BY n DESC NULLS FIRST, id", PML),
    Q("SELECT id FROM {t} WHERE i = (SELECT max(i) FROM {t} AS q)", PML),
    Q("SELECT count(DISTINCT i) AS a FROM {t}", PML),
    Q("SELECT count(*) FILTER (WHERE n > 0) AS a FROM {t}", PML),
    Q(
        "SELECT i, avg(s) FILTER (WHERE t = 'a') AS a, count(DISTINCT u) FILTER (WHERE y) AS b, max(t) FILTER (WHERE s > 1) AS c FROM {t} GROUP BY i",
        PML,
    ),
    Q("SELECT sum(i) FILTER (WHERE y) AS a FROM {t}", PML),
]
BOOLEANS = [
    P("y", PML),
    P("NOT y", PML),
    P("y = TRUE", PML),
    P("y IS TRUE", PML),
    P("y IS NOT FALSE", PML),
    P("y <> FALSE", PML),
    P("i IS TRUE"),
    V("coalesce(y, FALSE)", PML),
    V("CASE WHEN y THEN 1 END", PML),
    P("y OR i > 0", PML),
    Q("SELECT y, count(*) AS x FROM {t} GROUP BY y", PML),
    Q("SELECT id FROM {t} ORDER BY y, id", PML),
    V("i > 0", PML),
    V("t = 'a'", PML),
    V("if(y, 1, 2)", PML),
    V("if(i > 0, t, u)", PML + " ansi"),
    V("if(i > 0, 1, NULL)", PML + " ansi"),
    V("i > 0 AND n > 0", PML),
    V("coalesce(i > 0, n > 0)", PML),
]
MOMENTS = [
    *(
        P(c, PML)
        for c in (
            "d = DATE '2024-02-29'",
            "d <> DATE '2024-02-29'",
            "d > DATE '1970-01-01'",
            "d BETWEEN DATE '2023-01-01' AND DATE '2024-12-31'",
            "d IN (DATE '9999-12-31', DATE '1900-03-01')",
            "m = TIMESTAMP '2024-02-29 10:00:00'",
            "m >= TIMESTAMP '2024-02-29 10:00:00'",
            "m > TIMESTAMP '2024-02-29 10:00:00.000001'",
            "m < TIMESTAMP '2024-03-31 02:30:00.5'",
            "m >= DATE '2024-01-31'",
            "m = DATE '2024-01-31'",
            "d = TIMESTAMP '2024-02-29 00:00:00'",
            "d < TIMESTAMP '2024-02-29 10:00:00'",
            "d < m",
            "d = m",
            "m BETWEEN DATE '2024-01-01' AND DATE '2024-02-29'",
            "m IN (TIMESTAMP '2024-02-29 10:00:00', TIMESTAMP '2024-01-31')",
            "CAST(m AS DATE) = DATE '2024-02-29'",
        )
    ),
    P("d > DATE '2024-01-01' - INTERVAL 1 DAY", PML),
    P("m > TIMESTAMP '2024-02-29 10:00:00+02:00'"),
    *(
        P(c, "pg my", "pg my")
        for c in (
            "z = TIMESTAMPTZ '2024-02-29 10:00:00+00'",
            "z > TIMESTAMPTZ '2024-02-29 10:00:00.000001+00'",
            "z < DATE '2024-02-29'",
        )
    ),
    V("CAST(m AS DATE)", PML),
    V("CAST(d AS TIMESTAMP)", PML),
    V("CAST(z AS DATE)", "pg my", "pg my"),
    Q("SELECT d, count(*) AS x FROM {t} GROUP BY d", PML),
    Q("SELECT m, count(*) AS x FROM {t} GROUP BY m", PML),
    Q("SELECT DISTINCT m FROM {t}", PML),
    Q("SELECT min(d) AS a, max(d) AS b, min(m) AS c, max(m) AS d FROM {t}", PML),
    Q("SELECT min(z) AS a, count(DISTINCT z) AS b FROM {t}", "pg my", "pg my"),
    Q("SELECT count(DISTINCT m) AS a FROM {t}", PML),
    Q("SELECT id, m FROM {t} ORDER BY m, id", PML),
    Q("SELECT id, d FROM {t} ORDER BY d DESC, id", PML),
    V("coalesce(d, DATE '2020-01-01')", PML),
    V("coalesce(m, TIMESTAMP '2020-01-01 00:00:00.5')", PML),
    V("coalesce(d, m)"),
    *(V(f"date_trunc('{u}', {c})", PML) for u in ("day", "month", "year") for c in "dm"),
    *(V(f"date_trunc('{u}', {c})", "pg my") for u in ("week", "quarter") for c in "dm"),
    V("date_trunc('hour', m)"),
    P("date_trunc('month', m) = TIMESTAMP '2024-02-01 00:00:00'", PML),
    P("date_trunc('month', d) = DATE '2024-02-01'", PML),
    Q("SELECT date_trunc('month', m) AS x, count(*) AS n FROM {t} GROUP BY 1 ORDER BY 1", PML),
    *(V(f"extract({p} FROM {c})", PML) for p in ("year", "month", "day") for c in "dm"),
    P("year(d) = 2024", PML),
    V("DATE '2026-10-31'", PML),
    V("TIMESTAMP '2026-10-31 10:00:00.25'", PML),
    V("'a'", PML + " ansi"),
    V("NULL", PML + " ansi"),
    V("1.5", PML + " ansi"),
]
STRUCTURE = [
    Q("SELECT a.id, b.id AS o FROM {t} AS a JOIN {t} AS b ON a.id = b.i", PML), Q("SELECT a.id, b.id AS o FROM {t} AS a LEFT JOIN {t} AS b ON a.t = b.u", PML),
    Q("SELECT a.id, b.id AS o FROM {t} AS a JOIN {t} AS b ON a.t = b.t", PML), Q("SELECT a.id, b.id AS o FROM {t} AS a CROSS JOIN {t} AS b WHERE a.n = b.n", PML),
    Q("SELECT a.id FROM {t} AS a WHERE EXISTS (SELECT 1 FROM {t} AS b WHERE b.i = a.id)", PML),
    Q("SELECT id FROM {t} WHERE u IN (SELECT t FROM {t} AS q)", PML), Q("WITH c AS (SELECT i, sum(s) AS x FROM {t} GROUP BY i) SELECT i, x FROM c WHERE x > 1", PML),
    Q("SELECT a.id FROM {t} AS a RIGHT JOIN {t} AS b ON a.id = b.i"), Q("SELECT id FROM {t} LIMIT 0", PML),
    Q("SELECT i, s, count(*) AS x FROM {t} GROUP BY ROLLUP (i, s)"), Q("SELECT DISTINCT ON (i) i, id FROM {t} ORDER BY i, id"),
    Q("SELECT id, t FROM {t} QUALIFY row_number() OVER (ORDER BY id) < 3"),
]  # fmt: skip
WIDER = [
    P("t LIKE 'a!%' ESCAPE '!'", PML), P("t LIKE 'a!_%' ESCAPE '!'", PML), P("t NOT LIKE '!_' ESCAPE '!'", PML), P("t LIKE 'a!b' ESCAPE '!'"),
    V("substring(t, 2)", PML), V("left(t, 2)", PML), V("left(t, -1)"), V("right(t, 2)", "pg my"), V("right(c, 1)", "pg my"), P("left(u, 1) = 'a'", PML),
    V("trim(t)", PML), V("ltrim(t)", PML), V("rtrim(c)", PML), V("trim(t, '# ')", PML), V("ltrim(rtrim(CAST(i AS TEXT)), '# ')", PML),
    V("ltrim(rtrim(t), '# ')", PML), V("trim(u, 'a]^-[')", PML), P("rtrim(t, '1 ') = 'Straße'", PML), V("trim(e, 'u')", PML), V("rtrim(t, u)"),
    V("replace(t, 'a', 'xyz')", PML), V("replace(u, 'A', '')", PML), V("replace(t, '', 'x')"), P("replace(t, ' ', '') = 'A'", PML),
    V("t || u", PML), V("t || '-' || c", PML), V("concat(t, u, '!')", PML), P("u || 'x' = 'ax'", PML), V("t || i"), V("concat(t, i)"),
    V("length(t)", "pg my"), V("length(c)", "pg my"), P("length(u) > 1", "pg my"), V("strpos(t, 'a')", PML), V("instr(u, 'A')", PML), V("strpos(t, u)"),
    V("split_part(t, '@', 2)", "pg"), V("split_part(u, 'a', 1)", "pg"), V("split_part(t, '@', -1)"), P("starts_with(t, 'a')", "pg"), P("starts_with(u, 'a')", "pg"),
    V("CAST(i AS TEXT)", PML), P("CAST(i AS TEXT) = '7'", PML), Q("SELECT id FROM {t} ORDER BY CAST(i AS TEXT), id", PML), V("CAST(f AS TEXT)"), V("CAST(n AS TEXT)"),
    V("b % 5", PML), V("i % 3", PML), V("id % nullif(s, 0)"), V("i % -3"), V("n % 2"), V("abs(s)", PML), V("abs(n)", "pg my lite"), V("abs(f)", PML),
    V("floor(n)", "pg my"), V("ceil(n)", "pg my"), V("floor(w)", "pg my"), V("floor(f)"), V("round(n, 1)", "pg my"), V("round(n)", "pg my"), V("round(w, 3)", "pg my"), V("round(f)"), V("round(n, -1)"),
    V("greatest(i, id)", PML), V("least(n, 1.5)", PML), V("greatest(d, DATE '2024-01-01')", PML), V("least(m, TIMESTAMP '2024-02-01 00:00:00')", PML),
    V("greatest(t, u)", PML), V("least(c, l)", PML), V("greatest(i, id, s)", "pg"), V("greatest(i, n)", "pg"), V("greatest(f, 0::DOUBLE)", PML),
    Q("SELECT stddev(s) AS a, stddev_pop(i) AS b, var_samp(n) AS c, var_pop(s) AS d, stddev_samp(s) AS e FROM {t}", "pg my"), Q("SELECT i, stddev(s) AS a, var_samp(s) AS b FROM {t} GROUP BY i", "pg my"), Q("SELECT stddev(f) AS a FROM {t} WHERE f < 100"),
    Q("SELECT bool_and(y) AS a, bool_or(y) AS b FROM {t}", PML), Q("SELECT i, bool_and(y) AS a, bool_or(s > 1) AS b FROM {t} GROUP BY i", PML), Q("SELECT bool_or(y) AS a FROM {t} WHERE id < 0", PML),
    *(V(f"date_diff('{u}', {a}, {b})", "pg my") for u in ("day", "month", "year") for a, b in (("d", "m"), ("m", "d"), ("d", "DATE '2024-03-01'"))), V("date_diff('week', d, m)"), V("date_diff('hour', m, d)"),
    *(Q(f"SELECT id, d {o} INTERVAL {n} AS x FROM {{t}} WHERE i <> 3 AND d < DATE '9000-01-01'", "pg") for o in "+-" for n in ("1 DAY", "1 MONTH", "2 YEAR", "3 WEEK", "5 HOUR")), V("m + INTERVAL 1 MONTH", "pg"), P("d + INTERVAL 30 DAY > DATE '2024-03-01'", "pg"), P("d + INTERVAL (i % 5) DAY > DATE '2024-01-01'"), V("d - d"),
    *(V(f"extract({p} FROM {c})", "pg my") for p in ("week", "quarter", "dow", "isodow", "doy") for c in "dm"), *(V(f"extract({p} FROM m)", "pg my") for p in ("hour", "minute", "second")), V("extract(epoch FROM m)"),
    *(V(f"{f}(m)", "pg my") for f in ("quarter", "week", "weekofyear", "dayofweek", "isodow", "dayofyear")), *(V(f"{f}(m)", PML) for f in ("year", "month", "day", "dayofmonth")), Q("SELECT year(d) AS x, count(*) AS n FROM {t} GROUP BY 1 ORDER BY 1", PML),
    Q("SELECT id, row_number() OVER (PARTITION BY i ORDER BY id) AS x FROM {t}", "pg"), Q("SELECT id, rank() OVER (ORDER BY t) AS x, dense_rank() OVER (ORDER BY n DESC) AS y FROM {t}", "pg"),
    Q("SELECT id, sum(s) OVER (PARTITION BY u ORDER BY id) AS x, count(*) OVER () AS y, max(n) OVER (PARTITION BY y) AS z FROM {t}", "pg"), V("lag(i) OVER (ORDER BY id)"), Q("SELECT id, sum(s) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS x FROM {t}"), Q("SELECT i, sum(sum(s)) OVER (ORDER BY i) AS x FROM {t} GROUP BY i", "pg"),
    Q("SELECT t AS x FROM {t} UNION SELECT u AS x FROM {t}", PML), Q("SELECT t AS x, 1 AS o FROM {t} UNION ALL SELECT c AS x, 2 AS o FROM {t}", PML), Q("SELECT u AS x FROM {t} EXCEPT SELECT t AS x FROM {t}", "pg"), Q("SELECT u AS x FROM {t} INTERSECT SELECT t AS x FROM {t}", "pg"),
    Q("SELECT 'a' AS x FROM {t} UNION SELECT 'A' AS x FROM {t}", PML), Q("SELECT d AS x FROM {t} UNION SELECT m AS x FROM {t}"), Q("SELECT m AS x FROM {t} UNION SELECT m AS x FROM {t}", PML), Q("SELECT i AS x FROM {t} UNION SELECT i AS x FROM {t} LIMIT 0"), Q("SELECT i AS x FROM {t} EXCEPT ALL SELECT s AS x FROM {t}", "pg"),
]  # fmt: skip
CASES = [*TEXT, *NUMBERS, *BOOLEANS, *MOMENTS, *STRUCTURE, *WIDER]

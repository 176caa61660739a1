"""The rows of the company: those of the sources, and random ones where a table is thin."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from benchmarks.defog.questions import fill, tables

DATABASES = ("broker", "ewallet")
TODAY = date(2026, 11, 22)
SEED = 20261122
DAYS = 1_500
Row = tuple[object, ...]


def make_truth(source: Path, path: Path) -> None:
    """Write all tables of the company into one DuckDB file; the same rows every time."""
    path.unlink(missing_ok=True)
    chance = random.Random(SEED)
    with duckdb.connect(path) as connection:
        for name in DATABASES:
            fill(connection, source, name, set(tables(source, name)))
        _add(connection, "sbTransaction", _trades(connection, chance))
        _add(connection, "user_sessions", _sessions(connection, chance))
        _add(connection, "wallet_transactions_daily", _payments(connection, chance))


def _add(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterator[Row]) -> None:
    made = list(rows)
    marks = ", ".join("?" * len(made[0]))
    connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', made)


def _ids(connection: duckdb.DuckDBPyConnection, sql: str) -> list[object]:
    return [row[0] for row in connection.execute(f"{sql} ORDER BY 1").fetchall()]


def _moment(chance: random.Random) -> datetime:
    """More often recently than long ago, never after today's last second."""
    back = int(DAYS * chance.random() ** 2)
    day = TODAY - timedelta(days=back)
    return datetime(day.year, day.month, day.day) + timedelta(seconds=chance.randrange(86_400))


def _money(chance: random.Random, most: int) -> Decimal:
    return Decimal(chance.randrange(100, most * 100)) / 100


def _trades(connection: duckdb.DuckDBPyConnection, chance: random.Random) -> Iterator[Row]:
    """Securities transactions; the last three customers make none."""
    customers = _ids(connection, "SELECT sbCustId FROM sbCustomer")[:-3]
    tickers = _ids(connection, "SELECT sbTickerId FROM sbTicker")
    joined = dict(connection.execute("SELECT sbCustId, sbCustJoinDate FROM sbCustomer").fetchall())
    for number in range(1_200):
        customer = customers[int(len(customers) * chance.random() ** 1.5)]
        moment = max(_moment(chance), datetime.combine(joined[customer], datetime.min.time()))
        price, shares = _money(chance, 400), Decimal(chance.randrange(1, 60))
        status = chance.choices(("success", "fail", "pending"), (80, 13, 7))[0]
        kind = chance.choices(("buy", "sell"), (60, 40))[0]
        ticker = tickers[int(len(tickers) * chance.random() ** 1.5)]
        settled = f"{moment + timedelta(days=2):%Y-%m-%d}"
        yield (
            f"TX{number:05d}", customer, ticker, moment, kind, shares, price, price * shares, "USD",
            _money(chance, 20), _money(chance, 10), None, settled, status,
        )  # fmt: skip


def _sessions(connection: duckdb.DuckDBPyConnection, chance: random.Random) -> Iterator[Row]:
    users = _ids(connection, "SELECT uid FROM users")
    for _ in range(400):
        begin, user = _moment(chance), chance.choice(users)
        end = begin + timedelta(seconds=chance.randrange(20, 4_000))
        device = chance.choices(("mobile_app", "web_app", "tablet"), (55, 30, 15))[0]
        yield user, begin, end, device, f"{device}_{user}"


def _payments(connection: duckdb.DuckDBPyConnection, chance: random.Random) -> Iterator[Row]:
    """Wallet transactions from users to users and merchants, some with a coupon."""
    users = _ids(connection, "SELECT uid FROM users")
    merchants = _ids(connection, "SELECT mid FROM merchants WHERE mid <= 10")
    coupons = _ids(connection, "SELECT cid FROM coupons")
    for number in range(1_000, 1_600):
        receiver_type = int(chance.random() < 0.7)
        receiver = chance.choice(merchants if receiver_type else users)
        sender = users[int((len(users) - 1) * chance.random() ** 1.3)]
        coupon = (
            coupons[int(len(coupons) * chance.random() ** 2)] if chance.random() < 0.3 else None
        )
        status = chance.choices(("success", "failed", "pending", "refunded"), (75, 12, 8, 5))[0]
        moment = _moment(chance)
        yield (
            number, sender, 0, receiver, receiver_type, _money(chance, 300), status, "debit", None,
            coupon, moment, moment if status == "success" else None, f"ref-{number}", "Stripe",
            None, None, None, None,
        )  # fmt: skip

"""Rows in TPC-H's shape, the same on every run: small, but each of the 22 queries finds some.

Unlike the official ones they hold texts that differ only in case or trailing blanks.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

FIRST, LAST_ORDER, TODAY = date(1992, 1, 1), 2400, date(1995, 6, 17)
REGIONS = ("AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST")
NATIONS = {
    "ALGERIA": 0, "ARGENTINA": 1, "BRAZIL": 1, "CANADA": 1, "EGYPT": 4, "ETHIOPIA": 0, "FRANCE": 3,
    "GERMANY": 3, "INDIA": 2, "INDONESIA": 2, "IRAN": 4, "IRAQ": 4, "JAPAN": 2, "JORDAN": 4,
    "KENYA": 0, "MOROCCO": 0, "MOZAMBIQUE": 0, "PERU": 1, "CHINA": 2, "ROMANIA": 3,
    "SAUDI ARABIA": 4, "VIETNAM": 2, "RUSSIA": 3, "UNITED KINGDOM": 3, "UNITED STATES": 1,
}  # fmt: skip
OFTEN = [2, 3, 6, 7, 7, 8, 20, 20]
SEGMENTS = (
    "AUTOMOBILE",
    "BUILDING",
    "building",
    "BUILDING ",
    "FURNITURE",
    "MACHINERY",
    "HOUSEHOLD",
)
PRIORITIES = ("1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW", "1-urgent")
BRANDS = ("Brand#12", "Brand#23", "Brand#23", "Brand#34", "Brand#45", "brand#23", "Brand#51")
CONTAINERS = ("SM CASE", "SM BOX", "MED BOX", "MED BOX", "MED BAG", "LG CASE", "LG BOX", "med box")
TYPES = (
    "ECONOMY ANODIZED STEEL", "PROMO PLATED BRASS", "MEDIUM POLISHED COPPER", "STANDARD BURNISHED BRASS",
    "SMALL BRUSHED NICKEL", "Promo Plated Tin", "LARGE ANODIZED BRASS",
)  # fmt: skip
COLOURS = ("green", "forest", "Green", "almond", "ivory", "lime", "salmon", "Forest")
SIZES = (1, 3, 3, 5, 9, 14, 15, 15, 15, 19, 23, 36, 45, 49, 50)
MODES = ("AIR", "AIR", "AIR REG", "MAIL", "SHIP", "TRUCK", "ship", "RAIL")
INSTRUCTIONS = ("DELIVER IN PERSON", "DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN")
REMARKS = (
    "carefully final", "special packages, requests", "Special Requests", "express ironic",
    "the Customer had Complaints", "customer complaints", "slyly even",
)  # fmt: skip
CUSTOMERS, PARTS, SUPPLIERS, ORDERS = 150, 200, 40, 1200
Rows = dict[str, list[tuple]]


def rows() -> Rows:
    """All eight tables, columns in TPC-H's order."""
    chance = random.Random(11)
    made: Rows = {
        "region": [(i, name, chance.choice(REMARKS)) for i, name in enumerate(REGIONS)],
        "nation": [
            (i, name, region, chance.choice(REMARKS))
            for i, (name, region) in enumerate(NATIONS.items())
        ],
        "customer": [_customer(i, chance) for i in range(1, CUSTOMERS + 1)],
        "supplier": [_supplier(i, chance) for i in range(1, SUPPLIERS + 1)],
        "part": [_part(i, chance) for i in range(1, PARTS + 1)],
    }
    made["partsupp"] = [
        (
            part,
            (part + k * 10) % SUPPLIERS + 1,
            chance.randrange(1, 200),
            _money(chance, 1, 1000),
            "x",
        )
        for part in range(1, PARTS + 1)
        for k in range(4)
    ]
    made["orders"], made["lineitem"] = [], []
    for key in range(1, ORDERS + 1):
        lines = _lines(key, chance)
        made["lineitem"] += lines
        made["orders"].append(_order(key, lines, chance))
    return made


def _nation(chance: random.Random) -> int:
    return chance.choice(OFTEN) if chance.random() < 0.6 else chance.randrange(len(NATIONS))


def _money(chance: random.Random, low: int, high: int) -> Decimal:
    return Decimal(chance.randrange(low * 100, high * 100)) / 100


def _phone(nation: int, chance: random.Random) -> str:
    return f"{nation + 10}-{chance.randrange(100, 999)}-{chance.randrange(1000, 9999)}"


def _customer(key: int, chance: random.Random) -> tuple:
    nation = _nation(chance)
    return (
        key, f"Customer#{key:09}", f"street {key}", nation, _phone(nation, chance),
        _money(chance, -999, 9999), chance.choice(SEGMENTS), chance.choice(REMARKS),
    )  # fmt: skip


def _supplier(key: int, chance: random.Random) -> tuple:
    nation = _nation(chance)
    remark = "Customer Complaints" if key % 8 == 0 else chance.choice(REMARKS)
    return (
        key, f"Supplier#{key:09}", f"road {key}", nation, _phone(nation, chance),
        _money(chance, -999, 9999), remark,
    )  # fmt: skip


def _part(key: int, chance: random.Random) -> tuple:
    name = " ".join(chance.sample(COLOURS, 3))
    return (
        key, name, f"Manufacturer#{key % 5 + 1}", chance.choice(BRANDS), chance.choice(TYPES),
        chance.choice(SIZES), chance.choice(CONTAINERS), _money(chance, 900, 2000), "x",
    )  # fmt: skip


def _lines(order: int, chance: random.Random) -> list[tuple]:
    """One order's lines; every 100th order is a large one."""
    large = order % 100 == 0
    day = FIRST + timedelta(chance.randrange(LAST_ORDER))
    return [
        _line(order, number, large, day, chance)
        for number in range(1, (7 if large else chance.randrange(1, 8)) + 1)
    ]


def _line(order: int, number: int, large: bool, day: date, chance: random.Random) -> tuple:
    part = chance.randrange(1, PARTS + 1)
    supplier = (part + chance.randrange(4) * 10) % SUPPLIERS + 1
    shipped = day + timedelta(chance.randrange(1, 122))
    received = shipped + timedelta(chance.randrange(1, 31))
    returned = chance.choice("RA") if received <= TODAY else "N"
    return (
        order, part, supplier, number, Decimal(chance.randrange(44 if large else 1, 51)),
        _money(chance, 900, 90_000), _money(chance, 0, 1) / 10, Decimal(chance.randrange(9)) / 100,
        returned, "O" if shipped > TODAY else "F", shipped, day + timedelta(chance.randrange(30, 91)),
        received, chance.choice(INSTRUCTIONS), chance.choice(MODES), chance.choice(REMARKS),
    )  # fmt: skip


def _order(key: int, lines: list[tuple], chance: random.Random) -> tuple:
    status = {line[9] for line in lines}
    day = min(line[10] for line in lines) - timedelta(chance.randrange(1, 30))
    return (
        key, chance.randrange(1, CUSTOMERS * 2 // 3), status.pop() if len(status) == 1 else "P",
        sum((line[5] for line in lines), Decimal(0)), day, chance.choice(PRIORITIES),
        f"Clerk#{key % 9}", 0, chance.choice(REMARKS),
    )  # fmt: skip

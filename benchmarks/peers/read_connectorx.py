"""connectorx reads one statement as Arrow: prints rows and seconds as one JSON line."""

import json
import sys
import time

import connectorx

url, sql = sys.argv[1:3]
connectorx.read_sql(url, sql + " AND l_orderkey <= 10", return_type="arrow")
began = time.perf_counter()
table = connectorx.read_sql(url, sql, return_type="arrow")
print(json.dumps({"rows": table.num_rows, "seconds": time.perf_counter() - began, "mb": 0.0}))

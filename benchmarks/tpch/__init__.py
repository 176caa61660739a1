"""TPC-H over three placements of its tables, against DuckDB ATTACH and Trino."""

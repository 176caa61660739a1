"""The servers the demo starts are real, listen on loopback only and stop."""

import shutil
import socket

import psycopg
import pymysql
import pytest

from connectors.errors import SiloUnavailable
from demo import servers


def test_postgres_starts_answers_and_keeps_its_data(tmp_path):
    folder = tmp_path / "postgres"
    try:
        first = servers.start_postgres(folder)
        with psycopg.connect(first.admin_url, dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE kept")
        first.stop()
        assert first.process.poll() is not None
        second = servers.start_postgres(folder)
        with psycopg.connect(second.admin_url, dbname="kept") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        second.stop()
    finally:
        servers.forget_postgres(folder)


def test_postgres_listens_on_loopback_only(tmp_path):
    server = servers.start_postgres(tmp_path / "postgres")
    try:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", server.port), 2)
    finally:
        server.stop()
        servers.forget_postgres(tmp_path / "postgres")


def test_a_server_left_behind_is_ended_before_a_new_one_starts(tmp_path):
    left_behind = servers.start_postgres(tmp_path / "postgres")
    try:
        again = servers.start_postgres(tmp_path / "postgres")
        assert left_behind.process.wait(10) is not None
        again.stop()
    finally:
        servers.forget_postgres(tmp_path / "postgres")


def test_a_server_that_does_not_come_up_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "POSTGRES_OPTIONS", ("no_such_option=1",))
    try:
        with pytest.raises(SiloUnavailable, match="no_such_option"):
            servers.start_postgres(tmp_path / "postgres")
    finally:
        servers.forget_postgres(tmp_path / "postgres")


@pytest.mark.skipif(servers.mariadb_binary() is None, reason="no mariadbd on this machine")
def test_mariadb_starts_and_answers(tmp_path):
    server = servers.start_mariadb(tmp_path / "mariadb")
    assert server is not None
    with pymysql.connect(host="127.0.0.1", port=server.port, user="root") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    server.stop()
    assert server.process.poll() is not None


def test_without_mariadbd_there_is_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *args, **kwargs: None)
    assert servers.start_mariadb(tmp_path / "mariadb") is None

"""Download calls pipelined on one connection, until the last is answered: each answer says that a row is on disk. Against
SQLite alone, which writes as many rows of two tables in one transaction."""

import json
import sqlite3
import threading
import time

from tests.bench.stage import Stage, cpu_seconds, median_of
from tests.bench.silent_origin import SilentOrigin

_TABLES = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE transfer (id INTEGER PRIMARY KEY, urls TEXT); CREATE TABLE job (id INTEGER PRIMARY KEY, output TEXT);
"""


def run(options):
    with Stage() as stage, SilentOrigin() as origin:
        urls = [origin.url(number) for number in range(options.calls)]
        rounds = [{**_write_by_sqlite(stage, urls), **_accept_by_concd(stage, urls)} for _ in range(options.rounds)]
    figures = median_of(rounds)
    figures["part_of_sqlite"] = figures["concd_accepts_per_second"] / figures["sqlite_rows_per_second"]
    return figures


def _write_by_sqlite(stage, urls):
    database = sqlite3.connect(f"{stage.folder()}/queue.db", isolation_level=None)
    database.executescript(_TABLES)
    start = time.monotonic()
    database.execute("BEGIN")
    for url in urls:
        database.execute("INSERT INTO transfer (urls) VALUES (?)", (url,))
        database.execute("INSERT INTO job (output) VALUES (?)", (url,))
    database.execute("COMMIT")
    seconds = time.monotonic() - start
    database.close()
    return {"sqlite_rows_per_second": len(urls) / seconds}


def _accept_by_concd(stage, urls):
    frames = b"".join(json.dumps({"method": "io.concd.Download", "parameters": {"source": url}}).encode() + b"\0"
                      for url in urls)
    with stage.daemon() as daemon, daemon.client() as client:
        before, start = cpu_seconds(daemon.pid), time.monotonic()
        sender = threading.Thread(target=client.send_raw, args=(frames,))
        sender.start()
        answers, refused = _count_answers(client.socket, len(urls))
        seconds, after = time.monotonic() - start, cpu_seconds(daemon.pid)
        sender.join()
        if refused:
            raise RuntimeError(f"{refused} of {answers} calls were refused")
        return {"concd_accepts_per_second": len(urls) / seconds, "concd_cpu": after - before}


def _count_answers(socket, expected):
    answers = refused = 0
    while answers < expected:
        data = socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the daemon closed the connection")
        answers += data.count(b"\0")
        refused += data.count(b'"error"')
    return answers, refused

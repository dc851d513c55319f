"""Memory of the daemon with very many jobs in its queue."""

import json
import threading

from tests.bench.silent_origin import SilentOrigin
from tests.bench.stage import Stage, resident_bytes


def run(options):
    with (Stage() as stage, SilentOrigin() as origin, stage.daemon(limit=options.jobs) as daemon,
          daemon.client() as client):
        empty = resident_bytes(daemon.pid)
        sender = threading.Thread(target=_send, args=(client, origin, options.jobs))
        sender.start()
        answers = 0
        while answers < options.jobs:
            answers += client.socket.recv(1 << 20).count(b"\0")
        sender.join()
        queued = client.call("Status")["queued"]
        full = resident_bytes(daemon.pid)
    return {"jobs": queued, "resident_mib": full / 2**20, "bytes_per_job": (full - empty) / max(queued, 1)}


def _send(client, origin, count):
    for number in range(count):
        client.send_raw(json.dumps({"method": "io.concd.Download", "parameters": {"source": origin.url(number)}})
                        .encode() + b"\0")

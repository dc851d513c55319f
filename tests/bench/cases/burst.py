"""Many small files: `concctl download --no-block` of all until all are done, against `curl -Z` of the same."""

import re
import resource
import shutil
import subprocess
import tempfile
import time

from tests.bench.stage import Stage, cpu_seconds, median_of, wait_until_done
from tests.support.nginx import Nginx

FILE_SIZE = 16 << 10
_SYNC_OF_LOG = re.compile(r"(fdatasync|fsync)\(\d+<[^>]*/queue\.db-wal>")


def run(options):
    with Stage() as stage, Nginx() as nginx:
        for number in range(options.files):
            (nginx.root / f"file-{number}").write_bytes(number.to_bytes(4, "big") * (FILE_SIZE // 4))
        urls = [nginx.url(f"file-{number}") for number in range(options.files)]
        rounds = [{**_fetch_by_curl(stage, urls), **_fetch_by_concd(stage, urls)} for _ in range(options.rounds)]
        syncs = _count_syncs(stage, urls)
    figures = median_of(rounds)
    figures["times_curl"] = figures["concd_seconds"] / figures["curl_seconds"]
    figures["cpu_times_curl"] = figures["concd_cpu"] / figures["curl_cpu"]
    if syncs is not None:
        figures["jobs_per_commit"] = options.files / syncs
    return figures


def _children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _fetch_by_curl(stage, urls):
    folder = stage.folder()
    config = "".join(f'url = "{url}"\noutput = "{folder}/{number}"\n' for number, url in enumerate(urls))
    before, start = _children_cpu(), time.monotonic()
    subprocess.run(["curl", "-Z", "--no-progress-meter", "-K", "-"], input=config, text=True, check=True)
    return {"curl_seconds": time.monotonic() - start, "curl_cpu": _children_cpu() - before}


def _submit(daemon, urls):
    finished = daemon.concctl("download", "--no-block", *urls)
    if finished.code != 0:
        raise RuntimeError(finished)
    wait_until_done(daemon, len(urls))


def _fetch_by_concd(stage, urls):
    with stage.daemon() as daemon:
        client_before, before, start = _children_cpu(), cpu_seconds(daemon.pid), time.monotonic()
        _submit(daemon, urls)
        seconds, after, client_after = time.monotonic() - start, cpu_seconds(daemon.pid), _children_cpu()
        return {"concd_seconds": seconds, "concd_cpu": after - before, "concctl_cpu": client_after - client_before}


def _count_syncs(stage, urls):
    """How often the queue's log was synced: at least once a commit. None where nothing can count it."""
    if shutil.which("strace") is None:
        return None
    with stage.daemon() as daemon, tempfile.NamedTemporaryFile("r") as trace:
        tracer = subprocess.Popen(["strace", "-f", "-y", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o", trace.name,
                                   "-p", str(daemon.pid)], stderr=subprocess.PIPE, text=True)
        tracer.stderr.readline()  # "attached": all threads are traced
        _submit(daemon, urls)
        tracer.terminate()
        tracer.communicate()
        return sum(_SYNC_OF_LOG.search(line) is not None for line in trace) or None

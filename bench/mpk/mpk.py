"""MPK's compare on two folders, imports warm: one line of JSON for each pair named on standard input.

Peak memory is the high-water mark of the process (VmHWM), set back before each pair; `idle` is what it holds before.
"""
import json
import os
import sys
import time

sys.path.insert(0, sys.argv[1])
os.environ["HF_HUB_OFFLINE"] = "1"
from provenancekit.config.settings import Settings  # noqa: E402
from provenancekit.core.scanner import ModelProvenanceScanner  # noqa: E402
from provenancekit.services.cache import NullCache  # noqa: E402


def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":")) / 1024


scanner = ModelProvenanceScanner(settings=Settings(), cache=NullCache())
for line in sys.stdin:
    a, b = json.loads(line)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    idle, started, worked = status("VmRSS"), time.perf_counter(), time.process_time()
    result = scanner.compare(a, b)
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    signals = {name: value for name, value in result.signals.model_dump().items()}
    row = {"seconds": seconds, "processor": processor, "peak": status("VmHWM"), "idle": idle, "signals": signals}
    print("RESULT " + json.dumps(row), flush=True)

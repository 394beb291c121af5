"""One process of a contender: imports its handler, answers one event a line, and says what that took.

Run by path (`bench.process`), never imported. Until the first answer it imports nothing that reads a file, so that
nothing of the measuring is in the figures; `sys` and `time` are part of the interpreter.

Arguments: the file descriptor for reports, the folder with the handler, the name of its module. Reports, one a line:

    ready CPU           nanoseconds of processor time since the process began
    answer WALL CPU     of the handler alone, then of the process since it began
    cost {...}          peak memory in KiB, and the answer itself
"""

import sys
import time


def main() -> None:
    reports = open(int(sys.argv[1]), "wb", buffering=0)  # noqa: SIM115, PTH123 - a descriptor, for the process's life
    sys.path.insert(0, sys.argv[2])
    handler = __import__(sys.argv[3]).handler
    reports.write(b"ready %d\n" % time.process_time_ns())
    for event in sys.stdin.buffer:
        begun = time.perf_counter_ns()
        answer = handler(event, None)
        took = time.perf_counter_ns() - begun
        reports.write(b"answer %d %d\n" % (took, time.process_time_ns()))
        peak = peak_kib()
        import json

        reports.write(b"cost %s\n" % json.dumps({"peak_kib": peak, "answer": answer}).encode())


def peak_kib() -> int:
    """VmHWM begins with the program; getrusage's ru_maxrss is handed down by the parent over fork and exec (proc(5))."""
    with open("/proc/self/status", "rb") as status:  # noqa: PTH123 - pathlib would count as the contender's
        return next(int(line.split()[1]) for line in status if line.startswith(b"VmHWM"))


if __name__ == "__main__":
    main()

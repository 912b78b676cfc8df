"""`make run`: bring the database up to date, load the demonstration once, serve web and scheduler until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from core.config import ConfigurationError, Settings, read
from setup.data import BIN, ROOT, bring_up_to_date, run

START_SECONDS = 60


def main() -> int:
    """Serve until told to stop. Returns the exit code: 1 where the port is taken or a process ended by itself."""
    try:
        settings = read()
    except ConfigurationError as wrong:
        return _refuse(str(wrong))
    if _taken(settings.port):
        return _refuse(f"Port {settings.port} is taken. Stop what uses it, or choose another: PORT=8001 make run")
    try:
        bring_up_to_date(settings)
    except ConfigurationError as wrong:
        return _refuse(str(wrong))
    return _serve(settings)


def _serve(settings: Settings) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill stops as cleanly as Ctrl-C
    processes = [_start("gunicorn", "--no-control-socket", "wsgi:create_app()")]
    try:
        address = f"http://127.0.0.1:{settings.port}"
        if not _answers(address, processes[0]):
            return _refuse("The web server did not start; its words are above")
        processes.append(_start("flask", "jobs", "run"))
        if settings.is_demonstration:
            run("flask", "demo", "accounts")
        print(f"\nChengban answers at {address}   (Ctrl-C stops it; the data stays in {settings.data})", flush=True)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        return _refuse("A process ended by itself; its words are above")
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            _wait(process)


def _start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process out of reach of the terminal's Ctrl-C: it is stopped by us, in order."""
    return subprocess.Popen([BIN / program, *arguments], cwd=ROOT, start_new_session=True)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()


def _answers(address: str, web: subprocess.Popen[bytes]) -> bool:
    """Wait until the house says that it is well."""
    for _ in range(START_SECONDS * 5):
        if web.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310  (our own address)
                return answer.status == 200
        except OSError:
            time.sleep(0.2)
    return False


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _refuse(words: str) -> int:
    print(words, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    os.chdir(ROOT)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nstopped before the house was ready")
    except subprocess.CalledProcessError as failed:
        sys.exit(f"Stopped: {' '.join(map(str, failed.cmd))} ended with {failed.returncode}")

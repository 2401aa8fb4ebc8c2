"""Starts an emulated AWS account on any free port, and ends with its own input.

Prints one line of JSON with the account's address, then answers each line of
input, a command of `account.py`, with a line of output: {"ok": …} or {"error": …}.

usage: emulator.py FOLDER
"""
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from account import Account

HERE = os.path.dirname(os.path.abspath(__file__))
STARTS = 5
READY_WITHIN_SECONDS = 60
END_WITHIN_SECONDS = 10


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(port, folder, account):
    """What the emulator, and through it every function, sees of this process's variables."""
    url = f"http://127.0.0.1:{port}"
    return {
        "PATH": os.environ.get("PATH", ""),
        # Where it unpacks code.
        "TMPDIR": folder,
        "HOME": folder,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "AWS_ENDPOINT_URL": url,
        # Whose the calls are that bear no AWS credentials: those through API Gateway.
        "MINISTACK_ACCOUNT_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        # Functions act as their roles, and their policies are obeyed.
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }


def ready(url):
    """Whether it answers that it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/_ministack/ready", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def start(folder, account):
    """A running emulator and its address; on another port if somebody took the first."""
    for _ in range(STARTS):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "launcher.py")],
            stdin=subprocess.PIPE,
            stdout=sys.stderr,
            env=environment(port, folder, account),
        )
        until = time.monotonic() + READY_WITHIN_SECONDS
        while process.poll() is None and time.monotonic() < until:
            if ready(url):
                return process, url
            time.sleep(0.02)
        end(process)
    sys.exit("the emulator did not start; its log says why")


def end(process):
    """Ends the emulator, which ends its functions."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(END_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answer(account, line):
    """What a command comes to."""
    try:
        command = json.loads(line)
        return {"ok": getattr(account, command.pop("do"))(**command)}
    except Exception as error:  # whatever it is, the test is to see it
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    """Leaves nothing behind, even if nobody is left to clean up after it."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as folder:
        serve(folder)


def serve(folder):
    """Serves commands until there is no more input."""
    number = str(random.randint(10**11, 10**12 - 1))
    process, url = start(folder, number)
    # A signal ends this as the end of input does, through the block below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        account = Account(url, number)
        print(json.dumps({"ok": url}), flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(account, line)), flush=True)
        # For a test that fails.
        print("\n".join(account.log()), file=sys.stderr)
    finally:
        end(process)


if __name__ == "__main__":
    main()

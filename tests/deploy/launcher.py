"""Runs the emulator in this process, on the port that GATEWAY_PORT names, until
its input ends, which it does even when whoever started it was killed."""
import os
import signal
import socketserver
import sys
import threading

# Its Runtime API writes an answer's head and body separately; with Nagle's
# algorithm on, every invocation would wait 40 ms for the acknowledgement between.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack.app import main  # noqa: E402


def end_with_input():
    """Ends this process once nobody holds its input any more."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_input, daemon=True).start()
sys.exit(main())

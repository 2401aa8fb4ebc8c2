"""Runs the emulator in this process, on the port that GATEWAY_PORT names."""
import socketserver
import sys

# Its Runtime API writes an answer's head and body separately; with Nagle's
# algorithm on, every invocation would wait 40 ms for the acknowledgement between.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack.app import main  # noqa: E402

sys.exit(main())

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
from ministack.services import apigateway_v1  # noqa: E402

# It knows methods for any verb, and does not read what OpenAPI documents call them.
ANY = "x-amazon-apigateway-any-method"
import_path_item = apigateway_v1._import_path_item


def with_any(api, path, item, *more):
    """Imports a path whose operation for any verb is called as the emulator calls it."""
    item = {"any" if verb == ANY else verb: operation for verb, operation in item.items()}
    import_path_item(api, path, item, *more)


apigateway_v1._OPENAPI_HTTP_METHODS.add("any")
apigateway_v1._import_path_item = with_any


def end_with_input():
    """Ends this process once nobody holds its input any more."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_input, daemon=True).start()
sys.exit(main())

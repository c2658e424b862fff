"""The service, with one addition: SIGUSR1 stops its event loop for some seconds, as a runaway computation would."""

import os
import signal
import time

from consign.service import serve
from consign.settings import settings_from


def _wedge(*_: object) -> None:
    # Python runs this between two steps of the event loop's own thread: nothing else of that thread goes on meanwhile.
    time.sleep(float(os.environ["CONSIGN_WEDGE_S"]))


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _wedge)
    serve(settings_from())

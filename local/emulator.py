"""The emulator's process: ministack's application behind our front, on two loopback ports.

Run as `python -m local.emulator` by `local.process`, in the environment `Settings.emulator_environment`.
"""

import asyncio
import signal
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app  # type: ignore[import-untyped]

from local import corrections
from local.front import Front
from local.outbox import Outbox
from local.permissions import ask_as_aws_does
from local.postmaster import Postmaster
from local.settings import HOST, Settings

# Saving the state of a large run takes longer than hypercorn's minute.
_SAVE_SECONDS = 600
_DRAIN_SECONDS = 30


def main() -> None:
    """Serve until SIGTERM or SIGINT, then deliver what is in flight and save the state."""
    settings = Settings.from_environment()
    corrections.apply()
    ask_as_aws_does()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    outbox = Outbox(settings.state / "outbox.jsonl")
    postmaster = Postmaster(settings, outbox)

    async def stopped() -> None:
        await stop.wait()
        await asyncio.to_thread(postmaster.drain, _DRAIN_SECONDS)

    config = Config()
    config.bind = [f"{HOST}:{settings.port}", f"{HOST}:{settings.web_port}"]
    config.keep_alive_timeout = 75
    config.shutdown_timeout = _SAVE_SECONDS
    config.loglevel = "WARNING"
    outbox.start()
    postmaster.start()
    front: Any = Front(app, outbox, settings)
    await serve(front, config, shutdown_trigger=stopped)
    outbox.stop()


if __name__ == "__main__":
    main()

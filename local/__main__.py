"""Commands of the local stack: `python -m local up|dev|down|status|env|reset`."""

import argparse
import json
import signal
import sys
import threading

from local import process
from local.settings import LocalError, Settings
from local.stack import Stack, reset


def main() -> int:
    """Run one command; every failure is one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "start in the background and deploy what has changed"),
        ("dev", "like up, then stay until Ctrl-C stops it"),
        ("down", "stop; everything is kept"),
        ("status", "say whether it runs"),
        ("env", "print URLs, table, queues and functions as JSON"),
        ("reset", "stop and forget everything"),
    ):
        commands.add_parser(name, help=text)
    command = parser.parse_args().command
    try:
        return _run(command, Settings.from_environment())
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(command: str, settings: Settings) -> int:
    if command == "up":
        _show(Stack.up(settings))
    elif command == "dev":
        _dev(settings)
    elif command == "down":
        with process.exclusive(settings):
            print("stopped" if process.stop(settings) else "was not running")
    elif command == "status":
        if process.running_pid(settings) is None:
            print("not running")
            return 1
        _show(Stack.running(settings))
    elif command == "env":
        stack = Stack.running(settings)
        print(json.dumps(_environment(stack), indent=2))
    else:
        reset(settings)
        print("forgotten")
    return 0


def _dev(settings: Settings) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stack = Stack.up(settings)
    _show(stack)
    print("Ctrl-C stops it; everything is kept.", flush=True)
    while not stop.wait(1):
        if process.running_pid(settings) is None:
            raise LocalError(f"the emulator has stopped; see {settings.emulator_log}")
    print("stopping, saving the state", flush=True)
    stack.down()


def _show(stack: Stack) -> None:
    print(f"API     {stack.api_url}")
    print(f"Inbox   {stack.inbox_url}")
    print(f"AWS     {stack.settings.endpoint_url}   (AWS_ENDPOINT_URL)")
    print(f"Log     {stack.settings.emulator_log}", flush=True)


def _environment(stack: Stack) -> dict[str, object]:
    return {
        "api_url": stack.api_url,
        "inbox_url": stack.inbox_url,
        "aws_endpoint_url": stack.settings.endpoint_url,
        "outputs": stack.outputs,
        "functions": stack.functions,
    }


if __name__ == "__main__":
    sys.exit(main())

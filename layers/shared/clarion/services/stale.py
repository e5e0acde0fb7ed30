"""Changes that are read again and repeated when somebody else was quicker."""

from collections.abc import Callable

_ATTEMPTS = 8


def try_again(change: Callable[[], None], overtaken: type[Exception]) -> None:
    """Do ``change``, which reads what it changes, again while it raises ``overtaken``; at last let that through."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            change()
        except overtaken:
            if attempt == _ATTEMPTS:
                raise
        else:
            return

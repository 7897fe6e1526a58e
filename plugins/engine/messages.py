"""Collects what Pelican logs while it builds: it does not stop at an error, but goes on with a page less."""

import logging
import sys
from collections.abc import Callable
from threading import get_ident
from typing import TypeVar

from pelican.log import LimitFilter

R = TypeVar("R")
LoggedLine = tuple[int, str]
"""Level and text."""


class Messages(logging.Handler):
    """Warnings and errors, each with the reason of the exception that was being handled."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[LoggedLine] = []

    def emit(self, record: logging.LogRecord) -> None:
        reason = sys.exc_info()[1]
        text = record.getMessage()
        self.lines.append((record.levelno, f"{text}: {reason}" if reason and str(reason) not in text else text))

    def of(self, errors: bool) -> list[str]:
        """Return the errors, or the warnings."""
        return [text for level, text in self.lines if (level >= logging.ERROR) == errors]


def capture_logs(work: Callable[[], R]) -> tuple[R, list[LoggedLine]]:
    """Do some work; return its result, and what it logged in this thread, which no other handler gets to see."""
    root = logging.getLogger()
    handlers, messages = root.handlers, Messages()
    me, told = get_ident(), {*LimitFilter._raised_messages}
    messages.addFilter(lambda record: record.thread == me)
    root.handlers = [messages]
    try:
        return work(), messages.lines
    finally:
        root.handlers = handlers
        LimitFilter._raised_messages &= told  # Pelican says nothing twice, and these are still to be told

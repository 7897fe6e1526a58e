"""Collects what Pelican logs while it builds: it does not stop at an error, but goes on with a page less."""

import logging
import sys


class Messages(logging.Handler):
    """Warnings and errors, each with the reason of the exception that was being handled."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[tuple[int, str]] = []
        """Level and text of each."""

    def emit(self, record: logging.LogRecord) -> None:
        reason = sys.exc_info()[1]
        message = record.getMessage()
        self.said.append((record.levelno, f"{message}: {reason}" if reason and str(reason) not in message else message))

    def of(self, errors: bool) -> list[str]:
        """Give the errors, or the warnings."""
        return [message for level, message in self.said if (level >= logging.ERROR) == errors]

"""What links by {filename} lead to: a document's address follows from its file's name, and it need not be read."""

from dataclasses import dataclass

from plugins.engine.documents import address_of


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a link by {filename} needs to know of a document."""

    url: str


class LinkTargets(dict[str, object]):
    """What other generators have read, and the documents."""

    def __init__(self, others: dict[str, object], documents: set[str]) -> None:
        super().__init__(others)
        self._documents = documents

    def get(self, file: str, otherwise: object = None) -> object:
        return LinkTarget(address_of(file)) if file in self._documents else super().get(file, otherwise)

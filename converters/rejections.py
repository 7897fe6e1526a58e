"""Every reason for which a seed, or a record in one, is rejected, and what the person at the keyboard can do.

    a record     NO_HEADER           words stand where a line " date 2023-03-08 https://…" was expected
                 IMPOSSIBLE_DATE     2023-02-30, 8 March 2023, a year of five digits
                 UNUSABLE_ADDRESS    not http or https, no host, or characters that no address holds
                 NO_TITLE            nothing follows the header
                 INVISIBLE_TITLE     the title is made of characters that nobody sees
                 EMPTY_BODY          nothing follows the title
                 NO_ROW              a row of a table that is none
                 NO_MESSAGE          mail that is none
                 SEVERAL_RECORDS     a sidecar gives one title or address to a file of several
                 DAMAGED_RECORD      a record of a web archive that is not as it says
                 NO_PAGE             a file that was to be a page, and cannot be read as one
                 NO_DOCUMENT         a page without text of its own
                 TOO_LARGE           more than 64 MB
                 LONG_TEXT           more than 8 MB of text, or 100,000 paragraphs
                 LONG_TITLE          more than 10,000 characters
                 LONG_ADDRESS        more than 8,000 characters
    a file       OTHER_FORMAT        a PDF, a ZIP, a mailbox …
                 NOT_A_FILE          a pipe, a socket, a device
                 LINK_OUT            a link that leads out of seeds/
                 LINK_TO_NOTHING     a link whose target is gone, or that leads in a circle
                 CANNOT_OPEN         the system does not let us: permissions, a failing disk
                 SHORTER             it has been cut since its records were read
                 CUT                 it holds less than before of what was published from it
                 NEEDS_PYARROW       a Parquet file, and nothing to read it with
                 NO_COLUMNS          a table whose columns have other names
                 UNCLOSED            a table that ends in the middle
    a sidecar    SIDECAR_FAULT       no TOML, a key that is none, a value that is not as expected
                 LONE_SIDECAR        no seed lies beside it
                 NO_SUCH_RECORD      no record begins where it says
    a container  DAMAGED_CONTAINER   some of a tar or zip is no member; all that are whole are read
                 ENCRYPTED_MEMBER    nobody can read it without its password
                 OTHER_PACKING       packed otherwise than stored or deflated
                 TOO_DEEP            a container in a container in a container
                 TOO_MANY_MEMBERS    a list of members that would not fit into memory
    compression  TRUNCATED           the file ends in the middle
                 CORRUPT             the file is damaged
                 BOMB                a small file that unpacks to a huge one
                 MEMORY              unpacking it would take too much memory

All other records and files are read nevertheless. What was read from a file before, and cannot be read now, still
stands: a failing disk is never taken for the loss of a document. `SeedError` carries a reason out of a file that is
being read; the records before it stand.
"""

from dataclasses import dataclass

from converters.model import Rejection

MAX_RECORD = 64 * 1024 * 1024
MAX_TEXT = 8 * 1024 * 1024
"""Bytes of a record that is nothing but text: that of any book is smaller."""
MOST_PARAGRAPHS, LONGEST_TITLE, LONGEST_ADDRESS = 100_000, 10_000, 8_000


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    """What was expected; `{found}` stands for what was found."""
    remedy: str
    """`{sidecar}` stands for the name of the seed's sidecar."""
    unread: bool = False
    """Whether it keeps a file from being read, or being read on."""
    passing: bool = False
    """Whether it may be gone at the next reading though the file stays as it is."""

    def rejects(self, seed: str, line: int = 0, found: str = "") -> Rejection:
        reason = self.text.format(found=_shown(found))
        remedy = self.remedy.replace("{sidecar}", f"{seed.rpartition('/')[2]}.seed.toml")
        return Rejection(seed, line, reason, remedy, self.unread, self.passing)


class SeedError(OSError):
    """A fault of a whole file: it cannot be opened, or not be read on."""

    def __init__(self, reason: Reason, seed: str, found: str = "") -> None:
        super().__init__(str(reason.rejects(seed, found=found)))
        self.reason = reason
        self.seed = seed
        self.found = found
        self.line = 0
        """Where the record begins that the fault cut, once that is known."""

    @property
    def rejection(self) -> Rejection:
        return self.reason.rejects(self.seed, self.line, self.found)


NO_HEADER = Reason(
    'no header: expected a first line like "date 2023-03-08 https://example.org/page", found {found}',
    "put a file {sidecar} beside it that gives its date, address or title, or says skip = true",
)
IMPOSSIBLE_DATE = Reason(
    "the header's date is not a day of the calendar written as YYYY-MM-DD: {found}",
    "the seed stays as received; give the right date in a file {sidecar} beside it, for this line",
)
UNUSABLE_ADDRESS = Reason(
    "the header's address is not an http or https address with a host: {found}",
    "the seed stays as received; give the right address in a file {sidecar} beside it, for this line",
)
NO_TITLE = Reason(
    "no title: nothing follows the header",
    "nothing is lost; to have it left out without a word, say skip = true for this line in a file {sidecar} beside it",
)
INVISIBLE_TITLE = Reason(
    "the title has no character that can be seen: {found}",
    "the seed stays as received; give a title in a file {sidecar} beside it, for this line",
)
OTHER_FORMAT = Reason(
    "{found}, which is not read",
    "read are text with a header line for each record, saved pages, web archives, tables, mail, feeds and notes, "
    "plain, packed, or in tar and zip files, as README.md shows; save its text in one of these forms, or say "
    "skip = true in a file {sidecar} beside it",
)
EMPTY_BODY = Reason(
    "no text: nothing follows the title {found}",
    "if this is the text, give a title in a file {sidecar} beside it, for this line; or say skip = true there",
)
TOO_LARGE = Reason(
    f"the record is larger than {MAX_RECORD // 1024 // 1024} MB",
    "split it into several records, or see whether header lines are missing inside it",
)
LONG_TEXT = Reason(
    f"the text is larger than {MAX_TEXT // 1024 // 1024} MB, or has more than {MOST_PARAGRAPHS:,} paragraphs",
    "put copies of its parts into seeds of their own, or see whether header lines are missing inside it",
)
LONG_TITLE = Reason(
    f"the title has more than {LONGEST_TITLE:,} characters: {{found}}",
    "give a title in a file {sidecar} beside it, for this line; its own stays as the first paragraph",
)
LONG_ADDRESS = Reason(
    f"the address has more than {LONGEST_ADDRESS:,} characters: {{found}}",
    "give the address in a file {sidecar} beside it, for this line",
)
NO_PAGE = Reason("the page cannot be read: {found}", "open it in a browser and save it again")
DAMAGED_RECORD = Reason(
    "a damaged record {found}; the records after it were read",
    "fetch the file again; what it lost is nowhere else",
)
NO_DOCUMENT = Reason(
    "the page holds no text of a document, only navigation and the like: {found}",
    "save the page again when it has finished loading; or take it out of seeds/",
)
SEVERAL_RECORDS = Reason(
    "its sidecar gives one {found} to a file of several records, of which this is not the first",
    "name the one that is meant, in a section [[record]] with its line",
)
SIDECAR_FAULT = Reason("its sidecar {found}", "correct it; the seed is not read until then", unread=True)
LONE_SIDECAR = Reason(
    "a sidecar without its seed: {found}",
    "name it after the seed and put it beside: letter.txt.seed.toml for letter.txt",
)
NO_SUCH_RECORD = Reason(
    "its sidecar tells of {found}, where no record begins",
    "give the line that convert or the page names, or remove the section",
)
NO_MESSAGE = Reason("a message that cannot be read, at {found}", "open it in a program for mail and save it again")
NEEDS_PYARROW = Reason(
    "a Parquet file, which is read with pyarrow", "install it: .venv/bin/pip install pyarrow", unread=True
)
NO_COLUMNS = Reason(
    "a table without a column that is known to hold text or addresses: {found}",
    'name its columns in a file {sidecar} beside it: [tables] text = "…", title = "…", address = "…", date = "…"',
)
NO_ROW = Reason(
    "a row that cannot be read, at {found}", "correct what wrote it; or say skip = true for its line in {sidecar}"
)
UNCLOSED = Reason(
    "the table ends inside a row, which begins at {found}; the rows before that were read",
    "fetch the file again, or close the quotes or brackets of that row in a copy",
    unread=True,
)
NOT_A_FILE = Reason("not a regular file but {found}; it was not read", "take it out of seeds/", unread=True)
LINK_OUT = Reason(
    "a link that leads out of seeds/, to {found}; it was not followed",
    "put the file itself in the link's place",
    unread=True,
)
LINK_TO_NOTHING = Reason(
    "a link that leads nowhere: {found}", "put the file in the link's place, or remove the link", unread=True
)
CANNOT_OPEN = Reason(
    "cannot be read: {found}",
    "check the permissions of the file and its folder, and the disk",
    unread=True,
    passing=True,
)
SHORTER = Reason("the file is shorter than when its records were read", "run convert again", unread=True)
CUT = Reason(
    "holds less than before; what was published stays as it is: {found}",
    "put the whole file back; if it is meant to be so, run convert --accept",
)
DAMAGED_CONTAINER = Reason(
    "the container is damaged at {found}; the members that are whole were read",
    "fetch the file again; what it lost is nowhere else",
    unread=True,
)
ENCRYPTED_MEMBER = Reason(
    "the member is encrypted; it was not read", "unpack it with its password, and put the file itself into seeds/"
)
OTHER_PACKING = Reason(
    "the member is packed in a way that is not read: {found}", "unpack it, and put the file itself into seeds/"
)
TOO_DEEP = Reason(
    "a container that lies two others deep; it was not read", "unpack one of them, and put what is in it into seeds/"
)
TOO_MANY_MEMBERS = Reason(
    "the container has more members than can be listed; it was not read", "unpack it, and put the files into seeds/"
)
TRUNCATED = Reason(
    "the compressed file ends in the middle; only what stands in whole pieces before that was read",
    "fetch or compress the file again",
    unread=True,
)
CORRUPT = Reason(
    "the compressed file is damaged ({found}); only what stands in whole pieces before that was read",
    "fetch or compress the file again, and see that nothing was appended to it",
    unread=True,
)
BOMB = Reason(
    "the compressed file unpacks to more than 100 times its size; reading stopped after {found}",
    "if you trust it, unpack it and put the unpacked file in its place",
    unread=True,
)
MEMORY = Reason(
    "unpacking would take more memory than allowed ({found})",
    "unpack the file, or compress it with a smaller window, and put that in its place",
    unread=True,
)


def _shown(found: str) -> str:
    """Short enough for one line of a report, and without characters that would break it."""
    if not found:
        return "nothing"
    cut = f"{found[:100]}…" if len(found) > 101 else found
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)

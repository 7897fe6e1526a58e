"""Working data can go at any moment: what cannot be found again lies in content/."""

import shutil

from tests.conftest import Run, TestArchive, record

OSLO, BERGEN, TROMSO = (f"2023/03/08/{name}.html" for name in ("oslo-opens", "bergen-opens", "tromso-opens"))


def test_every_command_works_without_what_the_one_before_left_in_the_cache(archive: TestArchive) -> None:
    for name in ("Oslo", "Bergen", "Tromso"):
        archive.add(
            f"{name}.txt",
            record(f"{name} opens", f"{name} was opened. Norway was glad.", url=f"https://{name}.example/"),
        )

    def run(command: str, *options: str) -> Run:
        shutil.rmtree(archive.root / ".cache", ignore_errors=True)
        ran = archive.run(command, *options)
        assert ran.status == 0, (command, ran.said)
        return ran

    assert "3 new" in run("site", "--no-search").said
    run("withdraw", OSLO, "--why", "At the request of the author")
    run("build", "--no-search")
    run("bundle")
    run("rename", BERGEN, "2023/03/08/bergen-is-open.html")
    assert "0 new, 0 changed" in run("convert").said
    run("build", "--no-search")
    run("check")
    run("export")
    run("bundle")
    before = archive.files("output"), archive.files("dist"), archive.files("content")

    run("site", "--no-search")
    run("bundle")
    run("export")

    assert (archive.files("output"), archive.files("dist"), archive.files("content")) == before
    assert archive.page(OSLO).select_one(".e-content") is None
    assert archive.page(TROMSO).select_one(".e-content") is not None

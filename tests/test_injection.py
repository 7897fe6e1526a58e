"""The harness of `./seedbank faults`, in a small form: under a conversion, one call of each kind fails."""

from bench.faults import faults
from tests.conftest import installed


def test_one_error_of_each_kind_under_a_conversion_loses_nothing() -> None:
    installed("strace", "strace")
    tried = [*faults.try_command(("convert",), most=1, kinds=("read", "getdents64", "write", "rename"))]
    assert [one.tried for one in tried] == [1, 1, 1, 1]
    assert not [one for one in tried if one.failures]

from typing import get_args

from consign.domain.business import GROUPS
from consign.domain.commands import Command


def test_every_command_belongs_to_one_group() -> None:
    of_groups = [command for group in GROUPS for command in get_args(group.commands.__value__)]
    of_storage = [command for union in get_args(Command.__value__) for command in get_args(union.__value__)]
    assert len(of_groups) == len(set(of_groups))
    assert set(of_groups) == set(of_storage)

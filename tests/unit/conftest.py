"""What unit tests share."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

SetEnvironment = Callable[..., None]


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> SetEnvironment:
    """Set names of ours in the process's environment, and no others of ours, for the length of a test."""

    def put(**names: str) -> None:
        for name in os.environ:
            if name.upper().startswith("HEIRLOOM_"):
                monkeypatch.delenv(name)
        for name, value in names.items():
            monkeypatch.setenv(name, value)

    return put

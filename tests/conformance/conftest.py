"""The service that the tests of requests share."""

from __future__ import annotations

import pytest

from app.compile.build import Built
from app.settings import Settings
from tests.conformance.asked import Service, service_of


@pytest.fixture(scope="module")
def service(built: Built, settings: Settings) -> Service:
    """The service as it comes."""
    return service_of(built, settings)

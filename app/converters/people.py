"""Users: keys in addresses, offsets of their clocks."""

from __future__ import annotations

import re
from functools import lru_cache

from app.converters.registry import converter

#: 14 hours: more minutes than that are seconds, and no zone but UTC has so few seconds
MOST_MINUTES = 14 * 60
#: what stands before the key in the address of a company's page
COMPANY = "/companies/"


@converter(
    takes="text",
    gives="text",
    examples=[
        ("https://www.upwork.com/freelancers/~0123456789abcdef01", "~0123456789abcdef01"),
        ("~0123456789abcdef01", "~0123456789abcdef01"),
        ("https://www.upwork.com/o/companies/~018888888888888888/", ""),
    ],
)
@lru_cache(maxsize=1024)
def profile_key(address: str) -> str:
    """The profile key in the address of a profile; empty where there is none. Source: legacy users, `profile_key`.

    The key in a company's address is the company's.
    """
    found = None if COMPANY in address else re.search(r"~[0-9A-Za-z]{10,32}", address)
    return found[0] if found else ""


@converter(takes="number", gives="number", examples=[(-420, -25200), (345, 20700), (-25200, -25200), (0, 0)])
def zone_seconds_of(offset: int) -> int:
    """The offset of a time zone in seconds, from minutes or seconds.

    The contract says seconds (users, line 3098), the upstream's own description minutes; the sizes cannot meet.
    """
    return offset * 60 if abs(offset) <= MOST_MINUTES else offset

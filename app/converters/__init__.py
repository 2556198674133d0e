"""Named value conversions, registered with the examples that are their tests and their docs.

A converter says what it takes and gives (`text`, `number`, `boolean`, `list`, `record`, `any`), so that the compiler
can refuse one that does not fit. null never arrives: plans pass it by. A converter gives its value or raises
ConversionError.
Each module of this package is one topic; all of them are read here, so that every converter is registered.
"""

from app.converters import (
    codes,
    days,
    diaries,
    flags,
    instants,
    lists,
    money,
    names,
    people,
    profiles,
    ranges,
    rows,
    searching,
    sorting,
)
from app.converters.registry import CONVERTERS, ConversionError, Converter, Kind, converter

TOPICS = (
    codes,
    days,
    diaries,
    flags,
    instants,
    lists,
    money,
    names,
    people,
    profiles,
    ranges,
    rows,
    searching,
    sorting,
)

__all__ = ["CONVERTERS", "TOPICS", "ConversionError", "Converter", "Kind", "converter"]

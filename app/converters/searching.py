"""Words to search for."""

from __future__ import annotations

import re

from app.converters.registry import ConversionError, converter


@converter(takes="text", gives="text", examples=[("css3;html5", "css3 html5"), ("node.js, react", "node.js react")])
def skill_words(text: str) -> str:
    """Skills joined by `;` or `,` as one expression that asks for all of them. Source: contract jobs, line 3187."""
    words = [word.strip() for word in re.split("[;,]", text) if word.strip()]
    if not words:
        raise ConversionError("must be one or more skills joined by ';'")
    return " ".join(words)

"""The audience filter language: MongoDB's query operators over contact documents, compiled once to a predicate.

``docs/filters.md`` describes the language, ``docs/decisions/0003-filter-language.md`` why it is ours.
"""

from clarion.domain.filters.compiler import Predicate, compile_filter
from clarion.domain.filters.place import FilterRejected

__all__ = ["FilterRejected", "Predicate", "compile_filter"]

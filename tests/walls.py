"""A contract for import-linter that lists what may be imported, where its own list what may not.

    type = "only"
    source_packages = ["package.part"]          # each may also import what is its own
    except_packages = ["package.part.other"]    # no part of it: has a contract of its own
    allowed_modules = ["package.other", "numpy"]
    standard_library = "whole"                  # or "pure": nothing that reads or changes the world

Only direct imports count. `TYPE_CHECKING` imports count too.
"""

import sys
from enum import Enum
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules

# fmt: off
PURE = frozenset({
    "__future__", "abc", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "html", "itertools",
    "json", "math", "operator", "re", "statistics", "string", "textwrap", "types", "typing", "xml",
})
# fmt: on


class StandardLibrary(Enum):
    """How much of the standard library may be imported."""

    WHOLE = "whole"
    PURE = "pure"


class OnlyContract(Contract):
    """Packages import their own modules, the allowed ones, and of the standard library so much."""

    # Import-linter replaces each field by its value.
    source_packages: Any = fields.SetField(subfield=fields.ModuleField())
    except_packages: Any = fields.SetField(subfield=fields.ModuleField(), required=False)
    allowed_modules: Any = fields.SetField(subfield=fields.ModuleExpressionField())
    standard_library: Any = fields.EnumField(StandardLibrary)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect each import that is not allowed, with its line."""
        standard = (
            sys.stdlib_module_names if self.standard_library is StandardLibrary.WHOLE else PURE
        )
        allowed = standard | {
            module.name for module in module_expressions_to_modules(graph, self.allowed_modules)
        }
        apart = {
            module
            for package in self.except_packages or ()
            for module in (package.name, *graph.find_descendants(package.name))
        }
        broken = []
        for package in sorted(module.name for module in self.source_packages):
            own = ({package} | graph.find_descendants(package)) - apart
            for importer in sorted(own):
                imported_modules = graph.find_modules_directly_imported_by(importer)
                for imported in sorted(imported_modules - own - allowed):
                    for detail in graph.get_import_details(importer=importer, imported=imported):
                        broken.append(f"{importer}:{detail['line_number']} imports {imported}")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that is not allowed."""
        for line in check.metadata["broken"]:
            output.print_error(line)

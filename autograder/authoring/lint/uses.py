"""What is wrong with the use of a value whose form nobody has checked, and the remedy."""

import ast

from msgspec import Struct

ARITHMETIC = "computes with what the student's code returned: take it through finite() first"
COMPARISON = "compares what the student's code returned: check_close() or distinct() does it safely"
ARGUMENT = "hands over what the student's code returned: take it through finite() or integers()"
METHOD = "calls an array's method of what the student's code returned: take it through finite()"
INDEX = "uses what the student's code returned as an index: take it through integers()"
ITEMS = "goes through what the student's code returned: take it through items() or finite()"
EXPECTED = "expects what the student's code returned: take it through finite() or integers()"
MESSAGE = "writes what the student's code returned into a message: say what is wrong with it"
FUNCTION = "is a function that the student's code may call with anything: hand over callback()"


class Use(Struct, frozen=True):
    """An expression that uses such a value."""

    file: str
    node: ast.expr
    problem: str

"""What a student's code says, as far as it may stand in the student's report.

A message such as "shapes (8,4) and (3,4) not aligned" helps; but code that puts its input into a
message would read hidden inputs from its own report. So only short lines without data are quoted.
The instructor sees the whole text.
"""

import re

_ADDRESS = re.compile(r"\b0x[0-9a-f]+", re.IGNORECASE)
_DATA = re.compile(r"\d\.\d|\d\.?e[+-]?\d|\d\.[\s,\]]|\d{5}|array\(|\[\[", re.IGNORECASE)
_LONGEST = 200


def quoted(text: str, instead: str) -> str:
    """The first line of `text`, or `instead` where it is long or looks like data.

    Addresses in memory, which are others in every run, become `0x…`.
    """
    line = _ADDRESS.sub("0x…", text.partition("\n")[0])
    harmless = len(line) <= _LONGEST and line.isprintable() and not _DATA.search(line)
    return line if harmless else instead

"""The heat maps of one result: where tensors are wrong, as long as that is less than a double."""

from autograder.core.results import Heatmap

BITS = 63
_CELLS = 24


class Drawings:
    """Draws heat maps while there are bits left: a square, right or wrong, is one."""

    def __init__(self, bits: int = BITS) -> None:
        self._left = bits

    def draw(self, heatmap: Heatmap | None) -> Heatmap | None:
        """The map in few squares, each of them filled if one of its entries is wrong."""
        if heatmap is None:
            return None
        drawn = coarse(heatmap)
        if len(drawn.errors) > self._left:
            return None
        self._left -= len(drawn.errors)
        return drawn


def coarse(heatmap: Heatmap) -> Heatmap:
    """At most 24 squares: neighbours share one until they are so few."""
    rows, columns, down, right = heatmap.rows, heatmap.columns, 1, 1
    while -(-rows // down) * -(-columns // right) > _CELLS:
        if rows // down >= columns // right:
            down += 1
        else:
            right += 1
    drawn_rows, drawn_columns = -(-rows // down), -(-columns // right)
    errors = [0.0] * (drawn_rows * drawn_columns)
    for index, error in enumerate(heatmap.errors):
        row, column = divmod(index, columns)
        if error:
            errors[row // down * drawn_columns + column // right] = 1.0
    return Heatmap(
        tensor=heatmap.tensor, rows=drawn_rows, columns=drawn_columns, errors=tuple(errors)
    )

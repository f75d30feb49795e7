"""Pure decisions: values, numerics, grading arithmetic. No files, sockets or clocks."""

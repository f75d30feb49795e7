#!/usr/bin/env bash
# Downloads what the kit's machine lacks, as wheels for Python 3.12 on x86-64, into wheels/,
# and says how much would travel there. Needs the network; the machine itself needs none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
most=$((64 * 2**20))

# What the program depends on, but for numpy and pytest: the machine has its own, beside torch.
wanted=$("$python" - "$root/pyproject.toml" <<'PYTHON'
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text())["project"]
print("\n".join(d for d in project["dependencies"] if not d.startswith(("numpy", "pytest"))))
PYTHON
)
rm -rf "$here/wheels"
mapfile -t packages <<<"$wanted"
"$python" -m pip download --quiet --disable-pip-version-check --dest "$here/wheels" \
    --only-binary :all: --python-version 3.12 --implementation cp \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 "${packages[@]}"

travels=$( (cd "$root" && git ls-files -z --cached --others --exclude-standard &&
    find benchmarks/gpu/wheels -type f -print0) |
    (cd "$root" && du --files0-from=- --total --bytes --apparent-size) | tail -1 | cut -f1)
echo "$(find "$here/wheels" -name '*.whl' | wc -l) wheels; the tree and they are $((travels / 2**20)) MiB"
if ((travels > most)); then
    echo "that is more than $((most / 2**20)) MiB" >&2
    exit 1
fi

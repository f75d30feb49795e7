#!/usr/bin/env bash
# The GPU kit: benchmarks/gpu/run.sh [--device cpu] [--only PART,…] [--skip PART,…] [--budget SECONDS]
# Writes results.jsonl, table.txt and log.txt into $OUT (results/gpu without it).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
OUT=${OUT:-$root/results/gpu}
work=$(mktemp -d "${TMPDIR:-/tmp}/gpu-kit.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$OUT" "$work/bin" "$work/site"
chmod 755 "$work"

# Agent and examiner start isolated from the environment, so PYTHONPATH does not reach them. An
# environment of the kit's own names, by a .pth file, the wheels, this tree and what the machine has.
"$python" -m venv --without-pip "$work/venv"
"$python" - "$here/wheels" "$work/site" <<'PYTHON'
import sys
import zipfile
from pathlib import Path

for wheel in sorted(Path(sys.argv[1]).glob("*.whl")):
    zipfile.ZipFile(wheel).extractall(sys.argv[2])
PYTHON
purelib=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
{
    # Wheels are for 3.12; another Python has to bring everything itself.
    "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' && echo "$work/site"
    echo "$root"
    "$python" -c 'import sys
for path in sys.path:
    if path.endswith("-packages"):
        print(f"import site; site.addsitedir({path!r})")'
} >"$purelib/gpu-kit.pth"

# Bubblewrap would hide what the .pth file names, and the machine has none: the plain local sandbox.
printf '#!/bin/sh\nexit 1\n' >"$work/bin/bwrap"
chmod +x "$work/bin/bwrap"

# The local sandbox starts the agent without LD_LIBRARY_PATH: the driver must be found without it.
driver_found() { env -i "$work/venv/bin/python" -c 'import ctypes; ctypes.CDLL("libcuda.so.1")' 2>/dev/null; }
export KIT_LIBCUDA="in the linker's cache"
if [ -e /dev/nvidiactl ] && ! driver_found; then
    KIT_LIBCUDA="not found"
    IFS=: read -ra folders <<<"${LD_LIBRARY_PATH:-}:/usr/local/nvidia/lib64:/usr/local/nvidia/lib"
    for folder in "${folders[@]}"; do
        if [ -n "$folder" ] && [ -e "$folder/libcuda.so.1" ]; then
            ldconfig "$folder" && KIT_LIBCUDA="after \`ldconfig $folder\`"
            break
        fi
    done
fi

# Read from disk once: an agent that takes longer than half a minute to start counts as lost.
time env -i "$work/venv/bin/python" -c 'import torch._dynamo, sklearn, autograder.cli' || true

export OUT PATH="$work/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
"$work/venv/bin/python" "$here/kit.py" "$@"

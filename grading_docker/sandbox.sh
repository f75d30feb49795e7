#!/usr/bin/env bash
# Runs a command with the sandbox that this machine has.
#
#   sandbox.sh auto|docker|local COMMAND…
#
# `auto` and `docker` make sure of an engine and of the numpy image. Where that is impossible,
# `docker` fails and `auto` goes on without, saying so. The command's own --sandbox is told by
# AUTOGRADER_SANDBOX.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=$1
shift

if [[ $wanted != local ]]; then
    if grading_docker/engine.sh && .venv/bin/autograder images numpy; then
        wanted=docker
    elif [[ $wanted == docker || -n ${AUTOGRADER_REQUIRE_DOCKER:-} ]]; then
        exit 3
    else
        wanted=local
        echo "──────────────────────────────────────────────────────────────────────────────" >&2
        echo "No Docker here: going on with the LOCAL sandbox, which protects against accidents," >&2
        echo "not against attackers. The tests that need an engine are skipped." >&2
        echo "──────────────────────────────────────────────────────────────────────────────" >&2
    fi
fi
export AUTOGRADER_SANDBOX=$wanted
exec "$@"

#!/usr/bin/env bash
# Makes sure that a Docker engine answers on this machine.
#
#   engine.sh [DOCKERD-OPTION...]     e.g. engine.sh --data-root /big/disk/docker
#
# Does nothing where `docker info` answers. On Debian or Ubuntu, as root, it installs docker.io with
# apt where no engine is installed and starts it: by systemd where that runs, else
# `dockerd --bridge=none --iptables=false` detached (grading needs no network), with the options
# given, its log in $DOCKERD_LOG (/var/log/dockerd.log). Idempotent. cgroup v1 and v2 both do.
#
# Exit codes: 0 an engine answers; 2 there is none and it cannot be installed or started by this
# user on this machine (the message says what to do); 3 apt could not install it; 4 it was started
# but does not answer (the message shows the end of its log).
set -euo pipefail

log=${DOCKERD_LOG:-/var/log/dockerd.log}
attempts=3
patience=60 # seconds that an engine gets to answer

say() { printf 'engine.sh: %s\n' "$*" >&2; }
limit=$(command -v timeout || true) # macOS has none
answers() { ${limit:+"$limit" 20} docker info >/dev/null 2>&1; }
manual() {
    say "$1"
    say "Install Docker Engine by hand (https://docs.docker.com/engine/install), start it, let your"
    say "user reach it, and check with: docker info. Or grade with --sandbox local."
    exit 2
}

# The value of dockerd's option --$1 among the arguments, else $2.
option() {
    local name=$1 value=$2
    shift 2
    while (($#)); do
        case $1 in
            --"$name"=*) value=${1#*=} ;;
            --"$name") value=${2-} ;;
        esac
        shift
    done
    printf '%s' "$value"
}

# Prints the process id in pid file $2 if that process is a $1; else the file is stale and goes.
living() {
    local pid
    pid=$(cat "$2" 2>/dev/null) || return 1
    if [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) == "$1" ]]; then
        printf '%s' "$pid"
    else
        rm -f "$2"
        return 1
    fi
}

# Ends process $1, at the latest after ten seconds by SIGKILL.
end() {
    kill "$1" 2>/dev/null || return 0
    timeout 10 tail --pid="$1" -f /dev/null || kill -KILL "$1" 2>/dev/null || true
}

# Waits until the engine answers; fails as soon as process $1 is gone.
wait_until_answers() {
    local deadline=$((SECONDS + patience))
    while ((SECONDS < deadline)); do
        answers && return 0
        kill -0 "$1" 2>/dev/null || return 1
        sleep 0.3
    done
    return 1
}

install_engine() {
    say "installing docker.io with apt"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 || say "some package sources do not answer; trying with the others"
    apt-get install -y -qq docker.io >&2 || return 1
    # From Debian 13 on the client is a package of its own.
    command -v docker >/dev/null || apt-get install -y -qq docker-cli >&2
}

command -v docker >/dev/null && answers && exit 0

if [[ $EUID -ne 0 ]]; then
    if [[ $(docker info 2>&1) == *"ermission denied"* ]]; then
        manual "an engine runs, but user $(id -un) may not use it (group docker, or run as root)."
    fi
    manual "no Docker engine answers, and only root can start one."
fi

if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    . /etc/os-release 2>/dev/null || true
    [[ " ${ID:-} ${ID_LIKE:-} " =~ \ (debian|ubuntu)\  ]] && command -v apt-get >/dev/null ||
        manual "no Docker engine is installed, and ${PRETTY_NAME:-$(uname -s)} is not Debian or Ubuntu."
    install_engine || { say "apt could not install docker.io: see above."; exit 3; }
fi
if [[ -d /run/systemd/system ]] && systemctl start docker >&2 && answers; then
    exit 0
fi

pidfile=$(option pidfile /var/run/docker.pid "$@")
containerd_pidfile=$(option exec-root /var/run/docker "$@")/containerd/containerd.pid
if pid=$(living dockerd "$pidfile"); then
    say "waiting for the engine that runs already (pid $pid)"
    wait_until_answers "$pid" && exit 0
fi

# A killed dockerd leaves its containerd behind. The next start then finds it, waits for it in vain
# ("timeout waiting for containerd"), ends it and gives up; only the start after that has a free
# field. So it is ended here, and a start that failed is tried again all the same.
for ((attempt = 1; attempt <= attempts; attempt++)); do
    living dockerd "$pidfile" >/dev/null && break # mute, and a second one would not start beside it
    orphan=$(living containerd "$containerd_pidfile") && end "$orphan"
    say "starting dockerd (attempt $attempt of $attempts)"
    setsid dockerd --bridge=none --iptables=false "$@" </dev/null >>"$log" 2>&1 &
    wait_until_answers $! && exit 0
done

say "the engine does not answer; the end of $log:"
tail -n 15 "$log" >&2 2>/dev/null || true
exit 4

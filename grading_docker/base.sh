#!/usr/bin/env bash
# Makes sure of the base image of the grading images: Python 3.11 with pip on Debian.
#
#   base.sh TAG       e.g. base.sh autograder-base:python3.11
#
# Does nothing where TAG exists. Otherwise TAG becomes `python:3.11-slim` where a registry answers,
# else a minimal Debian made by debootstrap from the package mirror that this machine uses.
#
# Exit codes: 0 the image is there; 2 it cannot be made on this machine (the message says what to
# do); 3 debootstrap or the import failed; 64 wrong usage.
set -euo pipefail

release=bookworm # the Debian release whose Python is 3.11
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf 'base.sh: %s\n' "$*" >&2; }

[[ $# -eq 1 ]] || { say "usage: base.sh TAG"; exit 64; }
tag=$1

docker image inspect "$tag" >/dev/null 2>&1 && exit 0

# The engine gives up by itself on a registry that it cannot reach; the limit is for a stuck one.
limit=$(command -v timeout || true) # macOS has none
if ${limit:+"$limit" 300} docker pull --quiet python:3.11-slim >/dev/null 2>&1; then
    docker tag python:3.11-slim "$tag"
    exit 0
fi
say "no registry answers: building the base image with debootstrap"

if [[ $EUID -ne 0 ]]; then
    say "debootstrap needs root. Run \`sudo grading_docker/base.sh $tag\` once, or load the image"
    say "python:3.11-slim from a file (docker load) and tag it: docker tag python:3.11-slim $tag"
    exit 2
fi
if ! command -v debootstrap >/dev/null || [[ ! -e $keyring ]]; then
    if ! command -v apt-get >/dev/null; then
        say "debootstrap is not installed, and there is no apt-get to install it with. Make the image"
        say "on a Debian machine (docker save $tag) and load it here (docker load)."
        exit 2
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 || say "some package sources do not answer; trying with the others"
    apt-get install -y -qq debootstrap debian-archive-keyring >&2 || {
        say "apt-get could not install debootstrap and debian-archive-keyring: see above."
        exit 2
    }
fi

# Without a Debian mirror in apt's configuration (Ubuntu, say) debootstrap takes its own default.
configured_mirror() {
    grep -qx 'ID=debian' /etc/os-release || return 0
    local codename
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Identifier: Packages' |
        awk -v codename="$codename" '$1 == codename && $2 == "main" { print $3; exit }'
}

work=$(mktemp --directory --tmpdir="${TMPDIR:-/var/tmp}" autograder-base.XXXXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
mirror=$(configured_mirror)

debootstrap --variant=minbase --include=python3,python3-pip-whl \
    --keyring="$keyring" --force-check-gpg "$release" "$work/root" ${mirror:+"$mirror"} \
    >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" "$work/root/debootstrap/debootstrap.log" >&2 2>/dev/null || true
    say "debootstrap failed: its last lines stand above. Is the mirror ${mirror:-of debootstrap} reachable?"
    exit 3
}
tar --directory="$work/root" --one-file-system --exclude='./var/cache/apt/*' --exclude='./dev/*' \
    --create . | docker import --change 'CMD ["python3"]' - "$tag" >/dev/null || {
    say "docker import failed: is there room under Docker's data directory?"
    exit 3
}

#!/bin/bash
# Builds docker/Dockerfile and runs the image the way docker/compose.yaml does, without a Docker engine: buildah and podman
# with runc, as root. Can be run again; leaves the images, removes the containers and the volume.
#
#   tests/docker/check.sh [--worktree]      --worktree: the files as they are here, not what is committed
#
# The build stage shares this user's compiler cache, so that a second run takes a minute.
#
# Packages: buildah podman runc mmdebstrap curl. crun does not start here (hybrid cgroups) and bridge networks do
# not work without an engine, hence runc and --network host (measured 2026-11).
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
repository=$(readlink -f "$here/../..")
base=docker.io/library/debian:bookworm-slim
image=localhost/openclaw-music:check
name=openclaw-music-check-$$
volume=$name
key=check-$RANDOM$RANDOM$RANDOM  # of this run only

say() { printf 'docker-check: %s\n' "$*"; }
fail() {
  say "FAILED: $*"
  podman logs "$name" 2>&1 | tail -n 20 || true
  exit 1
}

work=$(mktemp -d)
finish() {
  podman rm --force --time 2 "$name" >/dev/null 2>&1 || true
  podman volume rm --force "$volume" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

make_base() {
  buildah inspect --type image "$base" >/dev/null 2>&1 && return
  "$repository/tests/tools/debian_root.sh" "$work/base.tar"
  local container
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$work/base.tar" / >/dev/null
  buildah commit --quiet "$container" "$base" >/dev/null
  buildah rm "$container" >/dev/null
}

build_image() {
  mkdir "$work/context"
  if [[ ${1:-} == --worktree ]]; then
    git -C "$repository" ls-files -z --cached --others --exclude-standard |
      tar -C "$repository" --null --ignore-failed-read -T - -c | tar -x -C "$work/context"
  else
    git clone --quiet --no-hardlinks "$repository" "$work/context"
  fi
  mkdir -p "$HOME/.cache/ccache"
  buildah bud --quiet --layers --volume "$HOME/.cache/ccache:/ccache" --build-arg CCACHE_DIR=/ccache --pull-never --isolation chroot \
    --format docker -f "$work/context/docker/Dockerfile" -t "$image" "$work/context" >"$work/build.log" 2>&1 || {
    tail -n 40 "$work/build.log"
    fail "the image does not build"
  }
}

# As compose.yaml: read-only root, no capability, no new privileges, limits; a volume for /data.
run() {
  podman --runtime runc --cgroup-manager cgroupfs run --name "$name" --network host --no-healthcheck --read-only \
    --tmpfs /tmp:size=64m,mode=1777,noexec,nosuid,nodev --cap-drop all --security-opt no-new-privileges \
    --ulimit nofile=20000:20000 --ulimit nproc=4096:4096 --volume "$volume:/data" --env PORT=0 "$@" "$image"
}

# Waits for the line that says where it listens; the log ends by itself if the container does.
start() {
  run --detach --env API_KEYS="check=$key" >/dev/null
  address=$(sed -n '/^listening on /{s///p;q}' < <(timeout 30 podman logs --follow "$name" 2>/dev/null))
  [[ -n $address ]] || fail "does not say where it listens"
  address=http://127.0.0.1:${address##*:}
}

ask() { curl --silent --show-error --fail-with-body --max-time 70 --header "Authorization: Bearer $key" "$@"; }

# The first string field of that name in the JSON on stdin.
field() { [[ $(cat) =~ \"$1\":\ *\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; }

started=$SECONDS
make_base
say "base image: $((SECONDS - started)) s"
started=$SECONDS
build_image "$@"
say "build: $((SECONDS - started)) s, image $(podman image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.0f MB", $1 / 1e6 }')"
[[ $(podman image inspect --format '{{.User}} {{.Config.StopSignal}}' "$image") == "10001:10001 SIGTERM" ]] || fail "user or stop signal"

# Everybody could ask: it must refuse to start, and say which variable.
refusal=$(run --rm 2>&1) && fail "starts on a public address without keys"
grep -q API_KEYS <<<"$refusal" || fail "the refusal does not name API_KEYS: $refusal"

start
podman exec --env PORT="${address##*:}" "$name" healthcheck || fail "not healthy"
podman exec --env PORT=1 "$name" healthcheck 2>/dev/null && fail "healthy on a port where nobody listens"
[[ $(podman exec "$name" id -u) == 10001 ]] || fail "runs as another user"
podman exec "$name" bash -c 'echo x > /usr/local/bin/x' 2>/dev/null && fail "the root file system can be written"
[[ $(podman exec "$name" sed -n 's/^CapEff:\s*//p' /proc/self/status) == 0000000000000000 ]] || fail "has capabilities"
[[ $(curl --silent --output /dev/null --write-out '%{http_code}' "$address/jobs") == 401 ]] || fail "answers without a key"

started=$SECONDS
job=$(ask --header 'Content-Type: application/json' --data '{"theme":"rainy night in Tokyo, lofi"}' "$address/generate" | field id)
while [[ $(ask --header 'Prefer: wait=60' "$address/jobs/$job" | field status) =~ ^(queued|running)$ ]] && ((SECONDS - started < 300)); do :; done
[[ $(ask "$address/jobs/$job" | field status) == success ]] || fail "the job did not succeed: $(ask "$address/jobs/$job")"
ask --output "$work/song" "$address/jobs/$job/audio"
say "a song in the container: $((SECONDS - started)) s, $(stat -c %s "$work/song") bytes"

# An orderly end on SIGTERM, and the job is still there afterwards.
started=$SECONDS
podman --runtime runc --cgroup-manager cgroupfs stop --time 30 "$name" >/dev/null
[[ $(podman inspect --format '{{.State.ExitCode}}' "$name") == 0 ]] || fail "exit code after SIGTERM"
say "stop: $((SECONDS - started)) s"
podman rm "$name" >/dev/null
start
[[ $(ask "$address/jobs/$job" | field status) == success ]] || fail "the job is lost after a restart"
ask "$address/jobs/$job/audio" | cmp --quiet - "$work/song" || fail "the audio is lost after a restart"
say "passed"

#!/bin/bash
# What a stranger does: both README commands on a fresh Debian 12 with nothing but bash and apt, cold and warm.
#
#   tests/tools/fresh_debian.sh [--test | --only-test] [--worktree] [--keep] [--root FILE.tar] [--ccache DIR]
#
#   --test       also the second command, ./dev test, cold and warm (long)
#   --only-test  the second command alone, once
#   --ccache DIR a compiler cache from outside, so that what is new to the root is the packages alone
#   --worktree   copy the files as they are here instead of cloning what is committed
#   --keep       leave the Debian root in place and say where it is
#   --root FILE  a minbase tar made before by debian_root.sh
#
# Needs root, mmdebstrap, git and ffmpeg (ffprobe) on this machine. The chroot has a mount and process space of its own,
# so that nothing of it is left when this script ends.
set -euo pipefail
repository=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
theme="rainy night in Tokyo, lofi"
run_generate=1 run_tests=0 ccache='' worktree=0 keep=0 root_tar=

while (($#)); do
  case $1 in
    --test) run_tests=1 ;;
    --only-test) run_generate=0 run_tests=1 ;;
    --ccache)
      ccache=${2:?--ccache needs a directory}
      shift
      ;;
    --worktree) worktree=1 ;;
    --keep) keep=1 ;;
    --root)
      root_tar=${2:?--root needs a file}
      shift
      ;;
    *)
      sed -n '4,11s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  shift
done

say() { printf 'fresh: %s\n' "$*"; }
fail() {
  say "FAILED: $*"
  exit 1
}

work=$(mktemp -d)
finish() {
  if ((keep)); then say "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT
debian=$work/debian
mkdir "$debian"
if [[ -z $root_tar ]]; then
  root_tar=$work/minbase.tar
  "$repository/tests/tools/debian_root.sh" "$root_tar"
fi
tar -xpf "$root_tar" -C "$debian"
cp -L /etc/resolv.conf "$debian/etc/resolv.conf"

if ((worktree)); then
  mkdir "$debian/openclaw-music"
  git -C "$repository" ls-files -z --cached --others --exclude-standard |
    tar -C "$repository" --null --ignore-failed-read -T - -c | tar -x -C "$debian/openclaw-music"
else
  git clone --quiet --no-hardlinks "$repository" "$debian/openclaw-music"
fi
say "Debian root: $(du -sh --exclude=openclaw-music "$debian" | cut -f1); tools it lacks:" \
  "$(for tool in git cmake clang++-19 python3 curl sudo; do [[ -x $debian/usr/bin/$tool ]] || printf '%s ' "$tool"; done)"

# Runs a command line in the project folder inside the root, as a fresh login of root would; stdout goes to the named file.
inside() {
  local out=$1
  shift
  # shellcheck disable=SC2016  # for the inner shell to expand
  ccache=$ccache unshare --mount --pid --fork --kill-child bash -c '
    set -e
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mkdir -p "$1/ccache"
    [[ -z $ccache ]] || mount --bind "$ccache" "$1/ccache"
    exec chroot "$1" env -i HOME=/root CCACHE_DIR=/ccache TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      bash -c "cd /openclaw-music && exec \"\$@\"" bash "${@:2}"' bash "$debian" "$@" >"$out" 2>"$out.err" </dev/null
}

# measured NAME COMMAND...: prints the wall time; on failure also the end of what it said.
measured() {
  local name=$1 start=$EPOCHREALTIME out=$work/$1
  shift
  inside "$out" "$@" || {
    tail -n 60 "$out" "$out.err"
    fail "$name: $*"
  }
  say "$name: $(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }')"
}

# The song that the last run says it saved: a real, decodable audio file of sensible length.
check_song() {
  local path duration codec
  grep -q '"status": *"success"' "$1" || fail "no job with status success on stdout"
  path=$(sed -n 's/^saved to //p' "$1")
  [[ -n $path ]] || fail "stdout does not say where the song is"
  [[ $path == /* ]] || path=/openclaw-music/$path
  read -r codec duration < <(ffprobe -v error -select_streams a:0 -show_entries stream=codec_name:format=duration \
    -of csv=p=0 "$debian$path" | paste -s -d ' ')
  awk -v d="$duration" 'BEGIN { exit !(d >= 20 && d <= 400) }' || fail "the song lasts '$duration' s"
  ffmpeg -v error -i "$debian$path" -f null - || fail "the song does not decode"
  say "  $path: $codec, $duration s, $(stat -c %s "$debian$path") bytes, volume $(ffmpeg -hide_banner -nostats \
    -i "$debian$path" -map a:0 -af volumedetect -f null - 2>&1 | sed -n 's/.*mean_volume: //p')"
}

packages_state() { stat -c '%s %Y' "$debian/var/log/dpkg.log"; }

if ((run_generate)); then
  measured generate-cold ./dev generate "$theme"
  check_song "$work/generate-cold"
  before=$(packages_state)
  measured generate-warm ./dev generate "$theme"
  check_song "$work/generate-warm"
  [[ $(packages_state) == "$before" ]] || fail "the second run called apt again"
  rm -rf "$debian/openclaw-music/build/release"
  measured generate-with-compiler-cache ./dev generate "$theme"
fi

if ((run_tests)); then
  for run in cold $( ((run_generate)) && echo warm); do
    measured "test-$run" ./dev test
    grep '^dev: .* s$' "$work/test-$run.err" || true
    tail -n 3 "$work/test-$run" | grep . || true
    grep -q '^100% tests passed' "$work/test-$run" || fail "./dev test did not say that all tests passed"
  done
fi
say "ccache $(du -sh "$debian/ccache" | cut -f1), build $(du -sh "$debian/openclaw-music/build" | cut -f1)," \
  "whole root $(du -sh "$debian" | cut -f1)"
say "done"

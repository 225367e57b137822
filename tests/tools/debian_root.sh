#!/bin/bash
# debian_root.sh FILE.tar: the smallest Debian 12 there is (minbase), as a tar file.
# Mirrors and proxy are those that this machine's apt uses. Needs root and mmdebstrap.
set -euo pipefail
out=$1

# One-line sources for bookworm from both formats that apt reads.
sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ ! -f $file ]] || awk '$1 == "deb"' "$file" | sed -E 's/\[[^]]*\] *//'
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] || continue
    awk -v RS= -F'\n' '{
      split("", field)
      for (i = 1; i <= NF; ++i) if (match($i, /^[A-Za-z-]+:/)) field[tolower(substr($i, 1, RLENGTH - 1))] = substr($i, RLENGTH + 1)
      uris = split(field["uris"], uri, " "); suites = split(field["suites"], suite, " ")
      if (field["types"] ~ /deb( |$)/) for (u = 1; u <= uris; ++u) for (s = 1; s <= suites; ++s) print "deb", uri[u], suite[s], field["components"]
    }' <(grep -v '^#' "$file")
  done
}

options=()
for scheme in http https; do
  proxy=$(apt-config shell value "Acquire::$scheme::Proxy" | sed -E "s/^value='(.*)'$/\1/")
  [[ -z $proxy ]] || options+=(--aptopt="Acquire::$scheme::Proxy \"$proxy\"")
done

sources | awk '$3 ~ /^bookworm(-updates|-security)?$/ { $4 = "main"; NF = 4; print }' | sort -u |
  mmdebstrap --quiet --variant=minbase "${options[@]}" bookworm "$out" -

#!/bin/sh
# Brings irisfix and the pinned fixtures to a machine that runs tests. Keep .cache from run to run: with everything in it
# nothing is fetched.
set -eu
version=${IRISFIX_VERSION:-1.0.0}
sha256=${IRISFIX_SHA256:?of irisfix_${version}_linux_amd64.tar.gz, from checksums.txt of the release}
export IRISFIX_CACHE_DIR="$PWD/.cache/irisfix" PATH="$PWD/.cache/irisfix-$version:$PATH"

if [ ! -x ".cache/irisfix-$version/irisfix" ]; then
  mkdir -p ".cache/irisfix-$version"
  curl -fsSL -o .cache/irisfix.tar.gz "https://github.com/irisfix/irisfix/releases/download/v$version/irisfix_${version}_linux_amd64.tar.gz"
  echo "$sha256  .cache/irisfix.tar.gz" | sha256sum -c
  tar -xzf .cache/irisfix.tar.gz -C ".cache/irisfix-$version" irisfix
fi
irisfix pull --frozen
irisfix load shop --to sqlite:test.db --offline
# Your tests come here.

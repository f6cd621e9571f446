#!/usr/bin/env bash
# Puts irisfix on the PATH of the job. VERSION: a release such as 1.0.0; latest; source, which builds what this action was
# checked out with; path, which takes what is there; or empty: the release that this action was named by, else source.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)

version=${VERSION:-}
if [ -z "$version" ]; then
  version=source
  ! [[ ${ACTION_REF:-} =~ ^v?[0-9]+\.[0-9]+\.[0-9]+ ]] || version=$ACTION_REF
fi

need() { # PROGRAM MESSAGE
  command -v "$1" >/dev/null || {
    echo "::error title=irisfix::$2"
    exit 1
  }
}

directory=$RUNNER_TEMP/irisfix-program
case $version in
  path)
    need irisfix "version is path, and no irisfix is on the PATH"
    irisfix version
    exit
    ;;
  source)
    need go "Go is needed to build irisfix: run actions/setup-go before, or name a version"
    mkdir -p "$directory"
    (cd "$here" && CGO_ENABLED=0 go build -trimpath -o "$directory/" ./cmd/irisfix)
    ;;
  latest)
    sh "$here/ci/install.sh" latest "$directory"
    ;;
  *)
    # Where runners keep tools, so that one that is kept fetches each version once.
    directory=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/irisfix/${version#v}/${RUNNER_ARCH:-unknown}
    if [ ! -e "$directory.complete" ]; then
      sh "$here/ci/install.sh" "$version" "$directory"
      : >"$directory.complete"
    fi
    ;;
esac
echo "$directory" >>"$GITHUB_PATH"
"$directory/irisfix" version

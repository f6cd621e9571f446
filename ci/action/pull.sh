#!/usr/bin/env bash
# Brings fixtures into the cache. If they are there no registry is asked.
set -euo pipefail

# run COMMAND...: with the lock file that was named
run() {
  [ -z "${LOCK_FILE:-}" ] || set -- "$@" --lock-file "$LOCK_FILE"
  irisfix "$@"
}

set -- pull
[ "${FROZEN:-}" != true ] || set -- "$@" --frozen
[ "${SUMMARY:-}" != true ] || set -- "$@" --summary "$GITHUB_STEP_SUMMARY"
set -f # FIXTURES is parted at blanks, and nothing else in it is special
for fixture in ${FIXTURES:-}; do
  case $fixture in
    -*) echo "::error title=irisfix::not a fixture: $fixture" && exit 1 ;;
  esac
  set -- "$@" "$fixture"
done
run "$@"

# What will be kept for later runs shall not grow with every version.
[ "${PRUNE:-}" != true ] || run cache prune --keep-days 7

#!/usr/bin/env bash
# Says where the cache is, and the key under which it is kept. Jobs that pull other fixtures of one lock file have other caches.
set -euo pipefail
set -- irisfix cache key
[ -z "${LOCK_FILE:-}" ] || set -- "$@" --lock-file "$LOCK_FILE"
if [ -z "${FIXTURES:-}" ]; then
  key=$("$@")
else
  # References with a digest need no lock file. If it is for another reason that there is no key, the pull will say so.
  key=$("$@" 2>/dev/null) || key=irisfix-v1
  key=$key-$(echo "$FIXTURES" | tr -s '[:space:]' ' ' | cksum | cut -d ' ' -f 1)
fi
{
  echo "cache-dir=$(irisfix cache dir)"
  echo "key=$key"
} >>"$GITHUB_OUTPUT"

#!/usr/bin/env bash
# Says where the cache is, and the key under which it is kept. Jobs that pull other fixtures of one lock file have other caches.
set -euo pipefail
set -- irisfix cache key
[ -z "${LOCK_FILE:-}" ] || set -- "$@" --lock-file "$LOCK_FILE"
key=$("$@")
[ -z "${FIXTURES:-}" ] || key=$key-$(echo "$FIXTURES" | tr -s '[:space:]' ' ' | cksum | cut -d ' ' -f 1)
{
  echo "cache-dir=$(irisfix cache dir)"
  echo "key=$key"
} >>"$GITHUB_OUTPUT"

#!/usr/bin/env bash
# Runs the conformance suite of the OCI distribution specification against the embedded registry: pull, push, content
# discovery, content management, and what the next version of the specification adds. Fails if a test failed or was
# skipped, or if fewer ran than this version of the suite has. bin/irisfix must have been built. The full report stays
# in .tools/conformance-results.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v0.0.0-20260831232431-97274622c111
expected=986
tools=$PWD/.tools
results=$tools/conformance-results
work=$(mktemp -d)

cleanup() {
  [ -z "${SERVER_PID:-}" ] || kill "$SERVER_PID" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

mkdir -p "$tools"
if ! go version -m "$tools/conformance" 2>/dev/null | grep -qF "$version"; then
  GOBIN=$tools go install "github.com/opencontainers/distribution-spec/conformance@$version"
fi

coproc SERVER { exec bin/irisfix serve --addr 127.0.0.1:0 --dir "$work/registry"; }
read -r -t 30 line <&"${SERVER[0]}"
address=${line#listening on http://}
[ "$address" != "$line" ] || { echo "unexpected first line: $line" >&2; exit 1; }

rm -rf "$results"
failed=0
OCI_REGISTRY=$address OCI_TLS=disabled OCI_VERSION=dev OCI_RESULTS_DIR=$results \
  "$tools/conformance" >"$work/log" 2>&1 || failed=$?

# An attribute that is zero may be left out.
count() {
  local n
  n=$(grep -o '<testsuite .*' "$results/junit.xml" | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9) || true
  echo "${n:-0}"
}
ran=$(($(count tests) - $(count skipped) - $(count disabled)))
bad=$(($(count failures) + $(count errors) + $(count skipped) + $(count disabled)))
echo "conformance: $ran tests ran, $(count failures) failed, $(count errors) broke, $(count skipped) skipped, $(count disabled) disabled"
if [ "$failed" -ne 0 ] || [ "$bad" -ne 0 ] || [ "$ran" -lt "$expected" ]; then
  grep -E 'level=(WARN|ERROR)|: (FAIL|Error|Skip|Disabled)$' "$work/log" >&2 || true
  echo "conformance: expected all of at least $expected tests to pass" >&2
  exit 1
fi

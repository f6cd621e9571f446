#!/bin/sh
# Installs a release of irisfix: install.sh VERSION DIRECTORY, where VERSION is such as 1.0.0 or latest. Needs curl or wget,
# tar (unzip on Windows) and sha256sum or shasum. The archive must have the checksum that checksums.txt of the release says;
# with IRISFIX_CHECKSUMS, the SHA-256 of checksums.txt itself must be that. IRISFIX_RELEASES names a mirror.
set -eu
version=${1:?usage: install.sh VERSION DIRECTORY} directory=${2:?usage: install.sh VERSION DIRECTORY}
releases=${IRISFIX_RELEASES:-https://github.com/irisfix/irisfix/releases}
version=${version#v}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

case $(uname -s) in
  Linux) os=linux archive=tar.gz ;;
  Darwin) os=darwin archive=tar.gz ;;
  MINGW* | MSYS* | CYGWIN*) os=windows archive=zip ;;
  *) fail "there is no release for $(uname -s); use go install" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  arm64 | aarch64) arch=arm64 ;;
  *) fail "there is no release for $(uname -m); use go install" ;;
esac

fetch() { # URL FILE
  if command -v curl >/dev/null; then
    curl -fsSL --retry 3 --output "$2" "$1" || fail "$1 cannot be fetched"
  else
    wget -q -O "$2" "$1" || fail "$1 cannot be fetched"
  fi
}

sum() { # FILE, which is not named to the program: before the sum of a name with a backslash it writes another one
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -d ' ' -f 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$version" = latest ]; then
  from=$releases/latest/download
elif echo "$version" | grep -Eq '^[0-9]+\.[0-9]+\.[0-9]+([+-][0-9A-Za-z.+-]+)?$'; then
  from=$releases/download/v$version
else
  fail "not a version such as 1.0.0, nor latest: $version"
fi
fetch "$from/checksums.txt" "$work/checksums.txt"
if [ -n "${IRISFIX_CHECKSUMS:-}" ]; then
  found=$(sum "$work/checksums.txt")
  [ "$found" = "${IRISFIX_CHECKSUMS#sha256:}" ] || fail "checksums.txt of $version has the SHA-256 $found, not $IRISFIX_CHECKSUMS"
fi

name=irisfix_${version}_${os}_$arch.$archive
if [ "$version" = latest ]; then # which one that is the names tell
  name=$(grep -Eo "irisfix_[0-9A-Za-z.+-]+_${os}_$arch\.$archive" "$work/checksums.txt" | head -n 1) || name=
fi
want=$(tr -d '\r*' <"$work/checksums.txt" | awk -v name="$name" '$2 == name { print $1; exit }')
[ -n "$want" ] || fail "the release $version has no archive for $os on $arch"
fetch "$from/$name" "$work/$name"
found=$(sum "$work/$name")
[ "$found" = "$want" ] || fail "$name has the SHA-256 $found, not $want as checksums.txt says"

mkdir "$work/content" && mkdir -p "$directory"
# In there, since tar takes a path with a colon for one on another machine, and reads backslashes in a directory.
if [ $archive = zip ]; then
  (cd "$work/content" && unzip -q "../$name")
else
  (cd "$work/content" && tar -xzf "../$name")
fi
program=irisfix && [ $os != windows ] || program=irisfix.exe
found=$(find "$work/content" -type f -name "$program" | head -n 1)
[ -n "$found" ] || fail "$name holds no $program"
chmod 755 "$found"
mv -f "$found" "$directory/$program"

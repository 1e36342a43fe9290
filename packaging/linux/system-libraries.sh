#!/bin/sh
# Debian and Ubuntu packages that pip cannot bring. Usage: system-libraries.sh build|window|test …
# As root it installs what is missing; else it says the one line to run.
set -eu
wanted=""
for group in "$@"; do
  case "$group" in
    build) wanted="$wanted python3-venv g++ make libgomp1 libseccomp2" ;;
    window) wanted="$wanted libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libx11-xcb1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 fonts-dejavu-core" ;;
    test) wanted="$wanted poppler-utils qpdf xvfb xauth xdotool" ;;
  esac
done
command -v dpkg-query >/dev/null 2>&1 || exit 0
# Under its own name or another: Ubuntu 24.04 has libglib2.0-0 as libglib2.0-0t64.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' |
  tr ',' '\n' | sed 's/^ *//; s/ .*//')
missing=""
for package in $wanted; do
  printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Faltan bibliotecas del sistema. Ejecute / System libraries are missing. Run:" >&2
  echo "  sudo apt-get install -y$missing" >&2
  exit 1
fi

#!/bin/sh
# What the full tests need beyond Python: PostgreSQL, Chromium with fonts, Pango, gettext; `gettext`: only that.
# Installs what is missing, as root.
set -eu
missing=""
command -v msgfmt >/dev/null 2>&1 || missing="$missing gettext"
if [ "${1:-}" != gettext ]; then
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
  command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
  ldconfig -p 2>/dev/null | grep -q libpangoft2 || missing="$missing libpangoft2-1.0-0"
  ldconfig -p 2>/dev/null | grep -q libharfbuzz-subset || missing="$missing libharfbuzz-subset0"
  fc-list 2>/dev/null | grep -q "Noto Sans CJK" || missing="$missing fontconfig fonts-noto-core fonts-noto-cjk"
fi
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "these packages are needed; install them and run it again:$missing" >&2
  exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null

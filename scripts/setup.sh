# Sourced by ./run and ./test: installs what this machine lacks, and says what and why. Safe to run again: it does nothing when
# nothing is missing. Knows Debian and Ubuntu, Fedora, and macOS with Homebrew.
#   setup build    what the app needs to build and run
#   setup test     also the programs the tests call

CACHE=${PARLEY_CACHE:-$HOME/.cache/parley}
NODE_MAJOR_MIN=20
NODE_MINOR_MIN=19

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
warn() { printf '\033[1;33m==>\033[0m %s\n' "$*" >&2; }
die() { printf '\033[1;31m==>\033[0m %s\n' "$*" >&2; exit 1; }

# as_root COMMAND…: by itself when root, through sudo otherwise.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "This needs an administrator. Run it yourself, then start again: $*"; fi
}

system_of() {
  case "$(uname -s)" in
    Darwin) echo macos; return ;;
    Linux) ;;
    *) echo unknown; return ;;
  esac
  # shellcheck disable=SC1091
  local like; like=$(. /etc/os-release 2>/dev/null; echo "${ID:-} ${ID_LIKE:-}")
  case " $like " in
    *" debian "*|*" ubuntu "*) echo debian ;;
    *" fedora "*|*" rhel "*) echo fedora ;;
    *) echo unknown ;;
  esac
}

# Each line: why | packages. A package is installed only when it is missing.
needs_debian_build='a C compiler, for SQLite and the window|build-essential pkg-config file
cmake, for the audio codecs|cmake
the window (WebKitGTK) and its icons|libwebkit2gtk-4.1-dev librsvg2-dev libssl-dev libxdo-dev
the tray|libayatana-appindicator3-dev
sound|libasound2-dev libpulse-dev
opening links and programs|xdg-utils desktop-file-utils'
needs_debian_test='a screen without a screen, and a window manager|xvfb xauth x11-utils xterm openbox wmctrl xdotool imagemagick
a desktop session: bus, notifications, keyring|dbus dbus-x11 dunst gnome-keyring libnotify-bin
driving the real window|webkit2gtk-driver
a browser for the interface tests|chromium
a sound card without a sound card|pulseaudio pulseaudio-utils
real SIP programs to call and be called by|kamailio kamailio-sqlite-modules kamailio-presence-modules kamailio-tls-modules kamailio-websocket-modules kamailio-outbound-modules sip-tester baresip-core sqlite3 openssl iproute2 nftables curl
a softphone that transfers with Replaces|linphone-cli
speech, and what judges how it sounds|espeak-ng sox python3 python3-venv
fonts for the pictures|fonts-inter fonts-noto-core'
needs_fedora_build='a C compiler, for SQLite and the window|gcc gcc-c++ make pkgconf-pkg-config file
cmake, for the audio codecs|cmake
the window (WebKitGTK) and its icons|webkit2gtk4.1-devel librsvg2-devel openssl-devel libxdo-devel
the tray|libappindicator-gtk3-devel
sound|alsa-lib-devel pulseaudio-libs-devel
opening links and programs|xdg-utils desktop-file-utils
the interface is built with Node|nodejs npm'
needs_fedora_test='a screen without a screen, and a window manager|xorg-x11-server-Xvfb xorg-x11-xauth xorg-x11-utils xterm openbox wmctrl xdotool ImageMagick
a desktop session: bus, notifications, keyring|dbus-daemon dbus-x11 dunst gnome-keyring libnotify
driving the real window|webkit2gtk-driver
a browser for the interface tests|chromium
a sound card without a sound card|pulseaudio pulseaudio-utils
real SIP programs to call and be called by|kamailio kamailio-sqlite kamailio-presence kamailio-tls kamailio-websocket kamailio-outbound sipp baresip sqlite openssl iproute nftables curl'
needs_macos_build='cmake, for the audio codecs|cmake
the interface is built with Node|node'
needs_macos_test=''

have_package() {
  case "$SYSTEM" in
    debian) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
    fedora) rpm -q "$1" >/dev/null 2>&1 ;;
    macos) brew list --formula "$1" >/dev/null 2>&1 || command -v "$1" >/dev/null ;;
  esac
}

install_packages() {
  case "$SYSTEM" in
    debian)
      as_root apt-get update -q >/dev/null || warn "apt-get update failed; trying with the package lists there are."
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null ;;
    fedora) as_root dnf install -y -q "$@" ;;
    macos)
      command -v brew >/dev/null || die "Homebrew is missing. Install it (its own site says how), then start again."
      brew install --quiet "$@" ;;
  esac || die "These packages could not be installed: $*"
}

# need_from LIST: one installation for all that is missing, after saying why.
need_from() {
  local line why packages package missing=() lacks
  while IFS='|' read -r why packages; do
    [ -n "$packages" ] || continue
    lacks=()
    for package in $packages; do have_package "$package" || lacks+=("$package"); done
    if [ ${#lacks[@]} -gt 0 ]; then say "Missing ($why): ${lacks[*]}"; missing+=("${lacks[@]}"); fi
  done <<<"$1"
  if [ ${#missing[@]} -gt 0 ]; then say "Installing ${#missing[@]} system packages …"; install_packages "${missing[@]}"; fi
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  local version major minor; version=$(node --version 2>/dev/null | tr -d v) || return 1
  major=${version%%.*}; minor=${version#*.}; minor=${minor%%.*}
  [ "$major" -gt "$NODE_MAJOR_MIN" ] || { [ "$major" = "$NODE_MAJOR_MIN" ] && [ "$minor" -ge "$NODE_MINOR_MIN" ]; }
}

# Node from the npm registry, kept in our cache, when the system has none or an old one. Only npm itself comes from the system.
need_node() {
  export PATH="$CACHE/node/node_modules/.bin:$CACHE/node/bin:$PATH"
  node_is_new_enough && return
  if ! command -v npm >/dev/null; then
    say "Missing: npm, which fetches Node and the interface's packages"
    case "$SYSTEM" in debian|fedora) install_packages nodejs npm ;; macos) install_packages node ;; esac
  fi
  node_is_new_enough && return
  local cpu; case "$(uname -m)" in x86_64|amd64) cpu=x64 ;; aarch64|arm64) cpu=arm64 ;; *) die "There is no ready Node for $(uname -m). Install Node $NODE_MAJOR_MIN.$NODE_MINOR_MIN or newer." ;; esac
  local os=linux; [ "$SYSTEM" = macos ] && os=darwin
  say "This system's Node is older than $NODE_MAJOR_MIN.$NODE_MINOR_MIN: fetching Node 22 into $CACHE/node"
  mkdir -p "$CACHE/node"
  npm install --loglevel=error --no-audit --no-fund --prefix "$CACHE/node" "node-$os-$cpu@22" "npm@11" || die "Node could not be fetched from the npm registry."
  mkdir -p "$CACHE/node/bin"; ln -sf "$CACHE/node/node_modules/node-$os-$cpu/bin/node" "$CACHE/node/bin/node"
  hash -r
  node_is_new_enough || die "Node could not be set up in $CACHE/node. Install Node $NODE_MAJOR_MIN.$NODE_MINOR_MIN or newer."
}

setup() {
  SYSTEM=$(system_of)
  [ -d "$HOME/.cargo/bin" ] && export PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null || die "Rust is missing. Install it with rustup (stable), then start again."
  local list
  case "$SYSTEM" in
    unknown) warn "This system is not one of Debian, Ubuntu, Fedora, macOS. Install the equivalents of what scripts/setup.sh lists." ;;
    *)
      list="needs_${SYSTEM}_build"; need_from "${!list}"
      if [ "$1" = test ]; then list="needs_${SYSTEM}_test"; need_from "${!list}"; fi ;;
  esac
  need_node
  mkdir -p "$CACHE"
  export npm_config_cache="${npm_config_cache:-$CACHE/npm}"
}

# The interface's packages, only when package-lock.json changed since the last time.
need_ui_packages() {
  local stamp=ui/node_modules/.parley-lock
  if ! cmp -s ui/package-lock.json "$stamp" 2>/dev/null; then
    say "Fetching the interface's packages"
    npm --prefix ui ci --loglevel=error --no-audit --no-fund --prefer-offline || die "npm ci failed in ui/."
    cp ui/package-lock.json "$stamp"
  fi
}

build_ui() {
  need_ui_packages
  say "Building the interface"
  npm --prefix ui run --silent build || die "The interface did not build."
}

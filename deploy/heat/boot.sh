#!/bin/bash
# The first boot of an instance of a stack: installs faafo, and tells Heat when it serves, or why it does not. Heat fills in the words that begin and end with @@.
# Run again by hand it goes on where it stopped: sudo bash /var/lib/faafo-install/boot.sh
# shellcheck disable=SC2050 # what is compared is filled in later
set -u
umask 077
export HOME=/root
folder=/var/lib/faafo-install
mkdir -p $folder
cd $folder || exit 1
[ "$0" -ef boot.sh ] || cp "$0" boot.sh

# In files, and not among the words of a command: lists of processes show those to everybody.
cat >install.sh <<'END_OF_INSTALL_SH'
@@install_sh@@
END_OF_INSTALL_SH
printf '%s' '@@transport_url@@' >said-m
printf '%s' '@@worker_transport_url@@' >said-w
# What the controller has told Heat: {"enrolment": "faafo_enrol_…"}
printf '%s' '@@enrolment@@' | sed -n 's/.*"\(faafo_enrol_[0-9A-Za-z_]*\)".*/\1/p' >said-t
# A user of Heat's who may say one thing: that this instance is ready. Empty where nobody waits for it.
cat >heat.json <<'END_OF_SIGNAL'
@@signal@@
END_OF_SIGNAL

# STATUS REASON, what is to be told on stdin: again for some minutes when Heat does not answer.
cat >tell-heat <<'END'
import json, sys, time
from urllib.request import Request, urlopen

text = open('/var/lib/faafo-install/heat.json').read().strip()
heat = json.loads(text) if text else sys.exit()

def post(url, body, headers={}):
    headers = {'Content-Type': 'application/json', 'Accept': 'application/json', **headers}
    return urlopen(Request(url, json.dumps(body).encode(), headers), timeout=60)

def tell(said):
    user = {'id': heat['user_id'], 'password': heat['password']}
    identity = {'methods': ['password'], 'password': {'user': user}}
    auth = {'identity': identity, 'scope': {'project': {'id': heat['project_id']}}}
    keystone = heat['auth_url'].rstrip('/').removesuffix('/v3')
    token = post(keystone + '/v3/auth/tokens', {'auth': auth}).headers['X-Subject-Token']
    post(heat['alarm_url'], said, {'X-Auth-Token': token})

said = {'status': sys.argv[1], 'reason': sys.argv[2][:300], 'id': 'enrolment', 'data': sys.stdin.read().strip()}
for rest in [2, 5, 10, 20, 30, 60, 60, 60, None]:
    try:
        sys.exit(tell(said))
    except OSError as error:
        print('faafo: Heat cannot be told:', error, file=sys.stderr)
        if rest is None:
            sys.exit(1)
        time.sleep(rest)
END

# Makes a token with which workers of the next weeks enrol, and lets Heat put it into their user data.
cat >enrol-workers <<'END'
set -euo pipefail
token=$(/usr/local/bin/faafo token enrol workers-of-the-stack --uses 1000 --for 30d)
printf '%s' "$token" | python3 /var/lib/faafo-install/tell-heat SUCCESS 'the API serves'
END

flags=(@@flags@@ -k '@@source@@')
for name in m w t; do [ ! -s said-$name ] || flags+=("-$name" "@$folder/said-$name"); done

for rest in 10 30 60 0; do
  bash install.sh "${flags[@]}" 2>failure && status=0 || status=$?
  cat failure >&2
  if [ "$status" != 1 ] || [ "$rest" = 0 ]; then break; fi
  sleep $rest
done
if [ "$status" != 0 ]; then
  python3 tell-heat FAILURE "$(hostname): $(tail -n 1 failure)" </dev/null
  exit "$status"
fi
if [ '@@enrols@@' = no ]; then
  python3 tell-heat SUCCESS 'it serves' </dev/null
  exit
fi
if ! bash enrol-workers 2>failure; then
  python3 tell-heat FAILURE "$(hostname): $(tail -n 1 failure)" </dev/null
  exit 1
fi
# A token lasts 30 days; the group may grow later than that. Heat hands the newest one on with an update of the stack.
cat >/etc/systemd/system/faafo-enrol.service <<'END'
[Unit]
Description=A new token for workers that are made from now on
[Service]
Type=oneshot
ExecStart=/bin/bash /var/lib/faafo-install/enrol-workers
END
cat >/etc/systemd/system/faafo-enrol.timer <<'END'
[Unit]
Description=Every week
[Timer]
OnCalendar=weekly
Persistent=true
RandomizedDelaySec=1h
[Install]
WantedBy=timers.target
END
[ ! -d /run/systemd/system ] || systemctl --now enable faafo-enrol.timer

#!/bin/sh
# Passwords for compose.yaml, new each time: sh deploy/compose-env.sh >.env, once, and keep that file to yourself.
set -eu
umask 077
password() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
printf 'POSTGRES_PASSWORD=%s\nRABBITMQ_PASSWORD=%s\n' "$(password)" "$(password)"

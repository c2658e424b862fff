#!/bin/sh
# Has a NATS server read the accounts of organizations again whenever the service has written others:
#   nats-reload.sh <folder of the accounts> <process id of the server>
# It ends with the server.
set -eu
folder=$1
server=$2
known=
while kill -0 "$server" 2>/dev/null; do
  now=$(cat "$folder"/organization-*.conf 2>/dev/null | cksum)
  if [ "$now" != "$known" ]; then
    # With the first reload the server learns of a new account, with a later one it uses what that imports.
    for _ in 1 2 3; do
      kill -HUP "$server"
      sleep 0.5
    done
    known=$now
  fi
  sleep 0.5
done

#!/bin/sh
# Runs the NATS server of compose.yaml: its accounts of organizations lie in /accounts, where the service (user 10001)
# writes them, and it is told to read them again whenever they change.
set -eu
touch /accounts/organization-exports.conf /accounts/organization-accounts.conf
chown -R 10001:10001 /accounts
nats-server --config /etc/nats/nats.conf &
server=$!
trap 'kill -TERM "$server"' TERM INT
sh /etc/nats/nats-reload.sh /accounts "$server" &
wait "$server"

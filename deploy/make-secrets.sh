#!/bin/sh
# Makes what compose.yaml keeps secret: a file each in secrets/, once. Keep a copy of them apart from the backups.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "$PWD/secrets is there already: what it holds is in use" >&2
  exit 1
fi

random() {
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# Whoever reads the folder reads the files; containers see single files, under users of their own.
(umask 077 && mkdir secrets)
cd secrets
umask 022
postgres=$(random)
internal=$(random)
public=$(random)
printf '%s\n' "$postgres" >postgres_password
printf 'postgresql://postgres:%s@postgres:5432/consign\n' "$postgres" >database_url
printf '%s,%s,%s,%s,%s\n' "$(random)" "$(random)" "$(random)" "$(random)" "$(random)" >role_passwords
printf 'INTERNAL_PASSWORD: "%s"\nPUBLIC_PASSWORD: "%s"\n' "$internal" "$public" >nats_passwords
printf 'nats://internal:%s@nats:4222\n' "$internal" >nats_url
printf 'nats://public:%s@nats:4222\n' "$public" >nats_public_url
printf '%s\n' "$(random)" >key_encryption_key
printf '%s\n' "$(random)" >token_key

#!/bin/bash
# A pcapng that carries the TLS secrets of its connections in a Decryption Secrets Block before the
# packets, put there by editcap; the key log is curl's own.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.openai.com 192.0.2.20
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 12
lab_capture -o keys.pcapng
export SSLKEYLOGFILE=$lab_dir/keys
lab_curl laptop -H 'content-type: application/json' -H 'authorization: Bearer sk-lab' \
  -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.openai.com/v1/chat/completions
lab_curl laptop --http1.1 --tls-max 1.2 -F purpose=assistants -F 'file=a line of notes;filename=notes.txt' \
  https://api.openai.com/v1/files
unset SSLKEYLOGFILE
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
lab_keep "$lab_dir/capture.pcapng" api.openai.com

#!/bin/bash
# openssl s_client asks three model APIs over TLS 1.2 (the certificate is in clear), then api.openai.com
# once more by session resumption; nginx answers.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client build-server 10.20.0.20
lab_site api.openai.com 192.0.2.20
lab_site api.anthropic.com 192.0.2.21
lab_site generativelanguage.googleapis.com 192.0.2.22
lab_dns
lab_certificate
lab_nginx TLSv1.2
ask() { # HOST OPTION…
  local host=$1
  shift
  { printf 'POST /v1/messages HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}' \
    "$host"; sleep 0.5; } | lab_on build-server openssl s_client -connect "$host:443" \
    -servername "$host" -CAfile "$lab_dir/ca.pem" -tls1_2 -quiet "$@" >/dev/null 2>&1 || true
}
lab_capture
ask api.openai.com -sess_out "$lab_dir/session"
ask api.anthropic.com
ask generativelanguage.googleapis.com
ask api.openai.com -sess_in "$lab_dir/session"
lab_finish api.openai.com api.anthropic.com generativelanguage.googleapis.com

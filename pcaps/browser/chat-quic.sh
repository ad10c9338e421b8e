#!/bin/bash
# Chromium visits three web chats over QUIC (HTTP/3): the hello needs two Initials, its CRYPTO frames
# out of order; the answer is streamed.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site chatgpt.com 192.0.2.10
lab_site claude.ai 192.0.2.11
lab_site gemini.google.com 192.0.2.12
lab_record 'chatgpt.com. 60 HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.10'
lab_dns
lab_certificate
lab_caddy 'h1 h2 h3'
lab_capture
for host in chatgpt.com claude.ai gemini.google.com; do
  lab_chromium laptop "https://$host/" DONE quic
done
lab_finish chatgpt.com claude.ai gemini.google.com

#!/bin/bash
# Chromium visits three web chats over TCP (HTTP/2): post-quantum hellos in two segments with ECH
# GREASE, then a streamed answer on each.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site chatgpt.com 192.0.2.10
lab_site claude.ai 192.0.2.11
lab_site gemini.google.com 192.0.2.12
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_capture
for host in chatgpt.com claude.ai gemini.google.com; do
  lab_chromium laptop "https://$host/" DONE
done
lab_finish chatgpt.com claude.ai gemini.google.com

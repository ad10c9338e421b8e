#!/bin/bash
# Chromium visits ordinary sites, some under the same parents as AI apps (google.com, github.com,
# microsoft.com), over TCP and QUIC. None of them is AI.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site www.wikipedia.org 198.51.100.10
lab_site www.google.com 198.51.100.11
lab_site mail.google.com 198.51.100.11
lab_site www.bbc.co.uk 198.51.100.12
lab_site github.com 198.51.100.13
lab_site learn.microsoft.com 198.51.100.14
lab_dns
lab_certificate
lab_caddy 'h1 h2 h3'
lab_capture
for host in www.wikipedia.org www.bbc.co.uk github.com learn.microsoft.com; do
  lab_chromium laptop "https://$host/" 'the lamp'
done
for host in www.google.com mail.google.com; do
  lab_chromium laptop "https://$host/" 'the lamp' quic
done
lab_finish www.wikipedia.org www.bbc.co.uk github.com learn.microsoft.com www.google.com \
  mail.google.com

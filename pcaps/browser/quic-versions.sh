#!/bin/bash
# QUIC's other versions: Chromium speaks draft-29 with gemini.google.com, and version 2 to claude.ai,
# where the server knows version 2 by its draft's number only and answers with Version Negotiation.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gemini.google.com 192.0.2.12
lab_site claude.ai 192.0.2.11
lab_dns
lab_certificate
lab_caddy 'h1 h2 h3' --tokens 12
lab_capture
lab_chromium laptop https://gemini.google.com/ DONE quic h3-29
lab_chromium laptop https://claude.ai/ '' quic RFCv2
lab_finish gemini.google.com claude.ai

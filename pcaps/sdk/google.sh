#!/bin/bash
# The @google/genai package on Node.js: streamed content and a resumable upload of a file.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site generativelanguage.googleapis.com 192.0.2.22
lab_dns
lab_certificate
lab_ai_server 443 --tls "$lab_dir/chain.pem" "$lab_dir/key.pem"
lab_capture
lab_node laptop "${lab_script%.sh}.cjs"
lab_finish generativelanguage.googleapis.com

#!/bin/bash
# The @anthropic-ai/sdk package on Node.js: a streamed message, one with a document in its body, and
# one not streamed.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.anthropic.com 192.0.2.21
lab_dns
lab_certificate
lab_ai_server 443 --tls "$lab_dir/chain.pem" "$lab_dir/key.pem"
lab_capture
lab_node laptop "${lab_script%.sh}.cjs"
lab_finish api.anthropic.com

#!/bin/bash
# The openai package on Node.js: a streamed chat, an upload of a file, embeddings.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.openai.com 192.0.2.20
lab_dns
lab_certificate
lab_ai_server 443 --tls "$lab_dir/chain.pem" "$lab_dir/key.pem"
lab_capture
lab_node laptop "${lab_script%.sh}.cjs"
lab_finish api.openai.com

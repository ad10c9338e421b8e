#!/bin/bash
# Half a mirror: only what the client sends. Its questions to DNS are there, the answers are not.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
lab_client laptop 10.20.0.10
tap_sites
lab_capture src host 10.20.0.10
tap_traffic
lab_finish api.openai.com www.wikipedia.org

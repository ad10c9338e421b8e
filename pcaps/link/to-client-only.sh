#!/bin/bash
# The other half: only what the client receives. No hello is there; DNS's answers are.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
lab_client laptop 10.20.0.10
tap_sites
lab_capture dst host 10.20.0.10
tap_traffic
lab_finish

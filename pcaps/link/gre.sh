#!/bin/bash
# A mirror that sends whole frames through GRE, with a key.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
tap_tunnel gre key=7
tap_sites
lab_capture -Q in
tap_traffic
lab_finish api.openai.com www.wikipedia.org

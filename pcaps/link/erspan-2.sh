#!/bin/bash
# A mirror through ERSPAN type II.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
tap_tunnel erspan key=17 erspan_ver=1 erspan_idx=3
tap_sites
lab_capture -Q in
tap_traffic
lab_finish api.openai.com www.wikipedia.org

#!/bin/bash
# A mirror through ERSPAN type III.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
tap_tunnel erspan key=18 erspan_ver=2 erspan_dir=1 erspan_hwid=4
tap_sites
lab_capture -Q in
tap_traffic
lab_finish api.openai.com www.wikipedia.org

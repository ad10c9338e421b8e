#!/bin/bash
# IP packets in GTP-U, as between a base station and its core; the frames' own Ethernet is gone.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
tap_tunnel gtpu key=99
tap_sites
lab_capture -Q in
tap_traffic
lab_finish api.openai.com www.wikipedia.org

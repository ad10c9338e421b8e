#!/bin/bash
# A mirror that puts two tags on every frame: 802.1ad 100 outside, 802.1Q 20 inside.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
both='push_vlan:0x8100,set_field:4116->vlan_vid,push_vlan:0x88a8,set_field:4196->vlan_vid'
tap_mirror "$both" "$both"
tap_sites
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org

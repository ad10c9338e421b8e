#!/bin/bash
# A mirror that tags by direction: VLAN 20 towards the servers, VLAN 30 back.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
tap_mirror 'push_vlan:0x8100,set_field:4116->vlan_vid' 'push_vlan:0x8100,set_field:4126->vlan_vid'
tap_sites
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org

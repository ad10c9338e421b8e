#!/bin/bash
# IP packets behind two MPLS labels. ARP is not labelled.
. "$(dirname "$0")/../lib/lab.sh"
. "$lab_lib/tap.sh"

lab_begin
tap_begin
tap_switch
both='push_mpls:0x8847,set_field:1001->mpls_label,push_mpls:0x8847,set_field:2001->mpls_label'
tap_mirror "$both" "$both"
tap_sites
lab_capture
tap_traffic
lab_finish api.openai.com www.wikipedia.org

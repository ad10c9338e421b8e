#!/bin/bash
# A capture compressed by gzip.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site claude.ai 192.0.2.11
lab_dns
lab_certificate
lab_nginx
lab_capture -o gzip.pcap.gz
lab_curl laptop https://claude.ai/
lab_stop_capture
gzip -n -9 "$lab_dir/capture"
lab_keep "$lab_dir/capture.gz" claude.ai

#!/bin/bash
# A capture compressed by zstd.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site chatgpt.com 192.0.2.10
lab_dns
lab_certificate
lab_nginx
lab_capture -o zstd.pcap.zst
lab_curl laptop https://chatgpt.com/
lab_stop_capture
zstd -q -19 "$lab_dir/capture"
lab_keep "$lab_dir/capture.zst" chatgpt.com

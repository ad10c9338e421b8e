#!/bin/bash
# gRPC of the grpc-js package in clear: one request, a stream of them, compressed messages, trailers.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site inference.corp.example 10.20.0.1
lab_dns
NODE_PATH="$lab_cache/node_modules" lab_in_net node "${lab_script%.sh}.cjs" serve 50051 \
  >"$lab_dir/grpc.log" 2>&1 &
lab_wait_tcp 50051
lab_capture
lab_node laptop "${lab_script%.sh}.cjs" ask inference.corp.example:50051
lab_finish

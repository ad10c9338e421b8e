#!/bin/bash
# Debian's Jupyter Notebook in clear: one server without a token, one with; asked by curl.
. "$(dirname "$0")/../lib/lab.sh"

host=notebook.corp.example
lab_begin
lab_client laptop 10.20.0.10
lab_site $host 10.20.0.1
lab_dns
start() { # PORT TOKEN
  mkdir -p "$lab_dir/notebooks"
  lab_in_net env JUPYTER_RUNTIME_DIR="$lab_dir/runtime" jupyter-notebook --no-browser --allow-root \
    --ip=0.0.0.0 --port="$1" --NotebookApp.token="$2" --NotebookApp.password= \
    --NotebookApp.allow_remote_access=True --notebook-dir="$lab_dir/notebooks" \
    >"$lab_dir/jupyter.$1.log" 2>&1 &
  lab_wait_tcp "$1"
}
start 8888 ''
start 8889 made-up-token
lab_capture
for port in 8888 8889; do
  for path in /api /tree /api/kernelspecs /api/contents /api/sessions /api/status; do
    lab_curl laptop http://$host:$port$path
  done
done
lab_curl laptop -H 'authorization: token made-up-token' http://$host:8889/api/contents
lab_curl laptop -X POST -H 'content-type: application/json' -d '{"name":"python3"}' \
  http://$host:8888/api/kernels || true
lab_finish $host

#!/bin/bash
# Names that are said in awkward ways, made by hand: see awkward.py.
exec python3 "$(dirname "$0")/awkward.py" "$(dirname "$0")/awkward.pcap"

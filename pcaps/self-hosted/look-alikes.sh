#!/bin/bash
# Servers that speak as others do, and ordinary services that resemble some, made by hand: see look-alikes.py.
exec python3 "$(dirname "$0")/look-alikes.py" "$(dirname "$0")/look-alikes.pcap"

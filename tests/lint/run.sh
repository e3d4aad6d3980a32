#!/bin/sh
# Walls, sizes, pages and forbidden words; see lint.py.
exec python3 "$(dirname "$0")/lint.py"

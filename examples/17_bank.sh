#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 17_bank.sh - the bank and its teller: two programs, and an endpoint.

set -u
here=${TMPDIR:-/tmp}/17_bank.$$
mkdir "$here" && mkfifo "$here/endpoint" || exit 1
trap 'rm -rf "$here"' EXIT

./examples/17_bank 'tcp://127.0.0.1:*' >"$here/endpoint" &
bank=$!
read -r endpoint <"$here/endpoint"
./examples/17_teller "$endpoint" || { kill "$bank"; exit 1; }
wait "$bank"

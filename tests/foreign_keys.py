#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""foreign_keys.py - a plain pyzmq program uses a queue that wants a secret.

It derives the keys from the secret as doc/protocol.md says, with libsodium,
and gives them to its sockets; the rest is as without keys.
"""
import ctypes
import ctypes.util
import os
import subprocess
import sys

import zmq
from zmq.utils import z85

from foreign_queue import Queue, PATIENCE_MS, equal, ports, use

SECRET = b"a secret for this test only"


def derive(secret):
    """The secret keys of server and client: 32 bytes each of Argon2id."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    sodium.sodium_init()
    seed = ctypes.create_string_buffer(64)
    failed = sodium.crypto_pwhash(
        seed, ctypes.c_ulonglong(64), secret, ctypes.c_ulonglong(len(secret)),
        b"troika authkey 1", ctypes.c_ulonglong(2),
        ctypes.c_size_t(64 << 20), ctypes.c_int(2))
    equal(failed, 0)
    return seed.raw[:32], seed.raw[32:]


def pair(secret_key):
    text = z85.encode(secret_key)
    return zmq.curve_public(text), text


class KeyedContext(zmq.Context):
    """Gives every socket the keys of a client."""

    def socket(self, kind, **rest):
        server, client = (pair(key) for key in derive(SECRET))
        socket = super().socket(kind, **rest)
        socket.curve_serverkey = server[0]
        socket.curve_publickey, socket.curve_secretkey = client
        return socket


def is_refused(endpoint):
    """Without keys: the answer never comes."""
    context = zmq.Context()
    req = context.socket(zmq.REQ)
    monitor = req.get_monitor_socket(zmq.EVENT_DISCONNECTED |
                                     zmq.EVENT_HANDSHAKE_SUCCEEDED)
    monitor.RCVTIMEO = PATIENCE_MS
    req.connect(endpoint)
    event = int.from_bytes(monitor.recv_multipart()[0][:2], sys.byteorder)
    req.disable_monitor()
    context.destroy(linger=0)
    return event == zmq.EVENT_DISCONNECTED


def check_protocol():
    """The keys that doc/protocol.md has for the secret "troika"."""
    with open(os.environ["srcdir"] + "/doc/protocol.md") as text:
        protocol = text.read()
    for key in derive(b"troika"):
        for half in pair(key):
            equal("`%s`" % half.decode() in protocol, True)


def main():
    check_protocol()
    server = subprocess.Popen(
        ["tests/serve_queue", "tcp://127.0.0.1:*", SECRET.decode()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    endpoint = server.stdout.readline().strip()
    context = KeyedContext()
    try:
        equal(is_refused(ports(endpoint)[0]), True)
        use(Queue(context, endpoint))
    finally:
        server.stdin.close()
        context.destroy(linger=0)
    equal(server.wait(timeout=PATIENCE_MS / 1000), 0)
    print("ok: a PUSH and a REQ with derived keys at", endpoint)


if __name__ == "__main__":
    sys.exit(main())

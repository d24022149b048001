#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""foreign_queue.py - a plain pyzmq program uses a queue of ours.

A PUSH socket puts at port P + 1, a REQ socket gets at port P; there is no
client library, only MessagePack: doc/protocol.md is all that one must know.
"""
import os
import subprocess
import sys

import msgpack
import zmq

PATIENCE_MS = 10000 * int(os.environ.get("TROIKA_TEST_SCALE", "1"))


def connected(context, kind, endpoint):
    socket = context.socket(kind)
    socket.setsockopt(zmq.LINGER, PATIENCE_MS)
    socket.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
    socket.connect(endpoint)
    return socket


def ports(endpoint):
    """Where calls and casts go: port and port + 1, or path and path.cast."""
    place = endpoint.split("#")[0]
    if place.startswith("tcp://"):
        host, port = place.rsplit(":", 1)
        return place, "%s:%d" % (host, int(port) + 1)
    return place, place + ".cast"


class Queue:
    def __init__(self, context, endpoint):
        calls, casts = ports(endpoint)
        self.req = connected(context, zmq.REQ, calls)
        self.push = connected(context, zmq.PUSH, casts)

    def put(self, *items):
        self.push.send(msgpack.packb(["queue", "put", list(items)]))

    def call(self, method, *args, **meta):
        request = ["queue", method, list(args)] + ([meta] if meta else [])
        self.req.send(msgpack.packb(request))
        return msgpack.unpackb(self.req.recv())


def equal(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def use(queue):
    queue.put({"id": 1})
    equal(queue.call("get"), [None, {"id": 1}])

    queue.put("a", 2, [3.5, None], b"\x00\xff")
    equal(queue.call("get"), [None, "a"])
    equal(queue.call("get"), [None, 2])
    equal(queue.call("get"), [None, [3.5, None]])
    equal(queue.call("get"), [None, b"\x00\xff"])

    for number in range(1000):
        queue.put(number)
    for number in range(1000):
        equal(queue.call("get"), [None, number])

    equal(queue.call("get", t=0)[0], "EAGAIN")
    error, words = queue.call("get", t=50)
    equal(error, "ETIMEDOUT")
    equal("queue 'queue'" in words, True)

    equal(queue.call("put", "by", "call"), [None, 2])
    equal(queue.call("qsize"), [None, 2])
    answer = queue.call("take", 10)
    equal([item for _, _, item in answer[1]], ["by", "call"])
    equal(queue.call("nothing")[0], "ENOENT")

    # One item that is nested too deep keeps out those beside it.
    deep = None
    for _ in range(33):
        deep = [deep]
    error, words = queue.call("put", 1, deep, 2)
    equal(error, "EINVAL")
    equal("nested deeper than 32" in words, True)
    equal(queue.call("qsize"), [None, 0])
    equal(queue.call("put", 1, deep[0], 2), [None, 3])
    equal([queue.call("get")[1] for _ in range(3)], [1, deep[0], 2])


def main():
    endpoints = ["tcp://127.0.0.1:*", "ipc://%s/q" % os.environ["TMPDIR"]]
    for endpoint in endpoints:
        server = subprocess.Popen(["tests/serve_queue", endpoint],
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        context = zmq.Context()
        try:
            use(Queue(context, server.stdout.readline().strip()))
        finally:
            server.stdin.close()
            context.destroy(linger=0)
        equal(server.wait(timeout=PATIENCE_MS / 1000), 0)
        print("ok: a plain PUSH and a plain REQ at", endpoint)


if __name__ == "__main__":
    sys.exit(main())

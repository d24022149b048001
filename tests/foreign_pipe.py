#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""foreign_pipe.py - a plain pyzmq program uses an end of a pipe of ours.

Once as a bare PAIR socket, which sends and receives documents and knows of
nothing else; once by the whole of doc/protocol-pipe.md: hello, batches,
credit, and the end of the stream.
"""
import os
import subprocess
import sys

import msgpack
import zmq

PATIENCE_MS = 10000 * int(os.environ.get("TROIKA_TEST_SCALE", "1"))
DOCUMENTS = [{"id": 1}, None, -5, 3.5, "text", b"\x00\xff", [1, [2, {}]]]
MANY = 5000


def equal(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def connected(context, endpoint):
    socket = context.socket(zmq.PAIR)
    socket.setsockopt(zmq.LINGER, PATIENCE_MS)
    socket.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
    socket.connect(endpoint)
    return socket


def second(endpoint):
    """Where the other channel is: port + 1, or path.cast."""
    if endpoint.startswith("tcp://"):
        host, port = endpoint.rsplit(":", 1)
        return "%s:%d" % (host, int(port) + 1)
    return endpoint + ".cast"


def use_plainly(context, endpoint):
    pair = connected(context, endpoint)
    for document in DOCUMENTS:
        pair.send(msgpack.packb(document))
        equal(msgpack.unpackb(pair.recv()), document)
    for number in range(MANY):
        pair.send(msgpack.packb(number))
    for number in range(MANY):
        equal(msgpack.unpackb(pair.recv()), number)
    pair.close()
    return "lost"


class Channel:
    """Says hello and keeps account; what it receives is in documents."""

    def __init__(self, context, endpoint, ident):
        self.socket = connected(context, endpoint)
        self.documents = []
        self.count = self.bytes = self.credit = self.batches = 0
        self.window = self.ended = self.seen = None
        self.say("hello", 1, ident, False, 1000, 1 << 20)
        while self.window is None:
            self.hear()

    def say(self, *words):
        self.socket.send_multipart([b"", msgpack.packb(words)])

    def take(self, document):
        self.documents.append(document)
        self.count += 1
        self.bytes += len(msgpack.packb(document))

    def hear(self):
        frames = self.socket.recv_multipart()
        if len(frames) == 1:
            self.take(msgpack.unpackb(frames[0]))
            return
        equal((len(frames), frames[0]), (2, b""))
        verb, *arguments = msgpack.unpackb(frames[1])
        if verb == "hello":
            equal(arguments[0], 1)
            self.ident, self.duplex, self.window = arguments[1:4]
        elif verb == "batch":
            self.batches += 1
            for document in arguments:
                self.take(document)
        elif verb == "credit":
            self.credit = arguments[0]
        elif verb == "end":
            self.ended = True
            self.say("seen")
        elif verb == "seen":
            self.seen = True

    def end(self):
        self.say("end")
        while not (self.seen or self.ended): # both may say it at once
            self.hear()


def use_by_the_protocol(context, endpoint):
    out = Channel(context, endpoint, None)
    equal((len(out.ident), out.duplex, out.window), (16, True, 1000))
    back = Channel(context, second(endpoint), out.ident)
    equal(back.ident, out.ident)
    for sent in range(MANY):
        while sent - out.credit >= out.window:
            out.hear()
        if sent % 500 == 0:
            out.say("batch", *range(sent, sent + 500))
            out.say("a verb of a later version", 1, 2, 3)
        while back.socket.poll(0) or back.count + 600 < sent:
            back.hear()
            back.say("credit", back.count, back.bytes)
    while back.count < MANY:
        back.hear()
        back.say("credit", back.count, back.bytes)
    equal(back.documents, list(range(MANY)))
    while out.credit < MANY:
        out.hear()
    out.end()
    back.end()
    return "closed"


def main():
    for use in use_plainly, use_by_the_protocol:
        for endpoint in "tcp://127.0.0.1:*", "ipc://%s/p" % os.environ["TMPDIR"]:
            server = subprocess.Popen(["tests/serve_pipe", endpoint],
                                      stdout=subprocess.PIPE, text=True)
            context = zmq.Context()
            try:
                end = use(context, server.stdout.readline().strip())
                equal(server.stdout.readline().strip(), end)
                equal(server.wait(timeout=PATIENCE_MS / 1000), 0)
            finally:
                server.kill()
                context.destroy(linger=0)
            print("ok:", use.__name__, endpoint)


if __name__ == "__main__":
    sys.exit(main())

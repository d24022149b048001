#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""40_join.py - joins from Python: pyzmq and msgpack, no library of ours.

    ./40_join.py tcp://127.0.0.1:5555     where "troika serve" has a queue
                                          jobs, a dict config, a lock door

One request is one frame: [object, method, arguments], and perhaps a map with
"t", the timeout in ms. A REQ socket asks at port P and is answered
[nil, value], or [error, words]; a PUSH socket at port P + 1 is not answered.
"""
import sys

import msgpack
import zmq


class Manager:
    def __init__(self, endpoint):
        host, port = endpoint.rsplit(":", 1)
        self.context = zmq.Context()
        self.calls = self.context.socket(zmq.REQ)
        self.calls.connect(endpoint)
        self.casts = self.context.socket(zmq.PUSH)
        self.casts.connect("%s:%d" % (host, int(port) + 1))

    def cast(self, name, method, *args):
        self.casts.send(msgpack.packb([name, method, args]))

    def call(self, name, method, *args, timeout=10000):
        self.calls.send(msgpack.packb([name, method, args, {"t": timeout}]))
        error, value = msgpack.unpackb(self.calls.recv())
        if error:
            raise OSError("%s: %s" % (error, value))
        return value


def main():
    manager = Manager(sys.argv[1])
    manager.cast("jobs", "put", {"file": "a.txt"}, {"file": "b.txt"})
    print(manager.call("jobs", "get"))
    print(manager.call("jobs", "get"))
    try:
        manager.call("jobs", "get", timeout=20)
    except OSError as error:
        print(error.args[0].split(":")[0])

    manager.call("config", "set", "colour", ["blue", 2])
    print(manager.call("config", "get", "colour"))
    print(manager.call("config", "has", "size"))

    died, token = manager.call("door", "acquire")
    print("inside", bool(died), token > 0)
    manager.call("door", "release", token)


main()

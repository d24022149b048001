#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
#
# pipe.py - what bench_pipe.c measures, by Python's multiprocessing.Pipe.
#
#     pipe.py trip SIZE COUNT    prints microseconds for a round trip
#     pipe.py flow SIZE COUNT    prints messages per second, one way

import multiprocessing
import sys
import time


def echo(end, count):
    for _ in range(count):
        end.send_bytes(end.recv_bytes())


def send(end, size, count):
    data = bytes(size)
    for _ in range(count):
        end.send_bytes(data)


def trip(a, b, size, count):
    child = multiprocessing.Process(target=echo, args=(b, count + 1))
    child.start()
    data = bytes(size)
    for i in range(count + 1):
        if i == 1:
            start = time.monotonic()
        a.send_bytes(data)
        a.recv_bytes()
    print((time.monotonic() - start) * 1e6 / count)
    child.join()


def flow(a, b, size, count):
    child = multiprocessing.Process(target=send, args=(b, size, count + 1))
    child.start()
    a.recv_bytes()
    start = time.monotonic()
    for _ in range(count):
        a.recv_bytes()
    print(count / (time.monotonic() - start))
    child.join()


def main():
    a, b = multiprocessing.Pipe()
    what = {"trip": trip, "flow": flow}[sys.argv[1]]
    what(a, b, int(sys.argv[2]), int(sys.argv[3]))


if __name__ == "__main__":
    main()

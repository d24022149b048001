#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
#
# mp_queue.py - what bench_peers.c and bench_queue.c measure, by Python's
# multiprocessing.Queue.
#
#     mp_queue.py SIZE SECONDS [BOUND]   prints items per second

import multiprocessing
import sys
import time


def produce(q, item, count, go):
    go.wait()
    for _ in range(count):
        q.put(item)


def rate(item, count, bound):
    q, go = multiprocessing.Queue(bound), multiprocessing.Event()
    producer = multiprocessing.Process(target=produce, args=(q, item, count, go))
    producer.start()
    started = time.monotonic()
    go.set()
    for _ in range(count):
        q.get()
    ended = time.monotonic()
    producer.join()
    return count / (ended - started)


def main():
    item, seconds = bytes(int(sys.argv[1])), float(sys.argv[2])
    bound = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    print(rate(item, int(rate(item, 2000, bound) * seconds), bound))


main()

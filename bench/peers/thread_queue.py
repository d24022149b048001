#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
#
# thread_queue.py - what bench_thread.c measures, by Python's queue.Queue.
#
#     thread_queue.py SIZE SECONDS   prints items per second

import queue
import sys
import threading
import time


def produce(q, item, count):
    for _ in range(count):
        q.put(item)


def rate(item, count):
    q = queue.Queue()
    producer = threading.Thread(target=produce, args=(q, item, count))
    started = time.monotonic()
    producer.start()
    for _ in range(count):
        q.get()
    ended = time.monotonic()
    producer.join()
    return count / (ended - started)


def main():
    item, seconds = bytes(int(sys.argv[1])), float(sys.argv[2])
    print(rate(item, int(rate(item, 20000) * seconds)))


main()

#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
#
# manager.py - what bench_manager.c and bench_scale.c measure, by Python's
# multiprocessing.Manager.
#
#     manager.py "dict set" CLIENTS SECONDS   prints steps per second
#     manager.py entries COUNT                prints bytes per dict entry

import multiprocessing
import os
import sys
import time

KEYS = ["key%d" % i for i in range(1000)]


def steps(objects):
    d, lock, q = objects

    def dict_set(done):
        d[KEYS[done % 1000]] = done

    def dict_get(done):
        d[KEYS[done % 1000]]

    def acquire_release(done):
        lock.acquire()
        lock.release()

    def put_get(done):
        q.put(done)
        q.get()

    return {
        "dict set": dict_set,
        "dict get": dict_get,
        "lock acquire+release": acquire_release,
        "queue put+get": put_get,
    }


def work(name, objects, ready, started, seconds, counts, who):
    step = steps(objects)[name]
    step(0)
    ready.wait()
    while not started.value:
        time.sleep(0.001)
    while time.monotonic() < started.value:
        pass
    done = 0
    end = started.value + seconds
    while time.monotonic() < end:
        step(done)
        done += 1
    counts[who] = done


def measure(name, clients, seconds):
    with multiprocessing.Manager() as manager:
        objects = manager.dict(), manager.Lock(), manager.Queue()
        objects[0].update({key: i for i, key in enumerate(KEYS)})
        ready = multiprocessing.Barrier(clients + 1)
        started = multiprocessing.Value("d", 0.0, lock=False)
        counts = multiprocessing.Array("L", clients, lock=False)
        processes = [
            multiprocessing.Process(
                target=work,
                args=(name, objects, ready, started, seconds, counts, i),
            )
            for i in range(clients)
        ]
        for process in processes:
            process.start()
        ready.wait()
        started.value = time.monotonic() + 0.05
        for process in processes:
            process.join()
        return sum(counts) / seconds


def resident(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def entries(count):
    with multiprocessing.Manager() as manager:
        d = manager.dict({"first": 0})
        pid = manager._process.pid
        before = resident(pid)
        for i in range(0, count, 1000):
            d.update({"key-%07d" % n: n for n in range(i, i + 1000)})
        return (resident(pid) - before) / count


if sys.argv[1] == "entries":
    print(entries(int(sys.argv[2])))
else:
    print(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))

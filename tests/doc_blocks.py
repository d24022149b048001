#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""doc_blocks.py - what the documents show is true: each block is run.

    doc_blocks.py FILE.md...

A fenced block says what it is:
    ```c            a program, or without main() the body of one; run
    ```c NAME.c     a program, compiled to ./NAME for a later sh block
    ```python       run beside it; a c block right after prints the same
    ```sh           run where the compiled programs are, troika in PATH
    ```text         what the block before it prints, to the letter
Anything else is not run. A block has a minute.
"""
import os
import re
import signal
import subprocess
import sys

SECONDS = 60 * int(os.environ.get("TROIKA_TEST_SCALE", "1"))
SOURCE = os.path.abspath(os.environ.get("srcdir", "."))
BUILD = os.getcwd()
WORK = os.environ["TMPDIR"]
PYTHON = os.environ.get("PYTHON") or "python3"
HEADERS = "errno.h stdio.h stdlib.h string.h unistd.h pthread.h troika.h"


class Wrong(Exception):
    pass


def run(command, **more):
    """Returns what it prints; what it started and left behind is killed."""
    process = subprocess.Popen(command, cwd=WORK, text=True,
                               start_new_session=True,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               **more)
    try:
        printed, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Wrong("it did not end within %d s" % SECONDS)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if process.returncode != 0:
        raise Wrong("exit status %d\n%s" % (process.returncode, printed))
    return printed


def compile_c(text, name):
    if not re.search(r"\bmain \(", text):
        includes = "".join("#include <%s>\n" % h for h in HEADERS.split())
        text = "%sint main (void)\n{\n%s\nreturn 0;\n}\n" % (includes, text)
    path = os.path.join(WORK, name + ".c")
    with open(path, "w") as file:
        file.write(text)
    run([BUILD + "/libtool", "--quiet", "--tag=CC", "--mode=link"]
        + os.environ.get("CC", "cc").split()
        + ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
           "-I" + BUILD + "/include", "-I" + SOURCE + "/include", path, "-o",
           os.path.join(WORK, name), BUILD + "/libtroika.la", "-no-install",
           "-pthread"])


def run_block(kind, name, text):
    """Returns what it prints, None for a block that is only compiled."""
    if kind == "c":
        compile_c(text, name.removesuffix(".c") or "block")
        return None if name else run(["./block"])
    if kind == "python":
        return run([PYTHON, "-c", text])
    path = "%s/tools/troika:%s:%s" % (BUILD, WORK, os.environ["PATH"])
    return run(["sh", "-eu", "-c", text], env=dict(os.environ, PATH=path))


def blocks(path):
    """Yields line, kind, name and text of each fenced block."""
    with open(path) as file:
        text = file.read()
    for match in re.finditer(r"^```(\w+)? ?(\S*)\n(.*?)^```$", text,
                             re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(1), match.group(2), match.group(3)


def same(got, wanted, what):
    if got != wanted:
        raise Wrong("it printed\n%s%s\n%s" % (got, what, wanted))


def check(path):
    """Returns how many blocks ran and how many of them were wrong."""
    ran, wrong, before, printed = 0, 0, None, None
    for line, kind, name, text in blocks(path):
        try:
            if kind == "text" and printed is not None:
                same(printed, text, "and should print")
            elif kind in ("c", "python", "sh"):
                ran += 1
                python = printed if before == "python" else None
                printed = run_block(kind, name, text)
                if kind == "c" and python is not None:
                    same(printed, python, "where Python printed")
        except Wrong as error:
            wrong += 1
            print("%s:%d: %s" % (path, line, error))
        before = kind
    return ran, wrong


def main():
    if "-fsanitize=" in os.environ.get("CC", ""):
        print("the documents' programs are run by the plain build only")
        return 77
    documents = sys.argv[1:] or [SOURCE + "/" + name for name in
                                 ("README.md", "doc/tutorial.md",
                                  "doc/migrating.md")]
    total = failed = 0
    for path in documents:
        ran, wrong = check(path)
        print("%s: %d blocks, %d wrong" % (path, ran, wrong))
        total, failed = total + ran, failed + wrong
    return 1 if failed or not total else 0


sys.exit(main())

# bench/local.mk - a program per number worth knowing; make bench runs all.
# One called NAME:
#   BENCHES += bench/NAME
#   bench_NAME_LDADD = $(PUBLIC_LIBS)      (and $(ZMQ_LIBS) for a raw twin)

BENCHES =
BENCHES += bench/bench_call
BENCHES += bench/bench_memory
BENCHES += bench/bench_queue

bench_common = bench/bench.c bench/bench.h bench/bench_raw.c
bench_bench_call_SOURCES = bench/bench_call.c $(bench_common)
bench_bench_call_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_memory_SOURCES = bench/bench_memory.c $(bench_common)
bench_bench_memory_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_queue_SOURCES = bench/bench_queue.c $(bench_common)
bench_bench_queue_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)

EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)

bench: $(BENCHES)
	@for program in $(BENCHES); do \
		echo "== $$program"; ./$$program || exit 1; done

.PHONY: bench

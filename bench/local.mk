# bench/local.mk - a program per number worth knowing; make bench runs all.
# One called NAME:
#   BENCHES += bench/NAME
#   bench_NAME_LDADD = $(PUBLIC_LIBS)      (and $(ZMQ_LIBS) for a raw twin)

BENCHES =
BENCHES += bench/bench_call
BENCHES += bench/bench_death
BENCHES += bench/bench_manager
BENCHES += bench/bench_memory
BENCHES += bench/bench_pipe
BENCHES += bench/bench_queue
BENCHES += bench/bench_scale
BENCHES += bench/bench_thread

# The same by other means: scripts that a program runs beside itself.
EXTRA_DIST += bench/peers/manager.py
EXTRA_DIST += bench/peers/pipe.py
bench_peers = $(AM_CPPFLAGS) -DBENCH_PEERS='"$(abs_srcdir)/bench/peers"'
bench_common = bench/bench.c bench/bench.h bench/bench_raw.c
bench_bench_call_SOURCES = bench/bench_call.c $(bench_common)
bench_bench_call_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_death_SOURCES = bench/bench_death.c $(bench_common)
bench_bench_death_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_manager_SOURCES = bench/bench_manager.c $(bench_common)
bench_bench_manager_CPPFLAGS = $(bench_peers)
bench_bench_manager_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_memory_SOURCES = bench/bench_memory.c $(bench_common)
bench_bench_memory_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_pipe_SOURCES = bench/bench_pipe.c $(bench_common)
bench_bench_pipe_CPPFLAGS = $(bench_peers)
bench_bench_pipe_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_queue_SOURCES = bench/bench_queue.c $(bench_common)
bench_bench_queue_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_scale_SOURCES = bench/bench_scale.c $(bench_common)
bench_bench_scale_CPPFLAGS = $(bench_peers)
bench_bench_scale_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_thread_SOURCES = bench/bench_thread.c $(bench_common)
bench_bench_thread_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)

EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)

bench: $(BENCHES)
	@for program in $(BENCHES); do \
		echo "== $$program"; ./$$program || exit 1; done

.PHONY: bench

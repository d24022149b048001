# bench/local.mk - a program per number worth knowing; make bench runs all.
# One called NAME:
#   BENCHES += bench/NAME
#   bench_NAME_LDADD = $(PUBLIC_LIBS)      (and $(ZMQ_LIBS) for a raw twin)

BENCHES =
BENCHES += bench/bench_call
BENCHES += bench/bench_death
BENCHES += bench/bench_growth
BENCHES += bench/bench_latency
BENCHES += bench/bench_manager
BENCHES += bench/bench_memory
BENCHES += bench/bench_peers
BENCHES += bench/bench_pipe
BENCHES += bench/bench_queue
BENCHES += bench/bench_scale
BENCHES += bench/bench_thread
BENCHES += bench/bench_wake

# The same by other means: scripts that a program runs beside itself.
EXTRA_DIST += bench/peers.gp
EXTRA_DIST += bench/results/peers.svg
EXTRA_DIST += bench/results/peers.txt
EXTRA_DIST += bench/peers/manager.py
EXTRA_DIST += bench/peers/pipe.py
EXTRA_DIST += bench/peers/mp_queue.py
EXTRA_DIST += bench/peers/thread_queue.py
bench_peers = $(AM_CPPFLAGS) -DBENCH_PEERS='"$(abs_srcdir)/bench/peers"'
bench_common = bench/bench.c bench/bench.h bench/bench_raw.c
bench_python = bench/bench_python.c
bench_ways = bench/ways.c bench/ways.h
bench_bench_call_SOURCES = bench/bench_call.c $(bench_common)
bench_bench_call_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_death_SOURCES = bench/bench_death.c $(bench_common)
bench_bench_death_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_growth_SOURCES = bench/bench_growth.c $(bench_common)
bench_bench_growth_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_latency_SOURCES = bench/bench_latency.c $(bench_common)
bench_bench_latency_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_manager_SOURCES = bench/bench_manager.c $(bench_common) $(bench_python)
bench_bench_manager_CPPFLAGS = $(bench_peers)
bench_bench_manager_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_memory_SOURCES = bench/bench_memory.c $(bench_common)
bench_bench_memory_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_peers_SOURCES = bench/bench_peers.c $(bench_common) $(bench_python)
bench_bench_peers_SOURCES += bench/peers/peer.h bench/peers/peer_server.c
bench_bench_peers_SOURCES += bench/peers/beanstalkd.c bench/peers/raw.c
bench_bench_peers_SOURCES += bench/peers/troika.c
if HAVE_NNG
bench_bench_peers_SOURCES += bench/peers/nng.c
endif
if HAVE_HIREDIS
bench_bench_peers_SOURCES += bench/peers/redis.c
endif
if HAVE_NATS
bench_bench_peers_SOURCES += bench/peers/nats.c
endif
bench_bench_peers_CPPFLAGS = $(bench_peers) $(PEERS_CFLAGS)
bench_bench_peers_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS) $(PEERS_LIBS)
bench_bench_pipe_SOURCES = bench/bench_pipe.c $(bench_common) $(bench_python)
bench_bench_pipe_CPPFLAGS = $(bench_peers)
bench_bench_pipe_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_queue_SOURCES = bench/bench_queue.c $(bench_common) $(bench_python)
bench_bench_queue_CPPFLAGS = $(bench_peers)
bench_bench_queue_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_scale_SOURCES = bench/bench_scale.c $(bench_common) $(bench_python)
bench_bench_scale_CPPFLAGS = $(bench_peers)
bench_bench_scale_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_thread_SOURCES = bench/bench_thread.c $(bench_common) $(bench_python)
bench_bench_thread_SOURCES += $(bench_ways)
bench_bench_thread_CPPFLAGS = $(bench_peers)
bench_bench_thread_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)
bench_bench_wake_SOURCES = bench/bench_wake.c $(bench_common) $(bench_ways)
bench_bench_wake_LDADD = $(PUBLIC_LIBS) $(ZMQ_LIBS)

EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)

# What they print is kept under bench/results, one file each; the plot is of
# what bench_peers found.
bench: $(BENCHES)
	@mkdir -p bench/results
	@for program in $(BENCHES); do \
		name=$${program#bench/bench_}; echo "== $$program"; \
		case $$name in peers) data=bench/results/$$name.dat;; \
			*) data=;; esac; \
		{ ./$$program $$data || echo FAILED; } 2>&1 | \
			tee bench/results/$$name.txt; \
		if grep -q '^FAILED' bench/results/$$name.txt; then exit 1; fi; \
	done
	@if gnuplot -e "data='bench/results/peers.dat'" \
		-e "picture='bench/results/peers.svg'" $(srcdir)/bench/peers.gp; \
	then echo "plot: bench/results/peers.svg"; \
	else echo "no plot: gnuplot (Debian package gnuplot-nox) failed"; fi

.PHONY: bench

# tests/local.mk - what make check runs.
# A cmocka program tests/test_NAME.c:  UNIT_TESTS += tests/test_NAME
# Help for several of them:            tests_libstage_la_SOURCES += tests/NAME.c
# A script:                            SCRIPT_TESTS += tests/NAME.sh  (or .py)
# A fuzzer tests/fuzz/fuzz_NAME.c:     FUZZERS += tests/fuzz/fuzz_NAME
#                        tests_fuzz_fuzz_NAME_LDADD = $(FUZZ_LIBS)
#   with a folder of inputs tests/fuzz/corpus/NAME, which make check replays.
# A test says 77 by its exit status when it cannot run here.

UNIT_TESTS =
UNIT_TESTS += tests/test_auth
UNIT_TESTS += tests/test_auth_hostile
UNIT_TESTS += tests/test_auth_ipc
UNIT_TESTS += tests/test_auth_keys
UNIT_TESTS += tests/test_auth_wire
UNIT_TESTS += tests/test_bias
UNIT_TESTS += tests/test_cursor
UNIT_TESTS += tests/test_cursor_malformed
UNIT_TESTS += tests/test_data_dict
UNIT_TESTS += tests/test_data_dict_model
UNIT_TESTS += tests/test_data_dict_wait
UNIT_TESTS += tests/test_data_handles
UNIT_TESTS += tests/test_data_list
UNIT_TESTS += tests/test_data_list_model
UNIT_TESTS += tests/test_data_memory
tests_test_data_memory_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
UNIT_TESTS += tests/test_data_objects
UNIT_TESTS += tests/test_data_order
UNIT_TESTS += tests/test_death
UNIT_TESTS += tests/test_endpoint
UNIT_TESTS += tests/test_endpoint_path
UNIT_TESTS += tests/test_exactly_once
UNIT_TESTS += tests/test_exit
UNIT_TESTS += tests/test_fork
UNIT_TESTS += tests/test_fork_anew
UNIT_TESTS += tests/test_harness
UNIT_TESTS += tests/test_hazard
UNIT_TESTS += tests/test_listener
UNIT_TESTS += tests/test_listener_end
UNIT_TESTS += tests/test_lost_manager
UNIT_TESTS += tests/test_manager
UNIT_TESTS += tests/test_manager_data
UNIT_TESTS += tests/test_manager_fork
UNIT_TESTS += tests/test_manager_handlers
UNIT_TESTS += tests/test_manager_parties
UNIT_TESTS += tests/test_manager_sync
UNIT_TESTS += tests/test_manager_types
UNIT_TESTS += tests/test_manager_waits
UNIT_TESTS += tests/test_msg
UNIT_TESTS += tests/test_msg_json
UNIT_TESTS += tests/test_msg_lend
UNIT_TESTS += tests/test_msg_memory
tests_test_msg_memory_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=msgpack_zone_init,--wrap=msgpack_unpack
UNIT_TESTS += tests/test_msg_pack
UNIT_TESTS += tests/test_msg_unpack
UNIT_TESTS += tests/test_null_object
UNIT_TESTS += tests/test_pipe
UNIT_TESTS += tests/test_pipe_again
UNIT_TESTS += tests/test_pipe_burst
UNIT_TESTS += tests/test_pipe_death
UNIT_TESTS += tests/test_pipe_end
UNIT_TESTS += tests/test_pipe_exit
UNIT_TESTS += tests/test_pipe_fork
UNIT_TESTS += tests/test_pipe_new
UNIT_TESTS += tests/test_pipe_window
UNIT_TESTS += tests/test_ports
UNIT_TESTS += tests/test_process
UNIT_TESTS += tests/test_queue
UNIT_TESTS += tests/test_queue_ack
UNIT_TESTS += tests/test_queue_ahead
UNIT_TESTS += tests/test_queue_ahead_end
UNIT_TESTS += tests/test_queue_batch
UNIT_TESTS += tests/test_queue_bound
UNIT_TESTS += tests/test_queue_connect
UNIT_TESTS += tests/test_queue_documents
UNIT_TESTS += tests/test_queue_end
UNIT_TESTS += tests/test_queue_exit
UNIT_TESTS += tests/test_queue_exit_unread
UNIT_TESTS += tests/test_queue_fast
UNIT_TESTS += tests/test_queue_fork
UNIT_TESTS += tests/test_queue_join
UNIT_TESTS += tests/test_queue_loss
UNIT_TESTS += tests/test_queue_loss_threads
UNIT_TESTS += tests/test_queue_many
tests_test_queue_many_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc
UNIT_TESTS += tests/test_queue_memory
tests_test_queue_memory_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
UNIT_TESTS += tests/test_queue_order
UNIT_TESTS += tests/test_queue_peek
UNIT_TESTS += tests/test_queue_places
UNIT_TESTS += tests/test_queue_putters
UNIT_TESTS += tests/test_queue_raised
UNIT_TESTS += tests/test_queue_redelivery
UNIT_TESTS += tests/test_queue_runs
UNIT_TESTS += tests/test_queue_shutdown
UNIT_TESTS += tests/test_queue_sleepers
UNIT_TESTS += tests/test_queue_turns
UNIT_TESTS += tests/test_queue_endpoints
UNIT_TESTS += tests/test_queue_stress
UNIT_TESTS += tests/test_queue_eintr
UNIT_TESTS += tests/test_runtime
UNIT_TESTS += tests/test_barrier_object
UNIT_TESTS += tests/test_condition_object
UNIT_TESTS += tests/test_event_object
UNIT_TESTS += tests/test_lock_object
UNIT_TESTS += tests/test_lock_tokens
UNIT_TESTS += tests/test_semaphore_object
UNIT_TESTS += tests/test_server
UNIT_TESTS += tests/test_server_hostile
UNIT_TESTS += tests/test_server_limits
UNIT_TESTS += tests/test_server_sessions
UNIT_TESTS += tests/test_server_visitors
UNIT_TESTS += tests/test_socket
UNIT_TESTS += tests/test_stopped
UNIT_TESTS += tests/test_stream
UNIT_TESTS += tests/test_sync_objects
UNIT_TESTS += tests/test_threads
UNIT_TESTS += tests/test_turnstile
UNIT_TESTS += tests/test_watch

SCRIPT_TESTS =
SCRIPT_TESTS += tests/demo.sh
SCRIPT_TESTS += tests/doc_blocks.py
SCRIPT_TESTS += tests/foreign_keys.py
SCRIPT_TESTS += tests/foreign_pipe.py
SCRIPT_TESTS += tests/foreign_queue.py
SCRIPT_TESTS += tests/runner.sh
SCRIPT_TESTS += tests/test_cli.sh
SCRIPT_TESTS += tests/without_membarrier.sh
check_PROGRAMS += tests/serve_pipe
tests_serve_pipe_LDADD = $(PUBLIC_LIBS)
check_PROGRAMS += tests/serve_queue
tests_serve_queue_LDADD = $(PUBLIC_LIBS)

FUZZERS =
FUZZERS += tests/fuzz/fuzz_certificate
tests_fuzz_fuzz_certificate_LDADD = $(FUZZ_LIBS)
FUZZERS += tests/fuzz/fuzz_cursor
tests_fuzz_fuzz_cursor_LDADD = $(FUZZ_LIBS)
FUZZERS += tests/fuzz/fuzz_endpoint
tests_fuzz_fuzz_endpoint_LDADD = $(FUZZ_LIBS)
FUZZERS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_LDADD = $(FUZZ_LIBS)
FUZZERS += tests/fuzz/fuzz_request
tests_fuzz_fuzz_request_LDADD = $(FUZZ_LIBS)

# --- how they are built

TEST_LIBS = tests/libstage.la libtroika_all.la $(CMOCKA_LIBS)
tests_libstage_la_SOURCES =
tests_libstage_la_SOURCES += tests/bank.c
tests_libstage_la_SOURCES += tests/cursor_check.h
tests_libstage_la_SOURCES += tests/data_check.h
tests_libstage_la_SOURCES += tests/msg_check.h
tests_libstage_la_SOURCES += tests/object_driver.c tests/object_driver.h
tests_libstage_la_SOURCES += tests/sync_objects.h
tests_libstage_la_SOURCES += tests/keyring.c tests/keyring.h
tests_libstage_la_SOURCES += tests/listener.h
tests_libstage_la_SOURCES += tests/managed.c tests/managed.h tests/waits.c
tests_libstage_la_SOURCES += tests/endpoints.c tests/endpoints.h
tests_libstage_la_SOURCES += tests/fork_children.h
tests_libstage_la_SOURCES += tests/guest.c tests/guest.h
tests_libstage_la_SOURCES += tests/leaks.c tests/leaks.h
tests_libstage_la_SOURCES += tests/pipe_ends.c tests/pipe_ends.h
tests_libstage_la_SOURCES += tests/proxy.c tests/proxy.h
tests_libstage_la_SOURCES += tests/queue_ahead.h
tests_libstage_la_SOURCES += tests/queue_items.c tests/queue_items.h
tests_libstage_la_SOURCES += tests/queue_loss.h
tests_libstage_la_SOURCES += tests/queue_partner.c tests/queue_partner.h
tests_libstage_la_SOURCES += tests/random.h
tests_libstage_la_SOURCES += tests/sanitized.h
tests_libstage_la_SOURCES += tests/scale.c tests/scale.h
tests_libstage_la_SOURCES += tests/shared_handles.h
tests_libstage_la_SOURCES += tests/short_memory.h
tests_libstage_la_SOURCES += tests/stage.c tests/stage.h tests/stage_parts.h
tests_libstage_la_SOURCES += tests/stage_check.c
tests_libstage_la_SOURCES += tests/stage_messages.c
tests_libstage_la_SOURCES += tests/stage_peer.c
tests_libstage_la_SOURCES += tests/stage_queue.c
tests_libstage_la_SOURCES += tests/timed.h
tests_libstage_la_LDFLAGS = $(TROIKA_LDFLAGS)
tests_fuzz_libreplay_la_SOURCES = tests/fuzz/replay.c tests/fuzz/must.h
tests_fuzz_libreplay_la_LDFLAGS = $(TROIKA_LDFLAGS)
if FUZZ
FUZZ_LIBS = libtroika_all.la $(FUZZ_LDFLAGS)
else
FUZZ_LIBS = tests/fuzz/libreplay.la libtroika_all.la
check_LTLIBRARIES += tests/fuzz/libreplay.la
endif

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
check_LTLIBRARIES += tests/libstage.la
TESTS += $(UNIT_TESTS)
else
TESTS += tests/without_cmocka.sh
endif
check_PROGRAMS += $(FUZZERS)
TESTS += $(FUZZERS)
TESTS += $(SCRIPT_TESTS)

# --- how they are run: each under tests/run.sh, see there

TEST_EXTENSIONS = .sh .py .out
LOG_COMPILER = $(srcdir)/tests/run.sh
SH_LOG_COMPILER = $(srcdir)/tests/run.sh
PY_LOG_COMPILER = $(srcdir)/tests/run.sh
OUT_LOG_COMPILER = $(srcdir)/tests/run.sh
# What they compile links with this build's library.
AM_TESTS_ENVIRONMENT = \
	srcdir='$(srcdir)'; export srcdir; \
	PYTHON='$(PYTHON)'; export PYTHON; \
	CC='$(CC) $(TROIKA_LDFLAGS)'; export CC; \
	LC_ALL=C.UTF-8; export LC_ALL;

# Valgrind wants plain programs. A process under it is so slow that others,
# which believe in nobody who is silent for three seconds, may take it for
# dead: so these are what needs one process, and one or two of each kind that
# do little at a time. make check-valgrind VALGRIND_TESTS=tests/test_x: others.
VALGRIND_TESTS = $(FUZZERS)
VALGRIND_TESTS += tests/test_auth_ipc
VALGRIND_TESTS += tests/test_barrier_object
VALGRIND_TESTS += tests/test_condition_object
VALGRIND_TESTS += tests/test_cursor
VALGRIND_TESTS += tests/test_cursor_malformed
VALGRIND_TESTS += tests/test_data_dict
VALGRIND_TESTS += tests/test_data_dict_model
VALGRIND_TESTS += tests/test_data_dict_wait
VALGRIND_TESTS += tests/test_data_list
VALGRIND_TESTS += tests/test_data_list_model
VALGRIND_TESTS += tests/test_data_memory
VALGRIND_TESTS += tests/test_data_objects
VALGRIND_TESTS += tests/test_data_order
VALGRIND_TESTS += tests/test_endpoint
VALGRIND_TESTS += tests/test_endpoint_path
VALGRIND_TESTS += tests/test_event_object
VALGRIND_TESTS += tests/test_exit
VALGRIND_TESTS += tests/test_fork
VALGRIND_TESTS += tests/test_fork_anew
VALGRIND_TESTS += tests/test_harness
VALGRIND_TESTS += tests/test_hazard
VALGRIND_TESTS += tests/test_lock_object
VALGRIND_TESTS += tests/test_lock_tokens
VALGRIND_TESTS += tests/test_manager
VALGRIND_TESTS += tests/test_manager_data
VALGRIND_TESTS += tests/test_msg
VALGRIND_TESTS += tests/test_msg_json
VALGRIND_TESTS += tests/test_msg_memory
VALGRIND_TESTS += tests/test_msg_lend
VALGRIND_TESTS += tests/test_msg_pack
VALGRIND_TESTS += tests/test_msg_unpack
VALGRIND_TESTS += tests/test_pipe_end
VALGRIND_TESTS += tests/test_pipe_exit
VALGRIND_TESTS += tests/test_pipe_fork
VALGRIND_TESTS += tests/test_pipe_new
VALGRIND_TESTS += tests/test_pipe_window
VALGRIND_TESTS += tests/test_process
VALGRIND_TESTS += tests/test_queue_ack
VALGRIND_TESTS += tests/test_queue_connect
VALGRIND_TESTS += tests/test_queue_exit
VALGRIND_TESTS += tests/test_queue_exit_unread
VALGRIND_TESTS += tests/test_queue_fast
VALGRIND_TESTS += tests/test_runtime
VALGRIND_TESTS += tests/test_semaphore_object
VALGRIND_TESTS += tests/test_server_hostile
VALGRIND_TESTS += tests/test_server_visitors
VALGRIND_TESTS += tests/test_socket
VALGRIND_TESTS += tests/test_stream
VALGRIND_TESTS += tests/test_sync_objects

# Runs every fuzzer of this build for FUZZ_SECONDS, what it finds goes to
# a folder of its own. Called by the target fuzz in a build of its own.
fuzz-here: $(FUZZERS)
	$(srcdir)/tests/fuzz/run.sh '$(srcdir)' '$(FUZZ_SECONDS)' $(FUZZERS)

.PHONY: fuzz-here

EXTRA_DIST += $(SCRIPT_TESTS) tests/without_cmocka.sh tests/run.sh \
	tests/example.sh tests/count.sh tests/mechanisms.sh \
	tests/check-symbols.sh \
	tests/check-headers-docs.sh tests/installcheck.sh tests/fuzz/run.sh \
	tests/fuzz/corpus tests/valgrind.supp tests/tsan.supp

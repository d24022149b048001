# examples/local.mk - complete programs, numbered, at most 100 lines each.
# An example called NN_NAME, whose output is examples/NN_NAME.out:
#   EXAMPLES += examples/NN_NAME
#   examples_NN_NAME_LDADD = $(PUBLIC_LIBS)
#   EXAMPLE_OUTPUTS += examples/NN_NAME.out
# make check runs it and compares. Where examples/NN_NAME.sh exists, that
# script is run in its place (several programs, arguments); it is then listed
# by EXTRA_DIST += examples/NN_NAME.sh.

EXTRA_DIST += examples/README.md

EXAMPLES =
EXAMPLE_OUTPUTS =

EXAMPLES += examples/01_threads
examples_01_threads_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/01_threads.out
EXAMPLES += examples/02_join
examples_02_join_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/02_join.out
EXAMPLES += examples/03_processes
examples_03_processes_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/03_processes.out
EXAMPLES += examples/04_kitchen examples/04_guest
examples_04_kitchen_LDADD = $(PUBLIC_LIBS)
examples_04_guest_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/04_hosts.out
EXTRA_DIST += examples/04_hosts.sh
EXAMPLES += examples/05_keys_server examples/05_keys_client
examples_05_keys_server_LDADD = $(PUBLIC_LIBS)
examples_05_keys_client_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/05_keys.out
EXTRA_DIST += examples/05_keys.sh
EXAMPLES += examples/10_shared_dict
examples_10_shared_dict_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/10_shared_dict.out
EXAMPLES += examples/11_counter_lock
examples_11_counter_lock_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/11_counter_lock.out
EXAMPLES += examples/12_counter_add
examples_12_counter_add_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/12_counter_add.out
EXAMPLES += examples/13_downloads
examples_13_downloads_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/13_downloads.out
EXAMPLES += examples/14_simulation
examples_14_simulation_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/14_simulation.out
EXAMPLES += examples/15_start_gun
examples_15_start_gun_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/15_start_gun.out
EXAMPLES += examples/16_bounded_buffer
examples_16_bounded_buffer_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/16_bounded_buffer.out
EXAMPLES += examples/17_bank examples/17_teller
examples_17_bank_LDADD = $(PUBLIC_LIBS)
examples_17_teller_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/17_bank.out
EXTRA_DIST += examples/17_bank.sh
EXAMPLES += examples/18_office examples/18_till
examples_18_office_LDADD = $(PUBLIC_LIBS)
examples_18_till_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/18_hosts.out
EXTRA_DIST += examples/18_hosts.sh
EXAMPLES += examples/20_shared_memory
examples_20_shared_memory_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/20_shared_memory.out
EXAMPLES += examples/21_fan_out
examples_21_fan_out_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/21_fan_out.out
EXAMPLES += examples/30_parent_child
examples_30_parent_child_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/30_parent_child.out
EXAMPLES += examples/31_one_way
examples_31_one_way_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/31_one_way.out
EXAMPLES += examples/32_threads
examples_32_threads_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/32_threads.out
EXAMPLES += examples/33_echo_server examples/33_echo_client
examples_33_echo_server_LDADD = $(PUBLIC_LIBS)
examples_33_echo_client_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/33_echo_tcp.out
EXTRA_DIST += examples/33_echo_tcp.sh
EXAMPLE_OUTPUTS += examples/34_echo_ipc.out
EXTRA_DIST += examples/34_echo_ipc.sh
EXAMPLE_OUTPUTS += examples/35_echo_hosts.out
EXTRA_DIST += examples/35_echo_hosts.sh
EXAMPLES += examples/36_bytes
examples_36_bytes_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/36_bytes.out
# From other languages, without a library of ours.
EXAMPLE_OUTPUTS += examples/40_join.out examples/41_join.out
EXTRA_DIST += examples/40_join.sh examples/41_join.sh examples/join.sh
EXTRA_DIST += examples/40_join.py examples/41_join.mjs

# Three hosts.
CLUSTER = examples/cluster_count examples/cluster_manager \
	examples/cluster_producer examples/cluster_worker
EXAMPLES += $(CLUSTER)
examples_cluster_count_LDADD = $(PUBLIC_LIBS)
examples_cluster_manager_LDADD = $(PUBLIC_LIBS)
examples_cluster_producer_LDADD = $(PUBLIC_LIBS)
examples_cluster_worker_LDADD = $(PUBLIC_LIBS)
EXAMPLE_OUTPUTS += examples/cluster.out
EXTRA_DIST += examples/cluster.h examples/cluster.sh

noinst_PROGRAMS += $(EXAMPLES)
TESTS += $(EXAMPLE_OUTPUTS)
EXTRA_DIST += $(EXAMPLE_OUTPUTS)

# Takes back make's own rule, which would copy a program to its .out file.
%.out: %

# The main job on real input: DEMO is its program, which takes the directory
# to read as its argument.
DEMO = examples/demo
DEMO_DIRECTORY = /usr/share/doc
noinst_PROGRAMS += $(DEMO)
examples_demo_SOURCES = examples/demo.c examples/demo.h
examples_demo_SOURCES += examples/demo_hash.c
examples_demo_SOURCES += examples/demo_list.c
examples_demo_SOURCES += examples/demo_tree.c
examples_demo_LDADD = $(PUBLIC_LIBS) $(SODIUM_LIBS)

demo: $(DEMO)
	./$(DEMO) '$(DEMO_DIRECTORY)'

.PHONY: demo

# examples/local.mk - complete programs, numbered, at most 100 lines each.
# An example called NN_NAME, whose output is examples/NN_NAME.out:
#   EXAMPLES += examples/NN_NAME
#   examples_NN_NAME_LDADD = $(PUBLIC_LIBS)
#   EXAMPLE_OUTPUTS += examples/NN_NAME.out
# make check runs it and compares. Where examples/NN_NAME.sh exists, that
# script is run in its place (several programs, arguments); it is then listed
# by EXTRA_DIST += examples/NN_NAME.sh.

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

noinst_PROGRAMS += $(EXAMPLES)
TESTS += $(EXAMPLE_OUTPUTS)
EXTRA_DIST += $(EXAMPLE_OUTPUTS)

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

# tools/local.mk - installed programs. A source of troika: one line here; a
# subcommand also stands in tools/troika/command.h and main.c, in the manual
# page troika.1 and in the completion.

bin_PROGRAMS += tools/troika/troika
tools_troika_troika_LDADD = $(PUBLIC_LIBS) $(MSGPACK_LIBS) $(SODIUM_LIBS)
tools_troika_troika_LDFLAGS = $(TROIKA_LDFLAGS)
tools_troika_troika_SOURCES =
tools_troika_troika_SOURCES += tools/troika/bench.c
tools_troika_troika_SOURCES += tools/troika/call.c
tools_troika_troika_SOURCES += tools/troika/child.c
tools_troika_troika_SOURCES += tools/troika/child.h
tools_troika_troika_SOURCES += tools/troika/command.c
tools_troika_troika_SOURCES += tools/troika/command.h
tools_troika_troika_SOURCES += tools/troika/dict.c
tools_troika_troika_SOURCES += tools/troika/drain.c
tools_troika_troika_SOURCES += tools/troika/get.c
tools_troika_troika_SOURCES += tools/troika/input.c
tools_troika_troika_SOURCES += tools/troika/input.h
tools_troika_troika_SOURCES += tools/troika/keygen.c
tools_troika_troika_SOURCES += tools/troika/keys.c
tools_troika_troika_SOURCES += tools/troika/keys.h
tools_troika_troika_SOURCES += tools/troika/lines.c
tools_troika_troika_SOURCES += tools/troika/lines.h
tools_troika_troika_SOURCES += tools/troika/lock.c
tools_troika_troika_SOURCES += tools/troika/ls.c
tools_troika_troika_SOURCES += tools/troika/main.c
tools_troika_troika_SOURCES += tools/troika/option_table.c
tools_troika_troika_SOURCES += tools/troika/option_table.h
tools_troika_troika_SOURCES += tools/troika/options.c
tools_troika_troika_SOURCES += tools/troika/options.h
tools_troika_troika_SOURCES += tools/troika/output.c
tools_troika_troika_SOURCES += tools/troika/output.h
tools_troika_troika_SOURCES += tools/troika/params.c
tools_troika_troika_SOURCES += tools/troika/params.h
tools_troika_troika_SOURCES += tools/troika/peek.c
tools_troika_troika_SOURCES += tools/troika/place.c
tools_troika_troika_SOURCES += tools/troika/place.h
tools_troika_troika_SOURCES += tools/troika/put.c
tools_troika_troika_SOURCES += tools/troika/serve.c
tools_troika_troika_SOURCES += tools/troika/signals.c
tools_troika_troika_SOURCES += tools/troika/signals.h
tools_troika_troika_SOURCES += tools/troika/status.c
tools_troika_troika_SOURCES += tools/troika/status.h
tools_troika_troika_SOURCES += tools/troika/table.c
tools_troika_troika_SOURCES += tools/troika/table.h
tools_troika_troika_SOURCES += tools/troika/take.c
tools_troika_troika_SOURCES += tools/troika/take.h
tools_troika_troika_SOURCES += tools/troika/top.c
tools_troika_troika_SOURCES += tools/troika/tree.c
tools_troika_troika_SOURCES += tools/troika/tree.h

dist_man1_MANS = tools/troika.1

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = tools/completion/troika

# Installed where configure --with-systemdsystemunitdir says, if it does.
UNIT = tools/systemd/troika@.service
check_DATA = $(UNIT)
if SYSTEMD
systemdsystemunit_DATA = $(UNIT)
endif
$(UNIT): tools/systemd/troika@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) tools/systemd && \
		$(SED) -e 's|@bindir[@]|$(bindir)|' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/tools/systemd/troika@.service.in >$@
CLEANFILES += $(UNIT)
EXTRA_DIST += tools/systemd/troika@.service.in

# doc/local.mk - a page: EXTRA_DIST += doc/NAME.md
EXTRA_DIST += doc/migrating.md
EXTRA_DIST += doc/protocol.md
EXTRA_DIST += doc/protocol-pipe.md
EXTRA_DIST += doc/rationale.md
EXTRA_DIST += doc/tutorial.md

# Manual pages come from the headers: one for each header, and a name for
# each function that leads there.
man3_MANS = doc/troika.3 \
	$(nodist_troikainclude_HEADERS:include/troika/%.h=doc/troika_%.3)
CLEANFILES += $(man3_MANS)
EXTRA_DIST += doc/man.awk

doc/troika_%.3: include/troika/%.h doc/man.awk
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -v page=troika_$* \
		-v version=$(VERSION) -f $(srcdir)/doc/man.awk $< >$@
doc/troika.3: include/troika.h doc/man.awk
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -v page=troika \
		-v version=$(VERSION) -f $(srcdir)/doc/man.awk $< >$@

# PAGE FUNCTION for every function of every page.
list_functions = $(SED) -n 's/^\.SS //p' $$page | tr -d ',' | tr ' ' '\n'

install-data-hook:
	for page in $(man3_MANS); do for name in `$(list_functions)`; do \
		echo ".so man3/`basename $$page`" \
			>"$(DESTDIR)$(man3dir)/$$name.3"; done; done

uninstall-local:
	for page in $(man3_MANS); do for name in `$(list_functions)`; do \
		rm -f "$(DESTDIR)$(man3dir)/$$name.3"; done; done

# man and mandoc must have nothing to say about the pages.
check-man: $(man3_MANS)
	@$(srcdir)/doc/check-man.sh $(man3_MANS) $(dist_man1_MANS:%=$(srcdir)/%)
EXTRA_DIST += doc/check-man.sh
.PHONY: check-man

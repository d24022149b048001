# doc/local.mk - a page: EXTRA_DIST += doc/NAME.md
EXTRA_DIST += doc/protocol.md
EXTRA_DIST += doc/rationale.md

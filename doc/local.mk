# doc/local.mk - a page: EXTRA_DIST += doc/NAME.md

# tools/local.mk - installed programs. A tool called NAME:
#   bin_PROGRAMS += tools/NAME
#   tools_NAME_LDADD = $(PUBLIC_LIBS)
#   tools_NAME_LDFLAGS = $(TROIKA_LDFLAGS)

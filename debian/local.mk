# debian/local.mk - what Debian's tools need to make packages; a release has
# it, too:
#   make deb      builds the packages into the folder build-deb
EXTRA_DIST += debian/changelog debian/control debian/copyright
EXTRA_DIST += debian/libtroika-dev.docs debian/libtroika-dev.examples
EXTRA_DIST += debian/libtroika-dev.install debian/libtroika0.install
EXTRA_DIST += debian/libtroika0.symbols debian/rules debian/source/format
EXTRA_DIST += debian/troika-tools.install

# From a release, as a packager does; its tests run elsewhere. Errors of
# lintian are failures.
deb: dist
	rm -rf build-deb
	mkdir build-deb
	cp $(distdir).tar.xz build-deb/$(PACKAGE)_$(VERSION).orig.tar.xz
	tar -C build-deb -xf $(distdir).tar.xz
	cd build-deb/$(distdir) && DEB_BUILD_OPTIONS="nocheck $$DEB_BUILD_OPTIONS" \
		dpkg-buildpackage -us -uc
	cd build-deb && lintian --fail-on error *.changes
	@ls build-deb/*.deb

.PHONY: deb

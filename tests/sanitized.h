/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sanitized.h - which sanitizer a test is built with, for those few that it
 * cannot run.
 *
 * ThreadSanitizer ends a forked child that starts threads ("dup thread with
 * used id"). AddressSanitizer's allocator keeps its locks over fork(): a
 * child of a process whose other threads allocate may wait for ever.
 */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#elif __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN 1
#endif
#ifdef __SANITIZE_ADDRESS__
#define UNDER_ASAN 1
#endif

#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

#endif

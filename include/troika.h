/* SPDX-License-Identifier: MPL-2.0 */
/*
 * troika.h - all of Troika's public interface.
 *
 * Each part's contract stands in its own header. They are found in
 * lib/ and patterns/ of the sources, beside the code that keeps them.
 */
#ifndef TROIKA_H
#define TROIKA_H

#include <troika/base.h>
#include <troika/msg.h>
#include <troika/object.h>
#include <troika/handles.h>
#include <troika/array.h>
#include <troika/dict.h>
#include <troika/list.h>
#include <troika/listener.h>
#include <troika/namespace.h>
#include <troika/value.h>
#include <troika/barrier.h>
#include <troika/condition.h>
#include <troika/event.h>
#include <troika/lock.h>
#include <troika/manager.h>
#include <troika/pipe.h>
#include <troika/process.h>
#include <troika/queue.h>
#include <troika/semaphore.h>

#endif

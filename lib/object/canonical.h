/* SPDX-License-Identifier: MPL-2.0 */
/*
 * canonical.h - one encoding for each value, so that keys compare by bytes.
 *
 * What the library packs is canonical already; other encoders may write 5
 * in nine bytes, or a float in four.
 */
#ifndef TK_OBJECT_CANONICAL_H
#define TK_OBJECT_CANONICAL_H

#include "lib/object/span.h"

/*
 * Replaces *value by its canonical encoding: every header and integer in
 * its shortest form, every float a double, -0.0 as 0.0, one NaN. Maps keep
 * their order. The bytes are the old ones, or lie in scratch, whose content
 * is overwritten. Equal as of troika_msg_eq() are the values whose canonical
 * bytes are equal. -ENOMEM.
 */
int tk_canonical (tk_span_t *value, tk_buffer_t *scratch);

#endif

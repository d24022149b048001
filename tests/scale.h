/* SPDX-License-Identifier: MPL-2.0 */
/* scale.h - how much slower than usual this run may be. */
#ifndef TESTS_SCALE_H
#define TESTS_SCALE_H

/* TROIKA_TEST_SCALE, 1 when that is not set: what limits a wait is so many
 * times longer, what is to take a while so many times less. */
unsigned stage_scale (void);

#endif

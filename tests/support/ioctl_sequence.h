/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Random sequences of everything that a client can do to a device: calls, mappings,
 * stores into rings and buffers, closing. An input of bytes is one sequence, whether
 * libFuzzer chose them or a random generator did.
 */
#ifndef TESTS_SUPPORT_IOCTL_SEQUENCE_H
#define TESTS_SUPPORT_IOCTL_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include <tandem/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the sequences did, to see that they do something; and the first wrong thing. */
struct ioctl_tally {
	uint64_t calls;
	uint64_t accepted;
	uint64_t mapped;
	uint64_t published;
	char wrong[256]; /* empty: none */
};

/**
 * ioctl_sequence_run - one sequence, on contexts of its own
 * @base: open on the device, with nothing in flight; nothing is done to it
 * @data: the input
 *
 * Everything that was made is closed at the end, and the device's memory is what it
 * was before. No wait is longer than a millisecond.
 */
void ioctl_sequence_run(struct tdm_device *base, const uint8_t *data, size_t size,
			struct ioctl_tally *tally);

#ifdef __cplusplus
}
#endif

#endif /* TESTS_SUPPORT_IOCTL_SEQUENCE_H */

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The input is a dump: read, judged, and all of it put into words.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_printable(const char *text)
{
	for (; *text; text++)
		must(*text >= ' ' && *text <= '~');
}

static void put_into_words(const struct decode *d)
{
	struct decode_span spans[DECODE_SPANS];
	char text[256];

	for (size_t i = 0; i < d->queues.n; i++) {
		const struct decode_queue *q = &d->queues.of[i];
		unsigned int n = decode_cmd_spans(&q->cmd, spans);

		must_be_printable(decode_cmd_text(&q->cmd, text, sizeof(text)));
		must(n <= DECODE_SPANS);
		for (unsigned int k = 0; k < n; k++) {
			decode_span_text(d, q->context, &spans[k], text, sizeof(text));
			must_be_printable(text);
		}
	}
	for (size_t i = 0; i < d->admins.n; i++)
		must_be_printable(decode_admin_text(&d->admins.of[i], text, sizeof(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decode_judgement judgement;
	struct tdm_error err = { 0 };
	struct decode d;

	if (decode_read(&d, (const char *)data, size, "fuzz", &err)) {
		must(err.code < 0 && strstr(err.msg, "; "));
		must_be_printable(err.msg);
	} else {
		decode_judge(&d, &judgement);
		must(judgement.verdict < DECODE_VERDICTS && *judgement.because);
		must_be_printable(judgement.because);
		must(judgement.steps <= DECODE_STEPS);
		for (unsigned int i = 0; i < judgement.steps; i++)
			must_be_printable(judgement.next[i]);
		put_into_words(&d);
	}
	decode_free(&d);
	return 0;
}

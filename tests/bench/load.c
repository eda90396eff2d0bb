// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Opening a large model: mapped, not read.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tandem/model.h>

#include "bench.h"
#include "clock.h"
#include "model_file.h"

struct load {
	const char *path;
	double resident; /* bytes that the last open added */
	double bytes;	 /* of the file */
};

static double resident_bytes(void)
{
	char line[128], *second = line;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || !fgets(line, sizeof(line), f))
		bench_fail("/proc/self/statm: not readable; mount /proc", NULL);
	fclose(f);
	/* proc(5): size, then resident, in pages. */
	(void)strtoul(line, &second, 10);
	return (double)strtoul(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

static double by_open(void *ctx)
{
	struct load *l = ctx;
	struct tdm_error err = { 0 };
	double before = resident_bytes();
	uint64_t start = now_ns();
	struct tdm_model *model = tdm_model_open(l->path, &err);
	double ms = (double)(now_ns() - start) / 1e6;

	if (!model)
		bench_fail("large model", &err);
	l->resident = resident_bytes() - before;
	tdm_model_close(model);
	return ms;
}

#define PIECE (1U << 20)

static double by_read(void *ctx)
{
	const struct load *l = ctx;
	char *piece = malloc(PIECE);
	uint64_t start = now_ns();
	int fd = open(l->path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || !piece)
		bench_fail("large model: not readable; set TMPDIR to another folder", NULL);
	do {
		n = read(fd, piece, PIECE);
	} while (n > 0);
	if (n < 0)
		bench_fail("large model: not readable; set TMPDIR to another folder", NULL);
	close(fd);
	free(piece);
	return (double)(now_ns() - start) / 1e6;
}

void bench_load(struct bench *b)
{
	const struct shape shape = {
		.dim = 4096,
		.layers = 1,
		.heads = 32,
		.kv_heads = 32,
		.ffn = 4096,
		.vocab = b->quick ? 2048 : 65536,
		.ctx = 1024,
		.sparse = true,
	};
	struct model_file file = model_file_make(&shape);
	struct load l = { .path = file.path };
	struct figure *f;
	struct stat st;

	if (stat(file.path, &st))
		bench_fail("large model: not there; mount /proc", NULL);
	l.bytes = (double)st.st_size;
	f = bench_figure(b, "model_open", UNIT_MS, "read()", "open a GGUF of %.2f GiB (sparse)",
			 l.bytes / (1 << 30));
	bench_measure(b, f, by_open, &l, by_read, &l);
	f = bench_figure(b, "model_open_resident", UNIT_BYTES, "file size",
			 "memory taken by opening it");
	f->value = l.resident;
	f->peer_value = l.bytes;
	f->ratio = l.resident / l.bytes;
	model_file_drop(&file);
}

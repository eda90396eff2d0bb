// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/gguf.h"

/* The end of a path says more than its front; leave room in messages for the cure */
static void set_name(struct tdm_gguf *g, const char *path)
{
	size_t len = strlen(path), room = sizeof(g->name) - 1;

	if (len <= room)
		snprintf(g->name, sizeof(g->name), "%s", path);
	else
		snprintf(g->name, sizeof(g->name), "...%s", path + len - (room - 3));
	for (char *p = g->name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

static struct tdm_gguf *handle(const char *name, struct tdm_error *err)
{
	struct tdm_gguf *g = calloc(1, sizeof(*g));

	if (!g)
		tdm_error_set(err, -ENOMEM, "%s: no memory to open it; free some", name);
	else
		set_name(g, name);
	return g;
}

static int read_all(struct tdm_gguf *g, struct tdm_error *err)
{
	struct gguf_cursor c = { .g = g, .noun = "header", .err = err };
	int rc;

	if (!g->size)
		return tdm_error_set(err, -ENODATA,
				     "%s: is empty; copy or download the model again", g->name);
	rc = gguf_read_meta(g, &c);
	return rc ? rc : gguf_read_tensors(g, &c);
}

static int map(struct tdm_gguf *g, const char *path, struct tdm_error *err)
{
	/* NONBLOCK: opening a FIFO by mistake must not hang */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *base;
	int rc = 0;

	if (fd < 0) {
		rc = -errno;
		return tdm_error_set(
			err, rc, "%s: cannot be opened (%s); %s", g->name, strerror(-rc),
			rc == -ENOENT ? "check the path of the model" : "check its permissions");
	}
	if (fstat(fd, &st))
		rc = tdm_error_set(err, -errno,
				   "%s: cannot be examined (%m); check the file "
				   "system",
				   g->name);
	else if (S_ISDIR(st.st_mode))
		rc = tdm_error_set(err, -EISDIR,
				   "%s: is a directory; give the path of the .gguf file in it",
				   g->name);
	else if (!S_ISREG(st.st_mode))
		rc = tdm_error_set(err, -EINVAL,
				   "%s: is not a regular file; give the path of a .gguf file",
				   g->name);
	if (!rc && st.st_size) {
		base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (base == MAP_FAILED) {
			rc = tdm_error_set(err, -errno,
					   "%s: cannot be mapped (%m); check memory limits (ulimit "
					   "-v) and the file system",
					   g->name);
		} else {
			g->base = base;
			g->size = (size_t)st.st_size;
			g->map = base;
		}
	}
	close(fd);
	return rc;
}

struct tdm_gguf *tdm_gguf_open(const char *path, struct tdm_error *err)
{
	struct tdm_gguf *g = handle(path, err);

	if (!g)
		return NULL;
	if (!map(g, path, err) && !read_all(g, err))
		return g;
	tdm_gguf_close(g);
	return NULL;
}

struct tdm_gguf *tdm_gguf_from_memory(const void *data, size_t size, const char *name,
				      struct tdm_error *err)
{
	struct tdm_gguf *g = handle(name, err);

	if (!g)
		return NULL;
	g->base = data;
	g->size = size;
	if (!read_all(g, err))
		return g;
	tdm_gguf_close(g);
	return NULL;
}

void tdm_gguf_close(struct tdm_gguf *g)
{
	if (!g)
		return;
	if (g->map)
		munmap(g->map, g->size);
	free(g->keys);
	free(g->keys_by_name);
	free(g->tensors);
	free(g->tensors_by_name);
	free(g);
}

const char *tdm_gguf_name(const struct tdm_gguf *g)
{
	return g->name;
}

uint32_t tdm_gguf_version(const struct tdm_gguf *g)
{
	return g->version;
}

uint32_t tdm_gguf_alignment(const struct tdm_gguf *g)
{
	return g->alignment;
}

uint64_t tdm_gguf_file_bytes(const struct tdm_gguf *g)
{
	return g->size;
}

size_t tdm_gguf_n_keys(const struct tdm_gguf *g)
{
	return g->n_keys;
}

const struct tdm_gguf_key *tdm_gguf_key_at(const struct tdm_gguf *g, size_t i)
{
	return i < g->n_keys ? &g->keys[i] : NULL;
}

const struct tdm_gguf_key *tdm_gguf_find_key(const struct tdm_gguf *g, const char *name)
{
	struct tdm_str s = { name, strlen(name) };

	return gguf_index_find(g->keys_by_name, g->n_keys, s);
}

size_t tdm_gguf_n_tensors(const struct tdm_gguf *g)
{
	return g->n_tensors;
}

const struct tdm_gguf_tensor *tdm_gguf_tensor_at(const struct tdm_gguf *g, size_t i)
{
	return i < g->n_tensors ? &g->tensors[i] : NULL;
}

const struct tdm_gguf_tensor *tdm_gguf_find_tensor(const struct tdm_gguf *g, const char *name)
{
	struct tdm_str s = { name, strlen(name) };

	return gguf_index_find(g->tensors_by_name, g->n_tensors, s);
}

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "device/attach.h"

#include <stdio.h>
#include <string.h>

static const struct tdm_attach_ops *(*const attachments[])(void) = {
	attach_soft,
	attach_drm,
};

const struct tdm_attach_ops *attach_at(unsigned int index)
{
	return index < sizeof(attachments) / sizeof(attachments[0]) ? attachments[index]() : NULL;
}

const struct tdm_attach_ops *attach_find(const char *name)
{
	const struct tdm_attach_ops *ops;

	for (unsigned int i = 0; (ops = attach_at(i)); i++)
		if (!strncmp(name, ops->prefix, strlen(ops->prefix)))
			return ops;
	return NULL;
}

void attach_names(char *text, size_t room)
{
	const struct tdm_attach_ops *ops;
	struct tdm_device_entry entry;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; (ops = attach_at(i)); i++)
		for (unsigned int k = 0; ops->entry(k, &entry); k++) {
			size_t more = strlen(entry.name) + (used ? 2 : 0);

			if (used + more >= room)
				return;
			snprintf(text + used, room - used, "%s%s", used ? ", " : "", entry.name);
			used += more;
		}
}

int tdm_device_list(struct tdm_device_entry *list, unsigned int room)
{
	const struct tdm_attach_ops *ops;
	struct tdm_device_entry entry;
	unsigned int count = 0;

	for (unsigned int i = 0; (ops = attach_at(i)); i++)
		for (unsigned int k = 0; ops->entry(k, &entry); k++) {
			if (list && count < room)
				list[count] = entry;
			count++;
		}
	return (int)count;
}

int tdm_device_models(struct tdm_device_entry *list, unsigned int room)
{
	struct tdm_device_entry entry;
	unsigned int count = 0;

	for (; attach_soft()->entry(count, &entry); count++)
		if (list && count < room)
			list[count] = entry;
	return (int)count;
}

// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "debugfs.h"

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <drm/drm_print.h>

#include "compat.h"
#include "device.h"
#include "dump.h"

static int registers_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_registers(m->private, &p);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

static int rings_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_rings(m->private, &p);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rings);

static int queues_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_contexts(m->private, &p, tdm_dump_queues);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(queues);

static int contexts_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_contexts(m->private, &p, tdm_dump_context);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(contexts);

static int maps_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_contexts(m->private, &p, tdm_dump_maps);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(maps);

static int faults_show(struct seq_file *m, void *data)
{
	struct drm_printer p = drm_seq_file_printer(m);

	tdm_dump_contexts(m->private, &p, tdm_dump_faults);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(faults);

void tdm_debugfs_register(struct tdm_device *dev)
{
	struct dentry *dir = debugfs_create_dir(TDM_DRIVER_NAME, tdm_debugfs_parent(&dev->drm));

	debugfs_create_file("registers", 0400, dir, dev, &registers_fops);
	debugfs_create_file("rings", 0400, dir, dev, &rings_fops);
	debugfs_create_file("contexts", 0400, dir, dev, &contexts_fops);
	debugfs_create_file("queues", 0400, dir, dev, &queues_fops);
	debugfs_create_file("maps", 0400, dir, dev, &maps_fops);
	debugfs_create_file("faults", 0400, dir, dev, &faults_fops);
	dev->debugfs = dir;
}

void tdm_debugfs_unregister(struct tdm_device *dev)
{
	/* Waits for who reads; from here on nobody looks at the device. */
	debugfs_remove(dev->debugfs);
}

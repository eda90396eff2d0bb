// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The way of an order: to the driver by a node, to another process by its observer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tandem/inject.h>
#include <tandem/observe.h>

#include "inject/inject.h"
#include "host/nodes.h"
#include "host/soft_name.h"
#include "host/sysfile.h"

/* Why the driver said EPERM: whoever asks has not the right, or the device is hardware. */
static int refused(const char *name, bool emulated, struct tdm_error *err)
{
	char allow[8] = "";

	sys_text(allow, sizeof(allow), "/sys/module/tandem/parameters/allow_inject");
	if (!emulated && *allow != 'Y')
		return tdm_error_set(err, -EPERM,
				     "device '%s': it is not emulated and the module's parameter "
				     "allow_inject is off; echo Y | sudo tee "
				     "/sys/module/tandem/parameters/allow_inject, where nobody "
				     "needs the device",
				     name);
	return tdm_error_set(err, -EPERM,
			     "device '%s': a fault hits all who use it, so that CAP_SYS_ADMIN is "
			     "asked for; sudo tandem inject",
			     name);
}

static int explain(const char *name, int rc, bool emulated, struct tdm_error *err)
{
	switch (rc) {
	case -EPERM:
		return refused(name, emulated, err);
	case -EOPNOTSUPP:
	case -ENOTTY:
		return tdm_error_set(err, rc,
				     "device '%s': its driver or firmware knows no such fault; "
				     "take newer ones",
				     name);
	case -EIO:
		return tdm_error_set(err, rc,
				     "device '%s': it is lost, or was reset meanwhile; tandem dump "
				     "and tandem decode say why",
				     name);
	case -ENODEV:
		return tdm_error_set(err, rc,
				     "device '%s': it is gone; tandem list says what "
				     "there is",
				     name);
	default:
		return tdm_error_set(err, rc,
				     "device '%s': the order was refused: %s; tandem "
				     "inject --list says what a fault takes",
				     name, strerror(-rc));
	}
}

static int order_of(struct tdm_device *dev, const char *name, const struct inject_order *order,
		    struct tdm_error *err)
{
	const struct drm_tandem_inject fault = {
		.kind = order->fault->kind,
		.count = order->count,
		.duration_ms = order->duration_ms,
		.value = order->value,
		.seed = order->seed,
	};
	int rc = tdm_device_inject(dev, &fault);

	/* A crash has no other answer. */
	if (!rc || (rc == -ENODEV && fault.kind == TDM_INJECT_CRASH))
		return 0;
	return explain(name, rc, tdm_device_info(dev)->identify.emulated != 0, err);
}

int inject_device(const char *name, const struct inject_order *order, struct tdm_error *err)
{
	struct tdm_device *dev;
	struct node node;
	int rc;

	if (order->fault->net)
		return tdm_error_set(err, -ENODEV,
				     "device '%s': '%s' is a fault of a process's software NIC; "
				     "say soft:rc@PID",
				     name, order->fault->name);
	if (!strncmp(name, "soft:", 5))
		return tdm_error_set(err, -ENODEV,
				     "device '%s': a soft device lives in a process; say %s@PID, "
				     "tandem ps lists them",
				     name, name);
	if (!nodes_find(name, &node))
		name = node.path;
	dev = tdm_device_open(name, err);
	/* Its firmware was silent, and is not any more: the driver has reset it meanwhile. */
	if (!dev && err->code == -EIO)
		dev = tdm_device_open(name, err);
	if (!dev)
		return err->code;
	rc = order_of(dev, name, order, err);
	tdm_device_close(dev);
	return rc;
}

static int ask(struct tdm_observed *observed, const char *name, const char *target, bool net,
	       const struct inject_order *order, struct tdm_error *err)
{
	struct tdm_observe_inject fault = {
		.kind = order->fault->kind,
		.count = order->count,
		.duration_ms = order->duration_ms,
		.flags = net,
		.value = order->value,
		.seed = order->seed,
	};
	int rc;

	snprintf(fault.target, sizeof(fault.target), "%.63s", target);
	rc = tdm_observed_inject(observed, &fault, err);
	if (rc == -EOPNOTSUPP)
		return tdm_error_set(err, rc,
				     "device '%s': its process takes no such order; run it with a "
				     "newer tandem",
				     name);
	return rc;
}

/* Faults of a device have one as the target, those of a NIC a NIC; 'none' takes both. */
int inject_process(const char *name, const struct inject_order *order, struct tdm_error *err)
{
	struct tdm_observed *observed;
	struct tdm_observe_device dev;
	struct soft_name at;
	char net[64];
	int rc;

	if (!order->fault->net) {
		observed = soft_name_connect(name, &at, &dev, err);
		if (observed) {
			rc = ask(observed, name, dev.name, false, order, err);
			tdm_observed_close(observed);
			return rc;
		}
		if (order->fault->kind)
			return err->code;
	}
	if (!soft_name_parse(name, &at))
		return tdm_error_set(err, -ENODEV,
				     "device '%s': no NIC and process; say soft:rc@PID", name);
	observed = tdm_observed_connect(at.pid, 0, err);
	if (!observed)
		return err->code == -ESRCH ? err->code = -ENODEV : err->code;
	if (soft_name_find_net(observed, &at, net))
		rc = ask(observed, name, net, true, order, err);
	else
		rc = tdm_error_set(err, -ENODEV,
				   "process %u: it shows no device and no software NIC '%s'; "
				   "tandem ps lists devices",
				   at.pid, at.device);
	tdm_observed_close(observed);
	return rc;
}

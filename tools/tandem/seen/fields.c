// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The one description of what is known of a device: for JSON, records, metrics, and
 * where sysfs has it.
 */
#include <string.h>

#include "seen/seen.h"

#define MS 1000000 /* in ns */

#define GAUGE(name, text) .type = SEEN_GAUGE, .metric = (name), .help = (text)
#define COUNTER(name, text) .type = SEEN_COUNTER, .metric = (name), .help = (text)

const struct seen_kind seen_fields[SEEN_FIELDS] = {
	[SEEN_NAME] = { .column = { "name", "NAME", VIEW_TEXT } },
	[SEEN_NODE] = { .column = { "node", "NODE", VIEW_TEXT } },
	[SEEN_ACCESS] = { .column = { "access", "ACCESS", VIEW_FLAG } },
	[SEEN_PID] = { .column = { "pid", "PID", VIEW_COUNT } },
	[SEEN_PROGRAM] = { .column = { "program", "PROGRAM", VIEW_TEXT } },
	[SEEN_CLASS] = { .column = { "class", "CLASS", VIEW_TEXT }, .file = "tandem/class" },
	[SEEN_MODEL] = { .column = { "model", "MODEL", VIEW_TEXT }, .file = "tandem/model" },
	[SEEN_ATTACHMENT] = { .column = { "attachment", "ATTACHMENT", VIEW_TEXT },
			      .file = "tandem/attachment" },
	[SEEN_EMULATED] = { .column = { "emulated", "EMULATED", VIEW_FLAG } },
	[SEEN_ADDRESS] = { .column = { "bus_address", "BUS ADDRESS", VIEW_TEXT } },
	[SEEN_DRIVER] = { .column = { "driver", "DRIVER", VIEW_TEXT } },
	[SEEN_FIRMWARE] = { .column = { "firmware", "FIRMWARE", VIEW_TEXT },
			    .file = "tandem/firmware_version" },
	[SEEN_FIRMWARE_STATE] = { .column = { "firmware_state", "FIRMWARE STATE", VIEW_TEXT },
				  .file = "tandem/firmware_state" },
	[SEEN_STATE] = { .column = { "state", "STATE", VIEW_TEXT }, .file = "tandem/state" },
	[SEEN_CLIENTS] = { .column = { "clients", "CLIENTS", VIEW_COUNT },
			   .file = "tandem/clients",
			   GAUGE("tandem_device_clients", "Files that are open on the device.") },
	[SEEN_NUMA] = { .column = { "numa_node", "NUMA", VIEW_COUNT } },
	[SEEN_RDMA] = { .column = { "rdma_device", "RDMA", VIEW_TEXT } },
	[SEEN_MEMORY] = { .column = { "memory_bytes", "MEMORY", VIEW_BYTES },
			  .file = "tandem/memory_total",
			  GAUGE("tandem_device_memory_size_bytes",
				"Capacity of the device's memory.") },
	[SEEN_MEMORY_USED] = { .column = { "memory_used_bytes", "USED", VIEW_BYTES },
			       .file = "tandem/memory_used",
			       GAUGE("tandem_device_memory_used_bytes",
				     "Of the device's memory what buffers take.") },
	[SEEN_HOST_LIMIT] = { .column = { "host_memory_limit_bytes", "HOST LIMIT", VIEW_BYTES },
			      .file = "tandem/host_memory_limit",
			      GAUGE("tandem_device_host_memory_limit_bytes",
				    "Host memory that buffers of the device may take.") },
	[SEEN_HOST_USED] = { .column = { "host_memory_used_bytes", "HOST USED", VIEW_BYTES },
			     .file = "tandem/host_memory_used",
			     GAUGE("tandem_device_host_memory_used_bytes",
				   "Host memory that buffers of the device take.") },
	[SEEN_TEMPERATURE] = { .column = { "temperature_celsius", "CELSIUS", VIEW_FIGURE },
			       GAUGE("tandem_device_temperature_celsius",
				     "Temperature of the device.") },
	[SEEN_POWER] = { .column = { "power_watts", "WATTS", VIEW_FIGURE },
			 GAUGE("tandem_device_power_watts", "Power that the device takes.") },
	[SEEN_BUSY] = { .column = { "busy_ns", "BUSY", VIEW_NS },
			.file = "tandem/busy_ns",
			COUNTER("tandem_device_busy_seconds_total",
				"Time in which commands ran.") },
	[SEEN_COMMANDS] = { .column = { "commands", "COMMANDS", VIEW_COUNT },
			    .file = "tandem/commands",
			    COUNTER("tandem_device_commands_total", "Commands that completed.") },
	[SEEN_ERRORS] = { .column = { "errors", "ERRORS", VIEW_COUNT },
			  .file = "tandem/errors",
			  COUNTER("tandem_device_errors_total",
				  "Commands that ended in an error.") },
	[SEEN_FAULTS] = { .column = { "faults", "FAULTS", VIEW_COUNT },
			  .file = "tandem/faults",
			  COUNTER("tandem_device_faults_total",
				  "Fault records that the device raised.") },
	[SEEN_TOKENS_PREFILL] = { .column = { "tokens_prefill", "PREFILL TOKENS", VIEW_COUNT },
				  .file = "tandem/tokens_prefill",
				  COUNTER("tandem_device_prefill_tokens_total",
					  "Tokens that prefill processed.") },
	[SEEN_TOKENS_DECODE] = { .column = { "tokens_decode", "DECODE TOKENS", VIEW_COUNT },
				 .file = "tandem/tokens_decode",
				 COUNTER("tandem_device_decode_tokens_total",
					 "Tokens that decode sampled.") },
	[SEEN_BYTES_MOVED] = { .column = { "moved_bytes", "MOVED", VIEW_BYTES },
			       .file = "tandem/bytes_moved",
			       COUNTER("tandem_device_moved_bytes_total",
				       "Bytes that copying and KV commands read or wrote.") },
	[SEEN_RESETS] = { .column = { "resets", "RESETS", VIEW_COUNT },
			  .file = "tandem/reset_count",
			  COUNTER("tandem_device_resets_total", "Resets of the device.") },
	[SEEN_RESET_REASON] = { .column = { "reset_reason", "RESET REASON", VIEW_TEXT },
				.file = "tandem/reset_reason" },
	[SEEN_INJECT_ACTIVE] = { .column = { "inject_active", "INJECT", VIEW_TEXT },
				 .file = "tandem/inject_active" },
	[SEEN_INJECTED] = { .column = { "injected", "INJECTED", VIEW_COUNT },
			    .file = "tandem/injected",
			    COUNTER("tandem_device_injected_faults_total",
				    "Faults that were ordered, and happened.") },
	[SEEN_TELEMETRY_AGE] = { .column = { "telemetry_age_ns", "TELEMETRY AGE", VIEW_NS },
				 .file = "tandem/telemetry_age_ms",
				 .times = MS,
				 GAUGE("tandem_device_telemetry_age_seconds",
				       "How old the device's counters are.") },
	[SEEN_HEARTBEAT_AGE] = { .column = { "heartbeat_age_ns", "HEARTBEAT AGE", VIEW_NS },
				 .file = "tandem/heartbeat_age_ms",
				 .times = MS,
				 GAUGE("tandem_device_heartbeat_age_seconds",
				       "Time since the firmware's last sign of life.") },
	[SEEN_BANDWIDTH] = { .column = { "memory_bytes_per_s", "MEMORY BYTES/S", VIEW_COUNT } },
	[SEEN_FABRIC] = { .column = { "fabric_bits_per_s", "FABRIC", VIEW_BITS } },
	[SEEN_FLOPS] = { .column = { "flop_per_s", "FLOP/S", VIEW_COUNT } },
};

void seen_columns(const enum seen_field *fields, unsigned int n, struct view_column *columns)
{
	for (unsigned int i = 0; i < n; i++)
		columns[i] = seen_fields[fields[i]].column;
}

void seen_show(struct view_row *row, unsigned int column, const struct seen_cell *cell,
	       enum view_kind kind)
{
	if (!cell->is)
		return;
	switch (kind) {
	case VIEW_TEXT:
		view_text(row, column, cell->text);
		break;
	case VIEW_FLAG:
		view_flag(row, column, cell->flag);
		break;
	case VIEW_FIGURE:
	case VIEW_RATIO:
	case VIEW_SPEED:
		view_figure(row, column, cell->figure);
		break;
	default:
		view_count(row, column, cell->count);
		break;
	}
}

bool seen_is_silent(const struct seen_device *device)
{
	const struct seen_cell *age = &device->cells[SEEN_HEARTBEAT_AGE];

	return age->is && age->count >= (uint64_t)SEEN_SILENT_MS * MS;
}

static enum view_mark mark_state(const struct seen_device *device, const char *state)
{
	if (!strcmp(state, "failed") || !strcmp(state, "gone") || seen_is_silent(device))
		return VIEW_BAD;
	return strcmp(state, "ready") != 0 ? VIEW_WARN : VIEW_GOOD;
}

enum view_mark seen_mark(const struct seen_device *device, enum seen_field field)
{
	const struct seen_cell *cell = &device->cells[field];

	if (!cell->is)
		return VIEW_PLAIN;
	switch (field) {
	case SEEN_STATE:
		return mark_state(device, cell->text);
	case SEEN_HEARTBEAT_AGE:
		return seen_is_silent(device) ? VIEW_BAD : VIEW_PLAIN;
	case SEEN_ACCESS:
		return cell->flag ? VIEW_PLAIN : VIEW_WARN;
	case SEEN_INJECT_ACTIVE:
		return strcmp(cell->text, "none") != 0 && strcmp(cell->text, "0") != 0 ? VIEW_WARN
										       : VIEW_PLAIN;
	case SEEN_ERRORS:
	case SEEN_FAULTS:
		return cell->count ? VIEW_BAD : VIEW_PLAIN;
	case SEEN_RESETS:
	case SEEN_INJECTED:
		return cell->count ? VIEW_WARN : VIEW_PLAIN;
	default:
		return VIEW_PLAIN;
	}
}

void seen_show_fields(struct view_row *row, unsigned int column, const enum seen_field *fields,
		      unsigned int n, const struct seen_device *device)
{
	for (unsigned int i = 0; i < n; i++) {
		seen_show(row, column + i, &device->cells[fields[i]],
			  seen_fields[fields[i]].column.kind);
		view_mark(row, column + i, seen_mark(device, fields[i]));
	}
}

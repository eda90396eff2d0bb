/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Contract 3 of 3: what the driver and a device's firmware share.
 *
 * "Bus address" below is whatever the attachment says it is, and only its port
 * resolves it: a DMA address (pci), an offset into the control node (emu), a
 * pointer (soft). The firmware core sees translate(context, address, length,
 * access) and nothing else.
 *
 * Invariants:
 *
 *  - Every register and every ring page has one writer. Reading a register has
 *    no side effect. Causes of interrupts travel in the event ring.
 *  - Admin commands are executed in order and apart from compute. Each ends in
 *    one TDM_EV_ADMIN event with its tag, within tdm_fw_regs.admin_timeout_ms
 *    or the driver resets the device. Tags carry a generation, so that a late
 *    answer is told from a fresh one and dropped.
 *  - UNMAP, QUEUE_DESTROY and CTX_DESTROY are answered only when the device
 *    has no access to that memory in flight and will start none.
 *  - Everything the firmware writes is untrusted to the driver, and the other
 *    way round: copy, check, use.
 *  - The firmware never waits for the driver to make room in the event ring:
 *    it drops the event, counts it in events_lost, and the driver then looks
 *    at every queue. TDM_EV_ADMIN alone waits for room.
 */
#ifndef _UAPI_TANDEM_HW_H
#define _UAPI_TANDEM_HW_H

#include "tandem_queue.h"

#if defined(__cplusplus)
extern "C" {
#endif

#define TDM_HW_MAGIC 0x4d444e54 /* "TNDM" */
#define TDM_HW_ABI 1

/* The register space, page by page; doorbells are write-only. */
#define TDM_HW_PAGE_BYTES 4096
#define TDM_HW_FW_REGS 0x0000	     /* struct tdm_fw_regs */
#define TDM_HW_DRV_REGS 0x1000	     /* struct tdm_drv_regs */
#define TDM_HW_ADMIN_DOORBELL 0x2000 /* store the admin tail */
#define TDM_HW_QUEUE_DOORBELL 0x3000 /* + queue number * TDM_HW_PAGE_BYTES */

enum tdm_class {
	TDM_CLASS_TRN = 1,
	TDM_CLASS_CS3 = 2,
};

enum tdm_fw_state {
	TDM_FW_BOOT = 0,
	TDM_FW_READY = 1,
	TDM_FW_FAILED = 2,
};

/**
 * struct tdm_fw_regs - written by the firmware
 * @magic: TDM_HW_MAGIC; TDM_HW_MAGIC is stored last at boot
 * @abi: TDM_HW_ABI
 * @state: enum tdm_fw_state
 * @admin_timeout_ms: bound of every admin command
 * @abort_latency_ms: bound of an ABORT: how long one slice of a command may be
 * @reset_count: echoes tdm_drv_regs.reset_request once that reset is done
 * @heartbeat: changes at least once a second while the firmware is alive
 * @events_lost: events dropped for want of room
 * @admin_head: admin commands fetched
 * @event_tail: events published
 */
struct tdm_fw_regs {
	__u32 magic;
	__u32 abi;
	__u32 state;
	__u32 admin_timeout_ms;
	__u32 abort_latency_ms;
	__u32 reset_count;
	__u32 reserved0[10];
	__u64 heartbeat;
	__u64 events_lost;
	__u32 admin_head;
	__u32 event_tail;
	__u32 reserved1[10];
};

/**
 * struct tdm_drv_regs - written by the driver
 * @enable: 1 once the addresses below hold
 * @reset_request: counts up to ask for a reset; all contexts die with it
 * @admin_ring: bus address of struct tdm_admin_cmd[admin_entries]
 * @event_ring: bus address of struct tdm_event[event_entries]
 * @admin_entries: a power of two
 * @event_entries: a power of two
 * @admin_tail: admin commands published
 * @event_head: events consumed
 */
struct tdm_drv_regs {
	__u32 enable;
	__u32 reset_request;
	__u64 admin_ring;
	__u64 event_ring;
	__u32 admin_entries;
	__u32 event_entries;
	__u32 reserved0[8];
	__u32 admin_tail;
	__u32 reserved1[15];
	__u32 event_head;
	__u32 reserved2[15];
};

enum tdm_admin_op {
	TDM_ADMIN_IDENTIFY = 1,
	TDM_ADMIN_CTX_CREATE = 2,
	TDM_ADMIN_CTX_DESTROY = 3,
	TDM_ADMIN_MAP = 4,
	TDM_ADMIN_UNMAP = 5,
	TDM_ADMIN_QUEUE_CREATE = 6,
	TDM_ADMIN_QUEUE_DESTROY = 7,
	TDM_ADMIN_ABORT = 8,
	TDM_ADMIN_TELEMETRY = 9,
	TDM_ADMIN_INJECT = 10, /* since 1.1; unknown before: EOPNOTSUPP */
};

struct tdm_admin_page { /* IDENTIFY, TELEMETRY: where to write */
	__u64 bus;
	__u64 len;
	__u64 reserved[4];
};

struct tdm_admin_ctx { /* CTX_CREATE, CTX_DESTROY, ABORT */
	__u32 ctx;     /* chosen by the driver, below max_contexts */
	__u32 queue;   /* ABORT: one queue, or ~0 for all of the context */
	__u64 reserved[5];
};

/*
 * MAP: [dva, dva + len) of a context becomes the memory at bus. Page aligned.
 * UNMAP names a range that one MAP made.
 */
struct tdm_admin_map {
	__u32 ctx;
	__u32 access; /* enum tdm_access, or-ed, READ always */
	__u64 dva;
	__u64 len;
	__u64 bus;	 /* pci: of struct tdm_extent[n_extents] */
	__u32 n_extents; /* 0: bus is one contiguous range */
	__u32 reserved0;
	__u64 reserved1;
};

struct tdm_extent {
	__u64 bus;
	__u64 len;
};

struct tdm_admin_queue { /* QUEUE_CREATE; QUEUE_DESTROY reads ctx and queue */
	__u32 ctx;
	__u32 queue; /* chosen by the driver, below max_queues; of the whole device */
	__u64 sq;    /* bus addresses of the three areas */
	__u64 cq;
	__u64 status;
	__u8 sq_order; /* log2 of entries */
	__u8 cq_order;
	__u8 wake; /* enum tdm_wake */
	__u8 reserved0;
	__u32 time_limit_ms; /* as in struct drm_tandem_queue_create */
	__u32 number;	     /* the queue's number within its context */
	__u32 reserved1;
};

/*
 * Faults to order. All of a kind at once: a second order replaces the first.
 * What is active is in tdm_telemetry.inject_active, bit 1 << kind.
 */
enum tdm_inject_kind {
	TDM_INJECT_NONE = 0,	 /* ends all that is active */
	TDM_INJECT_HANG = 1,	 /* compute stands still in its next command, the heart beats */
	TDM_INJECT_STALL = 2,	 /* all of the firmware stands still, and hears NONE alone */
	TDM_INJECT_SLOW = 3,	 /* value: microseconds that a slice takes longer */
	TDM_INJECT_BITFLIP = 4,	 /* a bit of the memory or KV page that a command wrote */
	TDM_INJECT_DROP_IRQ = 5, /* an interrupt is not raised */
	TDM_INJECT_FAIL_CMD = 6, /* a command ends in TDM_ST_DEVICE and does nothing */
	TDM_INJECT_CRASH = 7,	 /* the device is gone at once; there is no answer */
	TDM_INJECT_KINDS = 8,
};

#define TDM_INJECT_SLOW_MAX 1000000

/**
 * struct tdm_admin_inject - INJECT: order a fault
 * @kind: enum tdm_inject_kind
 * @count: how often: commands (SLOW: slices, DROP_IRQ: interrupts); 0: no limit.
 *	   0 for STALL
 * @duration_ms: from the answer on; 0: until NONE or a reset
 * @value: SLOW: 1 to TDM_INJECT_SLOW_MAX; else 0
 * @seed: BITFLIP: which bits; else 0
 *
 * Members that a kind does not have are 0, or EINVAL; of NONE and CRASH that is
 * all. It does not wait for compute, which may stand still. A reset ends all.
 */
struct tdm_admin_inject {
	__u32 kind;
	__u32 count;
	__u32 duration_ms;
	__u32 value;
	__u64 seed;
	__u64 reserved[3];
};

struct tdm_admin_cmd {
	__u16 opcode; /* enum tdm_admin_op */
	__u16 flags;  /* none yet */
	__u32 tag;    /* slot in the low 16 bits, generation above */
	__u64 reserved;
	union {
		struct tdm_admin_page page;
		struct tdm_admin_ctx ctx;
		struct tdm_admin_map map;
		struct tdm_admin_queue queue;
		struct tdm_admin_inject inject;
		__u64 raw[6];
	};
};

enum tdm_event_type {
	TDM_EV_ADMIN = 1, /* id: tag; value: 0 or a negative errno */
	/* id: queue; value: completed; an arm word was reached or a layer finished that asked */
	TDM_EV_QUEUE = 2,
	TDM_EV_FAULT = 3,	/* id: context */
	TDM_EV_QUEUE_ERROR = 4, /* id: queue; value: a negative errno */
	TDM_EV_FATAL = 5,	/* the device must be reset; value: a code of the class */
};

/**
 * struct tdm_event - one entry of the event ring
 * @type: enum tdm_event_type
 * @id: what it is about
 * @value: as its type says
 * @fault: TDM_EV_FAULT
 */
struct tdm_event {
	__u32 type;
	__u32 id;
	__u64 value;
	struct tdm_fault fault;
	__u64 reserved[2];
};

/* What not every firmware can; bits that the reader does not know say nothing to it. */
enum tdm_feature {
	TDM_FEATURE_LAYER_TIMES = 1, /* tdm_run.layer_times */
};

/**
 * struct tdm_identify - what a device is and can do; written by IDENTIFY
 * @abi: TDM_HW_ABI
 * @class_id: enum tdm_class
 * @model: name of the profile, "trn2"; NUL terminated
 * @firmware: version of the firmware; NUL terminated
 * @memory_bytes: capacity of device memory
 * @memory_bw: bytes a second, as the profile's source says
 * @fabric_bps: bits a second
 * @flops: dense BF16 or FP16 FLOP a second
 * @clock_hz: rate of the device clock in ticks a second; timestamps are ns
 * @max_contexts: contexts that may live at once
 * @max_queues: queues of the device
 * @max_entries: entries of a ring
 * @max_programs: programs of a context
 * @max_seqs: sequences of one PREFILL or DECODE
 * @max_tokens: tokens of one PREFILL, all sequences together
 * @kv_layout: enum tdm_kv_layout of pages in device memory
 * @page_bytes: granule of MAP
 * @emulated: 1: software stands in for the hardware
 * @features: enum tdm_feature, or-ed; 0 of firmware from before there were any
 */
struct tdm_identify {
	__u32 abi;
	__u32 class_id;
	char model[32];
	char firmware[32];
	__u64 memory_bytes;
	__u64 memory_bw;
	__u64 fabric_bps;
	__u64 flops;
	__u64 clock_hz;
	__u32 max_contexts;
	__u32 max_queues;
	__u32 max_entries;
	__u32 max_programs;
	__u32 max_seqs;
	__u32 max_tokens;
	__u32 kv_layout;
	__u32 page_bytes;
	__u32 emulated;
	__u32 features;
	__u32 reserved[2];
};

/**
 * struct tdm_telemetry - counters since boot; written by TELEMETRY
 * @clock_ns: device clock when this was written
 * @busy_ns: time in which commands ran
 * @commands: commands completed
 * @errors: of these, with a status other than TDM_ST_OK
 * @faults: fault records raised
 * @tokens_prefill: tokens processed by PREFILL
 * @tokens_decode: tokens sampled by DECODE
 * @bytes_moved: bytes read or written by COPY, FILL, CRC32C and KV commands
 * @temperature_mc: thousandths of a degree Celsius, or TDM_TELEMETRY_ABSENT
 * @power_uw: microwatts, or TDM_TELEMETRY_ABSENT
 * @inject_active: injected faults that may happen now: 1 << enum tdm_inject_kind,
 *		   or-ed. This and what follows: 0 before 1.1
 * @injected: faults that were injected and happened
 * @inject_addr: device address of the byte that BITFLIP changed last, 0: none yet
 * @interrupts: interrupts raised
 * @events_lost: events dropped for want of room
 */
#define TDM_TELEMETRY_ABSENT (~0ULL)

struct tdm_telemetry {
	__u64 clock_ns;
	__u64 busy_ns;
	__u64 commands;
	__u64 errors;
	__u64 faults;
	__u64 tokens_prefill;
	__u64 tokens_decode;
	__u64 bytes_moved;
	__u64 temperature_mc;
	__u64 power_uw;
	__u64 inject_active;
	__u64 injected;
	__u64 inject_addr;
	__u64 interrupts;
	__u64 events_lost;
	__u64 reserved;
};

TDM_STATIC_ASSERT(sizeof(struct tdm_fw_regs) == 128, "tdm_fw_regs");
TDM_STATIC_ASSERT(sizeof(struct tdm_drv_regs) == 192, "tdm_drv_regs");
TDM_STATIC_ASSERT(sizeof(struct tdm_admin_cmd) == 64, "tdm_admin_cmd");
TDM_STATIC_ASSERT(sizeof(struct tdm_event) == 64, "tdm_event");
TDM_STATIC_ASSERT(sizeof(struct tdm_identify) == 160, "tdm_identify");
TDM_STATIC_ASSERT(sizeof(struct tdm_telemetry) == 128, "tdm_telemetry");

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TANDEM_HW_H */

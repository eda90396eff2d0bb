/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Contract 2 of 3: what an application and a device's firmware share.
 *
 * A queue is three mappings, each with one writer:
 *
 *	submit area	struct tdm_sq_hdr, then tdm_cmd[]	application writes
 *	complete area	struct tdm_cq_hdr, then tdm_cqe[]	firmware writes
 *	status page	struct tdm_queue_status			kernel writes
 *
 * Entries start TDM_QUEUE_HDR_BYTES into their area. All indices are free
 * running; slot = index & (entries - 1). All words are little endian.
 *
 * Invariants, each with the side that keeps it:
 *
 *  - The application publishes commands by a release store of sq->tail, and
 *    frees completion slots by a release store of sq->cq_head.
 *  - The firmware copies a command before it checks it, never looks at the
 *    slot again, and fetches it only when a completion slot is free for it:
 *    completed + running <= cq_head + cq_entries. A full ring stalls that
 *    queue alone. A tail or cq_head that cannot be (more than a ring ahead)
 *    stops the queue with TDM_QUEUE_ERROR.
 *  - While a queue is TDM_QUEUE_RUNNING every command ends in exactly one
 *    completion. Commands of one queue start and complete in ring order; a
 *    command's writes are visible before its completion is.
 *  - The last 32-bit word of a completion (status and flags) is stored last,
 *    with release; TDM_CQE_PHASE in it flips on every pass, starting with 1.
 *  - Once the status page leaves RUNNING nothing more completes: the library
 *    reports what was open as lost.
 *  - Going to sleep is Dekker's problem. Firmware: store need_wake, full
 *    fence, load tail, sleep. Application: store tail, full fence, load
 *    need_wake, wake by the queue's own method (enum tdm_wake). The same after
 *    a store of cq_head that made room in a full completion ring, which takes
 *    more than cq_entries open commands.
 *  - Memory is named by device virtual address in the caller's context only.
 *    An access that is not mapped, or not for writing, fails that command with
 *    TDM_ST_FAULT and a struct tdm_fault. One descriptor, tensor, page or word
 *    lies within one mapping; COPY, FILL and CRC32C may cross mappings.
 */
#ifndef _UAPI_TANDEM_QUEUE_H
#define _UAPI_TANDEM_QUEUE_H

#include <linux/types.h>

#if defined(__cplusplus)
extern "C" {
#define TDM_STATIC_ASSERT(cond, msg) static_assert(cond, msg)
#else
#define TDM_STATIC_ASSERT(cond, msg) _Static_assert(cond, msg)
#endif

/* Version of this contract, given at queue creation. */
#define TDM_QUEUE_ABI 1

#define TDM_QUEUE_HDR_BYTES 4096
#define TDM_QUEUE_MIN_ENTRIES 2
#define TDM_QUEUE_MAX_ENTRIES 32768

/* Addresses: 47 bits, and page 0 is never mapped. */
#define TDM_DVA_MIN 0x1000ULL
#define TDM_DVA_END 0x800000000000ULL

/**
 * struct tdm_sq_hdr - start of the submit area; written by the application
 * @tail: commands published so far
 * @cq_head: completions consumed so far
 * @event_seq: raise the queue's event once tdm_cq_hdr.completed reaches this;
 *	       0 is never. For the eventfd alone: the kernel's waiter has
 *	       tdm_queue_status.wait_seq
 *
 * Each word has a cache line of its own.
 */
struct tdm_sq_hdr {
	__u32 tail;
	__u32 reserved0[15];
	__u32 cq_head;
	__u32 reserved1[15];
	__u64 event_seq;
	__u64 reserved2[7];
};

/**
 * struct tdm_cq_hdr - start of the complete area; written by the firmware
 * @sq_head: commands fetched so far; their slots may be written again
 * @need_wake: 1 while the firmware sleeps or is about to
 * @completed: completions published so far, 64 bits; what waits compare with
 * @slices: moves whenever the queue does, also within a long command: what the
 *	    driver tells a slow queue from a hung one by
 * @busy_ns: time in which its commands ran, for the client's accounts; 0 where
 *	     the firmware does not count it
 * @tokens_prefill: tokens that its PREFILLs processed; this and what follows: 0
 *		    where the firmware does not count it
 * @tokens_decode: tokens that its DECODEs sampled
 * @errors: its completions with a status other than TDM_ST_OK
 */
struct tdm_cq_hdr {
	__u32 sq_head;
	__u32 reserved0[15];
	__u32 need_wake;
	__u32 reserved1[15];
	__u64 completed;
	__u64 slices;
	__u64 busy_ns;
	__u64 tokens_prefill;
	__u64 tokens_decode;
	__u64 errors;
	__u64 reserved2[2];
};

enum tdm_queue_state {
	TDM_QUEUE_RUNNING = 1,
	TDM_QUEUE_ERROR = 2,  /* the ring was corrupted; see error */
	TDM_QUEUE_KILLED = 3, /* aborted with its context */
	TDM_QUEUE_RESET = 4,  /* the device was reset under it; EIO for good */
	TDM_QUEUE_GONE = 5,   /* the device was removed; ENODEV for good */
};

/**
 * struct tdm_queue_status - the status page; written by the kernel
 * @state: enum tdm_queue_state
 * @error: negative errno that belongs to @state, 0 while running
 * @reset_count: resets that the device had when @state was written
 * @wait_seq: arm word of the kernel's waiters: the firmware raises the queue's
 *	      event once completed reaches it; ~0 is never
 */
struct tdm_queue_status {
	__u32 state;
	__s32 error;
	__u32 reset_count;
	__u32 reserved0[13];
	__u64 wait_seq;
	__u64 reserved1[7];
};

/* How a sleeping device is woken; a property of the queue, told at creation. */
enum tdm_wake {
	TDM_WAKE_NONE = 0,  /* it polls and never sets need_wake */
	TDM_WAKE_CALL = 1,  /* DRM_IOCTL_TANDEM_QUEUE_WAKE */
	TDM_WAKE_STORE = 2, /* store the 32-bit tail into the doorbell page */
};

enum tdm_op {
	TDM_OP_NOP = 0,
	TDM_OP_BARRIER = 1,
	TDM_OP_COPY = 2,
	TDM_OP_FILL = 3,
	TDM_OP_CRC32C = 4,
	TDM_OP_SIGNAL = 5,
	TDM_OP_WAIT = 6,
	TDM_OP_PROGRAM_LOAD = 16,
	TDM_OP_PROGRAM_UNLOAD = 17,
	TDM_OP_PREFILL = 18,
	TDM_OP_DECODE = 19,
	TDM_OP_KV_EXPORT = 20,
	TDM_OP_KV_IMPORT = 21,
};

/*
 * struct tdm_cmd - one command
 *
 * NOP does nothing. BARRIER completes when every command of the context that was
 * fetched before it, on whatever queue, has completed, pending WAITs excepted;
 * what they wrote is then visible to every agent, network devices included.
 *
 * Unknown opcodes end in TDM_ST_BAD_OPCODE; a set reserved field, an unknown
 * flag or a value out of range in TDM_ST_INVALID, whose result is the byte
 * offset of that field in the command.
 */
struct tdm_cmd_copy { /* result: bytes copied; the ranges may overlap */
	__u64 dst;
	__u64 src;
	__u64 len;
	__u64 reserved[3];
};

struct tdm_cmd_fill { /* result: bytes filled */
	__u64 dst;
	__u64 len;
	__u64 pattern; /* repeated from dst on, low byte first */
	__u64 reserved[3];
};

struct tdm_cmd_crc32c { /* result: the CRC32C (RFC 3720, appendix B.4) */
	__u64 src;
	__u64 len;
	__u64 seed; /* CRC of what comes before, 0 at the start */
	__u64 reserved[3];
};

enum tdm_signal_kind {
	TDM_SIGNAL_SET = 0,
	TDM_SIGNAL_ADD = 1,
};

struct tdm_cmd_signal { /* result: the word's new value */
	__u64 addr;	/* 8-byte aligned; stored with release */
	__u64 value;
	__u32 kind; /* enum tdm_signal_kind */
	__u32 reserved0;
	__u64 reserved1[3];
};

enum tdm_wait_kind {
	TDM_WAIT_EQ = 0,
	TDM_WAIT_NE = 1,
	TDM_WAIT_GE = 2, /* unsigned */
};

/*
 * Parks its own queue until (word & mask) compares with value. The firmware
 * polls the word at least every TDM_WAIT_POLL_NS while it is pending, or at
 * once when any queue of the context is rung.
 */
#define TDM_WAIT_POLL_NS 1000000

struct tdm_cmd_wait { /* result: the word that ended it */
	__u64 addr;   /* 8-byte aligned; loaded with acquire */
	__u64 value;
	__u64 mask;
	__u64 timeout_ns; /* from when the command starts; ends in TDM_ST_TIMEOUT */
	__u32 kind;	  /* enum tdm_wait_kind */
	__u32 reserved0;
	__u64 reserved1;
};

struct tdm_cmd_desc {
	__u64 addr;    /* descriptor of the opcode's own kind, 8-byte aligned */
	__u64 len;     /* bytes, tables behind it not counted */
	__u32 program; /* PROGRAM_UNLOAD, KV_EXPORT, KV_IMPORT */
	__u32 count;   /* KV_EXPORT, KV_IMPORT: struct tdm_kv_move entries */
	__u64 reserved[3];
};

struct tdm_cmd {
	__u16 opcode; /* enum tdm_op */
	__u16 flags;  /* none yet */
	__u32 reserved;
	__u64 cookie; /* comes back in the completion */
	union {
		struct tdm_cmd_copy copy;
		struct tdm_cmd_fill fill;
		struct tdm_cmd_crc32c crc32c;
		struct tdm_cmd_signal signal;
		struct tdm_cmd_wait wait;
		struct tdm_cmd_desc desc;
		__u64 raw[6];
	};
};

enum tdm_status {
	TDM_ST_OK = 0,
	TDM_ST_INVALID = 1,	/* result: offset of the bad field in the command */
	TDM_ST_BAD_OPCODE = 2,	/* result: the opcode */
	TDM_ST_FAULT = 3,	/* result: the first bad address */
	TDM_ST_BAD_DESC = 4,	/* result: address of the bad field in memory */
	TDM_ST_BAD_PROGRAM = 5, /* result: the program number */
	TDM_ST_BAD_CRC = 6,	/* result: index of the first bad page */
	TDM_ST_TIMEOUT = 7,
	TDM_ST_ABORTED = 8,
	TDM_ST_NO_MEMORY = 9, /* device memory; result: bytes that were needed */
	TDM_ST_LIMIT = 10,    /* over a limit of the class; result: the limit */
	TDM_ST_DEVICE = 11,   /* the device failed, not the command */
};

#define TDM_CQE_PHASE 0x1

/**
 * struct tdm_cqe - one completion
 * @cookie: the command's
 * @result: bytes or tokens done, or what enum tdm_status says
 * @end_ns: device clock when the command ended
 * @run_16ns: time from its start to its end in units of 16 ns, saturating
 * @status: enum tdm_status
 * @flags: TDM_CQE_PHASE
 *
 * Commands that the firmware fetched together may share a clock reading.
 */
struct tdm_cqe {
	__u64 cookie;
	__u64 result;
	__u64 end_ns;
	__u32 run_16ns;
	__u16 status;
	__u16 flags;
};

enum tdm_access {
	TDM_ACCESS_READ = 1,
	TDM_ACCESS_WRITE = 2,
};

enum tdm_fault_reason {
	TDM_FAULT_UNMAPPED = 1, /* nothing mapped at the address */
	TDM_FAULT_READONLY = 2, /* written, but mapped for reading */
	TDM_FAULT_RANGE = 3,	/* page 0, beyond 47 bits, or address + length wraps */
	TDM_FAULT_SPLIT = 4,	/* leaves the mapping that it starts in */
	TDM_FAULT_ALIGN = 5,	/* not aligned as its kind must be */
	TDM_FAULT_REVOKED = 6,	/* unmapped under the command; the backstop */
};

/**
 * struct tdm_fault - why a command failed with TDM_ST_FAULT
 * @addr: first bad device address
 * @cookie: the command's
 * @time_ns: device clock
 * @queue: its queue's number within the context
 * @opcode: enum tdm_op
 * @access: enum tdm_access, or-ed: what the command wanted
 * @reason: enum tdm_fault_reason
 */
struct tdm_fault {
	__u64 addr;
	__u64 cookie;
	__u64 time_ns;
	__u32 queue;
	__u16 opcode;
	__u8 access;
	__u8 reason;
};

/* Numbers as in the GGUF specification, "ggml_type". */
enum tdm_dtype {
	TDM_DTYPE_F32 = 0,
	TDM_DTYPE_F16 = 1,
	TDM_DTYPE_Q4_0 = 2,
	TDM_DTYPE_Q8_0 = 8,
	TDM_DTYPE_BF16 = 30,
};

/*
 * A KV page is the K and the V of one layer for kv_page_tokens tokens of one
 * sequence: 2 * n_kv_heads * kv_page_tokens * head_dim elements, K first, 64-byte
 * aligned in device memory.
 */
enum tdm_kv_layout {
	TDM_KV_LAYOUT_WIRE = 0,	 /* K and V: [kv head][token][dimension] */
	TDM_KV_LAYOUT_WAFER = 1, /* K: [kv head][dimension][token], V as WIRE */
};

enum tdm_tensor_role {
	TDM_TENSOR_TOKEN_EMBD = 1,  /* [vocab][dim] */
	TDM_TENSOR_OUTPUT = 2,	    /* [vocab][dim]; absent: tied to TOKEN_EMBD */
	TDM_TENSOR_OUTPUT_NORM = 3, /* F32 [dim] */
	TDM_TENSOR_ROPE_FREQ = 4,   /* F32 [rope_dims / 2]: angle per position */
	TDM_TENSOR_ATTN_NORM = 16,  /* from here on once per layer */
	TDM_TENSOR_ATTN_Q = 17,	    /* [n_heads * head_dim][dim] */
	TDM_TENSOR_ATTN_K = 18,	    /* [n_kv_heads * head_dim][dim] */
	TDM_TENSOR_ATTN_V = 19,
	TDM_TENSOR_ATTN_OUT = 20, /* [dim][n_heads * head_dim] */
	TDM_TENSOR_FFN_NORM = 21,
	TDM_TENSOR_FFN_GATE = 22, /* [ffn_dim][dim] */
	TDM_TENSOR_FFN_UP = 23,
	TDM_TENSOR_FFN_DOWN = 24,    /* [dim][ffn_dim] */
	TDM_TENSOR_ATTN_Q_BIAS = 25, /* biases: F32, optional */
	TDM_TENSOR_ATTN_K_BIAS = 26,
	TDM_TENSOR_ATTN_V_BIAS = 27,
	TDM_TENSOR_ATTN_OUT_BIAS = 28,
};

/**
 * struct tdm_tensor - where a tensor lies in device memory; row-major
 * @role: enum tdm_tensor_role
 * @layer: layer number, 0 for roles that are not per layer
 * @dtype: enum tdm_dtype; norms, biases and ROPE_FREQ are F32
 * @reserved: 0
 * @rows: 1 for vectors
 * @cols: elements of a row
 * @addr: device address, 32-byte aligned
 * @bytes: length, exactly what dtype, rows and cols say
 *
 * The memory must stay mapped and unchanged until PROGRAM_UNLOAD has ended.
 */
struct tdm_tensor {
	__u32 role;
	__u32 layer;
	__u32 dtype;
	__u32 reserved;
	__u32 rows;
	__u32 cols;
	__u64 addr;
	__u64 bytes;
};

/**
 * struct tdm_program - descriptor of PROGRAM_LOAD; result: the program number
 * @size: sizeof(struct tdm_program)
 * @flags: none yet
 * @n_layers: layers of the whole model
 * @layer_first: first layer that is resident on this device
 * @layer_count: resident layers
 * @rms_eps: IEEE 754 bits of an F32, as are @rope_scale and @attn_scale
 * @rope_scale: factor on cos and sin (YaRN's mscale), 1.0 without
 * @attn_scale: factor on q . k
 * @kv_dtype: TDM_DTYPE_F32 or TDM_DTYPE_F16
 * @kv_page_tokens: tokens of a KV page, a multiple of 16 up to 256
 * @n_tensors: entries of the table at @tensors
 *
 * All rope scaling variants are folded into TDM_TENSOR_ROPE_FREQ and
 * @rope_scale, so that a device needs none of them.
 */
struct tdm_program {
	__u32 size;
	__u32 flags;
	__u32 n_layers;
	__u32 layer_first;
	__u32 layer_count;
	__u32 dim;
	__u32 n_heads;
	__u32 n_kv_heads;
	__u32 head_dim;
	__u32 ffn_dim;
	__u32 vocab;
	__u32 ctx_len;
	__u32 rope_dims;
	__u32 rms_eps;
	__u32 rope_scale;
	__u32 attn_scale;
	__u32 kv_dtype;
	__u32 kv_page_tokens;
	__u32 reserved;
	__u32 n_tensors;
	__u64 tensors;
};

enum tdm_seq_flags {
	TDM_SEQ_SAMPLE = 1, /* sample after the last token into tokens_out */
	TDM_SEQ_LOGITS = 2, /* store the last token's logits, F32[vocab] */
};

/**
 * struct tdm_seq - one sequence of a PREFILL or DECODE
 * @blocks: __u64 table of page addresses, [layer_count][block_stride]: entry
 *	    [l][b] holds positions b * kv_page_tokens and on of layer
 *	    layer_first + l. Pages of earlier positions are read, so a sequence
 *	    may start on pages that were made before
 * @tokens_in: __u32[n_tokens]; not read when layer_first > 0
 * @tokens_out: __u32, the sampled token
 * @logits_out: F32[vocab]
 * @seed: key of the sampler; the draw depends on seed and position alone
 * @block_stride: entries of a row of @blocks
 * @pos: position of the first token
 * @n_tokens: tokens of this command; 1 for DECODE
 * @flags: enum tdm_seq_flags; only where the last layer is in the range
 * @temperature: IEEE 754 bits of an F32; 0 is greedy
 * @top_k: 0 is off
 * @top_p: IEEE 754 bits of an F32; 1.0 is off
 * @reserved: 0
 */
struct tdm_seq {
	__u64 blocks;
	__u64 tokens_in;
	__u64 tokens_out;
	__u64 logits_out;
	__u64 seed;
	__u32 block_stride;
	__u32 pos;
	__u32 n_tokens;
	__u32 flags;
	__u32 temperature;
	__u32 top_k;
	__u32 top_p;
	__u32 reserved;
};

enum tdm_run_flags {
	TDM_RUN_LAYER_EVENT = 1, /* raise the queue's event after every layer */
};

/**
 * struct tdm_run - descriptor of PREFILL and DECODE
 * @size: sizeof(struct tdm_run)
 * @flags: enum tdm_run_flags
 * @layer_first: first layer to run
 * @layer_count: layers to run, all resident in the program
 * @n_seqs: entries of the table at @seqs
 * @seqs: struct tdm_seq[n_seqs]
 * @act_in: F32[tokens of all sequences][dim], read when layer_first > 0
 * @act_out: the same, written unless the last layer is in the range
 * @layer_times: 0, or __u64[layer_count]: the device clock at each layer's end. The
 *		 firmware stores a layer's time before it counts the layer in
 *		 @layers_done: who has read k there, with acquire, may read the first k
 *		 times; those of layers that were not done stay as they are. Only where
 *		 tdm_identify.features has TDM_FEATURE_LAYER_TIMES: a reserved word of
 *		 other devices, TDM_ST_BAD_DESC
 * @layers_done: layers of this command whose KV is complete and visible;
 *		 written by the firmware alone, with release, from 0 on. It has
 *		 a cache line of its own
 *
 * result: tokens processed (PREFILL) or tokens sampled (DECODE).
 */
struct tdm_run {
	__u32 size;
	__u32 flags;
	__u32 program;
	__u32 layer_first;
	__u32 layer_count;
	__u32 n_seqs;
	__u64 seqs;
	__u64 act_in;
	__u64 act_out;
	__u64 layer_times;
	__u64 reserved0;
	__u32 layers_done;
	__u32 reserved1[15];
};

/**
 * struct tdm_kv_move - one page of KV_EXPORT or KV_IMPORT
 * @page: device address of the page in the device's layout
 * @wire: device address of the page in the wire layout, which may not overlap
 *	  @page. KV_EXPORT on a device whose layout is WIRE takes 0: the page is
 *	  sealed where it is
 * @crc: CRC32C of the wire bytes: written by EXPORT, checked by IMPORT, which
 *	 leaves the device page untouched when it does not match
 * @first, @tokens: the wire page holds @tokens tokens, as a page of that many would,
 *		    and is the device page's from token @first on: devices whose pages
 *		    differ exchange pages of a common divisor. 0, 0: all of it. A part
 *		    is never sealed in place
 *
 * The command's desc.addr is a struct tdm_kv_move[desc.count], desc.len their
 * bytes; result: pages done.
 */
struct tdm_kv_move {
	__u64 page;
	__u64 wire;
	__u32 crc;
	__u16 first;
	__u16 tokens;
};

TDM_STATIC_ASSERT(sizeof(struct tdm_sq_hdr) == 192, "tdm_sq_hdr");
TDM_STATIC_ASSERT(sizeof(struct tdm_cq_hdr) == 192, "tdm_cq_hdr");
TDM_STATIC_ASSERT(sizeof(struct tdm_queue_status) == 128, "tdm_queue_status");
TDM_STATIC_ASSERT(sizeof(struct tdm_cmd) == 64, "tdm_cmd");
TDM_STATIC_ASSERT(sizeof(struct tdm_cqe) == 32, "tdm_cqe");
TDM_STATIC_ASSERT(sizeof(struct tdm_fault) == 32, "tdm_fault");
TDM_STATIC_ASSERT(sizeof(struct tdm_tensor) == 40, "tdm_tensor");
TDM_STATIC_ASSERT(sizeof(struct tdm_program) == 88, "tdm_program");
TDM_STATIC_ASSERT(sizeof(struct tdm_seq) == 72, "tdm_seq");
TDM_STATIC_ASSERT(sizeof(struct tdm_run) == 128, "tdm_run");
TDM_STATIC_ASSERT(sizeof(struct tdm_kv_move) == 24, "tdm_kv_move");

#ifndef __KERNEL__
/*
 * Ordering between the application and the firmware. The rings are ordinary
 * cached memory on every attachment, where the C11 model holds; the doorbell
 * is MMIO, where it does not: stores to memory must reach the device first.
 */
#define tdm_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define tdm_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define tdm_load_relaxed(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define tdm_store_relaxed(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define tdm_full_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static inline void tdm_to_device_wmb(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("sfence" ::: "memory");
#elif defined(__aarch64__)
	__asm__ __volatile__("dmb oshst" ::: "memory");
#else
	__sync_synchronize();
#endif
}
#endif /* !__KERNEL__ */

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_TANDEM_QUEUE_H */

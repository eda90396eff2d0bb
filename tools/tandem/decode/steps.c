// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * What to do next, by the verdict: steps that fit the device, with its name in them.
 *
 * Invariant: a name of the dump stands in a step only where a shell takes it as one word,
 * since steps are copied into one.
 */
#include <stdio.h>
#include <string.h>

#include "decode/decode.h"

/* When a step is shown; of devices: where it is not known which it is, all are. */
enum {
	SOFT = 1,
	EMULATED = 2,
	HARDWARE = 4,
	NODE = EMULATED | HARDWARE,
	ORDERED = 8,  /* while a fault is */
	COMMAND = 16, /* where the dump has the command that was at work */
};

struct step {
	unsigned int when;
	const char *text;
};

#define END_ORDER                                                                                  \
	{                                                                                          \
		ORDERED, "a fault that was ordered ends with: tandem inject DEVICE none"           \
	}
#define START_AGAIN                                                                                \
	{                                                                                          \
		SOFT, "a soft device is given up after its bound (soft:MODEL,bound=TIME): the "    \
		      "process that has it open is to be started again"                            \
	}
#define DEAD_CONTEXTS                                                                              \
	{                                                                                          \
		NODE, "contexts of before the reset are dead: programs open the device again"      \
	}

/* As many as there is room for in a judgement. */
static const struct step steps[DECODE_VERDICTS][DECODE_STEPS] = {
	[DECODE_HUNG_ENGINE] = {
		{ COMMAND, "the command below was running: look at its addresses and lengths "
			   "first" },
		END_ORDER,
		{ NODE, "run the same command alone on a soft device (soft:MODEL): where it hangs "
			"there, too, the firmware is at fault and can be debugged in one process" },
		{ SOFT, "run the same command alone: where it hangs again, the firmware is at "
			"fault and can be debugged in that one process" },
		DEAD_CONTEXTS,
		START_AGAIN,
	},
	[DECODE_FIRMWARE_SILENT] = {
		END_ORDER,
		START_AGAIN,
		{ EMULATED, "is tandem-emu there, and does it run (ps -o pid,stat,wchan -C "
			    "tandem-emu)? Start it again: sudo systemctl restart tandem-emu" },
		{ HARDWARE, "remove the device and scan for it, or reset its slot" },
		{ NODE, "dmesg says whether the reset was answered" },
	},
	[DECODE_ADMIN_TIMEOUT] = {
		{ 0, "the command without an answer, below, says what the firmware was asked for" },
		{ NODE, "a machine that is very busy: raise the module's parameter "
			"admin_timeout_ms" },
		DEAD_CONTEXTS,
	},
	[DECODE_RING_CORRUPTED] = {
		{ 0, "that process wrote its ring wrongly: run it with AddressSanitizer, look for "
		     "who else writes that memory" },
		{ 0, "only its own queue stands; others go on. It destroys the queue and makes "
		     "another" },
	},
	[DECODE_FAULTING_COMMAND] = {
		{ 0, "the faults below name the address, the command and why; compare with the "
		     "context's mappings" },
		{ 0, "the application waits for a command before it unmaps or frees what that "
		     "uses" },
	},
	[DECODE_FIRMWARE_ERROR] = {
		{ 0, "the firmware broke its own rules: send this dump to whoever makes it" },
		{ SOFT, "the process that has it open is to be started again" },
		{ EMULATED, "restart it: sudo systemctl restart tandem-emu" },
		{ HARDWARE, "reset the device's slot" },
	},
	[DECODE_REMOVED] = {
		{ SOFT, "its process has lost it for good: start that again" },
		{ EMULATED, "the process that served it ended; 'journalctl -u tandem-emu' may say "
			    "why. Start it again" },
		{ NODE, "a new attachment is a new device: programs open that one" },
	},
	[DECODE_LINK_DOWN] = {
		{ 0, "it ends with its time, or with: tandem inject NIC@PID none" },
		{ 0, "requests that were on their way have failed: programs send them again" },
	},
	[DECODE_ORDERED] = {
		{ 0, "it ends with its count or its time, where it has one, or with: tandem inject "
		     "DEVICE none" },
		{ 0, "then take another bundle (tandem dump DEVICE -o FILE): what is still wrong "
		     "there was not ordered" },
	},
	[DECODE_UNKNOWN] = {
		{ NODE, "take a bundle while it happens, as root: sudo tandem dump DEVICE -o FILE" },
		{ SOFT, "take a bundle while it happens: tandem dump DEVICE -o FILE" },
	},
};

/* Return: which kinds it may be */
static unsigned int kinds_of(const struct decode *d)
{
	if (!strncmp(d->name, "soft:", 5))
		return SOFT;
	/* The kernel's driver alone writes coredumps and registers. */
	return *d->name || d->format || d->has_firmware ? NODE : SOFT | NODE;
}

/* "" where the kind of device is known, or the step is for all. */
static const char *prefix(unsigned int of, unsigned int kinds)
{
	if (!(of & kinds) || (of & kinds) == kinds)
		return "";
	if (of == SOFT)
		return "soft: ";
	if (of == NODE)
		return "of the driver: ";
	return of == EMULATED ? "emulated: " : "hardware: ";
}

static bool has_command(const struct decode *d)
{
	for (size_t i = 0; i < d->queues.n; i++)
		if (d->queues.of[i].cmd.there)
			return true;
	return false;
}

static bool is_shown(const struct decode *d, const struct step *step, unsigned int kinds)
{
	unsigned int of = step->when & (SOFT | NODE);

	if (step->when & ORDERED && !decode_is_ordered(d))
		return false;
	if (step->when & COMMAND && !has_command(d))
		return false;
	return !of || of & kinds;
}

/* One word for a shell, and no option. */
static bool is_word(const char *name)
{
	return *name && *name != '-' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789:@/._,=-")];
}

/* "soft:rc,loss=1" of the process of "soft:trn2@4312" is "soft:rc@4312". */
static void nic_name(const struct decode *d, char *out, size_t size)
{
	const char *at = strrchr(d->name, '@');

	*out = '\0';
	if (at)
		snprintf(out, size, "%.*s%s", (int)strcspn(d->nic_down, ","), d->nic_down, at);
}

/* @text with @name in place of @word; as it is where the name is not to be had. */
static void put_name(char out[DECODE_STEP_BYTES], const char *before, const char *text,
		     const char *word, const char *name)
{
	const char *at = is_word(name) ? strstr(text, word) : NULL;

	if (at)
		snprintf(out, DECODE_STEP_BYTES, "%s%.*s%s%s", before, (int)(at - text), text, name,
			 at + strlen(word));
	else
		snprintf(out, DECODE_STEP_BYTES, "%s%s", before, text);
}

void decode_steps(const struct decode *d, struct decode_judgement *j)
{
	unsigned int kinds = kinds_of(d);
	char nic[2 * sizeof(d->name)];

	nic_name(d, nic, sizeof(nic));
	j->steps = 0;
	for (unsigned int i = 0; i < DECODE_STEPS; i++) {
		const struct step *step = &steps[j->verdict][i];
		bool of_nic;

		if (!step->text || !is_shown(d, step, kinds))
			continue;
		of_nic = strstr(step->text, "NIC@PID") != NULL;
		put_name(j->next[j->steps++], prefix(step->when & (SOFT | NODE), kinds), step->text,
			 of_nic ? "NIC@PID" : "DEVICE", of_nic ? nic : d->name);
	}
}

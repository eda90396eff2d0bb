/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Both rings, as tandem_queue.h has them, on a machine that reorders.
 *
 * A plain store goes to its writer's buffer and reaches memory at some later
 * moment, in any order. A release store reaches it after all that its writer
 * stored and loaded before. A plain load may have looked at memory before the
 * load in front of it did; behind an acquire load it may not. x86 does none of
 * this, ARM does all of it.
 *
 * What is checked: the firmware copies each command as it was written, once and
 * in order; the application gets each completion whole, once and in order; no
 * slot is written over while the other side may still read it; nobody waits for
 * ever. Every ordering of the contract can be left out, to see that it is needed:
 *
 *	-DNO_REL_TAIL		tail may overtake the commands
 *	-DNO_ACQ_TAIL		a command may be read before the tail
 *	-DNO_REL_SQ_HEAD	a slot may be given back before it was copied
 *	-DNO_REL_PHASE		a completion's last word may overtake the others
 *	-DNO_ACQ_PHASE		the others may be read before the last word
 *	-DNO_REL_CQ_HEAD	a completion may be given back before it was read
 */
#ifndef N
#define N 5		/* commands */
#endif
#define SLOTS 2		/* of either ring */

/* Memory: the submit area and the complete area. */
byte cmd[SLOTS], tail, cq_head;
byte value[SLOTS], sq_head;
bit phase[SLOTS];

/* The writers' buffers: is a store in it, and which. */
bool cmd_b[SLOTS], tail_b, cq_head_b;
byte cmd_v[SLOTS], tail_v, cq_head_v;
bool value_b[SLOTS], phase_b[SLOTS], sq_head_b;
byte value_v[SLOTS], sq_head_v;
bit phase_v[SLOTS];

#ifdef NO_REL_TAIL
#define TAIL_MAY true
#else
#define TAIL_MAY (!cmd_b[0] && !cmd_b[1])
#endif
#ifdef NO_REL_PHASE
#define PHASE_MAY true
#else
#define PHASE_MAY (!value_b[0] && !value_b[1])
#endif

/* A word whose last store is still in the buffer is not stored to again. */
#define STORE(word, v) atomic { !word##_b -> word##_v = v; word##_b = true }
#define STORE_AT(word, at, v) atomic { !word##_b[at] -> word##_v[at] = v; word##_b[at] = true }
#define FLUSH(word) word##_b -> word = word##_v; word##_b = false
#define FLUSH_AT(word, at) word##_b[at] -> word[at] = word##_v[at]; word##_b[at] = false

active proctype memory_system()
{
end:	do
	:: atomic { FLUSH_AT(cmd, 0) }
	:: atomic { FLUSH_AT(cmd, 1) }
	:: atomic { TAIL_MAY && FLUSH(tail) }
	:: atomic { FLUSH(cq_head) }
	:: atomic { FLUSH_AT(value, 0) }
	:: atomic { FLUSH_AT(value, 1) }
	:: atomic { PHASE_MAY && FLUSH_AT(phase, 0) }
	:: atomic { PHASE_MAY && FLUSH_AT(phase, 1) }
	:: atomic { FLUSH(sq_head) }
	od
}

#define MORE(a, b) (a > b -> a : b)
/* The phase starts with 1 and flips on every pass. */
#define PASS(at) ((at / SLOTS) % 2 == 0)

active proctype application()
{
	byte written, taken, head, got;
	bit last;

	do
	:: taken == N -> break
	:: written < N ->
		head = sq_head;
		if
		:: written - MORE(head, taken) < SLOTS ->
			STORE_AT(cmd, written % SLOTS, written + 1);
			written++;
			/* Published one by one, or two at once. */
			if
			:: STORE(tail, written)
			:: written < N && written - MORE(head, taken) < SLOTS -> skip
			fi
		:: else -> STORE(tail, written)
		fi
	:: taken < written ->
#ifdef NO_ACQ_PHASE
		got = value[taken % SLOTS];
		last = phase[taken % SLOTS];
#else
		last = phase[taken % SLOTS];
		got = value[taken % SLOTS];
#endif
		if
		:: last == PASS(taken) ->
			STORE(cq_head, taken + 1);
#ifdef NO_REL_CQ_HEAD
			got = value[taken % SLOTS];
#endif
			assert(got == taken + 1);
			taken++
		:: else
		fi
	od
}

active proctype firmware()
{
	byte done, seen, copy;

end:	do
	:: done == N -> break
	:: else ->
		/* A command is fetched only with a slot for its completion. */
		done - cq_head < SLOTS;
#ifdef NO_ACQ_TAIL
		copy = cmd[done % SLOTS];
		seen = tail;
#else
		seen = tail;
		copy = cmd[done % SLOTS];
#endif
		if
		:: seen > done ->
			STORE(sq_head, done + 1);
#ifdef NO_REL_SQ_HEAD
			copy = cmd[done % SLOTS];
#endif
			assert(copy == done + 1);
			STORE_AT(value, done % SLOTS, copy);
			STORE_AT(phase, done % SLOTS, PASS(done));
			done++
		:: else
		fi
	od
}

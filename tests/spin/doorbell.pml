/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Going to sleep, as tandem_queue.h has it, on a machine that delays stores.
 *
 * Two pairs of words decide who sleeps and who rings:
 *
 *	submission	application: tail, then need_wake?   firmware: need_wake, then tail?
 *	completion	firmware: completed, then wait_seq?  waiter: wait_seq, then completed?
 *
 * Every store goes to the writer's own buffer first and reaches memory at some
 * later moment, in any order (weaker than x86, as weak as ARM for what matters
 * here); a full fence waits until the buffer is empty. Without the fences (-DNO_FENCE)
 * both sides can sleep for ever: spin then finds the invalid end state, which
 * shows that the model can tell.
 */
#ifndef N
#define N 3		/* commands */
#endif

byte tail, need_wake = 1, completed, wait_seq = 255;	/* memory */
bool tail_b, need_b, done_b, wait_b;			/* a store is in the buffer */
byte tail_v, need_v, done_v, wait_v;			/* and its value */

chan bell = [1] of { bit };	/* the firmware's bell: rings are not lost, not counted */
chan event = [1] of { bit };	/* the waiter's */

#define STORE(word, value) atomic { word##_v = value; word##_b = true }
#define READ(own, memory) (own##_b -> own##_v : memory)
#define RING(channel) if :: nfull(channel) -> channel!1 :: full(channel) -> skip fi

#ifdef NO_FENCE
#define FENCE(a, b) skip
#else
#define FENCE(a, b) (!a##_b && !b##_b)
#endif

active proctype memory_system()
{
end:	do
	:: atomic { tail_b -> tail = tail_v; tail_b = false }
	:: atomic { need_b -> need_wake = need_v; need_b = false }
	:: atomic { done_b -> completed = done_v; done_b = false }
	:: atomic { wait_b -> wait_seq = wait_v; wait_b = false }
	od
}

active proctype application()
{
	byte i, seen;

	for (i : 1 .. N) {
		/* Submit. */
		STORE(tail, i);
		FENCE(tail, wait);
		seen = need_wake;
		if
		:: seen -> RING(bell)
		:: else
		fi;
		/* Wait for it: look, arm, look again, sleep. */
		do
		:: completed >= i -> break
		:: else ->
			STORE(wait, i);
			FENCE(tail, wait);
			if
			:: completed >= i -> break
			:: else -> event?_	/* asleep */
			fi
		od
	}
}

active proctype firmware()
{
	byte head, seen;

end:	do
	:: head == N -> break
	:: else ->
		seen = tail;
		if
		:: head < seen ->
			head++;
			STORE(done, head);
			FENCE(need, done);
			seen = wait_seq;
			if
			:: seen == head -> RING(event)	/* reached just now */
			:: else
			fi
		:: else ->
			STORE(need, 1);
			FENCE(need, done);
			seen = tail;
			if
			:: head < seen -> skip
			:: else -> bell?_	/* asleep */
			fi;
			STORE(need, 0)
		fi
	od
}

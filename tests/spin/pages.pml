/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Pages on their way from one device's pool to another's, as kv.h has them, when
 * anything may go wrong: either side gives a request up at any point, a write
 * ends in an error while its packets are still on the way, the sender dies, or
 * falls silent, at any point.
 *
 * Two requests of two senders share a pool of PAGES pages; each moves one page,
 * and one of them, if it is given up, tries once more. A write lands at any
 * moment between its post and its completion; one that ended in an error may land
 * at any later moment, until the receiver has fenced its peer: its end of the
 * queue pair is closed (RC), or the key of the region replaced (-DSRD, where one
 * queue pair serves all peers, and the other's writes then fail as well).
 *
 * What is checked: no write lands in a page that is not its request's; no page is
 * used before all of it is there; every page is free in the end; every request
 * ends. Each rule can be left out, to see that it is needed:
 *
 *	-DNO_QUARANTINE		a page is given away while a write may be under way
 *	-DNO_WAIT		the sender acknowledges an abort before its write ended
 *	-DNO_FENCE		after an error, or a lost sender, the pages come back as
 *				they are
 *	-DCOMMIT_AT_POST	a page is announced before its write completed
 *	-DNO_EPOCH		a message names the page, not which reservation of it
 *	-DNO_PAGE		a message names the reservation, not of which page
 *	-DNO_LEASE		a silent sender is waited for
 */
#ifndef PAGES
#define PAGES 1
#endif
#define REQUESTS 2
#define TRIES(r) (2 - r)
/* How much goes wrong in one run; by then every pair of faults has met. */
#ifndef FAULTS
#define FAULTS 3
#endif
byte faults;
#define NONE 255

mtype = { FREE, LANDING, IN_USE, DRAINING };		/* page */
mtype = { TICKET, COMMIT, ABORT, QUIET, NOT_QUIET, GIVE_UP };	/* message */
mtype = { IDLE, POSTED, GOOD, BAD };				/* work request */

typedef Page {
	mtype state;
	byte owner;
	byte epoch;
	byte holds	/* whose bytes; NONE: not all of anybody's */
}
Page pages[PAGES];

/* Messages are ordered and arrive, until the connection ends. */
typedef Wire {
	chan to_receiver = [6] of { mtype, byte, byte };	/* kind, page, epoch */
	chan to_sender = [6] of { mtype, byte, byte, byte };	/* kind, page, epoch, key */
	bool lost	/* the sender is dead or silent */
}
Wire wires[REQUESTS];

/* One write at a time, and what is left of one that ended in an error. */
typedef Write {
	mtype state;
	byte page;
	byte key;
	bool late;
	byte late_page;
	byte late_key
}
Write writes[REQUESTS];

/* The right to write: of a queue pair, or on SRD of the region. */
byte keys[REQUESTS];
#ifdef SRD
#define KEY 0
#else
#define KEY r
#endif

inline land(where)
{
	at = where;
	assert(pages[at].owner == r);
	assert(pages[at].state == LANDING || pages[at].state == DRAINING);
	pages[at].holds = r;
	at = 0
}

inline forget()
{
	writes[r].late = false;
	writes[r].late_page = 0;
	writes[r].late_key = 0
}

/* The network; and the NIC that ends what its peer does not answer. */
proctype network(byte r)
{
	byte at;

end:	do
	:: atomic { writes[r].state == POSTED && writes[r].key == keys[KEY] ->
		land(writes[r].page); writes[r].state = GOOD }
	/* An error: it was refused, or nobody knows; its packets may be anywhere. */
	:: atomic { writes[r].state == POSTED && (faults < FAULTS || writes[r].key != keys[KEY]) ->
		writes[r].state = BAD;
		faults = faults + (writes[r].key == keys[KEY]);
		if
		:: writes[r].key == keys[KEY] && !writes[r].late ->
			writes[r].late = true;
			writes[r].late_page = writes[r].page;
			writes[r].late_key = writes[r].key
		:: true
		fi }
	:: atomic { writes[r].late && writes[r].late_key == keys[KEY] ->
		land(writes[r].late_page); forget() }
	:: atomic { writes[r].late -> forget() }	/* lost, or behind a closed door */
	od
}

#define DEAD(r) wires[r].lost

inline idle()
{
	writes[r].state = IDLE;
	writes[r].page = 0;
	writes[r].key = 0
}

proctype sender(byte r)
{
	byte p, epoch, key;

	do
	:: DEAD(r) -> break
	:: wires[r].to_sender ? TICKET, p, epoch, key ->
		if
		:: atomic { !DEAD(r) -> writes[r].page = p; writes[r].key = key;
			writes[r].state = POSTED };
#ifdef COMMIT_AT_POST
			wires[r].to_receiver ! COMMIT, p, epoch;
#endif
			/* Its own NIC is asked, dead or alive: completions come. */
			if
			:: DEAD(r) -> break
			:: atomic { writes[r].state == GOOD -> idle() };
#ifndef COMMIT_AT_POST
				wires[r].to_receiver ! COMMIT, p, epoch
#endif
			:: atomic { writes[r].state == BAD -> idle() };
				wires[r].to_receiver ! NOT_QUIET, p, epoch
#ifdef NO_WAIT
			:: wires[r].to_sender ? ABORT, p, epoch, key ->
				wires[r].to_receiver ! QUIET, p, epoch;
				atomic { writes[r].state != POSTED -> idle() }
#endif
			fi
		:: atomic { faults < FAULTS -> faults++ };	/* given up before anything was sent */
			wires[r].to_receiver ! QUIET, p, epoch
		:: DEAD(r) -> break
		fi
	/* Nothing is under way here: what was has been said before, in order. */
	:: wires[r].to_sender ? ABORT, p, epoch, key ->
		wires[r].to_receiver ! QUIET, p, epoch
	:: wires[r].to_sender ? GIVE_UP, p, epoch, key -> break
	od
}

/* It dies, or the network to it does; what it had posted goes on by itself. */
proctype death(byte r)
{
end:
	atomic { faults < FAULTS -> faults++; wires[r].lost = true }
}

inline fence()
{
#ifndef NO_FENCE
	keys[KEY]++
#else
	skip
#endif
}

inline free_page()
{
	pages[p].state = FREE;
	pages[p].owner = NONE;
	p = NONE
}

#ifdef NO_EPOCH
#define MINE (ep == p)
#elif defined(NO_PAGE)
#define MINE (e == epoch)
#else
#define MINE (ep == p && e == epoch)
#endif

proctype receiver(byte r)
{
	byte p = NONE, epoch, ep, e, tries;
	mtype kind;
	bool committed, failed;

again:	tries++;
	committed = false;
	failed = false;
	/* Reserve before anything is sent: this is the credit. */
	if
	:: atomic { pages[0].state == FREE -> p = 0 }
#if PAGES > 1
	:: atomic { pages[1].state == FREE -> p = 1 }
#endif
	fi;
	atomic {
		/* Between the look and this another one may have taken it. */
		if
		:: pages[p].state != FREE -> p = NONE; tries--; goto again
		:: else
		fi;
		pages[p].owner = r;
		pages[p].epoch++;
		epoch = pages[p].epoch;
		pages[p].holds = NONE;
		pages[p].state = LANDING
	};
	wires[r].to_sender ! TICKET, p, epoch, keys[KEY];

	/* Landing. */
	do
	:: wires[r].to_receiver ? kind, ep, e ->
		if
		:: kind == COMMIT && MINE -> committed = true; break
		:: kind == QUIET && MINE -> failed = true; break
		:: kind == NOT_QUIET && MINE -> failed = true;
			atomic { fence(); goto drained }
		:: else		/* of a reservation that is over */
		fi
	:: atomic { faults < FAULTS -> faults++ }; goto abort	/* the client went away */
#ifndef NO_LEASE
	:: DEAD(r) -> goto dead	/* its lease ran out, or its connection ended */
#endif
	od;
	if
	:: failed -> goto drained
	:: else
	fi;
	pages[p].state = IN_USE;
	/* What decode reads is what prefill wrote. */
	assert(pages[p].holds == r);
	atomic { free_page() };
	goto out;

abort:	pages[p].state = DRAINING;
	wires[r].to_sender ! ABORT, p, epoch, 0;
#ifdef NO_QUARANTINE
	goto drained;
#endif
	do
	:: wires[r].to_receiver ? kind, ep, e ->
		if
		/* Everything that it posted for this page has ended well. */
		:: kind == QUIET && MINE -> break
		:: kind == NOT_QUIET && MINE -> atomic { fence(); break }
		:: else
		fi
#ifndef NO_LEASE
	:: DEAD(r) -> goto dead
#endif
	od;

drained:
	atomic { free_page() };
	if
	:: tries < TRIES(r) -> goto again
	:: true
	fi;
	goto out;

dead:	/* It may have posted anything that it had a ticket for. */
	atomic { fence(); free_page() };

out:	wires[r].to_sender ! GIVE_UP, 0, 0, 0
}

/* Everybody has ended: nothing is kept. */
proctype judge()
{
	byte i;

	timeout ->
	for (i : 0 .. PAGES - 1) {
		assert(pages[i].state == FREE)
	}
}

init {
	byte i;

	atomic {
		for (i : 0 .. PAGES - 1) {
			pages[i].state = FREE;
			pages[i].owner = NONE;
			pages[i].holds = NONE
		}
		for (i : 0 .. REQUESTS - 1) {
			writes[i].state = IDLE;
			run network(i);
			run sender(i);
			run receiver(i);
			run death(i)
		}
		run judge()
	}
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * Requests of many pages between two agents, as agent.h has them: layer by layer,
 * against credits, committed when all of it was taken, sent again where it arrived
 * corrupt, given up by either side, cut off, and tried once more. pages.pml has the
 * rules for one page; here are those of the connection that carries many.
 *
 * A connection's two sides are single threads, so that what one of them does at
 * once is one step. Messages are ordered and arrive until the connection is cut;
 * writes land in any order, corrupt or not, and one that ended in an error may land
 * at any later moment for which its key is good.
 *
 *	request 0, and 2 its second try	connection 0
 *	request 1			connection 0, or -DCONNS=2: one of its own, which
 *					gets the region when the other is gone
 *
 * What is checked: no write lands in a page but under the reservation that it has
 * a ticket of, and before the page is announced; no corrupt page is consumed as
 * good, none is given away while its consumer looks; a request never has more of the
 * pages than its share; both sides end it, and alike, with one error; every page is
 * free in the end. And without any loop in it (spin -DNP) everything ends.
 *
 *	-DSRD			keys are the region's, not the queue pair's
 *	-DREQUESTS, -DCONNS, -DLAYERS, -DPER (pages of a layer), -DPAGES (landing),
 *	-DFAULTS (requests given up, cuts, failed writes), -DCORRUPT, -DRESENDS
 *	-DALWAYS_CORRUPT	no page arrives as it was sent, ever
 *
 * Each rule can be left out, to see that it is needed:
 *
 *	-DNO_QUARANTINE		pages of a request that is given up are free at once
 *	-DNO_WAIT		its sender says that it ended while writes are on the way
 *	-DNO_QUIET		... or when one of them ended in an error
 *	-DNO_FENCE		pages of a peer that is gone come back as they are
 *	-DNO_LEASE		a connection that is cut is waited for
 *	-DNO_NUMBER		messages name a request by an id that a later one may have
 *	-DCOMMIT_AT_POST	a page is announced before its write completed
 *	-DRESEND_OLD_TICKET	what arrived corrupt is sent again to where it was
 *	-DRESEND_AFTER_DONE	a page is sent again though nobody asked for it
 *	-DNO_RESEND_LIMIT	it is sent again for ever
 *	-DNO_CRC		the consumer does not look at the CRC
 *	-DNO_HOLD		a request that failed gives away what its consumer reads
 *	-DNO_CREDIT		tickets are given beyond the request's share
 *	-DCREDIT_KEPT		a page that was taken gives no ticket back
 *	-DFINISH_EARLY		the sender finishes when all is announced, not taken
 */
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef CONNS
#define CONNS 1
#endif
#ifndef LAYERS
#define LAYERS 2
#endif
#ifndef PER
#define PER 1
#endif
#ifndef PAGES
#define PAGES 2
#endif
#ifndef WINDOW
#define WINDOW PAGES
#endif
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef CORRUPT
#define CORRUPT 0
#endif
#ifndef RESENDS
#define RESENDS 1
#endif

#define N (LAYERS * PER)
#define NONE 255
#define CONN(r) ((CONNS == 2 && (r) == 1) -> 1 : 0)
#define EPOCHS 4
#define AT(r, i) ((r) * N + (i))	/* in an array of all requests' pages */
#define SLOT(c, p) ((c) * PAGES + (p))

mtype = { FREE, LANDING, READY, IN_USE, DRAINING };		/* landing page */
mtype = { OPEN, GRANT, SAY_DONE, TAKEN, AGAIN, FINISH, FINISHED, ABORT, ENDED };
mtype = { IDLE, RUNNING, ENDING, DONE, FAILED };		/* request */
mtype = { OUT_NONE, WAITING, FLYING, SAID, OUT_TAKEN };		/* page of the sender */
mtype = { IN_NONE, IN_READY, IN_TAKEN, IN_DONE };		/* and of the receiver */
mtype = { NO_ERROR, BY_SENDER, BY_RECEIVER, BY_CORRUPT, REFUSED, LOST };

byte faults, corrupt;	/* how much more goes wrong */

typedef Landing {
	mtype state;
	byte owner;
	byte epoch;
	byte holds;	/* whose bytes: AT() + 1; 0: not all of anybody's */
	bool bad	/* and corrupt */
}
Landing land[PAGES];

/* What the sender knows of a request. */
typedef Send {
	mtype state;
	mtype err;
	byte pushed, taken, flying;
	bool bad;	/* a write ended in an error */
	bool finished;
	chan waiting = [N] of { byte };
	chan tickets = [N] of { byte, byte, byte }	/* page, epoch, key */
}
Send snd[REQUESTS];
mtype page_out[REQUESTS * N];
byte again[REQUESTS * N];

/* And the receiver. */
typedef Recv {
	mtype state;
	mtype err;
	bool attached;	/* something of it is expected from the peer */
	byte out, held, taken;
	chan ready = [N] of { byte }
}
Recv rcv[REQUESTS];
mtype page_in[REQUESTS * N];
byte in_page[REQUESTS * N];
byte in_epoch[REQUESTS * N];

typedef Conn {
	bool cut;
	bool s_up, r_up;
	bool rest;	/* a write's packets are still on the way */
	byte rest_page, rest_whose, rest_index, rest_epoch, rest_key;
	byte qp;	/* RC: the right to write */
	/* kind, request, page or reason, epoch, index or key */
	chan to_r = [8] of { mtype, byte, byte, byte, byte };
	chan to_s = [8] of { mtype, byte, byte, byte, byte }
}
Conn conn[CONNS];

typedef Write {
	bool posted;
	byte whose, index, epoch, key
}
Write writes[CONNS * PAGES];

/* The one region of landing memory: whose it is, and its key. */
byte region_peer = NONE;
byte region_key;
#ifdef SRD
#define KEY(c) region_key
#else
#define KEY(c) conn[c].qp
#endif

/* A message reaches whoever it means; without numbers that is who has the id now. */
#ifdef NO_NUMBER
#define TO_SEND(n) ((n == 0 && snd[REQUESTS - 1].state == RUNNING) -> REQUESTS - 1 : n)
#define TO_RECV(n) ((n == 2 && rcv[0].attached) -> 0 : n)
#else
#define TO_SEND(n) (n)
#define TO_RECV(n) (n)
#endif

inline to_receiver(c_, kind_, r_, a_, b_, i_)
{
	if
	:: conn[c_].cut
	:: else -> assert(nfull(conn[c_].to_r)); conn[c_].to_r ! kind_, r_, a_, b_, i_
	fi
}

inline to_sender(c_, kind_, r_, a_, b_, i_)
{
	if
	:: conn[c_].cut
	:: else -> assert(nfull(conn[c_].to_s)); conn[c_].to_s ! kind_, r_, a_, b_, i_
	fi
}

/* The sender. */

inline drop_queues(r_)
{
	do
	:: nempty(snd[r_].waiting) -> snd[r_].waiting ? _
	:: nempty(snd[r_].tickets) -> snd[r_].tickets ? _, _, _
	:: empty(snd[r_].waiting) && empty(snd[r_].tickets) -> break
	od
}

inline s_give_up(r_, why_)
{
	snd[r_].state = ENDING;
	snd[r_].err = why_;
	drop_queues(r_)
}

/* It ends the connection: its requests end when their writes have. */
inline s_down(c_)
{
	conn[c_].s_up = false;
	conn[c_].cut = true;
	for (j : 0 .. REQUESTS - 1) {
		if
		:: CONN(j) == c_ && snd[j].state == RUNNING -> s_give_up(j, LOST)
		:: else
		fi
	}
	do
	:: nempty(conn[c_].to_s) -> conn[c_].to_s ? _, _, _, _, _
	:: empty(conn[c_].to_s) -> break
	od;
	j = 0
}

inline say_done(r_, p_)
{
	page_out[AT(r_, writes[SLOT(c, p_)].index)] = SAID;
	to_receiver(c, SAY_DONE, r_, p_, writes[SLOT(c, p_)].epoch, writes[SLOT(c, p_)].index)
}

inline post(r_, i_, p_, e_, k_)
{
	/* A ticket is used once: nothing else flies to its page. */
	assert(!writes[SLOT(c, p_)].posted);
	writes[SLOT(c, p_)].posted = true;
	writes[SLOT(c, p_)].whose = r_;
	writes[SLOT(c, p_)].index = i_;
	writes[SLOT(c, p_)].epoch = e_;
	writes[SLOT(c, p_)].key = k_;
	snd[r_].flying++
}

inline unpost(p_)
{
	snd[writes[SLOT(c, p_)].whose].flying--;
	writes[SLOT(c, p_)].posted = false;
	writes[SLOT(c, p_)].whose = 0;
	writes[SLOT(c, p_)].index = 0;
	writes[SLOT(c, p_)].epoch = 0;
	writes[SLOT(c, p_)].key = 0
}

#define UP conn[c].s_up
#ifdef NO_WAIT
#define SETTLED(r) true
#else
#define SETTLED(r) (snd[r].flying == 0)
#endif
/* It is enough to know that it was sent too often. */
#define MORE(n) (n > RESENDS -> n : n + 1)
#ifdef NO_QUIET
#define QUIET(r) true
#else
#define QUIET(r) (!snd[r].bad)
#endif

#ifdef FINISH_EARLY
#define ALL_TAKEN(r) all_said
#else
#define ALL_TAKEN(r) (snd[r].taken == N)
#endif

proctype sending(byte r)
{
	byte c = CONN(r);
	byte p, e, k, i, j;
#ifdef FINISH_EARLY
	bool all_said;
#endif

end:	do
	:: atomic { snd[r].state == IDLE && UP && (r < 2 || snd[0].state == FAILED) ->
		snd[r].state = RUNNING;
		to_receiver(c, OPEN, r, 0, 0, 0) }
	/* Prefill is done with a layer. */
	:: atomic { snd[r].state == RUNNING && snd[r].pushed < N ->
		for (i : 1 .. PER) {
			snd[r].waiting ! snd[r].pushed;
			page_out[AT(r, snd[r].pushed)] = WAITING;
			snd[r].pushed++
		}
		i = 0 }
	:: atomic { snd[r].state == RUNNING && nempty(snd[r].waiting) && nempty(snd[r].tickets) ->
		snd[r].waiting ? i;
		snd[r].tickets ? p, e, k;
		page_out[AT(r, i)] = FLYING;
		post(r, i, p, e, k);
#ifdef COMMIT_AT_POST
		say_done(r, p);
#endif
		i = 0; p = 0; e = 0; k = 0 }
#ifdef RESEND_AFTER_DONE
	/* Of impatience, to where it was sent before. */
	:: atomic { snd[r].state == RUNNING && page_out[AT(r, 0)] == SAID && again[AT(r, 0)] == 0 &&
		    !writes[SLOT(c, 0)].posted ->
		again[AT(r, 0)]++;
		post(r, 0, 0, 1, KEY(c)) }
#endif
#ifdef FINISH_EARLY
	:: atomic { snd[r].state == RUNNING && snd[r].pushed == N && !all_said && !snd[r].finished ->
		all_said = true;
		for (i : 0 .. N - 1) {
			all_said = all_said && (page_out[AT(r, i)] == SAID || page_out[AT(r, i)] == OUT_TAKEN)
		}
		i = 0 }
#endif
	:: atomic { snd[r].state == RUNNING && ALL_TAKEN(r) && !snd[r].finished ->
		snd[r].finished = true;
		to_receiver(c, FINISH, r, 0, 0, 0) }
	:: atomic { snd[r].state == RUNNING && faults > 0 -> faults--; s_give_up(r, BY_SENDER) }
	/* The receiver frees its pages when it hears that all writes ended well. */
	:: atomic { snd[r].state == ENDING && SETTLED(r) ->
		if
		:: UP && QUIET(r) -> to_receiver(c, ENDED, r, snd[r].err, 0, 0)
		:: UP && !QUIET(r) -> s_down(c)
		:: !UP
		fi;
		snd[r].state = FAILED }
	od
}

#if REQUESTS == 3
#define WANTED(c) (c == 0 && snd[0].state == FAILED && snd[2].state == IDLE && \
		   (CONNS == 2 || snd[1].state == DONE || snd[1].state == FAILED))
#else
#define WANTED(c) false
#endif

proctype sender_hears(byte c)
{
	mtype kind;
	byte n, a, e, i, j, to;

end:	do
	:: atomic { UP && nempty(conn[c].to_s) ->
		conn[c].to_s ? kind, n, a, e, i;
		to = TO_SEND(n);
		if
		:: kind == GRANT && snd[to].state == RUNNING -> snd[to].tickets ! a, e, i
		:: kind == TAKEN && snd[to].state == RUNNING ->
			assert(page_out[AT(to, i)] == SAID);
			page_out[AT(to, i)] = OUT_TAKEN;
			snd[to].taken++
		:: kind == AGAIN && snd[to].state == RUNNING ->
			assert(page_out[AT(to, i)] == SAID);
			if
#ifndef NO_RESEND_LIMIT
			:: again[AT(to, i)] == RESENDS -> s_give_up(to, BY_CORRUPT)
#endif
			:: else ->
				again[AT(to, i)] = MORE(again[AT(to, i)]);
#ifdef RESEND_OLD_TICKET
				page_out[AT(to, i)] = FLYING;
				post(to, i, a, e, KEY(c))
#else
				page_out[AT(to, i)] = WAITING;
				snd[to].waiting ! i
#endif
			fi
		:: kind == FINISHED && snd[to].state == RUNNING ->
			assert(snd[to].finished);
			snd[to].state = DONE;
			drop_queues(to)
		:: kind == ABORT && snd[to].state == RUNNING -> s_give_up(to, a)
		:: snd[to].state != RUNNING	/* it crossed with the end */
		fi;
		kind = 0; n = 0; a = 0; e = 0; i = 0; to = 0 }
#ifndef NO_LEASE
	:: atomic { UP && conn[c].cut -> s_down(c) }
#endif
	/* A new connection, for what is to come; the sender's old writes have ended. */
	:: atomic { !UP && !conn[c].r_up && WANTED(c) ->
		conn[c].cut = false; conn[c].s_up = true; conn[c].r_up = true }
	od
}

#ifdef ALWAYS_CORRUPT
#define FEWER 0
#else
#define FEWER 1
#endif

/* The network: what it does with a write, and with a connection. */

inline lands(p_, r_, i_, e_)
{
	/* Under the reservation of its ticket, and before anybody was told of it. */
	assert(land[p_].owner == r_ && land[p_].epoch == e_);
	assert(land[p_].state == LANDING || land[p_].state == DRAINING);
	land[p_].holds = AT(r_, i_) + 1;
	land[p_].bad = false;
	if
	:: corrupt > 0 -> corrupt = corrupt - FEWER; land[p_].bad = true
#ifndef ALWAYS_CORRUPT
	:: true
#endif
	fi
}

inline forget()
{
	conn[c].rest = false;
	conn[c].rest_page = 0;
	conn[c].rest_whose = 0;
	conn[c].rest_index = 0;
	conn[c].rest_epoch = 0;
	conn[c].rest_key = 0
}

inline completes(p_)
{
	r = writes[SLOT(c, p_)].whose;
	lands(p_, r, writes[SLOT(c, p_)].index, writes[SLOT(c, p_)].epoch);
#ifndef COMMIT_AT_POST
	if
	:: snd[r].state == RUNNING -> say_done(r, p_)
	:: else		/* given up: only that it ended matters */
	fi;
#endif
	unpost(p_);
	r = 0
}

/* The receiver's NIC refused it, or nobody knows: the connection goes down with it. */
inline fails(p_)
{
	r = writes[SLOT(c, p_)].whose;
	if
	:: writes[SLOT(c, p_)].key == KEY(c) && !conn[c].rest ->
		conn[c].rest = true;
		conn[c].rest_page = p_;
		conn[c].rest_whose = r;
		conn[c].rest_index = writes[SLOT(c, p_)].index;
		conn[c].rest_epoch = writes[SLOT(c, p_)].epoch;
		conn[c].rest_key = writes[SLOT(c, p_)].key
	:: true
	fi;
	snd[r].bad = true;
	unpost(p_);
	if
	:: snd[r].state == RUNNING -> s_down(c)
	:: else
	fi;
	r = 0
}

#define FLIES(p) (writes[SLOT(c, p)].posted)
#define OPENS(p) (writes[SLOT(c, p)].key == KEY(c))

proctype network(byte c)
{
	byte r, j;

end:	do
	:: atomic { FLIES(0) && OPENS(0) -> completes(0) }
	:: atomic { FLIES(0) && (!OPENS(0) || conn[c].cut) -> fails(0) }
	:: atomic { FLIES(0) && OPENS(0) && !conn[c].cut && faults > 0 -> faults--; fails(0) }
#if PAGES > 1
	:: atomic { FLIES(1) && OPENS(1) -> completes(1) }
	:: atomic { FLIES(1) && (!OPENS(1) || conn[c].cut) -> fails(1) }
	:: atomic { FLIES(1) && OPENS(1) && !conn[c].cut && faults > 0 -> faults--; fails(1) }
#endif
#if PAGES > 2
	:: atomic { FLIES(2) && OPENS(2) -> completes(2) }
	:: atomic { FLIES(2) && (!OPENS(2) || conn[c].cut) -> fails(2) }
	:: atomic { FLIES(2) && OPENS(2) && !conn[c].cut && faults > 0 -> faults--; fails(2) }
#endif
	:: atomic { conn[c].rest && conn[c].rest_key == KEY(c) ->
		lands(conn[c].rest_page, conn[c].rest_whose, conn[c].rest_index, conn[c].rest_epoch);
		forget() }
	:: atomic { conn[c].rest -> forget() }	/* lost, or behind a closed door */
	/* Whoever died, or the wire between them: neither hears anything more. */
	:: atomic { faults > 0 && UP && conn[c].r_up && !conn[c].cut -> faults--; conn[c].cut = true }
	od
}

/* The receiver. */

inline free_page(p_)
{
	land[p_].state = FREE;
	land[p_].owner = NONE;
	land[p_].holds = 0;
	land[p_].bad = false
}

/* Nobody will ask for what is ready. */
inline drop_ready(r_)
{
	do
	:: nempty(rcv[r_].ready) ->
		rcv[r_].ready ? q;
		free_page(in_page[AT(r_, q)]);
		page_in[AT(r_, q)] = IN_NONE;
		rcv[r_].held--
	:: empty(rcv[r_].ready) -> break
	od;
	q = 0
}

inline r_end_badly(r_, why_)
{
	if
	:: rcv[r_].state == RUNNING ->
		rcv[r_].state = FAILED;
		rcv[r_].err = why_;
		drop_ready(r_)
	:: else
	fi
}

/* No write of it can come any more. */
inline r_fail(r_, why_)
{
	r_end_badly(r_, why_);
	for (q : 0 .. PAGES - 1) {
		if
		:: land[q].owner == r_ && (land[q].state == LANDING || land[q].state == DRAINING) ->
			free_page(q)
#ifdef NO_HOLD
		:: land[q].owner == r_ && land[q].state == IN_USE -> free_page(q)
#endif
		:: else
		fi
	}
	q = 0;
	rcv[r_].out = 0;
	rcv[r_].attached = false
}

#define AT_RISK(p) (land[p].state == LANDING || land[p].state == DRAINING)

/* First nothing can land any more, then the pages are given away. */
inline r_down(c_)
{
	conn[c_].r_up = false;
	conn[c_].cut = true;
#ifndef NO_FENCE
	conn[c_].qp++;
	if
	:: region_peer == c_ ->
		for (q : 0 .. PAGES - 1) {
			risk = risk || AT_RISK(q)
		}
		region_key = region_key + risk;
		risk = false
	:: else
	fi;
#endif
	region_peer = (region_peer == c_ -> NONE : region_peer);
	for (j : 0 .. REQUESTS - 1) {
		if
		:: CONN(j) == c_ && rcv[j].attached -> r_fail(j, LOST)
		:: else
		fi
	}
	j = 0;
	do
	:: nempty(conn[c_].to_r) -> conn[c_].to_r ? _, _, _, _, _
	:: empty(conn[c_].to_r) -> break
	od
}

proctype receiver_hears(byte c)
{
	mtype kind;
	byte n, a, e, i, j, q, to;
	bool risk;

end:	do
	:: atomic { conn[c].r_up && nempty(conn[c].to_r) ->
		conn[c].to_r ? kind, n, a, e, i;
		to = TO_RECV(n);
		if
		:: kind == OPEN ->
			region_peer = (region_peer == NONE -> c : region_peer);
			if
			:: region_peer == c -> rcv[n].state = RUNNING; rcv[n].attached = true
			:: else -> to_sender(c, ABORT, n, REFUSED, 0, 0)
			fi
		:: kind == SAY_DONE && rcv[to].state == RUNNING ->
			assert(land[a].state == LANDING && land[a].owner == to && land[a].epoch == e);
			assert(page_in[AT(to, i)] == IN_NONE);
			land[a].state = READY;
			page_in[AT(to, i)] = IN_READY;
			in_page[AT(to, i)] = a;
			in_epoch[AT(to, i)] = e;
			rcv[to].ready ! i;
			rcv[to].out--;
			rcv[to].held++
		:: kind == FINISH && rcv[to].state == RUNNING ->
			assert(rcv[to].taken == N);
			rcv[to].state = DONE;
			rcv[to].attached = false;
			to_sender(c, FINISHED, to, 0, 0, 0)
		:: kind == ENDED && rcv[to].attached -> r_fail(to, a)
		:: kind != OPEN && rcv[to].state != RUNNING && !(kind == ENDED && rcv[to].attached)
		fi;
		kind = 0; n = 0; a = 0; e = 0; i = 0; to = 0 }
#ifndef NO_LEASE
	:: atomic { conn[c].r_up && conn[c].cut -> r_down(c) }
#endif
	od
}

#ifdef CREDIT_KEPT
#define HELD_BACK 0
#else
#define HELD_BACK 1
#endif
#ifdef NO_CREDIT
#define MAY_GRANT(r) (rcv[r].taken + rcv[r].out + rcv[r].held < N)
#else
#define MAY_GRANT(r) (rcv[r].taken + rcv[r].out + rcv[r].held < N && \
		      rcv[r].out + rcv[r].held < WINDOW)
#endif

inline grant(p_)
{
	land[p_].state = LANDING;
	land[p_].owner = r;
	land[p_].epoch = (land[p_].epoch + 1) % EPOCHS;
	rcv[r].out++;
	assert(rcv[r].out + rcv[r].held <= WINDOW);
	to_sender(c, GRANT, r, p_, land[p_].epoch, KEY(c))
}

#ifdef NO_CRC
#define GOOD(p, r, i) true
#else
#define GOOD(p, r, i) (!land[p].bad)
#endif

/* The consumer has looked at the page. */
inline done(i_)
{
	q = in_page[AT(r, i_)];
	/* It is as it was when it was taken. */
	assert(land[q].owner == r && land[q].epoch == in_epoch[AT(r, i_)]);
	assert(land[q].state == IN_USE && land[q].holds == AT(r, i_) + 1);
	if
	:: GOOD(q, r, i_) ->
		assert(!land[q].bad);
		page_in[AT(r, i_)] = IN_DONE;
		rcv[r].taken++
	:: else -> page_in[AT(r, i_)] = IN_NONE
	fi;
	if
	:: rcv[r].state == RUNNING && page_in[AT(r, i_)] == IN_DONE ->
		to_sender(c, TAKEN, r, q, in_epoch[AT(r, i_)], i_)
	:: rcv[r].state == RUNNING && page_in[AT(r, i_)] == IN_NONE ->
		to_sender(c, AGAIN, r, q, in_epoch[AT(r, i_)], i_)
	:: rcv[r].state != RUNNING
	fi;
	free_page(q);
	rcv[r].held = rcv[r].held - HELD_BACK;
	in_page[AT(r, i_)] = 0;
	in_epoch[AT(r, i_)] = 0;
	q = 0
}

proctype receiving(byte r)
{
	byte c = CONN(r);
	byte i, q;

end:	do
	:: atomic { rcv[r].state == RUNNING && conn[c].r_up && MAY_GRANT(r) && land[0].state == FREE ->
		grant(0) }
#if PAGES > 1
	:: atomic { rcv[r].state == RUNNING && conn[c].r_up && MAY_GRANT(r) &&
		    land[0].state != FREE && land[1].state == FREE ->
		grant(1) }
#endif
#if PAGES > 2
	:: atomic { rcv[r].state == RUNNING && conn[c].r_up && MAY_GRANT(r) &&
		    land[0].state != FREE && land[1].state != FREE && land[2].state == FREE ->
		grant(2) }
#endif
	:: atomic { rcv[r].state == RUNNING && nempty(rcv[r].ready) ->
		rcv[r].ready ? i;
		page_in[AT(r, i)] = IN_TAKEN;
		land[in_page[AT(r, i)]].state = IN_USE;
		i = 0 }
	:: atomic { page_in[AT(r, 0)] == IN_TAKEN -> done(0) }
#if LAYERS * PER > 1
	:: atomic { page_in[AT(r, 1)] == IN_TAKEN -> done(1) }
#endif
#if LAYERS * PER > 2
	:: atomic { page_in[AT(r, 2)] == IN_TAKEN -> done(2) }
#endif
#if LAYERS * PER > 3
	:: atomic { page_in[AT(r, 3)] == IN_TAKEN -> done(3) }
#endif
	/* Given up: its landing pages wait until the sender's writes have ended. */
	:: atomic { rcv[r].state == RUNNING && conn[c].r_up && faults > 0 ->
		faults--;
		r_end_badly(r, BY_RECEIVER);
		for (q : 0 .. PAGES - 1) {
			if
			:: land[q].owner == r && land[q].state == LANDING ->
#ifdef NO_QUARANTINE
				free_page(q)
#else
				land[q].state = DRAINING
#endif
			:: else
			fi
		}
		q = 0;
		to_sender(c, ABORT, r, BY_RECEIVER, 0, 0) }
	od
}

/* When nothing moves any more: all has ended, alike on both sides; nothing is kept. */

#define OVER(state) (state == DONE || state == FAILED)

inline check_request(r_)
{
	assert(snd[r_].state != RUNNING && snd[r_].state != ENDING);
	assert(!rcv[r_].attached && rcv[r_].state != RUNNING);
	assert(snd[r_].state != DONE || rcv[r_].state == DONE);
	if
	:: snd[r_].state == FAILED && snd[r_].err != LOST && rcv[r_].err != LOST &&
	   rcv[r_].state != IDLE ->
		/* A sender that gives up when its FINISH is out may be too late. */
		assert(rcv[r_].state == FAILED || snd[r_].finished);
		/* One error, but where both gave it up and the news of it crossed. */
		assert(rcv[r_].state == DONE || snd[r_].err == rcv[r_].err ||
		       rcv[r_].err == BY_RECEIVER)
	:: else
	fi;
	assert(rcv[r_].state != DONE || rcv[r_].taken == N)
}

proctype judge()
{
	byte i;

	timeout ->
	atomic {
		for (i : 0 .. REQUESTS - 1) {
			check_request(i)
		}
		for (i : 0 .. REQUESTS * N - 1) {
			assert(again[i] <= RESENDS)
		}
		for (i : 0 .. PAGES - 1) {
			assert(land[i].state == FREE)
		}
	}
}

init {
	byte i;

	atomic {
		select(i : 0 .. FAULTS);
		faults = i;
		select(i : 0 .. CORRUPT);
#ifdef ALWAYS_CORRUPT
		corrupt = 1;
#else
		corrupt = i;
#endif
		for (i : 0 .. PAGES - 1) {
			land[i].state = FREE;
			land[i].owner = NONE
		}
		for (i : 0 .. REQUESTS * N - 1) {
			page_out[i] = OUT_NONE;
			page_in[i] = IN_NONE
		}
		for (i : 0 .. REQUESTS - 1) {
			snd[i].state = IDLE;
			snd[i].err = NO_ERROR;
			rcv[i].state = IDLE;
			rcv[i].err = NO_ERROR;
			run sending(i);
			run receiving(i)
		}
		for (i : 0 .. CONNS - 1) {
			conn[i].s_up = true;
			conn[i].r_up = true;
			run sender_hears(i);
			run receiver_hears(i);
			run network(i)
		}
		run judge()
	}
}

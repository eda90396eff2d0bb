// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Transfer agents of processes and their peers.
 */
#include "top/top.h"
#include "view/view.h"

enum {
	AGENT_PID,
	AGENT_PROGRAM,
	AGENT_AGENT,
	AGENT_ADDRESS,
	AGENT_NIC,
	AGENT_PEERS,
	AGENT_SENDS,
	AGENT_RECVS,
	AGENT_SENT_RATE,
	AGENT_TAKEN_RATE,
	AGENT_PAGES_SENT_RATE,
	AGENT_PAGES_TAKEN_RATE,
	AGENT_RESENT,
	AGENT_CORRUPT,
	AGENT_ABORTED,
	AGENT_LOST,
	AGENT_FENCED,
	AGENT_REKEYED,
	AGENT_PINNED,
	AGENT_SENT,
	AGENT_TAKEN,
	AGENT_PAGES_SENT,
	AGENT_PAGES_TAKEN,
	AGENT_COLUMNS,
};

static const struct view_column agent_columns[AGENT_COLUMNS] = {
	[AGENT_PID] = { "pid", "PID", VIEW_COUNT },
	[AGENT_PROGRAM] = { "program", "PROGRAM", VIEW_TEXT },
	[AGENT_AGENT] = { "agent", "AGENT", VIEW_COUNT },
	[AGENT_ADDRESS] = { "address", "LISTENS AT", VIEW_TEXT },
	[AGENT_NIC] = { "nic", "NIC", VIEW_TEXT },
	[AGENT_PEERS] = { "peers", "PEERS", VIEW_COUNT },
	[AGENT_SENDS] = { "sends_open", "SENDS", VIEW_COUNT },
	[AGENT_RECVS] = { "recvs_open", "RECVS", VIEW_COUNT },
	[AGENT_SENT_RATE] = { "sent_bytes_per_s", "SENT", VIEW_SPEED },
	[AGENT_TAKEN_RATE] = { "taken_bytes_per_s", "TAKEN", VIEW_SPEED },
	[AGENT_PAGES_SENT_RATE] = { "pages_sent_per_s", NULL, VIEW_FIGURE },
	[AGENT_PAGES_TAKEN_RATE] = { "pages_taken_per_s", NULL, VIEW_FIGURE },
	[AGENT_RESENT] = { "pages_resent", "RESENT", VIEW_COUNT },
	[AGENT_CORRUPT] = { "pages_corrupt", "CORRUPT", VIEW_COUNT },
	[AGENT_ABORTED] = { "requests_aborted", "ABORTED", VIEW_COUNT },
	[AGENT_LOST] = { "peers_lost", "LOST", VIEW_COUNT },
	[AGENT_FENCED] = { "regions_fenced", "FENCED", VIEW_COUNT },
	[AGENT_REKEYED] = { "regions_rekeyed", NULL, VIEW_COUNT },
	[AGENT_PINNED] = { "pinned_bytes", "PINNED", VIEW_BYTES },
	[AGENT_SENT] = { "sent_bytes", NULL, VIEW_BYTES },
	[AGENT_TAKEN] = { "taken_bytes", NULL, VIEW_BYTES },
	[AGENT_PAGES_SENT] = { "pages_sent", "PAGES SENT", VIEW_COUNT },
	[AGENT_PAGES_TAKEN] = { "pages_taken", "PAGES TAKEN", VIEW_COUNT },
};

static void show_agent(struct view_row *row, const struct seen_agent *agent)
{
	const struct tdm_agent_stats *stats = &agent->stats;

	view_count(row, AGENT_PID, agent->pid);
	view_text(row, AGENT_PROGRAM, agent->program);
	view_count(row, AGENT_AGENT, agent->number);
	view_text(row, AGENT_ADDRESS, agent->address[0] ? agent->address : NULL);
	view_text(row, AGENT_NIC, agent->nic);
	view_count(row, AGENT_PEERS, stats->peers);
	view_count(row, AGENT_SENDS, stats->sends);
	view_count(row, AGENT_RECVS, stats->recvs);
	top_trouble(row, AGENT_RESENT, stats->pages_resent, VIEW_WARN);
	top_trouble(row, AGENT_CORRUPT, stats->pages_corrupt, VIEW_BAD);
	top_trouble(row, AGENT_ABORTED, stats->aborted, VIEW_WARN);
	top_trouble(row, AGENT_LOST, stats->peers_lost, VIEW_BAD);
	top_trouble(row, AGENT_FENCED, stats->fenced, VIEW_WARN);
	view_count(row, AGENT_REKEYED, stats->rekeyed);
	view_count(row, AGENT_PINNED, stats->registered_bytes);
	view_count(row, AGENT_SENT, stats->bytes_sent);
	view_count(row, AGENT_TAKEN, stats->bytes_taken);
	view_count(row, AGENT_PAGES_SENT, stats->pages_sent);
	view_count(row, AGENT_PAGES_TAKEN, stats->pages_taken);
}

static void show_agents(struct view *view, const struct seen *before, const struct seen *now)
{
	struct view_part *part = view_list(view, "agents", agent_columns, AGENT_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_agent, agent, now->agents)
	{
		struct top_agent rates = top_agent_rates(before, now, agent);
		struct view_row *row = view_row(part);

		show_agent(row, agent);
		seen_show(row, AGENT_SENT_RATE, &rates.sent, VIEW_SPEED);
		seen_show(row, AGENT_TAKEN_RATE, &rates.taken, VIEW_SPEED);
		seen_show(row, AGENT_PAGES_SENT_RATE, &rates.pages_sent, VIEW_FIGURE);
		seen_show(row, AGENT_PAGES_TAKEN_RATE, &rates.pages_taken, VIEW_FIGURE);
	}
}

enum {
	PEER_PID,
	PEER_AGENT,
	PEER_ADDRESS,
	PEER_STATE,
	PEER_AGE,
	PEER_SENDS,
	PEER_RECVS,
	PEER_UNITS,
	PEER_REGION,
	PEER_ERROR,
	PEER_COLUMNS,
};

static const struct view_column peer_columns[PEER_COLUMNS] = {
	[PEER_PID] = { "pid", "PID", VIEW_COUNT },
	[PEER_AGENT] = { "agent", "AGENT", VIEW_COUNT },
	[PEER_ADDRESS] = { "address", "PEER", VIEW_TEXT },
	[PEER_STATE] = { "state", "STATE", VIEW_TEXT },
	[PEER_AGE] = { "age_ns", "AGE", VIEW_NS },
	[PEER_SENDS] = { "sends_open", "SENDS", VIEW_COUNT },
	[PEER_RECVS] = { "recvs_open", "RECVS", VIEW_COUNT },
	[PEER_UNITS] = { "page_units", "UNITS", VIEW_COUNT },
	[PEER_REGION] = { "landing_region", "REGION", VIEW_COUNT },
	[PEER_ERROR] = { "error", "ERROR", VIEW_TEXT },
};

static const char *peer_state(uint32_t state)
{
	static const char *const names[] = {
		[TDM_PEER_OPENING] = "opening",
		[TDM_PEER_UP] = "up",
		[TDM_PEER_DOWN] = "down",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

static void show_peers(struct view *view, const struct seen *now)
{
	struct view_part *part = view_list(view, "peers", peer_columns, PEER_COLUMNS);

	view_optional(part);
	SEEN_EACH(seen_peer, peer, now->peers)
	{
		struct view_row *row = view_row(part);

		view_count(row, PEER_PID, peer->pid);
		view_count(row, PEER_AGENT, peer->agent);
		view_text(row, PEER_ADDRESS, peer->address[0] ? peer->address : NULL);
		view_text(row, PEER_STATE, peer_state(peer->state));
		view_mark(row, PEER_STATE,
			  peer->state == TDM_PEER_UP	 ? VIEW_GOOD
			  : peer->state == TDM_PEER_DOWN ? VIEW_BAD
							 : VIEW_WARN);
		seen_show(row, PEER_AGE, &peer->age_ns, VIEW_NS);
		view_count(row, PEER_SENDS, peer->sends);
		view_count(row, PEER_RECVS, peer->recvs);
		if (peer->units)
			view_count(row, PEER_UNITS, peer->units);
		seen_show(row, PEER_REGION, &peer->region, VIEW_COUNT);
		view_text(row, PEER_ERROR, top_error_name(peer->error));
	}
}

void top_parts_transfer(struct view *view, const struct seen *before, const struct seen *now)
{
	show_agents(view, before, now);
	show_peers(view, now);
	top_part_nics(view, before, now);
}

void top_trouble(struct view_row *row, unsigned int column, uint64_t n, enum view_mark mark)
{
	view_count(row, column, n);
	view_mark(row, column, n ? mark : VIEW_PLAIN);
}

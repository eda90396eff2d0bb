// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "trace/svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/rows.h"
#include "trace/svg_part.h"

#define TOP 92
#define GAP 10
/* Swatches of the legend that have a place of their own. */
#define SWATCHES 16

static const char style[] =
	"<style>\n"
	"text{font:12px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;"
	"fill:#1f2328}\n"
	".title{font-size:17px;font-weight:600}\n"
	".name{font-weight:600;text-anchor:end}\n"
	".below{font-size:11px;text-anchor:end;fill:#59636e}\n"
	".tick,.more,.note,.say{font-size:11px;fill:#59636e}\n"
	".tick{text-anchor:middle}.more{text-anchor:end}\n"
	".in{font-size:11px;font-weight:600;text-anchor:middle;fill:#ffffff}\n"
	".back{fill:#ffffff}.lane{fill:#7d8b99;fill-opacity:0.1}\n"
	".grid{stroke:#d1d9e0;stroke-width:1}\n"
	".mark{stroke:#59636e;stroke-width:1.2;stroke-dasharray:4 3}\n"
	".command{fill:#c8d1da}.step{fill:#6e7f91;stroke:#f3f5f7;stroke-width:0.5}\n"
	".faint{opacity:0.38}.unsure{fill:url(#hatch)}\n"
	"@media (prefers-color-scheme: dark){\n"
	"text{fill:#e6edf3}\n"
	".below,.tick,.more,.note,.say{fill:#9198a1}\n"
	".in{fill:#ffffff}\n"
	".back{fill:#0d1117}\n"
	".grid{stroke:#2c333b}.mark{stroke:#9198a1}\n"
	".command{fill:#3a434d}.step{fill:#8b98a7;stroke:#161b22}\n"
	"}\n";

/* Colours that lie apart, and in an order that shows which layer came first. */
static void layer_color(uint32_t layer, uint32_t depth, char room[8])
{
	static const int stops[][3] = {
		{ 0x2f, 0x66, 0xd0 }, { 0x1b, 0x93, 0xa8 }, { 0x2e, 0x9e, 0x5b },
		{ 0xc2, 0x8a, 0x12 }, { 0xd9, 0x5b, 0x2b }, { 0xb8, 0x3c, 0x84 },
	};
	const size_t last = sizeof(stops) / sizeof(stops[0]) - 1;
	double at = depth > 1 ? (double)(last * layer) / (depth - 1) : 0;
	size_t from = (size_t)at < last ? (size_t)at : last - 1;
	double part = at - (double)from;
	int c[3];

	for (int i = 0; i < 3; i++)
		c[i] = (int)(stops[from][i] + part * (stops[from + 1][i] - stops[from][i]) + 0.5);
	snprintf(room, 8, "#%02x%02x%02x", c[0] & 0xff, c[1] & 0xff, c[2] & 0xff);
}

/* The last request there is. Return: false: none */
static bool choose(struct svg *v)
{
	const struct story *s = v->s;
	const struct tdm_trace_event *last = NULL;

	for (uint32_t i = 0; i < s->n; i++)
		if (s->events[i].request && (!last || last->request != s->events[i].request))
			last = &s->events[i];
	if (!last)
		return false;
	v->request = last->request;
	return true;
}

/*
 * From the request's begin until its pages are there, and a third more for decode: the
 * steps behind are all alike.
 */
static void frame(struct svg *v)
{
	const struct story *s = v->s;
	uint64_t start = 0, last = 0, busy = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct tdm_trace_event *e = &s->events[i];
		uint64_t end = e->time_ns + e->duration_ns;

		if (e->request != v->request)
			continue;
		start = start ? start : e->time_ns;
		last = end > last ? end : last;
		if (e->kind != TDM_TRACE_REQUEST && e->kind != TDM_TRACE_DECODE &&
		    e->kind != TDM_TRACE_TOKEN && end > busy)
			busy = end;
	}
	v->start_ns = start;
	v->end_ns = busy ? busy + (busy - start) / 3 : last;
	if (v->end_ns > last)
		v->end_ns = last;
	if (v->end_ns <= start)
		v->end_ns = start + 1000;
}

static void colors(const struct svg *v)
{
	for (uint32_t i = 0; i < v->s->depth; i++) {
		char color[8];

		layer_color(i, v->s->depth, color);
		fprintf(v->out, ".l%u{fill:%s}\n", i, color);
	}
}

static void head(const struct svg *v, double height)
{
	fprintf(v->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" "
		"height=\"%.0f\" role=\"img\">\n",
		SVG_WIDTH, height, SVG_WIDTH, height);
	fputs(style, v->out);
	colors(v);
	fputs("</style>\n<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" "
	      "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	      "<rect width=\"1.6\" height=\"6\" fill=\"#ffffff\" fill-opacity=\"0.5\"/>"
	      "</pattern></defs>\n",
	      v->out);
	fprintf(v->out, "<rect class=\"back\" width=\"%d\" height=\"%.0f\"/>\n", SVG_WIDTH, height);
}

static void title(const struct svg *v)
{
	const struct story_about *a = &v->s->about;
	const struct tdm_result *r = a->result;
	char text[200];
	int n;

	if (a->mode == TDM_MODE_FUSED)
		svg_text(v, 24, 32, "title", "%s on %s", a->model, a->decode_device);
	else
		svg_text(v, 24, 32, "title", "%s: prefill on %s, decode on %s", a->model,
			 a->prefill_device, a->decode_device);
	if (!r)
		return;
	n = snprintf(text, sizeof(text), "%u + %u tokens; first token after %.2f ms", a->n_prompt,
		     r->n_tokens, (double)r->ttft_ns / 1e6);
	if (r->transfer_ns && n > 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n,
			 "; %llu KV pages, %.0f KiB over %s in %.2f ms, %.0f %% of it hidden "
			 "behind prefill",
			 (unsigned long long)r->kv_pages, (double)r->kv_bytes / 1024, a->net,
			 (double)r->transfer_ns / 1e6,
			 100.0 * (double)r->hidden_ns / (double)r->transfer_ns);
	svg_text(v, 24, 52, "say", "%s", text);
}

/* 1, 2 or 5 times a power of ten: five to twelve of them. */
static double tick_step(double ms)
{
	static const double more[] = { 2, 2.5, 2 };
	double step = 1e-6;

	for (int i = 0; ms / step > 12; i++)
		step *= more[i % 3];
	return step;
}

static void axis(const struct svg *v, double bottom)
{
	double ms = svg_ms(v, v->end_ns), step = tick_step(ms), whole = step;
	int digits = 0;

	while (whole < 0.99) {
		whole *= 10;
		digits++;
	}
	for (unsigned int i = 0; i * step <= ms; i++) {
		double x = SVG_LEFT + (SVG_RIGHT - SVG_LEFT) * (i * step / ms);

		fprintf(v->out,
			"<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x,
			TOP - 8, x, bottom);
		svg_text(v, x, TOP - 14, "tick", "%.*f%s", digits, i * step, i ? "" : " ms");
	}
}

static void first_token(const struct svg *v, double bottom)
{
	for (uint32_t i = 0; i < v->s->n; i++) {
		const struct tdm_trace_event *e = &v->s->events[i];
		double x = svg_x(v, e->time_ns);

		if (e->kind != TDM_TRACE_FIRST || e->request != v->request)
			continue;
		fprintf(v->out,
			"<line class=\"mark\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x,
			TOP - 4, x, bottom);
		svg_text(v, x - 4, bottom + 14, "more", "first token, %.2f ms",
			 svg_ms(v, e->time_ns));
	}
}

static double swatch(const struct svg *v, double x, double y, const char *class, const char *say)
{
	fprintf(v->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"12\"/>\n",
		class, x, y - 10);
	svg_text(v, x + 19, y, "say", "%s", say);
	return x + 36 + 6.3 * (double)strlen(say);
}

static bool some_unsure(const struct story *s)
{
	for (uint32_t i = 0; i < s->n_layers; i++)
		if (s->layers[i].together > 1)
			return true;
	return false;
}

/* Whose clock is whose. */
static void clocks(const struct svg *v, double y)
{
	const char *layers = story_layer_clock(v->s);

	if (!layers || !strcmp(layers, "device"))
		svg_text(v, SVG_LEFT, y, "say",
			 "Commands%s are by the devices' clocks, pages by the runtime's.%s",
			 layers ? " and layers" : "",
			 v->s->dropped ? " Some events did not fit and are missing." : "");
	else
		svg_text(v, SVG_LEFT, y, "say",
			 "Commands are by the devices' clocks, pages by the runtime's; a layer's "
			 "end is when the runtime saw it, in steps of about 1 ms.%s",
			 v->s->dropped ? " Some events did not fit and are missing." : "");
}

static void legend(const struct svg *v, double y)
{
	double x = SVG_LEFT;
	uint32_t depth = v->s->depth, step = (depth + SWATCHES - 1) / SWATCHES;
	char class[24], say[24];

	for (uint32_t i = 0; i < depth; i += step) {
		snprintf(class, sizeof(class), "l%u", i);
		snprintf(say, sizeof(say), i ? "%u" : "layer %u", i);
		x = swatch(v, x, y, class, say);
	}
	x = SVG_LEFT;
	y += 22;
	if (v->rows) {
		x = swatch(v, x, y, "l0", "RDMA write under way");
		x = swatch(v, x, y, "l0 faint", "page waits, or is announced");
	}
	if (some_unsure(v->s)) {
		fprintf(v->out,
			"<rect class=\"l0\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"12\"/>\n",
			x, y - 10);
		x = swatch(v, x, y, "unsure", "layers seen in one look: borders not known");
	}
	x = swatch(v, x, y, "command", "PREFILL command");
	swatch(v, x, y, "step", "decode step");
	clocks(v, y + 22);
}

/* Return: where the lanes end */
static double place(const struct svg *v, bool moves)
{
	double y = TOP + SVG_PREFILL + GAP + SVG_DECODE;

	if (moves)
		y += SVG_EXPORT + svg_wire_height(v) + SVG_IMPORT + 3 * GAP;
	return y;
}

static void lanes(const struct svg *v, bool moves)
{
	double y = TOP;

	svg_prefill(v, y);
	y += SVG_PREFILL + GAP;
	if (moves) {
		svg_export(v, y);
		y += SVG_EXPORT + GAP;
		svg_wire(v, y);
		y += svg_wire_height(v) + GAP;
		svg_import(v, y);
		y += SVG_IMPORT + GAP;
	}
	svg_decode(v, y);
}

int trace_svg(const struct story *story, FILE *out)
{
	struct svg v = { .s = story, .out = out };
	uint32_t *row;
	double bottom;

	if (!choose(&v))
		return -ENODATA;
	row = trace_rows(story, &v.rows);
	if (!row)
		return -ENOMEM;
	v.row = row;
	frame(&v);
	bottom = place(&v, story->n_pages);
	head(&v, bottom + 104);
	title(&v);
	axis(&v, bottom);
	lanes(&v, story->n_pages);
	first_token(&v, bottom);
	legend(&v, bottom + 44);
	fputs("</svg>\n", out);
	free(row);
	return 0;
}
